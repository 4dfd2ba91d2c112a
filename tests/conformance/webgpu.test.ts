/**
 * Every operation on a WebGPU device against its reference definition, and no node of it on the processor. Of each operation a few
 * samples: shaders are compiled for each, which takes a software driver long.
 */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import type { Attrs } from '../../main/engine/ir/graph.ts';
import type { Sample } from '../../main/engine/ops/define.ts';
import { OPS } from '../../main/engine/ops/functions.ts';
import { expectedOf, sampleCase } from '../helpers/samples.ts';
import { webgpuMissing } from '../helpers/webgpu.ts';

/** All samples are tried of operations that are lowered in another way than for the processor. */
const OWN_ROWS = new Set<string>(['matmul', 'dequantise', 'scatterAdd']);
/** WebGPU has no operations on bits, which dropout draws, and writes no bytes, which trained weights become for a processor alone. */
const ON_PROCESSOR = new Set<string>(['randomUniform', 'rowCodes']);
const SAMPLES = 2;
/** Shaders know no bfloat16, and no words of 16 bits. */
const isOffered = ({ inputs }: Sample<Attrs>) =>
  inputs.every(({ dtype }) => dtype !== 'bf16' && dtype !== 'u16');

const missing = await webgpuMissing();

describe.skipIf(missing !== null)(`WebGPU${missing ? `: ${missing}` : ''}`, () => {
  it.each(Object.values(OPS).map((def) => [def.name, def] as const))('computes %s', async (name, def) => {
    const wholeOnDevice = !ON_PROCESSOR.has(name);
    const executor = await openExecutor('ort', { threads: 1, device: 'webgpu', wholeOnDevice });
    const samples = def.samples.filter(isOffered);
    for (const sample of OWN_ROWS.has(name) ? samples : samples.slice(0, SAMPLES)) {
      const { graph, data } = sampleCase(def, sample);
      const expected = expectedOf(graph, data);
      const program = await executor.compile(graph, {
        weights: (weight) => ({ kind: 'memory', data: data[weight]! }),
      });
      const { outputs } = await program.run(data);
      await program.release();
      expect(outputs.y).toHaveLength(expected.length);
      Array.from(expected, Number).forEach((value, i) => {
        const difference = Math.abs(outputs.y![i]! - value);
        expect(difference, `element ${i}: ${outputs.y![i]} for ${value}`).toBeLessThanOrEqual(
          2e-6 * Math.max(1, Math.abs(value)),
        );
      });
    }
  });

  it('computes nothing else on the processor', async () => {
    const executor = await openExecutor('ort', { threads: 1, device: 'webgpu', wholeOnDevice: true });
    for (const def of Object.values(OPS).filter(({ name }) => ON_PROCESSOR.has(name))) {
      const { graph } = sampleCase(def, def.samples[0]!);
      await expect(executor.compile(graph)).rejects.toThrow(/fallback/);
    }
  });
});
