/**
 * ggml through Vulkan: every operation against its definition, and reference values of some families. It runs where
 * FETTLE_TEST_GGML_HOME names the library and a driver is there; Mesa's on the processor takes minutes.
 */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { OPS } from '../../main/engine/ops/functions.ts';
import { referenceCases } from '../golden/case.ts';
import { checkFamily } from '../golden/check-family.ts';
import { passes } from '../golden/compare.ts';
import { checkSample } from '../helpers/check-sample.ts';
import { vulkanMissing } from '../helpers/ggml.ts';

const MOST = 2e-5;
const FAMILIES = ['llama', 'gpt2'];

const missing = await vulkanMissing();
if (missing) console.info(`Not run on ggml's Vulkan. ${missing}`);
// opens ggml as it loads, and a process opens one library of it
const { checkedOn } = await import('../helpers/executors.ts');

describe.skipIf(missing)("ggml's Vulkan", () => {
  it.each(Object.values(OPS).map((def) => [def.name, def] as const))('computes %s', async (_, def) => {
    const executor = await openExecutor('ggml', { threads: 1 });
    for (const sample of def.samples) await checkSample(executor, def, sample, MOST);
  });

  it.each(referenceCases().filter(([name]) => FAMILIES.includes(name)))(
    '%s equals Transformers and PEFT',
    async (_, folder) => {
      const lines = await checkFamily(folder, await openExecutor('ggml', { threads: 1 }), checkedOn('ggml'));
      expect(lines.length).toBeGreaterThan(17);
      expect(lines.filter((line) => !passes(line))).toEqual([]);
    },
  );
});
