/** Of how many held-out pairs each model finds the better answer the likelier one. */
import type { PreferenceResult } from '../../../../common/protocol/protocol.ts';
import { rate, rateDifference } from './statistics.ts';
import type { MeasuredRows, Subject } from './subject.ts';

/** Null for rows that are no pairs. */
export async function preferenceOf(
  heldOut: MeasuredRows | null,
  { before, after }: Readonly<Record<'before' | 'after', Subject>>,
): Promise<PreferenceResult | null> {
  if (!heldOut) return null;
  const leads = (subject: Subject) => subject.leads(heldOut);
  const [then, now] = [await leads(before), await leads(after)];
  if (!then || !now) return null;
  const isAhead = (lead: number) => lead > 0;
  const shareOf = (all: readonly number[]) => rate(all.filter(isAhead).length, all.length);
  const gain = rateDifference(then.map(isAhead), now.map(isAhead));
  return { rows: now.length, before: shareOf(then), after: shareOf(now), gain };
}
