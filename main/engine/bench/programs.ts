/** The small graphs that are timed, and the memory that they work on; compiled as a training step is, by the same executor. */
import type { Executor } from '../exec/executor.ts';
import { Graph, type Value } from '../ir/graph.ts';
import { type Shape, sizeOf } from '../ir/shape.ts';
import { add, matmul, mul, scalar, softmax } from '../ops/functions.ts';
import type { ProductShape } from './shapes.ts';

/** A graph that is ready to run, again and again, into the same memory. */
export interface Timed {
  run(): Promise<unknown>;
  release(): Promise<void>;
}

type Inputs = Readonly<Record<string, Shape>>;

/** Compiles what `build` makes of float32 inputs with those shapes. */
export async function timedProgram(
  executor: Executor,
  shapes: Inputs,
  build: (inputs: Readonly<Record<string, Value>>) => Value,
): Promise<Timed> {
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
  const into = { out: executor.tensor('f32', out.shape) };
  return { run: () => program.run(feeds, into), release: () => program.release() };
}

/** A matrix product. */
export function productProgram(executor: Executor, shape: ProductShape): Promise<Timed> {
  const { batch, rows, inner, columns, transposed } = shape;
  const heads = batch > 1 ? [batch] : [];
  const a = transposed === 'first' ? [inner, rows] : [rows, inner];
  const b = transposed === 'second' ? [columns, inner] : [inner, columns];
  return timedProgram(executor, { a: [...heads, ...a], b: [...heads, ...b] }, ({ a, b }) =>
    matmul(a!, b!, { transA: transposed === 'first', transB: transposed === 'second' }),
  );
}

/** `nodes` additions and multiplications, one upon the other, of `elements` numbers each. */
export function chainProgram(executor: Executor, elements: number, nodes: number): Promise<Timed> {
  return timedProgram(executor, { a: [elements], b: [elements] }, ({ a, b }) => {
    let value = a!;
    for (let i = 0; i < nodes; i++) value = i % 2 === 0 ? add(value, b!) : mul(value, b!);
    return value;
  });
}

/** A softmax over the last axis. */
export function softmaxProgram(executor: Executor, shape: Shape): Promise<Timed> {
  return timedProgram(executor, { a: shape }, ({ a }) => softmax(a!));
}

/** A copy, times a number, so that every thread takes its part. */
export function copyProgram(executor: Executor, elements: number): Promise<Timed> {
  return timedProgram(executor, { a: [elements] }, ({ a }) => mul(a!, scalar(a!.graph, 0.5)));
}

const PIECE = 2 ** 16;

/** Numbers between 0.5 and 1.5: products of them neither vanish nor overflow. */
function numbers(count: number): Float32Array {
  const data = new Float32Array(count);
  const first = Math.min(PIECE, count);
  for (let i = 0; i < first; i++) data[i] = 0.5 + (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 32;
  for (let done = first; done < count; done *= 2) data.copyWithin(done, 0, Math.min(done, count - done));
  return data;
}
