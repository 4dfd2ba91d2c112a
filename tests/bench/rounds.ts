/** What several rounds of the same measurements say together: medians, and how far they lie apart. */

/** The middle value, or the mean of the two middle ones. At least one value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** Measurements of one form, merged: each number is the median of the rounds, all else that of the first. */
export function medianOf<T>(rounds: readonly T[]): T {
  const [first] = rounds;
  if (typeof first === 'number') return median(rounds as unknown as number[]) as T;
  if (first === null || typeof first !== 'object') return first!;
  const partsOf = (key: string) => rounds.map((round) => (round as Record<string, unknown>)[key]);
  const merged = Object.keys(first).map((key) => [key, medianOf(partsOf(key))] as const);
  return (Array.isArray(first) ? merged.map(([, value]) => value) : Object.fromEntries(merged)) as T;
}

/** By what share the larger of two rounds exceeds the smaller, over every two rounds and all of their values: mean and worst. */
export function apart(rounds: readonly (readonly number[])[]): { mean: number; worst: number } {
  const shares = rounds.flatMap((one, i) =>
    rounds.slice(i + 1).flatMap((other) => one.map((value, j) => ratioOf(value, other[j]!) - 1)),
  );
  return { mean: shares.reduce((sum, share) => sum + share, 0) / shares.length, worst: Math.max(...shares) };
}

function ratioOf(one: number, other: number): number {
  return Math.max(one, other) / Math.min(one, other);
}
