/** The small graphs that are timed, their memory, and the stopwatch; compiled as a training step is. */

import { setImmediate } from 'node:timers/promises';
import type { Executor, TimedProgram } from '../exec/executor.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { type Shape, sizeOf } from '../ir/shape.ts';
import { squaresGraph, sumOfSquares, UPDATE_CHUNK, UPDATE_INPUTS, updateGraph } from '../nn/adamw.ts';
import { add, concat, matmul, mul, reshape, scalar, slice, softmax, transpose } from '../ops/functions.ts';
import type { AdamW } from '../step/moments.ts';
import { sharingOn } from '../step/shared-memory.ts';
import { SharedValues } from '../step/update-threads.ts';
import { FLOAT_BYTES, flopsOf, type ProductShape } from './shapes.ts';

type Inputs = Readonly<Record<string, Shape>>;

/**
 * Compiles what `build` makes of float32 inputs. Handing over takes its own time, so a program that shows the
 * speed of an operation hands over one number (`oneOf`). With `isNew` the result has new memory in each run,
 * as gradients have.
 */
async function timedProgram(
  executor: Executor,
  shapes: Inputs,
  build: (inputs: Readonly<Record<string, Value>>) => Value,
  isNew = false,
): Promise<TimedProgram> {
  const graph = new Graph();
  const values = Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, 'f32', shape)]);
  const out = build(Object.fromEntries(values));
  graph.output('out', out);
  const program = await executor.compile(graph);
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      executor.tensor('f32', shape, numbers(sizeOf(shape))),
    ]),
  );
  // from a device the number comes back, by which the run is over; into a tensor there it would go up again
  const into = executor.keeps === 'host' ? { out: executor.tensor('f32', out.shape) } : {};
  const intoNew = async () => {
    const data = new Float32Array(sizeOf(out.shape));
    await program.run(feeds, { out: executor.tensor('f32', out.shape, data) });
    data.buffer.transfer(0);
  };
  return {
    run: isNew ? intoNew : () => program.run(feeds, into),
    async release() {
      await program.release();
      for (const tensor of Object.values(feeds)) tensor.release();
    },
  };
}

/** One number of a value: enough for it to be computed. */
function oneOf(value: Value): Value {
  return slice(reshape(value, [sizeOf(value.shape)]), 0, 0, 1);
}

/**
 * The weights of a timed program are together larger than most caches, as a model's are; at most so many
 * products.
 */
const COLD_BYTES = 64 * 2 ** 20;
const MOST_WEIGHTS = 24;
/** And at most so many operations: large ones are slow enough for reading the weights not to count. */
const MOST_FLOPS = 6e9;

/** How many products with their own weights one run does: a step meets each weight once. */
export function weightsOf(shape: ProductShape): number {
  if (shape.batch > 1) return 1;
  const bytes = FLOAT_BYTES * shape.inner * shape.columns;
  const most = Math.min(MOST_WEIGHTS, COLD_BYTES / bytes, MOST_FLOPS / flopsOf(shape));
  return Math.max(1, Math.floor(most));
}

/** `weightsOf(shape)` matrix products of one operand with as many others. */
export function productProgram(executor: Executor, shape: ProductShape): Promise<TimedProgram> {
  const { batch, rows, inner, columns, transposed } = shape;
  const heads = batch > 1 ? [batch] : [];
  const a = transposed === 'first' ? [inner, rows] : [rows, inner];
  const b = transposed === 'second' ? [columns, inner] : [inner, columns];
  const pairs = Array.from({ length: weightsOf(shape) }, (_, i) => [`a${i}`, `b${i}`] as const);
  const inputs = pairs.flatMap(([left, right]) => [
    [left, [...heads, ...a]],
    [right, [...heads, ...b]],
  ]);
  return timedProgram(executor, Object.fromEntries(inputs), (values) =>
    joined(
      pairs.map(([left, right]) =>
        matmul(values[left]!, values[right]!, {
          transA: transposed === 'first',
          transB: transposed === 'second',
        }),
      ),
    ),
  );
}

/** One number of each value, in a row. */
export function joined(values: readonly Value[]): Value {
  const ones = values.map(oneOf);
  return ones.length === 1 ? ones[0]! : concat(ones, 0);
}

/**
 * `nodes` additions and multiplications of `elements` numbers, one upon the other. One operand was just
 * written, the other comes from memory, as values of the forward pass do in the backward pass.
 */
export function chainProgram(executor: Executor, elements: number, nodes: number): Promise<TimedProgram> {
  const most = Math.max(1, Math.floor(COLD_BYTES / (FLOAT_BYTES * elements)));
  const others = Array.from({ length: Math.min(nodes, most, MOST_WEIGHTS) }, (_, i) => `b${i}`);
  const shapes = Object.fromEntries(['a', ...others].map((name) => [name, [elements]]));
  return timedProgram(executor, shapes, (values) => {
    let value = values.a!;
    for (let i = 0; i < nodes; i++) {
      const other = values[others[i % others.length]!]!;
      value = i % 2 === 0 ? add(value, other) : mul(value, other);
    }
    return oneOf(value);
  });
}

/** `nodes` times the axes of rows and heads exchanged, and back. */
export function stridedProgram(
  executor: Executor,
  [rows, heads, width]: readonly [number, number, number],
  nodes: number,
): Promise<TimedProgram> {
  return timedProgram(executor, { a: [rows, heads, width] }, ({ a }) => {
    let value = a!;
    // an exchange after an exchange would be no work at all
    for (let i = 0; i < nodes; i++) value = reshape(transpose(value, [1, 0, 2]), [rows, heads, width]);
    return oneOf(value);
  });
}

export function softmaxProgram(executor: Executor, shape: Shape): Promise<TimedProgram> {
  return timedProgram(executor, { a: shape }, ({ a }) => oneOf(softmax(a!)));
}

/** A copy, times a number, so that every thread takes its part. */
export function copyProgram(executor: Executor, elements: number): Promise<TimedProgram> {
  return timedProgram(executor, { a: [elements] }, ({ a }) => oneOf(mul(a!, scalar(a!.graph, 0.5))));
}

/** What is handed over of a result: one number, all of it into the same memory, or all into new memory. */
export type HandedOver = 'one' | 'whole' | 'new';

/**
 * A result of that size: the differences between what is handed over are the time of handing over and of new
 * memory.
 */
export function outputProgram(executor: Executor, elements: number, what: HandedOver): Promise<TimedProgram> {
  const build = ({ a }: Readonly<Record<string, Value>>) => {
    const half = mul(a!, scalar(a!.graph, 0.5));
    return what === 'one' ? oneOf(half) : half;
  };
  return timedProgram(executor, { a: [elements] }, build, what === 'new');
}

/** Ordinary settings; which ones makes no difference to the time. */
const SETTINGS: AdamW = {
  rate: 1e-4,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  maxNorm: Number.POSITIVE_INFINITY,
};

/** The update of `weights` weights as a full fine-tuning has it: norm of the gradients, AdamW, gradients of zero. */
export async function updateProgram(
  executor: Executor,
  weights: number,
  threads: number,
): Promise<TimedProgram> {
  const plan = { size: weights, decayedEnd: weights, chunk: UPDATE_CHUNK, isHalf: false, anchored: false };
  const values = new SharedValues(
    { ...plan, optimizer: 'adamw' },
    await sharingOn(executor, { threads, sharedFrom: 0 }),
  );
  const grad = numbers(weights);
  let number = 0;
  return {
    async run() {
      for (const chunk of values.chunks([0, weights])) sumOfSquares(grad, chunk);
      await values.updateAll(
        [0, weights],
        { grad, gradFirst: 0 },
        { settings: SETTINGS, scale: 1, number: ++number },
      );
      grad.fill(0);
    },
    release: () => values.release(),
  };
}

const PIECE = 2 ** 16;

/** Numbers between 0.5 and 1.5: products of them neither vanish nor overflow. */
export function numbers(count: number): Float32Array {
  const data = new Float32Array(count);
  const first = Math.min(PIECE, count);
  for (let i = 0; i < first; i++) data[i] = 0.5 + (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32;
  for (let done = first; done < count; done *= 2) data.copyWithin(done, 0, Math.min(done, count - done));
  return data;
}

/** Columns of the matrix that is updated; its number of elements must be a multiple of it. */
const COLUMNS = 1024;

/** An update of so many weights on the executor's device. */
export async function deviceUpdateProgram(executor: Executor, weights: number): Promise<TimedProgram> {
  const shape = [weights / COLUMNS, COLUMNS];
  const one = [{ name: 'w', shape, kind: 'matrix' as const }];
  const names = ['w', 'grad.w', 'm.w', 'v.w'];
  const squares = await executor.compile(squaresGraph(one));
  const update = await executor.compile(updateGraph(one, false), { kept: new Set(names) });
  const tensors = Object.fromEntries(names.map((name) => [name, executor.tensor('f32', shape)]));
  const numbers = Object.fromEntries(UPDATE_INPUTS.map((name) => [name, Float32Array.of(0.5)]));
  return {
    async run() {
      await update.run({ ...numbers, ...tensors }, tensors);
      // a number comes back, so that the update is over and not only on its way
      await squares.run({ 'grad.w': tensors['grad.w']! });
    },
    async release() {
      await squares.release();
      await update.release();
      for (const tensor of Object.values(tensors)) tensor.release();
    },
  };
}

/** Runs of something quick are not more than this. */
const MOST_RUNS = 2000;

/**
 * Median seconds of `run`, measured for about `seconds`; what takes longer runs once or twice. Throws the
 * reason of `stop`.
 */
export async function medianSeconds(
  run: () => Promise<unknown>,
  seconds: number,
  stop: AbortSignal,
): Promise<number> {
  const first = await timed(run, stop);
  if (first > seconds) return first;
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  do times.push(await timed(run, stop));
  while (performance.now() < end && times.length < MOST_RUNS);
  return median(times);
}

async function timed(run: () => Promise<unknown>, stop: AbortSignal): Promise<number> {
  // a turn of the event loop, in which the message that cancels can arrive
  await setImmediate();
  stop.throwIfAborted();
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** The middle one of `values`, of which there is at least one; the upper one of two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
