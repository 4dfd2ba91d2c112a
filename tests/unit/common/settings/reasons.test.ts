import { describe, expect, it } from 'vitest';
import type { PlanField, Proposal, Why } from '../../../../common/api/contract.ts';
import { fieldWords } from '../../../../common/settings/plan.ts';
import { nearestWords, whyWords } from '../../../../common/settings/reasons.ts';
import { propose } from '../../../../main/plan/propose.ts';
import { fakePeaks, fakePrice, profileOf, situationOf } from '../../../helpers/fake-price.ts';

const PROFILE = profileOf(Array.from({ length: 300 }, (_, i) => (i === 299 ? 1000 : 40 + i)));

/** Proposals for many kinds of situations. */
async function proposals(): Promise<Proposal[]> {
  const found: Proposal[] = [];
  for (const parameters of [4.2e6, 600e6, 3e9])
    for (const freeBytes of [1e9, 6e9, 16e9, 64e9])
      for (const hours of [null, 0.3, 4]) {
        const situation = situationOf({
          ...{ model: { parameters, contextLength: 512 }, profile: PROFILE, freeBytes },
          ...{ wish: hours === null ? { kind: 'best' } : { kind: 'tonight', hours } },
        });
        found.push(await propose(situation, fakePrice(parameters, { tokens: 300_000 }).price, fakePeaks));
      }
  return found;
}

describe('reasons in words', () => {
  it('are whole sentences without a figure that is missing', async () => {
    const all = await proposals();
    const whys = all.flatMap(({ methods }) =>
      methods.flatMap(({ why, planned }) => [why, ...Object.values<Why>(planned?.whys ?? {})]),
    );
    const sentences = [...whys.map(whyWords), ...all.flatMap(({ nearest }) => nearest.map(nearestWords))];
    expect(new Set(whys.map(({ key }) => key)).size).toBeGreaterThan(20);
    for (const sentence of new Set(sentences)) {
      expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
      expect(sentence).not.toMatch(/NaN|undefined|null|Infinity|–|\b1 (passes|rows|steps|tokens|hours)\b/);
    }
  });

  it('and values as people read them', async () => {
    for (const { methods } of await proposals())
      for (const { planned } of methods)
        for (const field of Object.keys(planned?.whys ?? {}) as PlanField[])
          expect(fieldWords(field, planned!.settings)).not.toMatch(/NaN|undefined|null|–/);
  });

  it('of the run that will take place: a number of warm-up steps, and the steps after which it ends', async () => {
    const own = { warmupSteps: 5, maxSteps: 40 };
    const situation = situationOf({ profile: PROFILE, own });
    const { methods } = await propose(situation, fakePrice(135e6, { tokens: 300_000 }).price, fakePeaks);
    const { settings } = methods[1]!.planned;
    expect(fieldWords('warmupRatio', settings, 40)).toBe('5 steps');
    expect(fieldWords('epochs', settings, 40)).toBe('40 steps');
    expect(fieldWords('epochs', settings, 30)).toBe(String(settings.epochs));
  });

  it('name one and many', () => {
    const why = (epochs: number): Why => ({ key: 'epochs-rows', numbers: { epochs, rows: 1 } });
    expect(whyWords(why(1))).toContain('1 pass over 1 row:');
    expect(whyWords(why(3))).toContain('3 passes over 1 row:');
    const time: Why = { key: 'epochs-time', numbers: { epochs: 0.5, usual: 3, wishSeconds: 3600 } };
    expect(whyWords(time)).toBe('Only 50% of the rows instead of 3 passes, to finish within 1 hour.');
  });
});
