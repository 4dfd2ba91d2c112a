/** One LoRA step of a made-up model of a real one's shape: the benchmark times it, and tests of quick ways compare it. */
import type { Work } from '../../../common/protocol/protocol.ts';
import { type Batch, batchFromArrays } from '../data/batches/batch.ts';
import type { Executor, WeightSource } from '../exec/executor.ts';
import type { HostArray } from '../ir/dtype.ts';
import { sizeOf } from '../ir/shape.ts';
import { type Model, outline } from '../models/model.ts';
import { readModel } from '../models/registry.ts';
import type { Method } from '../nn/parameters.ts';
import { optimise } from '../passes/index.ts';
import { counted } from '../pricing/graph-figures.ts';
import type { AdamW } from '../step/moments.ts';
import { TrainState } from '../step/state.ts';
import { gradientStep } from '../step/step-graphs.ts';
import { batchFeeds } from '../tasks/feeds.ts';

/** A Llama with few layers and a small vocabulary, and a row of so many tokens. */
export interface StepShape {
  readonly layers: number;
  readonly width: number;
  /** Within its feed-forward layers. */
  readonly between: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly vocabulary: number;
  readonly time: number;
}

export interface MadeStep {
  readonly model: Model;
  readonly shape: StepShape;
}

export type Weights = ReadonlyMap<string, HostArray>;

export const LORA = {
  kind: 'lora',
  dropout: 0,
  adapterOf: () => ({ rank: 16, scale: 2 }),
} as const satisfies Method;

/** Of four tokens one is learned. */
const TOKENS_A_LABEL = 4;
const UPDATE: AdamW = { rate: 1e-4, weightDecay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxNorm: 1 };

export function madeModel(shape: StepShape): MadeStep {
  const model = readModel({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    dtype: 'float32',
    hidden_size: shape.width,
    intermediate_size: shape.between,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyHeads,
    rms_norm_eps: 1e-5,
    vocab_size: shape.vocabulary,
    rope_theta: 100_000,
    max_position_embeddings: 8192,
    tie_word_embeddings: true,
  });
  return { model, shape };
}

/** Compiles the step; what is trained is zero until `set`. */
export async function openLoraStep(
  executor: Executor,
  { model, shape }: MadeStep,
  method: Method,
  made: Weights,
) {
  const { time, vocabulary } = shape;
  const labels = time / TOKENS_A_LABEL;
  const { graph, trainables } = gradientStep(model, method, { batch: 1, time, labels });
  const weights: WeightSource = (name) => ({ kind: 'memory', data: made.get(name)! });
  const state = TrainState.create(executor, trainables);
  const program = await executor.compile(graph, { weights, kept: state.kept });
  const fed = batchFeeds(model, madeBatch(time, vocabulary));
  const run = async () => {
    state.clearGradients();
    const { outputs } = await program.run({ ...fed, ...state.feeds(true) }, state.gradientTargets());
    return { nll: outputs.nll as Float32Array };
  };
  return {
    labels,
    run,
    /** Gives each trained value the number of its place. */
    async set(numbersOf: (name: string) => (i: number) => number): Promise<void> {
      for (const { name } of trainables) {
        const [data, value] = [state.slice('param', name), numbersOf(name)];
        for (let i = 0; i < data.length; i++) data[i] = value(i);
      }
      await state.commit();
    },
    /** Copies of what the last run has left. */
    gradients: () =>
      new Map(trainables.map(({ name }) => [name, state.slice('grad', name).slice()] as const)),
    /** As a training takes it: gradients, and the update. */
    async step(): Promise<void> {
      await run();
      await state.update(UPDATE, labels);
    },
    /** What the graph does, and how many weights it trains, for the formula of its time. */
    work(): { work: Work; trained: number } {
      const rewritten = executor.rewritten?.(graph) ?? graph;
      const { counts } = counted(optimise(rewritten, executor.fusedOperations), state.kept, executor);
      return { work: counts.work, trained: trainables.reduce((sum, one) => sum + sizeOf(one.shape), 0) };
    },
    async release(): Promise<void> {
      await program.release();
      await state.release();
    },
  };
}

export function madeWeights(model: Model): Weights {
  const random = numbers(1);
  const made = new Map<string, Float32Array>();
  for (const [name, { shape }] of outline(model).parameters) {
    const data = new Float32Array(sizeOf(shape));
    // norms around one
    const [mean, scale] = shape.length === 1 ? [1, 0.2] : [0, 0.12];
    for (let i = 0; i < data.length; i++) data[i] = mean + scale * random();
    made.set(name, data);
  }
  return made;
}

function madeBatch(time: number, vocabulary: number): Batch {
  const random = numbers(3);
  const token = () => Math.floor((random() + 0.5) * vocabulary);
  return batchFromArrays({
    rowCount: 1,
    rowLength: time,
    tokens: Array.from({ length: time }, token),
    positions: Array.from({ length: time }, (_, i) => i),
    segments: new Array<number>(time).fill(1),
    labels: Array.from({ length: time }, (_, i) => (i % TOKENS_A_LABEL === 1 ? token() : -100)),
  });
}

/** Numbers in [-0.5, 0.5), the same for a seed. */
export function numbers(seed: number): () => number {
  let word = seed;
  return () => {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    return (word >>> 8) / 2 ** 24 - 0.5;
  };
}
