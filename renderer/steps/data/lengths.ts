/** How long the rows are against the limit: bars of powers of two on a logarithmic axis, and how many rows the limit cuts. */
import type { DoctorReport } from '../../../common/api/contract.ts';

type Histogram = DoctorReport['lengths']['histogram'];

export interface Bar {
  /** Rows have more tokens than `above` and at most `upTo`. */
  readonly above: number;
  readonly upTo: number;
  readonly rows: number;
  /** Of the highest bar, 0 to 1. */
  readonly height: number;
}

const FIRST = 16;

/** A limit that is further away than this many empty bars is not drawn. */
const MOST_EMPTY = 3;

/** Bars for every power of two up to the longest row, empty ones included, and on to `limit` where that is near. */
export function bars(histogram: Histogram, limit = 0): Bar[] {
  const longest = histogram.at(-1)?.upTo ?? 0;
  const isNear = longest > 0 && limit > longest && limit <= longest * 2 ** MOST_EMPTY;
  const end = isNear ? limit : longest;
  const rows = new Map(histogram.map((bin) => [bin.upTo, bin.rows]));
  const most = Math.max(1, ...rows.values());
  const found: Bar[] = [];
  for (let upTo = FIRST; upTo / 2 < end && end > 0; upTo *= 2) {
    const count = rows.get(upTo) ?? 0;
    found.push({ above: upTo === FIRST ? 0 : upTo / 2, upTo, rows: count, height: count / most });
  }
  return found;
}

/** Where `limit` lies on the axis of the bars, 0 (left edge) to 1; null where it is beyond the last bar. */
export function cutAt(limit: number, shown: readonly Bar[]): number | null {
  const last = shown.at(-1);
  if (last === undefined || limit > last.upTo) return null;
  const place = limit <= FIRST ? limit / FIRST : 1 + Math.log2(limit / FIRST);
  return place / shown.length;
}

/** The share of rows that `limit` cuts off: least and most, for a limit inside a bar leaves that open. */
export function cutShare(
  limit: number,
  histogram: Histogram,
): { readonly least: number; readonly most: number } {
  const all = histogram.reduce((sum, { rows }) => sum + rows, 0);
  if (all === 0) return { least: 0, most: 0 };
  const of = (isCut: (bin: Histogram[number]) => boolean) =>
    histogram.filter(isCut).reduce((sum, { rows }) => sum + rows, 0) / all;
  const aboveOf = (upTo: number) => (upTo === FIRST ? 0 : upTo / 2);
  return { least: of(({ upTo }) => aboveOf(upTo) >= limit), most: of(({ upTo }) => upTo > limit) };
}
