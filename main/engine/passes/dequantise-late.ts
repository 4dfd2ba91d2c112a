/**
 * Weights that are kept in 16 or fewer bits become float32 matrices again for each product that needs them, right before it: none is alive
 * from the forward to the backward pass. Where a layer is recomputed, a small matrix is made once for both of its products.
 */
import { Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { rowsOfPiece, sizeOf } from '../ir/shape.ts';
import {
  add,
  type CodeType,
  concat,
  dequantise,
  gather,
  gatherQuantised,
  matmul,
  partsOf,
  slice,
  widen,
} from '../ops/functions.ts';
import { isBackward, layerOf } from './layer-scopes.ts';
import { copyLeaf, copyOfInputs, keep, type Mapped, neededBy, rewrite, withoutUnneeded } from './rewrite.ts';

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

/**
 * Large matrices that rest in few bits, such as an embedding with a tied head, are never made whole in float32: rows that are looked up are
 * unpacked alone, and a product is made of products with some rows of the matrix at a time.
 */

/** Weights of a piece: 64 MiB in float32. With smaller ones more nodes are to be kept; a product needs as long either way. */
const MOST_PIECE_WEIGHTS = 2 ** 24;

/**
 * A copy of `graph` in which no such matrix is made whole; `graph` itself where there is none. Executors that have no kernel for
 * `gatherQuantised` among the `supported` operations read rows from the whole table.
 */
export function unpackInPieces(
  graph: Graph,
  supported: ReadonlySet<string>,
  mostWeights = MOST_PIECE_WEIGHTS,
): Graph {
  if (!graph.nodes.some(({ op }) => op === 'dequantise')) return graph;
  const copy = rewrite(graph, (node, inputs) => {
    if (node.op === 'gather')
      return supported.has('gatherQuantised') ? gatheredRows(inputs[0]!, inputs[1]!) : null;
    return node.op === 'matmul' ? inPieces(node, inputs, mostWeights) : null;
  });
  // what nothing reads any more is left behind
  return withoutUnneeded(copy);
}

function unpacked(value: Value): Node | null {
  const node = producer(value);
  return node?.op === 'dequantise' && node.attrs.start === 0 && node.attrs.end === node.inputs[0]!.shape[0]
    ? node
    : null;
}

const typeOf = ({ attrs }: Node) => [attrs.type as CodeType, attrs.block as number] as const;

/** Rows of a table [V,H] by their index [...]: [...,H]. */
function gatheredRows(table: Value, indices: Value): Value | null {
  const node = unpacked(table);
  return node && gatherQuantised(indices, partsOf(node.inputs), ...typeOf(node));
}

/** Null where the matrix is not unpacked, or small enough to be made whole. */
function inPieces(product: Node, [x, matrix]: readonly Value[], mostWeights: number): Value | null {
  const node = unpacked(matrix!);
  if (!node || !isSplit(product, x!, matrix!) || sizeOf(matrix!.shape) <= mostWeights) return null;
  return productInPieces(product, x!, matrix!, mostWeights, (rows) =>
    dequantise(partsOf(node.inputs), ...typeOf(node), rows),
  );
}

/** Weights of a matrix that is widened whole at most: 256 MiB in float32. Up to there results are those of float32 to the bit. */
const MOST_WHOLE = 2 ** 26;
/** Weights of a piece of a larger one at most, 64 MiB; more pieces would be more nodes, and products as slow. */
const MOST_PIECE = 2 ** 24;

/** A copy of `graph` without such matrices; the graph itself where nothing is widened. */
export function widenInPieces(graph: Graph, mostWhole = MOST_WHOLE, mostPiece = MOST_PIECE): Graph {
  if (!graph.nodes.some(({ op }) => op === 'widen')) return graph;
  const written = rewrite(graph, (node, inputs) => {
    const operand = node.op === 'gather' ? 0 : 1;
    const narrow = inputs[operand] ? narrowOf(inputs[operand]) : null;
    if (!narrow) return null;
    if (node.op === 'gather') return widen(gather(narrow, inputs[1]!));
    const isLarge = node.op === 'matmul' && sizeOf(narrow.shape) > mostWhole;
    return isLarge && isSplit(node, inputs[0]!, narrow)
      ? productInPieces(node, inputs[0]!, narrow, mostPiece, (rows) => widen(narrow, rows))
      : null;
  });
  // what nobody reads any more, such as the whole table beside its rows, is left out
  return withoutUnneeded(written);
}

function narrowOf(value: Value): Value | null {
  const node = producer(value);
  return node?.op === 'widen' && sizeOf(value.shape) === sizeOf(node.inputs[0]!.shape)
    ? node.inputs[0]!
    : null;
}

/** Whether the product can be made in pieces: of two matrices, the first as it stands. */
export const isSplit = ({ attrs }: Node, x: Value, matrix: Value): boolean =>
  !attrs.transA && x.shape.length === 2 && matrix.shape.length === 2;

/**
 * x W^T [N,R] as its columns beside each other, or x W [N,C] as the sum over rows of W; `matrix` is W [R,C], and `pieceOf` gives its rows
 * [start, end), at most `mostWeights` weights at a time.
 */
function productInPieces(
  { attrs }: Node,
  x: Value,
  matrix: Value,
  mostWeights: number,
  pieceOf: (rows: readonly [start: number, end: number]) => Value,
): Value {
  const [rows, columns] = matrix.shape as [number, number];
  const [step, alpha, transB] = [
    rowsOfPiece(rows, columns, mostWeights),
    attrs.alpha as number,
    attrs.transB as boolean,
  ];
  const products: Value[] = [];
  for (let start = 0; start < rows; start += step) {
    const end = Math.min(rows, start + step);
    const own = transB ? x : slice(x, 1, start, end);
    products.push(matmul(own, pieceOf([start, end]), { transB, alpha }));
  }
  return transB ? concat(products, 1) : products.reduce((sum, one) => add(sum, one));
}
