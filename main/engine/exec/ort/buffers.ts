/**
 * Which buffers onnxruntime will have for the values of a graph, and from which node to which each of them lives. It computes the
 * nodes depth first from those that nothing consumes, the last of the file first; a result takes over the operand's
 * buffer where the kernel allows it, or else a dead buffer of the very same type and shape, which then is not given back in between.
 * Found by comparing the allocations of real runs with this account.
 */
import { type Shape, sameShape, sizeOf } from '../../ir/shape.ts';
import { leavesFirst } from './execution-order.ts';
import type { OnnxType } from './onnx.ts';
import type { Trace } from './trace.ts';

const BYTES: Readonly<Record<OnnxType, number>> = {
  ...{ f32: 4, i32: 4, u32: 4, i64: 8, f16: 2, bf16: 2 },
  ...{ bool: 1, u8: 1, i8: 1, u16: 2 },
};
/** Operations whose result is the operand under another shape; those of weights and inputs take nothing. */
const VIEWS = new Set(['Reshape', 'Squeeze']);
/** Operations whose kernels may write their result over their first operand; those of two operands do not. */
const OVER_OPERAND = new Set(
  'Neg Exp Log Sqrt Reciprocal Tanh Sigmoid Erf Relu QuickGelu Gelu Cast ScatterElements'.split(' '),
);

export interface Buffer {
  readonly bytes: number;
  /** Steps of the execution order: made before the first, given back after the last; null: kept to the end. */
  readonly first: number;
  readonly last: number | null;
}

interface Open {
  /** Buffers of one type and shape have the same number; scalars, which are never taken over, have -1. */
  readonly kind: number;
  readonly bytes: number;
  readonly first: number;
  readonly isOutput: boolean;
  last: number;
  uses: number;
}

/** The buffers of a run of `trace` in `order`, without those of the outputs in `donated`, which are written elsewhere. */
export function buffersOf(
  trace: Trace,
  donated: ReadonlySet<string>,
  order: readonly number[] = leavesFirst(trace),
): Buffer[] {
  const { ops, starts, operands, results, types, shapes, outputs } = trace;
  const uses = usesOf(trace);
  const kindOf = kinds();
  /** Buffers of results by the number of their tensor, once they have one. */
  const holders: (Open | undefined)[] = new Array(types.length).fill(undefined);
  const all: Open[] = [];
  const dead: Dead = [];
  for (let first = 0; first < order.length; first++) {
    const step = order[first]!;
    const [op, result] = [ops[step]!, results[step]!];
    const [from, to] = [starts[step]!, starts[step + 1]!];
    const output = outputs.get(result);
    const isView = VIEWS.has(op);
    const operand = from < to ? holders[operands[from]!] : undefined;
    const isViewOfLeaf = isView && !operand && output === undefined;
    if (!isViewOfLeaf && (output === undefined || !donated.has(output))) {
      const [type, shape] = [types[result]!, shapes[result]!];
      const bytes = BYTES[type] * sizeOf(shape);
      const isOutput = output !== undefined;
      let buffer = isOutput ? undefined : isView ? operand : writtenOver(op, operand, bytes);
      if (!buffer) {
        const kind = kindOf(type, shape, bytes);
        buffer = isOutput || kind < 0 ? undefined : dead[kind]?.pop();
        if (!buffer) {
          buffer = { kind, bytes, first, isOutput, last: first, uses: 0 };
          all.push(buffer);
        }
      }
      holders[result] = buffer;
      buffer.uses += uses[result]!;
      buffer.last = first;
      if (buffer.uses === 0 && !isOutput) die(buffer, dead);
    }
    for (let i = from; i < to; i++) {
      const buffer = holders[operands[i]!];
      if (!buffer) continue;
      buffer.last = first;
      if (--buffer.uses === 0 && !buffer.isOutput) die(buffer, dead);
    }
  }
  return all.map(({ bytes, first, last, isOutput }) => ({ bytes, first, last: isOutput ? null : last }));
}

/** How often each tensor is read; an output once more, after the run. */
function usesOf({ operands, types, outputs }: Trace): Int32Array {
  const uses = new Int32Array(types.length);
  for (const x of operands) uses[x]!++;
  for (const x of outputs.keys()) uses[x]!++;
  return uses;
}

/** Numbers types and shapes, which are looked for among those of as many bytes. */
function kinds(): (type: OnnxType, shape: Shape, bytes: number) => number {
  const known = new Map<
    number,
    { readonly type: OnnxType; readonly shape: Shape; readonly kind: number }[]
  >();
  let count = 0;
  return (type, shape, bytes) => {
    if (shape.length === 0) return -1;
    const like = known.get(bytes) ?? [];
    for (const one of like) if (one.type === type && sameShape(one.shape, shape)) return one.kind;
    if (like.length === 0) known.set(bytes, like);
    like.push({ type, shape, kind: count });
    return count++;
  };
}

/** Buffers that nobody reads any more, by their kind, the one that died last at the end. */
type Dead = (Open[] | undefined)[];

function die(buffer: Open, dead: Dead): void {
  if (buffer.kind < 0) return;
  const like = dead[buffer.kind];
  if (like) like.push(buffer);
  else dead[buffer.kind] = [buffer];
}

function writtenOver(op: string, operand: Open | undefined, bytes: number): Open | undefined {
  if (!operand || !OVER_OPERAND.has(op)) return undefined;
  return operand.uses === 1 && !operand.isOutput && operand.bytes === bytes ? operand : undefined;
}
