/** The forecast of forgetting beside the runs that it was calibrated on, and beyond them. */
import { describe, expect, it } from 'vitest';
import { type ForgettingFacts, forgettingForecast } from '../../../common/settings/forgetting.ts';

const small = { method: 'lora', parameters: 134_515_008, task: 'label' } as const;
const practice = { method: 'full', parameters: 4_196_608, task: 'json' } as const;

/** Right answers of the quiz before and after, in percent or questions: docs/defaults.md. */
const MEASURED: readonly [string, ForgettingFacts, before: number, after: number][] = [
  ['bank questions in 12 categories', { ...small, learningRate: 5e-4, steps: 60 }, 35, 1],
  ['other categories, longer', { ...small, learningRate: 1e-3, steps: 148 }, 45, 8.3],
  ['attributes as JSON', { ...small, task: 'json', learningRate: 1e-3, steps: 66 }, 45, 6.7],
  ['sentences', { ...small, task: 'free', learningRate: 1e-3, steps: 40 }, 42, 42],
  ['other sentences', { ...small, task: 'free', learningRate: 1e-3, steps: 46 }, 42, 40],
  ['another tone', { ...small, task: 'free', learningRate: 1e-3, steps: 116 }, 42, 37],
  ['sums without it', { ...small, task: 'short', learningRate: 1e-3, steps: 30 }, 37, 25],
  ['calls of tools', { ...small, task: 'calls', learningRate: 1e-3, steps: 32 }, 45, 42],
  ['calls, a whole pass', { ...small, task: 'calls', learningRate: 1e-3, steps: 144 }, 42, 43],
  ['calls, two passes', { ...small, task: 'calls', learningRate: 1e-3, steps: 288 }, 42, 37],
  ['calls, three times the rate', { ...small, task: 'calls', learningRate: 3e-3, steps: 288 }, 42, 18],
  ['pairs, twice the rate', { ...small, objective: 'dpo', learningRate: 2e-4, steps: 36 }, 37, 29],
  ['pairs', { ...small, objective: 'dpo', learningRate: 1e-4, steps: 32 }, 37, 35],
  ['12 categories, general rows', { ...small, learningRate: 2e-3, steps: 207, replay: 0.1 }, 40, 28.3],
  ['JSON, general rows', { ...small, task: 'json', learningRate: 2e-3, steps: 99, replay: 0.1 }, 40, 31.7],
  ['messages, all weights', { ...practice, learningRate: 2e-4, steps: 235 }, 244, 233],
  ['messages, ten times the rate', { ...practice, learningRate: 2e-3, steps: 235 }, 244, 0],
  ['messages, adapters', { ...practice, method: 'lora', learningRate: 2e-3, steps: 235 }, 244, 208],
];

describe('the forecast of forgetting', () => {
  it.each(MEASURED)('is near what was measured: %s', (_, facts, before, after) => {
    const { lostShare } = forgettingForecast(facts);
    expect(Math.abs(lostShare - (before - after) / before)).toBeLessThan(0.12);
  });

  it('grows with rate and steps, and falls with size and protection', () => {
    const facts: ForgettingFacts = { ...small, task: 'free', learningRate: 4e-4, steps: 50 };
    const lost = (change: Partial<ForgettingFacts>) => forgettingForecast({ ...facts, ...change }).lostShare;
    const usual = lost({});
    expect(lost({ learningRate: 8e-4 })).toBeGreaterThan(usual);
    expect(lost({ steps: 100 })).toBeCloseTo(lost({ learningRate: 8e-4 }));
    expect(lost({ method: 'full' })).toBeGreaterThan(usual);
    expect(lost({ task: 'label' })).toBeGreaterThan(usual);
    for (const less of [{ parameters: 1e9 }, { replay: 0.1 }, { stayClose: 10 }])
      expect(lost(less)).toBeLessThan(usual);
  });

  it('is called low, medium and high, and tells answers of a fixed form apart', () => {
    const risk = (learningRate: number) =>
      forgettingForecast({ ...small, task: 'free', learningRate, steps: 50 }).risk;
    expect([1e-3, 2e-3, 6e-3].map(risk)).toEqual(['low', 'medium', 'high']);
    const fixed = (change: Partial<ForgettingFacts>) =>
      forgettingForecast({ ...small, learningRate: 1e-3, steps: 50, ...change }).isFixedForm;
    expect([fixed({}), fixed({ task: 'json' }), fixed({ task: 'free' })]).toEqual([true, true, false]);
    expect(fixed({ objective: 'dpo' })).toBe(false);
  });
});
