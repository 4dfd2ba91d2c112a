/**
 * The lowerings for CUDA on the processor's provider, which has all their kernels: what they compute must be right wherever it is
 * computed. And that no kernel is left in a training step that needs cuDNN.
 */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportOnnx } from '../../../../../main/engine/exec/onnx/onnx-export.ts';
import { ON_CUDA } from '../../../../../main/engine/exec/ort/lower-gpu.ts';
import { sessionOptions } from '../../../../../main/engine/exec/ort/onnx-session.ts';
import { ortMemory } from '../../../../../main/engine/exec/ort/ort-memory.ts';
import { traced } from '../../../../../main/engine/exec/ort/trace.ts';
import { evaluate } from '../../../../../main/engine/exec/reference/reference-executor.ts';
import { openModel } from '../../../../../main/engine/load/open-model.ts';
import type { SampleInput } from '../../../../../main/engine/ops/define.ts';
import { OPS } from '../../../../../main/engine/ops/functions.ts';
import { decompose, optimise } from '../../../../../main/engine/passes/index.ts';
import { gradientStep } from '../../../../../main/engine/step/step-graphs.ts';
import { resourcesFolder } from '../../../../../main/paths.ts';
import { liveBytes } from '../../../../helpers/graphs.ts';
import { sampleCase } from '../../../../helpers/samples.ts';

const TYPES = { f32: 'float32', i32: 'int32', bool: 'bool', u8: 'uint8', i8: 'int8' } as const;
const changed = ['reduceSum', 'reduceMax', 'dequantise', 'gatherQuantised', 'softmax'] as const;
/** Codes in words of 16 bits are refused there. */
const isOffered = ({ inputs }: { inputs: readonly SampleInput[] }) =>
  inputs.every(({ dtype }) => dtype !== 'u16');
const cases = changed.flatMap((name) =>
  OPS[name].samples.flatMap((sample, i) => (isOffered(sample) ? [[name, i] as const] : [])),
);

describe('the lowerings for CUDA', () => {
  it.each(cases)('%s computes sample %i', async (name, index) => {
    const def = OPS[name];
    const { graph, data } = sampleCase(def as never, def.samples[index] as never);
    const ready = optimise(graph, ON_CUDA.fused);
    const { bytes } = exportOnnx(ready, undefined, () => '', ON_CUDA);
    const options = sessionOptions({ threads: 1, device: 'cpu' });
    const session = await ort.InferenceSession.create(bytes, options);
    const feeds = [...ready.inputs].map(
      ([input, { dtype, shape }]) =>
        [
          `in:${input}`,
          new ort.Tensor(TYPES[dtype as keyof typeof TYPES], data[input] as never, shape),
        ] as const,
    );
    const { 'out:y': y } = await session.run(Object.fromEntries(feeds));
    await session.release();
    const expected = evaluate(decompose(graph, new Set()), ({ source, dtype, shape }) => ({
      dtype,
      shape,
      data:
        source.kind === 'input'
          ? data[source.name]!
          : source.kind === 'constant'
            ? source.data
            : new Float32Array(),
    })).get('y')!;
    expect(y!.dims).toEqual(expected.shape);
    for (const [i, value] of [...expected.data].entries())
      expect(Number(y!.data[i])).toBeCloseTo(Number(value), 5);
  });

  it('leave no kernel in a training step that needs cuDNN, and predict its memory', async () => {
    const { model, store } = await openModel(`${resourcesFolder()}/practice-model`);
    const method = { kind: 'lora' as const, dropout: 0, adapterOf: () => ({ rank: 8, scale: 2 }) };
    const step = optimise(
      gradientStep(model, method, { batch: 2, time: 32, labels: 32 }).graph,
      ON_CUDA.fused,
    );
    const { ops } = traced(step, ON_CUDA);
    const types = new Set(ops);
    for (const type of ['ReduceMax', 'BitShift', 'Conv', 'BatchNormalization', 'MaxPool', 'LSTM'])
      expect(types.has(type), type).toBe(false);
    // sums over the first or the last axes alone
    expect(ops.filter((op) => op === 'ReduceSum').length).toBeGreaterThan(0);
    expect(liveBytes(ortMemory(step, new Set(), ON_CUDA))).toBeGreaterThan(1e5);
    await store.close();
  });
});
