/**
 * Products with matrices in 8 bits that have one scale a row, computed in whole numbers. It is the only pass that changes results: rows of
 * the left operand are quantised, too, but for a few columns that would set the scales of all rows: they are multiplied in float32.
 * Executors without a kernel for that unpack the matrix and multiply in float32.
 */
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import {
  add,
  columnsAt,
  concat,
  dequantise,
  matmul,
  matmulInt8,
  mul,
  outlierColumns,
  partsOf,
  type RowCodes,
  rowCodes,
  withoutColumns,
} from '../ops/functions.ts';
import { isExact } from './layer-scopes.ts';
import { rewrite, withoutUnneeded } from './rewrite.ts';

/** Columns of activations apart: with 8 nothing of the error is left that a row's single scale makes (docs/decisions/0055). */
const APART = 8;
/** With fewer rows, such as answers token by token, cutting the columns out of the matrix takes longer than the product. */
const LEAST_ROWS = 64;

/** A copy of `graph` with such products; `graph` itself where there are none, or no kernel among the `supported` operations. */
export function int8Products(graph: Graph, supported: ReadonlySet<string>): Graph {
  if (!supported.has('matmulInt8') || !graph.nodes.some((node) => codesIn(node, node.inputs))) return graph;
  const written = rewrite(graph, (node, inputs) => {
    if (node.op === 'add') return withAdapter(inputs as [Value, Value]);
    const codes = codesIn(node, inputs);
    return codes && product(inputs[0]!, codes, node.attrs.transB as boolean, node.attrs.alpha as number);
  });
  return withoutUnneeded(written);
}

/** The codes of the right operand, where both are matrices and the left one stands as it is. */
function codesIn({ op, attrs }: Node, [x, matrix]: readonly Value[]): RowCodes | null {
  return op === 'matmul' && !attrs.transA && x!.shape.length === 2 ? rowCodesOf(matrix!) : null;
}

/** `x` W^T, columns apart, or `x` W for gradients, of which a single scale a row loses nothing that is seen in what is learned. */
function product(x: Value, codes: RowCodes, transB: boolean, factor: number): Value {
  const [rows, columns] = x.shape as [number, number];
  if (!transB || rows < LEAST_ROWS || columns <= APART) return matmulInt8(x, codes, transB, factor);
  const apart = outlierColumns(x, APART);
  const matrix = dequantise({ codes: columnsAt(codes.codes, apart), scales: codes.scales }, 'int8', APART);
  return add(
    matmulInt8(withoutColumns(x, apart), codes, true, factor),
    matmul(columnsAt(x, apart), matrix, { transB: true, alpha: factor }),
  );
}

/** The columns apart and an adapter's product as one: x W + (y V + z B) = x W + [y z] [V; B]. Null for other sums. */
function withAdapter([sum, other]: readonly [Value, Value]): Value | null {
  const [whole, apart] = producer(sum)?.op === 'add' ? producer(sum)!.inputs : [];
  const [first, second] = [thin(apart), thin(other)];
  if (!whole || producer(whole)?.op !== 'matmulInt8' || !first || !second) return null;
  const left = [first, second].map(({ inputs: [x], attrs }) => mul(x!, attrs.alpha as number));
  const right = [first, second].map(({ inputs: [, matrix] }) => matrix!);
  return add(whole, matmul(concat(left, 1), concat(right, 1), { transB: true }));
}

/** What made `value`, where that is a product of matrices, the second transposed. */
function thin(value: Value | undefined): Node | null {
  const node = value ? producer(value) : null;
  const isThin =
    node?.op === 'matmul' && !node.attrs.transA && node.attrs.transB && node.inputs[0]!.shape.length === 2;
  return isThin ? node : null;
}

/**
 * A copy of `graph`, a step as it was written and differentiated, in which layers multiply by the codes of their trained matrices in both
 * directions. The gradient of a matrix is a product of activations, which stays as it is (Wortsman et al. 2023, "SwitchBack").
 */
export function withTrainedCodes(graph: Graph): Graph {
  return rewrite(graph, ({ op, attrs, scope }, [x, matrix]) => {
    const isOfLayer = op === 'matmul' && !attrs.transA && x!.shape.length === 2 && !isExact(scope);
    if (!isOfLayer || !isTrained(matrix!) || x!.shape[0]! < LEAST_ROWS) return null;
    const { transB, alpha } = attrs as { transB: boolean; alpha: number };
    return matmul(x!, dequantise(rowCodes(matrix!), 'int8', matrix!.shape[1]!), { transB, alpha });
  });
}

/** Whether `value` is a matrix that is fed, as what is trained is, in float32 or widened. */
function isTrained(value: Value): boolean {
  const node = producer(value);
  const fed = node?.op === 'widen' ? node.inputs[0]! : value;
  return fed.source.kind === 'input' && value.shape.length === 2;
}

/** The whole matrix that `value` was unpacked from; null where it is none, or has other scales than one a row. */
function rowCodesOf(value: Value): RowCodes | null {
  const node = producer(value);
  if (node?.op !== 'dequantise' || node.attrs.type !== 'int8') return null;
  const { codes, scales, steps } = partsOf(node.inputs);
  const isWhole = node.attrs.start === 0 && node.attrs.end === codes.shape[0];
  return isWhole && codes.shape[1] === 1 && !steps ? { codes, scales } : null;
}
