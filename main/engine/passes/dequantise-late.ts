/**
 * Weights that are kept in 16 or fewer bits become float32 matrices anew for each product that needs them, right before it: none of these
 * matrices is alive from the way there to the way back; nor is what mixed precision makes of them, float16 and pieces of that. Both the products of a layer have the same numbers to the bit. Where a layer is
 * computed again on the way back, its products follow soon on each other, and a small matrix is made once for both.
 */
import { Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { copyLeaf, copyOfInputs, keep, neededBy } from './rewrite.ts';
import { isWayBack, layerOf } from './turn.ts';

const OPS = new Set(['dequantise', 'widen']);
/** Whether a node makes a float32 matrix out of weights alone, or out of trained ones, which are inputs. */
const isUnpacked = ({ op, inputs }: Node): boolean =>
  OPS.has(op) && inputs.every((value) => producer(value) === null);

/** The same, or such a matrix in float16, or a piece of that. */
function isMatrix(node: Node): boolean {
  if (node.op !== 'narrow' && node.op !== 'slice') return isUnpacked(node);
  const inner = producer(node.inputs[0]!);
  return inner !== null && isMatrix(inner);
}

/** Weights of a matrix that may wait on the way back for a second product: 4 MiB. */
const MOST_SHARED = 2 ** 20;

/**
 * A copy of `graph` in which each use of such a matrix has one of its own, or shares it with one close by. They come before all other nodes, because of the operands of
 * a node the one that stands later is computed first (schedule.ts): so the other operand is there when the matrix is made.
 */
export function dequantiseLate(graph: Graph): Graph {
  if (isLate(graph)) return graph;
  const needed = neededBy(graph);
  const nodes = graph.nodes.filter(({ output }) => needed[output.id] === 1);
  const copy = new Graph();
  const mapped = copyOfInputs(graph, copy);
  const leaf = (value: Value) => copyLeaf(copy, mapped, value);
  const append = (node: Node, inputs: readonly Value[]) =>
    copy.scoped(node.scope, () => keep(node, inputs, copy));
  const matrices = new Map<string, Value>();
  /** A matrix for a use in `scope`. Pieces of a product are cut out of one and the same, which the other products have for themselves. */
  const made = (node: Node, scope: string, axis?: number): Value => {
    const key = axis === undefined ? null : `${node.output.id} cut at ${axis} in ${scope}`;
    const known = key === null ? undefined : matrices.get(key);
    if (known) return known;
    const inner = isUnpacked(node) ? null : producer(node.inputs[0]!)!;
    const cut = node.op === 'slice' ? (node.attrs.axis as number) : undefined;
    const value = append({ ...node, scope }, inner ? [made(inner, scope, cut)] : node.inputs.map(leaf));
    if (key !== null) matrices.set(key, value);
    return value;
  };
  const outputs = new Set(graph.outputs.values());
  for (const node of nodes.filter((one) => !isMatrix(one) || outputs.has(one.output))) {
    node.inputs.forEach((x, i) => {
      const matrix = matrixOf(x);
      const key = matrix && keyOf(node, i, matrix);
      if (matrix && key !== null && !matrices.has(key)) matrices.set(key, made(matrix, node.scope));
    });
  }
  for (const node of nodes) {
    if (isMatrix(node) && !outputs.has(node.output)) continue;
    const inputs = node.inputs.map((x, i) => {
      const matrix = matrixOf(x);
      return matrix ? matrices.get(keyOf(node, i, matrix))! : leaf(x);
    });
    mapped[node.output.id] = append(node, inputs);
  }
  for (const [name, value] of graph.outputs) copy.output(name, leaf(value));
  return copy;
}

/** What uses of a matrix have in common that share it: those on the way back through one layer; others are by themselves. */
function keyOf({ output, scope }: Node, operand: number, matrix: Node): string {
  const isShared = sizeOf(matrix.output.shape) <= MOST_SHARED && isWayBack(scope) && layerOf(scope) !== null;
  return isShared ? `${matrix.output.id} of ${layerOf(scope)}` : `${output.id} ${operand}`;
}

function matrixOf(value: Value): Node | null {
  const node = producer(value);
  return node && isMatrix(node) ? node : null;
}

/** Whether nothing is to be done: each matrix has one use, and all come before the other nodes. */
function isLate({ nodes }: Graph): boolean {
  const last = nodes.findLastIndex(isMatrix);
  if (last < 0) return true;
  if (last > nodes.findIndex((node) => !isMatrix(node))) return false;
  const used = nodes.filter((node) => !isMatrix(node)).flatMap(({ inputs }) => inputs.filter(matrixOf));
  return new Set(used).size === used.length;
}
