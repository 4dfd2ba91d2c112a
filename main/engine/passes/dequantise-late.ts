/**
 * Weights that are kept in 16 or fewer bits become float32 matrices anew for each product that needs them, right before it: none of these
 * matrices is alive from the way there to the way back. Both the products of a layer have the same numbers to the bit. Where a layer is
 * computed again on the way back, its products follow soon on each other, and a small matrix is made once for both.
 */
import { Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { copyLeaf, copyOfInputs, keep, neededBy } from './rewrite.ts';
import { isWayBack, layerOf } from './turn.ts';

const OPS = new Set(['dequantise', 'widen']);
/** Whether a node makes a float32 matrix out of weights alone, or out of trained ones, which are inputs. */
const isMatrix = ({ op, inputs }: Node): boolean =>
  OPS.has(op) && inputs.every((value) => producer(value) === null);

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
  const outputs = new Set(graph.outputs.values());
  for (const node of nodes.filter((one) => !isMatrix(one))) {
    node.inputs.forEach((x, i) => {
      const made = matrixOf(x);
      const key = made && keyOf(node, i, made);
      if (made && key !== null && !matrices.has(key))
        matrices.set(key, append({ ...made, scope: node.scope }, made.inputs.map(leaf)));
    });
  }
  for (const node of nodes) {
    if (isMatrix(node) && !outputs.has(node.output)) continue;
    const inputs = node.inputs.map((x, i) => {
      const made = matrixOf(x);
      return made ? matrices.get(keyOf(node, i, made))! : leaf(x);
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
  const used = nodes.flatMap(({ inputs }) => inputs.filter(matrixOf));
  return new Set(used).size === used.length;
}
