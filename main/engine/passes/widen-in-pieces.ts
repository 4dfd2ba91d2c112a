/**
 * Large tables that rest in 16 bits are not widened whole. Of an embedding a step reads some thousand rows, so they are read first;
 * and a product with a head whose float32 matrix would take hundreds of megabytes is made of products with some of its rows.
 */
import { type Graph, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { gather, widen } from '../ops/functions.ts';
import { isSplit, productInPieces } from './product-in-pieces.ts';
import { rewrite, withoutUnneeded } from './rewrite.ts';

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
