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
import { distances, gradients } from '../helpers/half-gradients.ts';

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

  it.each(['adapters', 'all weights'] as const)('computes gradients in float16 (%s)', async (which) => {
    const [ggml, reference] = [
      await openExecutor('ggml', { threads: 1 }),
      await openExecutor('reference', { threads: 1 }),
    ];
    const exact = await gradients(reference, which, 'f32');
    const far = distances(await gradients(ggml, which, 'f16'), exact);
    console.info(`float16, ${which}: ${far[0]!.toExponential(1)}, ${Math.max(...far).toExponential(1)}`);
    expect(far[0]).toBeLessThan(0.003);
    expect(far[0]).toBeGreaterThan(1e-7);
    expect(Math.max(...far)).toBeLessThan(0.03);
    // beyond the range of float16, as a step finds it
    expect(
      Math.max(...distances(await gradients(ggml, which, 'f16', { scale: 2 ** 30 }), exact)),
    ).not.toBeLessThan(Number.POSITIVE_INFINITY);
  });

  // variations are about what is read from files, which is the same for each executor; formats have products of their own above
  it.each(referenceCases(['families']))('%s equals Transformers and PEFT', async (_, folder) => {
    const lines = await checkFamily(folder, await openExecutor('ggml', { threads: 1 }), ONCE);
    expect(lines.length).toBeGreaterThan(17);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});
