/**
 * Predicts onnxruntime's buffers for the values of a graph, and from which node to which each lives. It computes depth first from the
 * nodes that nothing consumes, the last of the file first. A result takes its operand's buffer where the kernel allows it, or a dead one of
 * its type and shape, which was kept until then.
 */
import { DTYPE_BYTES } from '../../ir/dtype.ts';
import { type Shape, sameShape, sizeOf } from '../../ir/shape.ts';
import type { OnnxType } from '../onnx/onnx.ts';
import { leavesFirst, type Trace } from './trace.ts';

/** Operations whose result is the operand under another shape; those of weights and inputs take nothing. */
const VIEW = 1;
/** Operations whose kernels may write their result over their first operand; those of two operands do not. */
const OVER_OPERAND = 2;
const TRAITS: ReadonlyMap<string, number> = new Map([
  ...'Reshape Squeeze'.split(' ').map((op) => [op, VIEW] as const),
  ...'Neg Exp Log Sqrt Reciprocal Tanh Sigmoid Erf Relu QuickGelu Gelu Cast ScatterElements'
    .split(' ')
    .map((op) => [op, OVER_OPERAND] as const),
]);

/** Buffers in the order in which they are made, each by its place in all of the lists. */
export interface Buffers {
  readonly count: number;
  readonly bytes: Float64Array;
  /** Steps of the execution order: made before the first, given back after the last, which is `KEPT` for what lives to the end. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
}

export const KEPT = -1;

const NONE = -1;
/** Of the kinds of buffers: scalars, which are never taken over. */
const SCALAR = -1;

/** The buffers of a run of `trace` in `order`, without those of the outputs in `donated`, which are written elsewhere. */
export function buffersOf(
  trace: Trace,
  donated: ReadonlySet<string>,
  order: Int32Array = leavesFirst(trace),
): Buffers {
  const { ops, starts, operands, results, types, shapes, outputs } = trace;
  const uses = usesOf(trace);
  const kinds = new Kinds();
  const made = new Made(order.length);
  /** Of results by the number of their tensor, once they have one. */
  const holders = new Int32Array(types.length).fill(NONE);
  const isOutput = new Uint8Array(types.length);
  for (const [tensor, name] of outputs) isOutput[tensor] = donated.has(name) ? DONATED : OWN;
  for (let first = 0; first < order.length; first++) {
    const step = order[first]!;
    const result = results[step]!;
    const from = starts[step]!;
    const to = starts[step + 1]!;
    const traits = TRAITS.get(ops[step]!) ?? 0;
    const operand = from < to ? holders[operands[from]!]! : NONE;
    const output = isOutput[result]!;
    const isViewOfLeaf = traits === VIEW && operand === NONE && output === 0;
    if (!isViewOfLeaf && output !== DONATED) {
      const type = types[result]!;
      const shape = shapes[result]!;
      const bytes = DTYPE_BYTES[type] * sizeOf(shape);
      let buffer = NONE;
      if (output === 0) {
        if (traits === VIEW) buffer = operand;
        else if (traits === OVER_OPERAND && operand !== NONE && made.isFreeAfter(operand, bytes))
          buffer = operand;
      }
      if (buffer === NONE) {
        const kind = kinds.of(type, shape, bytes);
        if (output === 0) buffer = made.reused(kind);
        if (buffer === NONE) buffer = made.add(kind, bytes, first, output === OWN);
      }
      holders[result] = buffer;
      made.use(buffer, uses[result]!, first);
    }
    for (let i = from; i < to; i++) {
      const buffer = holders[operands[i]!]!;
      if (buffer !== NONE) made.use(buffer, -1, first);
    }
  }
  return made.buffers();
}

/** What an output is: written into memory of its own, or elsewhere. */
const OWN = 1;
const DONATED = 2;

/** Buffers while steps are gone through. */
class Made {
  readonly #bytes: Float64Array;
  readonly #firsts: Int32Array;
  readonly #lasts: Int32Array;
  readonly #kinds: Int32Array;
  readonly #uses: Int32Array;
  readonly #isOutput: Uint8Array;
  /** Those that nobody reads any more: of each kind the one that died last, and of each of them the one that died before it. */
  readonly #dead: number[] = [];
  readonly #deadBefore: Int32Array;
  #count = 0;

  constructor(most: number) {
    this.#bytes = new Float64Array(most);
    this.#firsts = new Int32Array(most);
    this.#lasts = new Int32Array(most);
    this.#kinds = new Int32Array(most);
    this.#uses = new Int32Array(most);
    this.#isOutput = new Uint8Array(most);
    this.#deadBefore = new Int32Array(most);
  }

  add(kind: number, bytes: number, first: number, isOutput: boolean): number {
    const buffer = this.#count++;
    this.#bytes[buffer] = bytes;
    this.#firsts[buffer] = first;
    this.#kinds[buffer] = kind;
    this.#isOutput[buffer] = isOutput ? 1 : 0;
    return buffer;
  }

  /** A dead buffer of that kind. */
  reused(kind: number): number {
    const buffer = kind === SCALAR ? NONE : (this.#dead[kind] ?? NONE);
    if (buffer !== NONE) this.#dead[kind] = this.#deadBefore[buffer]!;
    return buffer;
  }

  /** Whether its last reader may write over it. */
  isFreeAfter(buffer: number, bytes: number): boolean {
    return this.#uses[buffer] === 1 && this.#isOutput[buffer] === 0 && this.#bytes[buffer] === bytes;
  }

  /** Notes that step `last` has to do with it, and how many readers more are to come; without any it is dead. */
  use(buffer: number, uses: number, last: number): void {
    this.#lasts[buffer] = last;
    this.#uses[buffer]! += uses;
    const kind = this.#kinds[buffer]!;
    if (this.#uses[buffer] !== 0 || this.#isOutput[buffer] === 1 || kind === SCALAR) return;
    this.#deadBefore[buffer] = this.#dead[kind] ?? NONE;
    this.#dead[kind] = buffer;
  }

  buffers(): Buffers {
    for (let i = 0; i < this.#count; i++) if (this.#isOutput[i] === 1) this.#lasts[i] = KEPT;
    return { count: this.#count, bytes: this.#bytes, firsts: this.#firsts, lasts: this.#lasts };
  }
}

/** How often each tensor is read; an output once more, after the run. */
function usesOf({ operands, types, outputs }: Trace): Int32Array {
  const uses = new Int32Array(types.length);
  for (let i = 0; i < operands.length; i++) uses[operands[i]!]!++;
  for (const x of outputs.keys()) uses[x]!++;
  return uses;
}

interface Kind {
  readonly type: OnnxType;
  readonly shape: Shape;
  readonly kind: number;
}

/** Numbers types and shapes, which are looked for among those of as many bytes. */
class Kinds {
  readonly #known = new Map<number, Kind[]>();
  #count = 0;

  of(type: OnnxType, shape: Shape, bytes: number): number {
    if (shape.length === 0) return SCALAR;
    let like = this.#known.get(bytes);
    if (!like) {
      like = [];
      this.#known.set(bytes, like);
    }
    for (let i = 0; i < like.length; i++) {
      const one = like[i]!;
      if (one.type === type && sameShape(one.shape, shape)) return one.kind;
    }
    like.push({ type, shape, kind: this.#count });
    return this.#count++;
  }
}
