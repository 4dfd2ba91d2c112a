/**
 * ggml's Vulkan library for the tests: in the folder that FETTLE_TEST_GGML_HOME names (`bins/<platform>` of a package such as
 * @node-llama-cpp/linux-x64-vulkan), on a card or on Mesa's driver on the processor.
 */
import { describeError } from '../../common/errors.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';

export const VULKAN = 'Vulkan0';

/** Makes this process compute there. Null where that works; else why the tests are skipped. */
export async function vulkanMissing(): Promise<string | null> {
  const home = process.env.FETTLE_TEST_GGML_HOME;
  if (!home) return 'FETTLE_TEST_GGML_HOME names no folder with ggml’s Vulkan library.';
  process.env.FETTLE_GGML_HOME = home;
  process.env.FETTLE_GGML_DEVICE = VULKAN;
  // without this ggml passes over drivers that compute on the processor
  process.env.GGML_VK_VISIBLE_DEVICES ??= '0';
  return openExecutor('ggml', { threads: 1 }).then(() => null, describeError);
}
