/**
 * A head that rests in few bits is never whole in float32: the loss takes its vocabulary in pieces. A smaller piece takes less memory,
 * and more pieces are more nodes, for each of which the executor keeps something, too; so the size of a piece follows from both.
 */
import { type Node, producer, type Value } from '../ir/graph.ts';
import { sizeOf } from '../ir/shape.ts';
import { type CodeType, dequantise, partsOf, widen } from '../ops/functions.ts';
import { rowsOfPiece } from '../ops/pieces.ts';

/** Weights of a piece at most, 64 MiB in float32, and at least. */
const MOST = 2 ** 24;
const LEAST = 2 ** 20;
/** Heads of 16 bits up to 256 MiB in float32 are widened whole: results are those of float32 to the bit. */
const MOST_WIDENED = 2 ** 26;
/** What a piece costs in nodes for each chunk of the loss, about 30 of 14 kB, over the bytes that a weight of it takes while it is made. */
const WEIGHTS_PER_PIECE = (30 * 14_000) / 5;

/** The rows [start, end) of the vocabulary. */
export interface HeadPiece {
  readonly start: number;
  readonly end: number;
  /** Makes them, in float32; each call makes them anew. */
  make(): Value;
}

/** The pieces of `head` [V,H] for a loss of so many chunks; null where it is there whole. */
export function headPieces(head: Value, chunks: number): readonly HeadPiece[] | null {
  const node = producer(head);
  const make = node && rowsMaker(node, head);
  if (!make) return null;
  const [rows, columns] = head.shape as [number, number];
  const best = Math.sqrt(WEIGHTS_PER_PIECE * chunks * rows * columns);
  const step = rowsOfPiece(rows, columns, Math.min(MOST, Math.max(LEAST, best)));
  if (step >= rows) return null;
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => {
    const [start, end] = [i * step, Math.min(rows, (i + 1) * step)];
    return { start, end, make: () => make([start, end]) };
  });
}

type MakeRows = (rows: readonly [start: number, end: number]) => Value;

function rowsMaker({ op, inputs, attrs }: Node, head: Value): MakeRows | null {
  if (op === 'dequantise')
    return (rows) => dequantise(partsOf(inputs), attrs.type as CodeType, attrs.block as number, rows);
  return op === 'widen' && sizeOf(head.shape) > MOST_WIDENED ? (rows) => widen(inputs[0]!, rows) : null;
}
