/** Runs the graphs of training and evaluation, and whole trainings, with TensorFlow.js, and counts what stays of them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { batchFromArrays } from '../../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import type { Id } from '../../../main/engine/extras/tensorflow/native.ts';
import { openTensorFlow } from '../../../main/engine/extras/tensorflow/tfjs-executor.ts';
import type { HostArray } from '../../../main/engine/ir/dtype.ts';
import type { Graph } from '../../../main/engine/ir/graph.ts';
import type { Model } from '../../../main/engine/models/model.ts';
import type { Method } from '../../../main/engine/nn/parameters.ts';
import type { QuantisedFormat } from '../../../main/engine/nn/quantised.ts';
import { train } from '../../../main/engine/session/session.ts';
import { TrainState } from '../../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../main/engine/tasks/feeds.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { logitsStep, noise, tinyModel } from '../../helpers/graphs.ts';
import { bothWeights } from '../../helpers/quantised.ts';

const TIME = 12;
const shape = { batch: 1, time: TIME, labels: TIME };
const { model, weights } = tinyModel({ hidden_size: 64, head_dim: 16, intermediate_size: 96 });
const tokens = Int32Array.from(noise(TIME, 3), (x) => Math.floor((x + 1) * 25));
const batch = batchFromArrays({ rowCount: 1, rowLength: TIME, tokens, labels: tokens, labelCapacity: TIME });
const lora: Method = { kind: 'lora', dropout: 0.25, adapterOf: () => ({ rank: 2, scale: 2 }) };
const qlora = (quantised: QuantisedFormat): Method => ({ ...lora, quantised });

/** The graphs that a run compiles, by what they are for. */
export const STEPS = {
  'gradient of everything': () => gradientStep(model, { kind: 'full' }, shape),
  'gradient of adapters': () => gradientStep(model, lora, shape),
  'gradient beside 4 bits': () => gradientStep(model, qlora('int4'), shape),
  'gradient beside 8 bits': () => gradientStep(model, qlora('int8-dq'), shape),
  'gradient beside NF4': () => gradientStep(model, qlora('nf4-dq'), shape),
  'gradient with blocks computed again': () => gradientStep(model, lora, shape, 'block'),
  evaluation: () => evaluationStep(model, lora, shape),
  logits: () => logitsStep(model, { kind: 'frozen' }, shape),
} as const;

/** The format of the weights that a step asks for, if any. */
export function formatFor(name: string): QuantisedFormat {
  return name.includes('8') ? 'int8-dq' : name.includes('NF4') ? 'nf4-dq' : 'int4';
}

/** The weights under the names of plain and of quantised ones. */
export function weightsWith(format: QuantisedFormat, of: Model = model): ReadonlyMap<string, HostArray> {
  return bothWeights(of, weights, format).parts;
}

/** What TensorFlow's own library hands out: numbers or handles of tensors, of which TensorFlow.js itself knows only a part. */
interface Binding {
  createTensor(...args: unknown[]): Id;
  deleteTensor(id: Id): void;
  executeOp(...args: unknown[]): readonly { readonly id: Id }[];
}

let counting: Promise<() => number> | null = null;

/** A count of all tensors that are held now: those of TensorFlow.js, the backend's buffers, and those of TensorFlow's library. */
export function tensorCount(): Promise<() => number> {
  counting ??= countTensors();
  return counting;
}

async function countTensors(): Promise<() => number> {
  const { tf } = (await openTensorFlow(1)).backend;
  const known = () => tf.memory().numTensors + tf.engine().backend.numDataIds();
  const backend = tf.backend() as unknown as { binding?: Binding };
  const own = backend.binding;
  if (own === undefined) return known;
  const live = new Set<Id>();
  const counted: Binding = {
    createTensor(...args) {
      const id = own.createTensor(...args);
      live.add(id);
      return id;
    },
    executeOp(...args) {
      const outputs = own.executeOp(...args);
      for (const { id } of outputs) live.add(id);
      return outputs;
    },
    deleteTensor(id) {
      own.deleteTensor(id);
      live.delete(id);
    },
  };
  backend.binding = Object.create(own, Object.getOwnPropertyDescriptors(counted)) as Binding;
  return () => known() + live.size;
}

/** Tensors and buffers of the backend that three more runs of a step leave, and those that are left once it is released. */
export async function leaksOf(name: string): Promise<{ betweenRuns: number; afterRelease: number }> {
  const count = await tensorCount();
  const before = count();
  const executor = await openExecutor('tfjs', { threads: 1 });
  const { graph, trainables } = STEPS[name as keyof typeof STEPS]();
  const state = TrainState.create(executor, trainables);
  const all = weightsWith(formatFor(name));
  const program = await executor.compile(graph, {
    weights: (weight) => ({ kind: 'memory', data: all.get(weight)! }),
  });
  const accumulates = graph.outputs.has(`grad.${trainables[0]?.name}`);
  const feeds = { ...batchFeeds(model, batch), ...state.feeds(accumulates), ...seedOf(graph) };
  const step = () => program.run(feeds, accumulates ? state.gradientTargets() : {});
  await step();
  const once = count();
  for (let run = 0; run < 3; run++) await step();
  const betweenRuns = count() - once;
  await program.release();
  return { betweenRuns, afterRelease: count() - before };
}

/** The methods of which a whole training is watched. */
export const TRAININGS = ['lora', 'qlora', 'full'] as const;

/**
 * A fine-tuning of the practice model: how many more tensors are held after the third step and each later one than after the second
 * (the first two compile what all steps use), and how many are left at the end. Steps are of several micro-batches with gradient, update, evaluation and checkpoint, as in any run.
 */
export async function leaksOfTraining(
  method: (typeof TRAININGS)[number],
  steps: number,
): Promise<{ losses: number[]; afterSteps: number[]; afterEnd: number }> {
  const count = await tensorCount();
  const before = count();
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-leaks-'));
  const [losses, counts]: [number[], number[]] = [[], []];
  const config = parseRunConfig({
    ...{
      model: path.join(resourcesFolder(), 'practice-model'),
      out: path.join(out, 'run'),
      executor: 'tfjs',
    },
    ...{ data: path.join(resourcesFolder(), 'samples', 'formal-tone.jsonl'), method, threads: 1, seed: 1 },
    ...{ maxSteps: steps, tokensPerMicroBatch: 128, gradientAccumulation: 2, heldOut: 4, evalEvery: 1 },
    ...{ saveEverySteps: 1, assess: false, ...(method === 'full' ? {} : { lora: { dropout: 0.1 } }) },
  });
  try {
    await train(config, {
      stop: new AbortController().signal,
      emit: (event) => {
        if (event.event !== 'step') return;
        losses.push(event.loss);
        counts.push(count());
      },
    } as Parameters<typeof train>[1]);
  } finally {
    fs.rmSync(out, { recursive: true });
  }
  return { losses, afterSteps: counts.slice(2).map((held) => held - counts[1]!), afterEnd: count() - before };
}

function seedOf({ inputs }: Graph): Record<string, HostArray> {
  return inputs.has('dropoutSeed') ? { dropoutSeed: Int32Array.of(5) } : {};
}
