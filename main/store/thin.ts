/** Picks few points of long curves so that their plot looks the same: in each stretch the lowest and the highest. */

/**
 * At most `points` indices, ascending, into `curves` of equal length: the first, the last, and from each of equally long
 * stretches the lowest and the highest point of every curve. All of them where there are not more.
 */
export function thinned(curves: readonly (readonly number[])[], points: number): number[] {
  const length = curves[0]?.length ?? 0;
  if (length <= points) return Array.from({ length }, (_, i) => i);
  const stretches = Math.max(1, Math.floor((points - 2) / (2 * curves.length)));
  const kept = new Set([0, length - 1]);
  for (let i = 0; i < stretches; i++) {
    // the first and the last point are kept anyway
    const from = 1 + Math.floor((i * (length - 2)) / stretches);
    const to = 1 + Math.floor(((i + 1) * (length - 2)) / stretches);
    for (const curve of curves) for (const index of extremes(curve, from, to)) kept.add(index);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Where `curve` is lowest and highest from `from` to before `to`; what is not a number is neither. */
function extremes(curve: readonly number[], from: number, to: number): number[] {
  let [lowest, highest] = [-1, -1];
  for (let i = from; i < to; i++) {
    const value = curve[i]!;
    if (Number.isNaN(value)) continue;
    if (lowest < 0 || value < curve[lowest]!) lowest = i;
    if (highest < 0 || value > curve[highest]!) highest = i;
  }
  return lowest < 0 ? [] : [lowest, highest];
}
