/**
 * A micro-batch that does not fit into memory goes through the model in parts. Its samples stay what they are, and
 * gradients are summed over them, so an optimizer step means the same with any number of parts; only the memory differs.
 */
import { assignToRows, type PackedEpoch } from './pack.ts';

/** The parts of an epoch: a plan whose batches are parts, with those of micro-batch b from starts[b] to starts[b + 1]. */
export interface SplitEpoch {
  readonly plan: PackedEpoch;
  /** [batches + 1], counted in parts. */
  readonly starts: Uint32Array;
}

/** The shape of a part: rows, and tokens of a row. */
export interface PartShape {
  readonly rowsPerBatch: number;
  readonly rowLength: number;
}

/** Packed rows are multiples of so many tokens. */
const LENGTH_STEP = 32;

/**
 * The shape of a part where micro-batches of `whole` go through in `parts`: whole rows as long as there are enough of them,
 * then shorter rows, down to one that holds the longest sample (`longest` tokens).
 */
export function partShape(whole: PartShape, parts: number, longest: number): PartShape {
  const { rowsPerBatch, rowLength } = whole;
  if (parts <= rowsPerBatch) return { rowLength, rowsPerBatch: Math.floor(rowsPerBatch / parts) };
  const wanted = Math.floor((rowsPerBatch * rowLength) / parts / LENGTH_STEP) * LENGTH_STEP;
  return { rowLength: Math.max(wanted, shortestRow(rowLength, longest)), rowsPerBatch: 1 };
}

/** Tokens of the shortest row that holds every sample: the smallest part that there is. */
export function shortestRow(rowLength: number, longest: number): number {
  return Math.min(rowLength, Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP);
}

/** Divides each micro-batch of `plan` into parts of `shape`; every sample stays in its micro-batch. */
export function splitPlan(plan: PackedEpoch, shape: PartShape, lengths: Uint32Array): SplitEpoch {
  const samples = new Uint32Array(plan.samples.length);
  const starts = new Uint32Array(plan.batches + 1);
  const rowStarts: number[] = [0];
  let filled = 0;
  for (let batch = 0; batch < plan.batches; batch++) {
    for (const row of rowsOf(plan, batch, shape.rowLength, lengths)) {
      samples.set(row, filled);
      filled += row.length;
      rowStarts.push(filled);
    }
    // the next micro-batch begins with a part of its own
    while ((rowStarts.length - 1) % shape.rowsPerBatch !== 0) rowStarts.push(filled);
    starts[batch + 1] = (rowStarts.length - 1) / shape.rowsPerBatch;
  }
  const packedRows = rowStarts.length - 1;
  const places = packedRows * shape.rowLength;
  const { tokens } = plan;
  const counts = { packedRows, tokens, batches: starts[plan.batches]! };
  const fill = places === 0 ? 0 : tokens / places;
  return { plan: { ...shape, ...counts, samples, rowStarts: Uint32Array.from(rowStarts), fill }, starts };
}

/** The samples of a micro-batch by row: its own rows, or packed again into shorter ones. */
function rowsOf(plan: PackedEpoch, batch: number, rowLength: number, lengths: Uint32Array): Uint32Array[] {
  const first = batch * plan.rowsPerBatch;
  const end = Math.min(plan.packedRows, first + plan.rowsPerBatch);
  const own = Array.from({ length: end - first }, (_, i) =>
    plan.samples.subarray(plan.rowStarts[first + i]!, plan.rowStarts[first + i + 1]!),
  );
  if (rowLength === plan.rowLength) return own;
  return own.flatMap((row) => {
    const rowOf = assignToRows(row, lengths, rowLength);
    const count = rowOf.reduce((most, at) => Math.max(most, at + 1), 0);
    return Array.from({ length: count }, (_, at) => row.filter((_, i) => rowOf[i] === at));
  });
}
