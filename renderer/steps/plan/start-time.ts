/** "Start at 22:00": the next moment at which the clock shows that time. */

/** The next time that `clock` (`22:05`) comes after `now`; null for what is no time of day. */
export function nextAt(clock: string, now: Date): Date | null {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?$/.exec(clock.trim()) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const at = new Date(now);
  at.setHours(Number(hours), Number(minutes), 0, 0);
  if (at.getTime() <= now.getTime()) at.setDate(at.getDate() + 1);
  return at;
}
