/** The order and the times of waiting jobs. */

/** The list with the item at `index` moved by `by` places; the same order where that is not possible. */
export function moved<T>(list: readonly T[], index: number, by: number): T[] {
  const next = [...list];
  const to = index + by;
  const [item] = next.splice(index, 1);
  if (item === undefined || to < 0 || to > next.length) return [...list];
  next.splice(to, 0, item);
  return next;
}

/** The next moment at which the clock shows that time (`22:05`), as ISO 8601; null for no time. */
export function nextTime(clock: string, now: Date = new Date()): string | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(clock);
  if (!match) return null;
  const when = new Date(now);
  when.setHours(Number(match[1]), Number(match[2]), 0, 0);
  if (when.getTime() <= now.getTime()) when.setDate(when.getDate() + 1);
  return when.toISOString();
}
