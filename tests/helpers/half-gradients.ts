/** Loss and gradients of a step in mixed precision and in float32, on any executor, and how far they are apart. */
import { batchFromArrays } from '../../main/engine/data/batches/batch.ts';
import type { Executor } from '../../main/engine/exec/executor.ts';
import type { HostArray } from '../../main/engine/ir/dtype.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import type { Method, Precision } from '../../main/engine/nn/parameters.ts';
import { halfOfNumber } from '../../main/engine/ops/primitives/widen.ts';
import type { Recompute } from '../../main/engine/passes/recompute.ts';
import { gradientStep, SCALE_INPUTS } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { noise, tinyModel } from './graphs.ts';

const TIME = 24;
export const SIZES = { hidden_size: 64, head_dim: 16, intermediate_size: 96 };
const tokens = Int32Array.from(noise(TIME, 3), (x) => Math.floor((x + 1) * 25));
const batch = batchFromArrays({ rowCount: 1, rowLength: TIME, tokens, labels: tokens, labelCapacity: TIME });
export const shape = { batch: 1, time: TIME, labels: TIME };
type Outputs = Readonly<Record<string, HostArray>>;

export type Case = 'adapters' | 'all weights';

/** In mixed precision frozen weights rest in float16. */
export function methodFor(which: Case, precision: Precision, names: Iterable<string>): Method {
  if (which === 'all weights') return { kind: 'full', precision };
  const halves = new Map([...names].map((name) => [name, 'f16' as const]));
  const adapters = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 4, scale: 2 }), precision } as const;
  return precision === 'f16' ? { ...adapters, halves } : adapters;
}

/** Loss and gradients of one step with `scale` on the loss. */
export async function gradients(
  executor: Executor,
  which: Case,
  precision: Precision,
  { scale = 64, recompute = 'none' as Recompute, config = {} as JsonObject } = {},
) {
  const { model, weights } = tinyModel({ ...SIZES, ...config });
  const method = methodFor(which, precision, weights.keys());
  const { graph, trainables } = gradientStep(model, method, shape, recompute);
  const feeds: Record<string, HostArray> = { ...batchFeeds(model, batch) };
  trainables.forEach(({ name, shape: of }, i) => {
    const size = of.reduce((a, b) => a * b, 1);
    feeds[name] = weights.get(name) ?? noise(size, 100 + i, 0.1);
    feeds[`grad.${name}`] = new Float32Array(size);
  });
  feeds[SCALE_INPUTS.scale] = Float32Array.of(scale);
  feeds[SCALE_INPUTS.unscale] = Float32Array.of(1 / scale);
  const needed = Object.fromEntries([...graph.inputs.keys()].map((name) => [name, feeds[name]!]));
  const program = await executor.compile(graph, {
    weights: (name) => {
      const data = weights.get(name)!;
      const isHalf = graph.weights.get(name)!.dtype === 'f16';
      return { kind: 'memory', data: isHalf ? Uint16Array.from(data, halfOfNumber) : data };
    },
  });
  const { outputs } = await program.run(needed);
  await program.release();
  return outputs;
}

/** How far each output is from the exact one, as the norm of the difference over the norm. */
export function distances(own: Outputs, exact: Outputs): number[] {
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  return Object.entries(exact).map(([name, values]) => {
    const difference = Array.from(values, (value, i) => Number(value) - own[name]![i]!);
    return norm(difference) / norm(values);
  });
}
