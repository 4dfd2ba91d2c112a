/** What ggml takes on a device for steps of five shapes beside what a plan predicts, and the longest piece that it computes at once. */

import type { Executor, WeightSource } from '../../main/engine/exec/executor.ts';
import { openGgml, SOFTWARE } from '../../main/engine/exec/ggml/library.ts';
import type { GgmlProgram } from '../../main/engine/exec/ggml/program.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { allocate, type QuantisedFormat } from '../../main/engine/ir/dtype.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import { optimise } from '../../main/engine/passes/index.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { tinyModel } from '../../tests/helpers/graphs.ts';
import { bothWeights } from '../../tests/helpers/quantised.ts';
import { type Clock, NO_TIME, type SkippedFact } from './clock.ts';

export interface MemoryFact {
  readonly kind: 'memory';
  readonly shape: string;
  /** Of the values of a step; null where it failed. */
  readonly predictedBytes: number | null;
  readonly takenBytes: number | null;
  /** What was computed at once, in how many pieces, and how long the longest took; 0 where only memory was looked at. */
  readonly pieces: number;
  readonly longestMs: number;
  /** Whether the driver computes on the processor: no system ends that. */
  readonly isSoftware?: boolean;
  readonly error?: string;
}

/** A plan may be wrong by this share. */
export const MEMORY_TOLERANCE = 0.05;

export const SLOW_DRIVER = 'this driver computes on the processor, which takes minutes';

/** Whether a card's driver computes on the processor, hundreds of times slower than the processor itself. */
export function isSlowDriver({ name, deviceWords }: Executor): boolean {
  return name === 'ggml' && deviceWords !== undefined && SOFTWARE.test(deviceWords);
}

const LORA = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 16, scale: 2 }) } as const;

/** SmolLM2's widths with fewer layers. */
const SHAPES: readonly {
  readonly shape: string;
  readonly layers: number;
  readonly method: Method;
  readonly bits?: QuantisedFormat;
  readonly batch: number;
  readonly time: number;
}[] = [
  { shape: 'LoRA, 4 layers, 512 tokens', layers: 4, method: LORA, batch: 1, time: 512 },
  { shape: 'LoRA, 6 layers, 4 x 128 tokens', layers: 6, method: LORA, batch: 4, time: 128 },
  { shape: 'full, 4 layers, 256 tokens', layers: 4, method: { kind: 'full' }, batch: 1, time: 256 },
  {
    ...{ shape: 'QLoRA with 8 bits, 4 layers, 512 tokens', layers: 4, batch: 1, time: 512 },
    ...{ method: { ...LORA, quantised: 'int8' }, bits: 'int8' },
  },
  {
    ...{ shape: 'QLoRA with 4 bits, 2 layers, 1024 tokens', layers: 2, batch: 1, time: 1024 },
    ...{ method: { ...LORA, quantised: 'int4' }, bits: 'int4' },
  },
];

/** Each shape; the first one is also computed, twice, but by software drivers, which take minutes and aren't held to a time. */
export async function ggmlMemory(
  threads: number,
  emit: (fact: MemoryFact | SkippedFact) => void,
  clock: Clock,
): Promise<void> {
  const isSlow = isSlowDriver(await openExecutor('ggml', { threads }));
  if (isSlow) emit({ kind: 'skipped', what: 'how long pieces of a step take', why: SLOW_DRIVER });
  const left = await clock.each(SHAPES, async ({ shape, layers, method, bits, batch, time }) => {
    const nothing = { predictedBytes: null, takenBytes: null, pieces: 0, longestMs: 0 };
    try {
      const { model, weights } = tinyModel({
        ...{ hidden_size: 576, intermediate_size: 1536, num_hidden_layers: layers, vocab_size: 8192 },
        ...{ num_attention_heads: 9, num_key_value_heads: 3, head_dim: 64, max_position_embeddings: 2048 },
      });
      const data = bits ? bothWeights(model, weights, bits).parts : weights;
      const source: WeightSource = (name) => ({ kind: 'memory', data: data.get(name)! });
      const { graph, trainables } = gradientStep(model, method, { batch, time, labels: time >> 2 });
      const executor = await openExecutor('ggml', { threads });
      const times = shape === SHAPES[0]!.shape && !isSlow ? await timed() : [];
      // the first program on a card is compared with the processor
      if (times.length === 0) await (await executor.compile(graph, { weights: source })).release();
      const program = (await executor.compile(graph, { weights: source })) as GgmlProgram;
      // as a training does it: what is trained stays on a card
      const state = TrainState.create(executor, trainables);
      program.prepare(state.feeds(true), state.gradientTargets());
      const { turnBytes } = executor.memoryOf(optimise(graph, executor.fusedOperations), state.kept);
      emit({
        ...{ kind: 'memory', shape, predictedBytes: turnBytes, takenBytes: program.workingBytes },
        ...{ pieces: times.length, longestMs: Math.max(0, ...times) },
        isSoftware: SOFTWARE.test(executor.deviceWords ?? 'CPU'),
      });
      await program.release();
      await state.release();

      async function timed(): Promise<number[]> {
        const first = await executor.compile(graph, { weights: source });
        const found: number[] = [];
        const ggml = openGgml();
        const { computeAsync } = ggml;
        const feeds = Object.fromEntries(
          [...graph.inputs].map(([name, { dtype, shape: sizes }]) => [name, allocate(dtype, sizeOf(sizes))]),
        );
        await first.run(feeds);
        ggml.computeAsync = async (...given) => {
          const began = performance.now();
          const status = await computeAsync(...given);
          found.push(performance.now() - began);
          return status;
        };
        await first.run(feeds);
        ggml.computeAsync = computeAsync;
        await first.release();
        return found;
      }
    } catch (error) {
      emit({
        kind: 'memory',
        shape,
        ...nothing,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  });
  if (left.length > 0)
    emit({ kind: 'skipped', what: `memory of ${left.map(({ shape }) => shape).join('; ')}`, why: NO_TIME });
}
