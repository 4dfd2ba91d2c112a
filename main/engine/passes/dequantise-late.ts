/**
 * Weights that are kept in 16 or fewer bits become float32 matrices anew for each product that needs them, right before it: none is alive
 * from the forward to the backward pass. Where a layer is recomputed, a small matrix is made once for both of its products.
 */
import { Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { isBackward, layerOf } from './layer-scopes.ts';
import { copyLeaf, copyOfInputs, keep, type Mapped, neededBy } from './rewrite.ts';

const OPS = new Set(['dequantise', 'widen']);
/** Whether a node makes a float32 matrix out of weights alone, or out of trained ones, which are inputs. */
const isUnpacked = ({ op, inputs }: Node): boolean =>
  OPS.has(op) && inputs.every((value) => producer(value) === null);

/** By the ids of values, 1 for such matrices, for those in float16, and for pieces of either. */
function matricesOf({ nodes, idCount }: Graph): Uint8Array {
  const found = new Uint8Array(idCount);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    const isPart = node.op === 'narrow' || node.op === 'slice';
    if (isPart ? found[node.inputs[0]!.id] === 1 : isUnpacked(node)) found[node.output.id] = 1;
  }
  return found;
}

/** Weights of a matrix that may wait in the backward pass for a second product: 4 MiB. */
const MOST_SHARED = 2 ** 20;

/**
 * A copy of `graph` in which each use of such a matrix has one of its own, or shares it with one close by. They come before all other
 * nodes: of a node's operands the one that stands later is computed first (schedule.ts), so the other is there when the matrix is made.
 */
export function dequantiseLate(graph: Graph): Graph {
  const matrices = matricesOf(graph);
  return isLate(graph, matrices) ? graph : new Late(graph, matrices).graph();
}

class Late {
  readonly #from: Graph;
  readonly #copy = new Graph();
  readonly #mapped: Mapped;
  readonly #matrices: Uint8Array;
  /** Those of the copy by their uses (`#useOf`). */
  readonly #made = new Map<number, Value>();
  /** Pieces of a product are cut out of one and the same, which the other products have for themselves. */
  readonly #cut = new Map<string, Value>();

  constructor(graph: Graph, matrices: Uint8Array) {
    this.#from = graph;
    this.#matrices = matrices;
    this.#mapped = copyOfInputs(graph, this.#copy);
  }

  graph(): Graph {
    const needed = neededBy(this.#from);
    // a matrix that is an output stays where it is
    for (const { id } of this.#from.outputs.values()) needed[id] = OUTPUT;
    const nodes = this.#from.nodes.filter(
      ({ output: { id } }) => needed[id] === OUTPUT || (needed[id] === 1 && this.#matrices[id] === 0),
    );
    for (const node of nodes) this.#makeMatrices(node);
    for (const node of nodes) this.#mapped[node.output.id] = this.#append(node, this.#operandsOf(node));
    for (const [name, value] of this.#from.outputs) this.#copy.output(name, this.#leaf(value));
    return this.#copy;
  }

  #makeMatrices(node: Node): void {
    const { inputs, scope } = node;
    for (let i = 0; i < inputs.length; i++) {
      const matrix = this.#matrixOf(inputs[i]!);
      if (!matrix) continue;
      const use = this.#useOf(node, i, matrix);
      if (!this.#made.has(use)) this.#made.set(use, this.#make(matrix, scope));
    }
  }

  #operandsOf(node: Node): Value[] {
    const operands: Value[] = new Array(node.inputs.length);
    for (let i = 0; i < node.inputs.length; i++) {
      const x = node.inputs[i]!;
      const matrix = this.#matrixOf(x);
      operands[i] = matrix ? this.#made.get(this.#useOf(node, i, matrix))! : this.#leaf(x);
    }
    return operands;
  }

  /** A matrix for a use in `scope`; one that is cut along `axis` there is made once. */
  #make(node: Node, scope: string, axis?: number): Value {
    const key = axis === undefined ? null : `${node.output.id} cut at ${axis} in ${scope}`;
    const known = key === null ? undefined : this.#cut.get(key);
    if (known) return known;
    const inner = isUnpacked(node) ? null : producer(node.inputs[0]!)!;
    const cut = node.op === 'slice' ? (node.attrs.axis as number) : undefined;
    const operands = inner ? [this.#make(inner, scope, cut)] : node.inputs.map((x) => this.#leaf(x));
    const value = this.#append(node, operands, scope);
    if (key !== null) this.#cut.set(key, value);
    return value;
  }

  #append(node: Node, inputs: readonly Value[], scope = node.scope): Value {
    return this.#copy.scoped(scope, () => keep(node, inputs, this.#copy));
  }

  #leaf(value: Value): Value {
    return this.#mapped[value.id] ?? copyLeaf(this.#copy, this.#mapped, value);
  }

  #matrixOf(value: Value): Node | null {
    return this.#matrices[value.id] === 1 ? producer(value) : null;
  }

  /** A number that uses of a matrix have in common which share it: those in the backward pass of one layer. */
  #useOf({ output, scope }: Node, operand: number, matrix: Node): number {
    const isSmall = sizeOf(matrix.output.shape) <= MOST_SHARED;
    const layer = isSmall && isBackward(scope) ? layerOf(scope) : null;
    return layer === null ? output.id * MOST_OPERANDS + operand : -1 - matrix.output.id * MOST_LAYERS - layer;
  }
}

const OUTPUT = 2;
const MOST_OPERANDS = 2 ** 20;
const MOST_LAYERS = 2 ** 20;

/** Whether nothing is to be done: each matrix has one use, and all come before the other nodes. */
function isLate({ nodes }: Graph, matrices: Uint8Array): boolean {
  const isMatrix = ({ output }: Node) => matrices[output.id] === 1;
  const last = nodes.findLastIndex(isMatrix);
  if (last < 0) return true;
  if (last > nodes.findIndex((node) => !isMatrix(node))) return false;
  const used = nodes
    .filter((node) => !isMatrix(node))
    .flatMap(({ inputs }) => inputs.filter(({ id }) => matrices[id] === 1));
  return new Set(used).size === used.length;
}
