/**
 * ggml through Vulkan: every operation against its definition, products in every format of weights, and reference values of every family. It
 * runs where FETTLE_TEST_GGML_HOME names the library and a driver is there; Mesa's on the processor takes minutes.
 */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { OPS } from '../../main/engine/ops/functions.ts';
import { referenceCases } from '../golden/case.ts';
import { checkFamily } from '../golden/check-family.ts';
import { ONCE } from '../golden/checked.ts';
import { passes } from '../golden/compare.ts';
import { checkSample } from '../helpers/check-sample.ts';
import { vulkanMissing } from '../helpers/ggml.ts';
import { deviationOf, FORMATS, MOST, USE_NAMES } from '../helpers/ggml-formats.ts';

const missing = await vulkanMissing();
if (missing) console.info(`Not run on ggml's Vulkan. ${missing}`);

describe.skipIf(missing)("ggml's Vulkan", () => {
  it.each(Object.values(OPS).map((def) => [def.name, def] as const))('computes %s', async (_, def) => {
    const executor = await openExecutor('ggml', { threads: 1 });
    const most = MOST.Vulkan.operations(def.name, '');
    for (const sample of def.samples) await checkSample(executor, def, sample, most);
  });

  it.each(
    FORMATS.flatMap((format) => USE_NAMES.map((use) => [use, format.name, format.from, format] as const)),
  )('computes %s with %s (%s)', async (use, name, from, format) => {
    const executor = await openExecutor('ggml', { threads: 1 });
    expect(await deviationOf(executor, format, use)).toBeLessThan(MOST.Vulkan[use](name, from));
  });

  // variations are about what is read from files, which is the same for each executor; formats have products of their own above
  it.each(referenceCases(['families']))('%s equals Transformers and PEFT', async (_, folder) => {
    const lines = await checkFamily(folder, await openExecutor('ggml', { threads: 1 }), ONCE);
    expect(lines.length).toBeGreaterThan(17);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});
