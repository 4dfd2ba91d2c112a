/**
 * Mixed precision (Micikevicius et al. 2018): products take and give float16, everything else stays float32. What only moves elements
 * between two products is moved in float16, and what a product needs in the backward pass is kept as the float16 of the forward pass.
 */
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import {
  add,
  broadcastTo,
  concat,
  FUSED,
  matmul,
  mul,
  narrow,
  reshape,
  scalar,
  slice,
  transpose,
  widen,
} from '../ops/functions.ts';
import { decompose, dedupe } from './index.ts';
import { isBackward, isExact } from './layer-scopes.ts';
import { keep, type Mapped, rewrite } from './rewrite.ts';

/** Summands of a product at most: kernels add them up in float16, which loses more the longer a sum is. */
const LONGEST_SUM = 2048;
/** Fused operations that hold products. */
const WITH_PRODUCTS = new Set(['attention', 'longAttention']);
const OTHERS: ReadonlySet<string> = new Set(Object.keys(FUSED).filter((name) => !WITH_PRODUCTS.has(name)));

/** A copy of `graph`, a step as it was written and differentiated, with its products in float16. */
export function inHalfPrecision(graph: Graph): Graph {
  const plain = dedupe(decompose(graph, OTHERS));
  const halves: Halves = new Map();
  const products = rewrite(plain, (node, inputs) => {
    if (node.op === 'matmul') return isExact(node.scope) ? null : halfProduct(node, inputs, halves);
    if (node.op === 'add' && !isBackward(node.scope)) return linearSum(inputs);
    const moved = MOVES[node.op];
    const narrows = moved ? inputs.map(narrowOf) : [];
    return moved && narrows.every((x) => x !== null) ? widen(moved(narrows, node)) : null;
  });
  return keptInHalf(dedupe(products));
}

/** Float16 values that stand for float32 ones. */
type Halves = Map<Value, Value>;

type Move = (inputs: readonly Value[], node: Node) => Value;

/** Operations that move elements, on other operands. */
const MOVES: Readonly<Record<string, Move>> = {
  reshape: ([x], { output }) => reshape(x!, output.shape),
  transpose: ([x], { attrs }) => transpose(x!, attrs.perm as readonly number[]),
  slice: ([x], { attrs }) => slice(x!, attrs.axis as number, attrs.start as number, attrs.end as number),
  concat: (inputs, { attrs }) => concat(inputs, attrs.axis as number),
  broadcastTo: ([x], { output }) => broadcastTo(x!, output.shape),
};

/** The float16 that `value` was widened from; null for all others, bfloat16 and scalars, which have no rows, among them. */
function narrowOf(value: Value): Value | null {
  const node = producer(value);
  const inner = node?.op === 'widen' ? node.inputs[0]! : null;
  return inner?.dtype === 'f16' && sizeOf(inner.shape) === sizeOf(value.shape) ? inner : null;
}

/** `value` as float16, narrowed once; what was only moved since is moved in float16. */
function half(value: Value, halves: Halves): Value {
  const known = halves.get(value);
  if (known) return known;
  const node = producer(value);
  // a reshape moves nothing, and the backward pass reads the reshaped value
  const move = node && node.op !== 'reshape' && MOVES[node.op];
  const made =
    narrowOf(value) ??
    (move
      ? move(
          node.inputs.map((x) => half(x, halves)),
          node,
        )
      : narrow(value));
  halves.set(value, made);
  return made;
}

/** A linear layer's product with its bias or its adapter's product: kept in float16, as a product alone is. Residuals stay float32. */
function linearSum(inputs: readonly Value[]): Value | null {
  const [a, b] = inputs as [Value, Value];
  const isOfLayer = (x: Value) => narrowOf(x) !== null || producer(x) === null;
  const isSum = isOfLayer(a) && isOfLayer(b) && (isProduct(a) || isProduct(b));
  return isSum ? widen(narrow(add(a, b))) : null;
}

const isProduct = (x: Value): boolean => {
  const inner = narrowOf(x);
  return inner !== null && producer(inner) !== null;
};

/** The factor is applied to the smaller operand, in float32: of a product in float16 it could come too late. */
function halfProduct(node: Node, inputs: readonly Value[], halves: Halves): Value {
  const { alpha, ...flags } = node.attrs as { alpha: number; transA: boolean; transB: boolean };
  const [a, b] = inputs as [Value, Value];
  const isFirst = sizeOf(a.shape) <= sizeOf(b.shape);
  // by way of its float16, which may be kept already
  const scaled = (x: Value) => narrow(mul(widen(x), scalar(x.graph, alpha)));
  const [x, y] = [a, b].map((operand, i) => {
    const own = half(operand, halves);
    return alpha !== 1 && isFirst === (i === 0) ? scaled(own) : own;
  }) as [Value, Value];
  const [axisX, axisY] = [x.shape.length - (flags.transA ? 2 : 1), y.shape.length - (flags.transB ? 1 : 2)];
  const inner = x.shape[axisX]!;
  const pieces = Math.ceil(inner / LONGEST_SUM);
  let sum: Value | null = null;
  for (let piece = 0; piece < pieces; piece++) {
    const [start, end] = [0, 1].map((k) => Math.floor(((piece + k) * inner) / pieces)) as [number, number];
    const part = widen(matmul(slice(x, axisX, start, end), slice(y, axisY, start, end), flags));
    sum = sum ? add(sum, part) : part;
  }
  return sum!;
}

/**
 * A value of the forward pass that a product narrows is read by the backward pass as that float16, so that it is not kept a second time
 * in float32.
 */
function keptInHalf(graph: Graph): Graph {
  const narrowed = narrowedForBackward(graph);
  const copies: Mapped = new Array(graph.idCount).fill(undefined);
  return rewrite(graph, (node, inputs, copy) => {
    const isLate = isBackward(node.scope) && node.op !== 'narrow';
    const operands = inputs.map((x, i) => {
      const own = isLate ? narrowed.get(node.inputs[i]!) : undefined;
      const known = own && copies[own.id];
      return known ? widen(known) : x;
    });
    const value = keep(node, operands, copy);
    copies[node.output.id] = value;
    return value;
  });
}

function narrowedForBackward(graph: Graph): ReadonlyMap<Value, Value> {
  const isReadLate = new Set(
    graph.nodes.filter(({ scope }) => isBackward(scope)).flatMap(({ inputs }) => inputs),
  );
  const found = new Map<Value, Value>();
  for (const { op, inputs, output, scope } of graph.nodes) {
    const [x] = inputs;
    const maker = x && producer(x);
    if (op !== 'narrow' || isBackward(scope) || !maker || isBackward(maker.scope)) continue;
    if (isReadLate.has(output)) found.set(x, output);
  }
  return found;
}
