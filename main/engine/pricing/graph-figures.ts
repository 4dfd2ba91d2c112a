/** What one graph of a step does, in kinds that a benchmark measures, and what it holds. */
import type { Product, Work } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../config/config.ts';
import type { Executor } from '../exec/executor.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { bytesOf, type Graph, type Node, type Value } from '../ir/graph.ts';
import { type Shape, sizeOf } from '../ir/shape.ts';
import type { Model } from '../models/model.ts';
import type { Method, Trainable } from '../nn/parameters.ts';
import { dequantisedBytes } from '../ops/primitives/dequantise.ts';
import { widenedBytes } from '../ops/primitives/widen.ts';
import { flopsOf, peaksOf, weightBytesOf } from '../passes/graph-cost.ts';
import type { BatchShape, Loss } from '../tasks/feeds.ts';

/** Values alive at a peak, and those of them that the head and its loss made. Bytes. */
interface Alive {
  readonly bytes: number;
  readonly lossBytes: number;
}

/** Bytes and floating point operations. Two peaks each: up to the turn of the step and after it. */
export interface GraphCounts {
  readonly work: Work;
  readonly flops: number;
  readonly weightBytes: number;
  /** By the graph alone. */
  readonly turn: Alive;
  readonly after: Alive;
  /** By the buffers that the executor has for the values. */
  readonly turnBytes: number;
  readonly afterBytes: number;
  readonly donatedBytes: number;
  readonly sessionBytes: number;
}

export interface GraphFigures extends GraphCounts {
  /** What the allocator holds for the values. */
  readonly heapBytes: number;
}

export interface TrainingFigures {
  readonly parameters: number;
  readonly trainedBytes: number;
  /** Of the largest trained parameter; missing where nothing hangs on it. */
  readonly largestBytes?: number;
  /** Bytes of the gradients that exist at the peak; those of all parameters where it is left out. */
  readonly gradientBytes?: number;
  readonly gradient: GraphFigures;
}

/** A micro-batch, whether its gradient is added to that of others, and how many there are in a step. */
export interface WayShape extends BatchShape {
  readonly accumulates?: boolean;
  readonly parts: number;
}

/** What a way of taking a step costs that some runs ask for. */
export interface StepWayPrice {
  isFor(config: RunConfig, model: Model): boolean;
  figures(model: Model, method: Method, shape: WayShape, executor: Executor, loss?: Loss): TrainingFigures;
}

export function largestBytesOf(trainables: readonly Pick<Trainable, 'shape'>[]): number {
  return trainables.reduce((most, { shape }) => Math.max(most, DTYPE_BYTES.f32 * sizeOf(shape)), 0);
}

export function trainedBytesOf(trainables: readonly Pick<Trainable, 'shape' | 'dtype'>[]): number {
  return trainables.reduce((sum, { shape, dtype }) => sum + DTYPE_BYTES[dtype ?? 'f32'] * sizeOf(shape), 0);
}

/** A graph optimised for `executor`, counted; the heap is asked for by the share of donated outputs. */
interface Counted {
  readonly counts: GraphCounts;
  heapAt(donatedShare: number): number;
}

/** Counts `graph`; `donated` outputs are written elsewhere. `notes`: see `Executor.memoryOf`. */
export function counted(
  graph: Graph,
  donated: ReadonlySet<string>,
  executor: Executor,
  notes: Map<object, unknown> = new Map(),
): Counted {
  const { turn, after } = peaksOf(graph, donated);
  const memory = executor.memoryOf(graph, donated, notes);
  const { turnBytes, afterBytes, donatedBytes, sessionBytes, heapAt, freshBytes = 0 } = memory;
  const work = workOf(graph);
  const outputBytes = executor.writesInPlace
    ? work.outputBytes! - bytesOfOutputs(graph, donated) + freshBytes
    : work.outputBytes!;
  return {
    counts: {
      work: { ...work, outputBytes },
      flops: flopsOf(graph),
      weightBytes: weightBytesOf(graph),
      turn: aliveAt(turn),
      after: aliveAt(after),
      turnBytes,
      afterBytes,
      donatedBytes,
      sessionBytes,
    },
    heapAt,
  };
}

function bytesOfOutputs(graph: Graph, names: ReadonlySet<string>): number {
  return [...names].reduce((sum, name) => sum + bytesOf(graph.outputs.get(name)!), 0);
}

export function donatedShare({ donatedBytes, turnBytes, afterBytes }: GraphCounts): number {
  const live = Math.max(turnBytes, afterBytes);
  return live > 0 ? donatedBytes / live : donatedBytes > 0 ? Number.POSITIVE_INFINITY : 0;
}

function aliveAt({ bytes, lossBytes }: Alive): Alive {
  return { bytes, lossBytes };
}

/** Operations whose exponentials, not their bytes, take the time. */
const EXPONENTIAL = new Set('exp log tanh sigmoid erf softmax silu gelu geluTanh'.split(' '));
/** Operations that move nothing. */
const FREE = new Set(['reshape', 'after']);
/** Operations that go through their operand in steps, or row by row. */
const STRIDED = new Set(
  'transpose slice pad concat broadcastTo gather scatterAdd rope rmsNorm layerNorm gatherQuantised'.split(
    ' ',
  ),
);
/** Operations that read all of an operand larger than their result; others read only what they need. */
const REDUCING = new Set(['reduceSum', 'reduceMax', 'rowScales', 'rowCodes']);

export function workOf(graph: Graph): Work {
  // there are few kinds of either, so they are looked for one after the other
  const products: CountedProduct[] = [];
  const moved: Moved[] = [];
  let [exponentials, nodes] = [0, 0];
  for (; nodes < graph.nodes.length; nodes++) {
    const node = graph.nodes[nodes]!;
    if (FREE.has(node.op)) continue;
    if (node.op === 'matmul' || node.op === 'matmulInt8') {
      const product = productOf(node);
      let known = products.length - 1;
      while (known >= 0 && !isSame(products[known]!, product)) known--;
      if (known >= 0) products[known]!.count++;
      else products.push(product);
    }
    if (node.op === 'matmul') continue;
    if (EXPONENTIAL.has(node.op)) exponentials += sizeOf(node.output.shape);
    else {
      const one = movedBy(node);
      let known = moved.length - 1;
      while (known >= 0 && !isLike(moved[known]!, one)) known--;
      if (known >= 0) moved[known]!.bytes += one.bytes;
      else moved.push(one);
    }
  }
  return {
    products,
    moved: moved.sort((a, b) => a.operandBytes - b.operandBytes),
    exponentials,
    nodes,
    outputBytes: [...graph.outputs.values()].reduce((sum, value) => sum + bytesOf(value), 0),
    runs: 1,
  };
}

type CountedProduct = Product & { count: number };
type Moved = Omit<Work['moved'][number], 'bytes'> & { bytes: number };

function isSame(a: Product, b: Product): boolean {
  return (
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.inner === b.inner &&
    a.batch === b.batch &&
    a.transposed === b.transposed &&
    a.type === b.type
  );
}

function isLike(a: Moved, b: Moved): boolean {
  return a.operandBytes === b.operandBytes && a.strided === b.strided;
}

function movedBy({ op, inputs, output, attrs }: Node): Moved {
  const written = bytesOf(output);
  if (op === 'dequantise')
    return { operandBytes: sizeClass(written), bytes: dequantisedBytes(output.shape, attrs.type) };
  if (op === 'widen') return { operandBytes: sizeClass(written), bytes: widenedBytes(output.shape) };
  if (op === 'matmulInt8') return { operandBytes: sizeClass(written), bytes: aroundInt8(inputs[0]!, output) };
  const isReducing = REDUCING.has(op);
  let bytes = written;
  let largest = written;
  for (let i = 0; i < inputs.length; i++) {
    const own = bytesOf(inputs[i]!);
    const read = isReducing ? own : Math.min(own, 2 * written);
    bytes += read;
    if (isReducing) largest = Math.max(largest, read);
  }
  return { operandBytes: sizeClass(largest), bytes, ...(STRIDED.has(op) && { strided: true as const }) };
}

/** Bytes that are moved beside a product in whole numbers: rows are read and written as bytes, and the result gets its rows' scales. */
function aroundInt8(x: Value, output: Value): number {
  return bytesOf(x) + sizeOf(x.shape) + 2 * bytesOf(output);
}

/** The power of two that is nearest to a size in bytes. */
function sizeClass(bytes: number): number {
  return 2 ** Math.round(Math.log2(Math.max(1, bytes)));
}

function isOneMatrix(shape: Shape): boolean {
  for (let i = 0; i < shape.length - 2; i++) if (shape[i] !== 1) return false;
  return true;
}

function productOf(node: Node): CountedProduct {
  const { inputs, attrs, output } = node;
  const [a, b] = inputs;
  if (node.op === 'matmulInt8') {
    const [rows, columns] = output.shape as [number, number];
    return { batch: 1, rows, inner: a!.shape[1]!, columns, type: 'int8', count: 1 };
  }
  const rank = output.shape.length;
  const rows = output.shape[rank - 2]!;
  const columns = output.shape[rank - 1]!;
  const inner = a!.shape[a!.shape.length - (attrs.transA ? 2 : 1)]!;
  let outer = 1;
  for (let i = 0; i < rank - 2; i++) outer *= output.shape[i]!;
  // a single matrix on the right is multiplied with all rows at once
  const isOne = !attrs.transA && isOneMatrix(b!.shape);
  const shape = isOne ? { batch: 1, rows: outer * rows } : { batch: outer, rows };
  const transposed = attrs.transA ? 'first' : attrs.transB ? 'second' : undefined;
  return transposed
    ? { ...shape, inner, columns, transposed, count: 1 }
    : { ...shape, inner, columns, count: 1 };
}
