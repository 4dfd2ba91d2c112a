/** What the history and tests of targets tell of them, and what is said of a run here and there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TargetEstimate } from '../../../common/api/contract.ts';
import type { DoneEvent, StartEvent } from '../../../common/protocol/protocol.ts';
import { plainSpaces } from '../../../common/words/format.ts';
import { useLanguage } from '../../../common/words/language.ts';
import { basisThere, comparison, memoryThere } from '../../../common/words/run.ts';
import { knownTargets } from '../../../main/app/elsewhere.ts';
import { readGrounds } from '../../../main/app/grounds.ts';
import { addTarget, listTargets, priceTarget, removeTarget } from '../../../main/app/targets.ts';
import type { Secrets } from '../../../main/hub/connection.ts';
import { type RunStore, runStore } from '../../helpers/run-store.ts';

const NO_SECRETS: Secrets = { get: async () => null, set: async () => {} };
const A100 = { name: 'NVIDIA A100-SXM4-80GB', bytes: 80e9 };

describe('targets', () => {
  let at: RunStore;
  beforeEach(async () => {
    at = await runStore();
  });
  afterEach(() => at.close());

  const place = (name = 'lab') => readGrounds(at.store).targets.find(({ spec }) => spec.name === name)?.place;

  function done(name: string, start: Partial<StartEvent>): void {
    const run = at.run(name, { gradientAccumulation: 4, recompute: 'block' });
    const facts = { method: 'lora', parameters: 1e8, trainableParameters: 1e6, layers: 12, target: 'lab' };
    at.store.runs.update(run.id, {
      state: 'done',
      start: { event: 'start', device: 'CPU', ...facts, ...start } as StartEvent,
      done: { event: 'done', steps: 10, trainedTokens: 9000, trainedTokensPerSecond: 300 } as DoneEvent,
    });
  }

  it('have a price that can be changed, and taken back', async () => {
    await addTarget(at.store, NO_SECRETS, { name: 'lab', kind: 'ssh', host: 'far', pricePerHour: 2.4 });
    expect(place()).toMatchObject({ cards: null, pricePerHour: 2.4, currency: 'EUR' });
    priceTarget(at.store, 'lab', 3);
    expect(listTargets(at.store)[0]?.pricePerHour).toBe(3);
    priceTarget(at.store, 'lab', null);
    expect(place()?.pricePerHour).toBeNull();
    expect(() => priceTarget(at.store, 'other', 1)).toThrow('There is no target called other.');
    await expect(
      addTarget(at.store, NO_SECRETS, { name: 'lab', kind: 'ssh', host: 'far', pricePerHour: -1 }),
    ).rejects.toThrow('pricePerHour');
    await removeTarget(at.store, NO_SECRETS, 'lab');
    expect(place()).toBeUndefined();
  });

  it('have the cards that a job gets', async () => {
    const spec = await addTarget(at.store, NO_SECRETS, {
      name: 'lab',
      kind: 'ssh',
      host: 'far',
      cards: [A100, A100],
    });
    const cards = (more: object) => knownTargets([{ ...spec, ...more }], [], 'EUR')[0]?.place.cards;
    expect(cards({})).toEqual({ ...A100, count: 2, computers: 1 });
    expect(cards({ processes: 1 })).toMatchObject({ count: 1 });
    expect(cards({ kind: 'slurm', gpus: 4, nodes: 2 })).toMatchObject({ count: 8, computers: 2 });
    expect(cards({ cards: [] })).toBe('none');
    expect(cards({ cards: null })).toBeNull();
    // from before cards were kept
    expect(cards({ cards: undefined })).toBeNull();
  });

  it('have their own runs, and none of others', async () => {
    await addTarget(at.store, NO_SECRETS, { name: 'lab', kind: 'ssh', host: 'far' });
    await addTarget(at.store, NO_SECRETS, { name: 'other', kind: 'ssh', host: 'far' });
    done('one', { device: `4 x ${A100.name}` });
    done('two', { device: 'CPU, 2 processes' });
    done('here', { target: undefined as never });
    expect(place()?.past.map(({ cards }) => [cards.name, cards.count])).toEqual([
      [A100.name, 4],
      ['CPU', 2],
    ]);
    expect(place()?.past[0]).toMatchObject({
      tokensPerSecond: 300,
      work: { tokens: 9000, steps: 10, batches: 4, recompute: true, layers: 12 },
    });
    expect(place('other')?.past).toEqual([]);
  });
});

describe('what is said of a run here and there', () => {
  const span = (value: number) => ({ value, low: value / 2, high: 2 * value });
  const lab: TargetEstimate = {
    ...{ name: 'lab', host: 'far', cards: { name: A100.name, count: 4 } },
    memory: { ...span(20e9), ofBytes: 80e9, fit: 'comfortable' },
    ...{ seconds: span(2400), cost: span(1.6), currency: 'EUR', restsOn: 'published', runs: 0 },
    utilisation: { value: 0.4, low: 0.2, high: 0.5 },
    unknown: null,
  };
  const days = { seconds: 9 * 86_400, fits: true };
  const says = (here: Parameters<typeof comparison>[0], there: Partial<TargetEstimate> = {}) =>
    plainSpaces(comparison(here, { ...lab, ...there }));

  it('compares time and price', () => {
    expect(says(days)).toBe('Here about 9 days, there about 40 minutes, about 1.60 EUR.');
    expect(says(days, { cost: null })).toBe('Here about 9 days, there about 40 minutes.');
    expect(says({ seconds: null, fits: true })).toBe('There about 40 minutes, about 1.60 EUR.');
    expect(says({ ...days, fits: false })).toBe(
      'Too big for this computer. There about 40 minutes, about 1.60 EUR.',
    );
  });

  it('says what it rests on', () => {
    expect(plainSpaces(basisThere(lab))).toBe(
      `4 × ${A100.name}, from published figures, not measured: 20% to 50% of full speed. Likely 20 min to 1 h 20 min, without sending and waiting.`,
    );
    expect(basisThere({ ...lab, restsOn: 'runs', runs: 2 })).toMatch(/^Estimated from 2 runs there\. Likely/);
    expect(plainSpaces(memoryThere(lab))).toBe('A card needs 10 to 40 GB of 80 GB.');
  });

  it('gives no number where none is known, and none of a run that does not fit', () => {
    const unknown = { seconds: null, cost: null };
    for (const why of ['untested', 'no-card', 'unknown-card'] as const) {
      const words = says(days, { ...unknown, unknown: why, cards: { name: 'GT 710', count: 1 } });
      expect(words.replace('GT 710', '')).not.toMatch(/\d/);
    }
    expect(says(days, { memory: { ...span(200e9), ofBytes: 80e9, fit: 'too-big' } })).toBe(
      'Too big there: a card needs 100 to 400 GB and has 80 GB.',
    );
  });

  it('speaks German', async () => {
    await useLanguage('de');
    try {
      expect(says(days)).toBe('Hier etwa 9 Tage, dort etwa 40 Minuten, etwa 1,60 EUR.');
    } finally {
      await useLanguage('en');
    }
  });
});
