/**
 * ggml's Vulkan library for the tests: in the folder that FETTLE_TEST_GGML_HOME names (`bins/<platform>` of a package such as
 * @node-llama-cpp/linux-x64-vulkan), on a card or on Mesa's driver on the processor.
 */
import { describeError } from '../../common/errors.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
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

/** Shows ggml's processor as a card, whose memory is then not this process' own; what is returned ends that. */
export function processorAsCard(): () => void {
  const ggml = openGgml();
  const { devices, open } = ggml;
  const processor = devices().find(({ kind }) => kind === 'processor')!;
  const card = { ...processor, name: VULKAN, description: 'A card', kind: 'card' as const };
  Object.assign(ggml, {
    devices: () => [card, processor],
    open: (...given: Parameters<typeof open>) => {
      const backend = open(...given);
      // else as many threads as ggml likes wait for each other
      ggml.setThreads(processor.handle, backend, 1);
      return backend;
    },
  });
  return () => void Object.assign(ggml, { devices, open });
}
