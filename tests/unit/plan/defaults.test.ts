import { describe, expect, it } from 'vitest';
import type { TaskKind } from '../../../common/protocol/protocol.ts';
import { defaultsFor, planSettingsOf, runSettingsOf, withMicroTokens } from '../../../main/plan/defaults.ts';
import { epochsRule, rankRule, rateRule } from '../../../main/plan/rules.ts';
import { profileOf, situationOf } from '../../helpers/fake-price.ts';

const defaults = (method: 'full' | 'lora', change = {}) =>
  defaultsFor(method, situationOf(change), { name: 'ort', freeBytes: 16e9 });

describe('rates', () => {
  it('fall with the size of the model, and are ten times higher for adapters, of small models more', () => {
    const sizes = [4e6, 135e6, 1e9, 8e9, 70e9];
    for (const method of ['full', 'lora'] as const) {
      const rates = sizes.map((size) => rateRule(method, size).value);
      expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    }
    for (const size of sizes.slice(2))
      expect(rateRule('lora', size).value / rateRule('full', size).value).toBeCloseTo(10);
    // measured: a small model learns real categories at twice what was usual
    expect(rateRule('lora', 135e6).value).toBe(1e-3);
    const labels = [4e6, 135e6, 360e6].map((size) => rateRule('lora', size, { task: 'label' }).value);
    expect(labels).toEqual([1e-3, 2e-3, 1e-3]);
    expect(rateRule('full', 135e6, { task: 'label' })).toEqual(rateRule('full', 135e6));
    expect(rateRule('qlora', 8e9)).toEqual(rateRule('lora', 8e9));
  });

  it('rise where a tiny model takes few steps with all weights, which few steps bear', () => {
    const rates = [20, 65, 140, 1000].map((steps) => rateRule('full', 4e6, { steps }).value);
    expect(rates).toEqual([6e-4, 4.3e-4, 2e-4, 2e-4]);
    expect(rateRule('lora', 4e6, { steps: 20 }).value).toBe(1e-3);
    expect(rateRule('full', 135e6, { steps: 20 })).toEqual(rateRule('full', 135e6));
    // a plan counts the steps
    const few = defaults('full', { rows: 360, model: { parameters: 4e6, contextLength: 256 } });
    expect(few.whys.learningRate.key).toMatch(/^rate-tiny/);
  });

  it('are much lower for preferences, which a small model bears no more of than before', () => {
    const rates = [4e6, 135e6, 1e9].map((size) => rateRule('lora', size, { objective: 'dpo' }).value);
    expect(rates).toEqual([5e-4, 5e-5, 2e-5]);
    expect(rateRule('full', 135e6, { objective: 'dpo' }).value).toBe(2.5e-6);
  });
});

describe('epochs', () => {
  it('fall with the number of rows', () => {
    const model = { parameters: 1e9, contextLength: null };
    const epochs = [20, 600, 5_000, 100_000].map((rows) => epochsRule('lora', { rows, model }).value);
    expect(epochs).toEqual([5, 3, 2, 1]);
    const small = { parameters: 135e6, contextLength: null };
    expect([360, 600].map((rows) => epochsRule('lora', { rows, model: small }).value)).toEqual([5, 3]);
    expect(epochsRule('lora', { rows: 360, model }).value).toBe(3);
  });

  it('are as many as a small model was measured to need for such answers', () => {
    const small = { parameters: 135e6, contextLength: null };
    const passes = (task: TaskKind, rows: number, more = {}) =>
      epochsRule('lora', { rows, model: small, task, ...more }).value;
    expect(passes('calls', 160)).toBe(2);
    expect(passes('calls', 40)).toBe(5);
    expect([50, 200].map((rows) => passes('free', rows))).toEqual([5, 2]);
    expect([50, 199, 360, 2_500].map((rows) => passes('label', rows))).toEqual([10, 5, 3, 2]);
    expect(passes('free', 20_000)).toBe(1);
    expect(passes('free', 200, { own: { objective: 'dpo' } })).toBe(2);
    expect(passes('free', 60, { own: { objective: 'dpo' } })).toBe(5);
    const large = { parameters: 1e9, contextLength: null };
    expect(epochsRule('lora', { rows: 50, model: large, task: 'calls' }).value).toBe(5);
  });
});

describe('ranks', () => {
  const rank = (rows: number, parameters: number, goal: 'knowledge' | null = null, answer = 100) =>
    rankRule(
      situationOf({
        ...{ rows, goal },
        model: { parameters, contextLength: null },
        profile: profileOf(Array<number>(rows).fill(answer + 20), answer),
      }),
      1024,
    );

  it('are low for few rows, usual for most, and never lower for more rows', () => {
    expect(rank(50, 135e6)).toMatchObject({ value: 8, why: { key: 'rank-few-rows' } });
    expect(rank(1_000, 135e6)).toMatchObject({ value: 16, why: { key: 'rank-usual' } });
    const ranks = [20, 500, 5_000, 20_000, 40_000].map((rows) => rank(rows, 20e6).value);
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(ranks.at(-1)).toBeGreaterThan(16);
  });

  it('are higher where facts are to be learned, whatever the number of rows', () => {
    expect(rank(50, 135e6, 'knowledge')).toMatchObject({ value: 32, why: { key: 'rank-knowledge' } });
  });
});

describe('a draft', () => {
  it('for the practice model and its messages is what was measured to be best', () => {
    const change = {
      rows: 600,
      model: { parameters: 4_196_608, contextLength: 256 },
      profile: profileOf(Array.from({ length: 600 }, (_, i) => 60 + (i % 40))),
    };
    expect(defaults('full', change).settings).toMatchObject({
      ...{ learningRate: 2e-4, epochs: 4, tokensPerMicroBatch: 1024, gradientAccumulation: 1 },
      ...{ maxLength: 128, heldOut: 0.1, warmupRatio: 0.03, weightDecay: 0.01, rank: null },
    });
    expect(defaults('lora', change).settings).toMatchObject({ learningRate: 1e-3, epochs: 5, rank: 16 });
  });

  it('has larger batches for more rows, and keeps a batch when micro-batches become smaller', () => {
    const batch = (rows: number, parameters = 1e9) =>
      defaults('lora', { rows, model: { parameters, contextLength: null } }).batchTokens;
    expect([100, 1_000, 3_000, 100_000].map((rows) => batch(rows))).toEqual([1024, 2048, 4096, 8192]);
    expect([100, 1_000, 100_000].map((rows) => batch(rows, 135e6))).toEqual([1024, 2048, 8192]);
    // few short rows: as many steps of fewer tokens teach a small model as much
    const short = (rows: number, parameters: number, task: TaskKind = 'label') =>
      defaults('lora', {
        ...{ rows, task, profile: profileOf(Array<number>(rows).fill(40)) },
        model: { parameters, contextLength: null },
      }).batchTokens;
    expect([48, 360, 2_000, 100_000].map((rows) => short(rows, 135e6))).toEqual([256, 256, 1024, 8192]);
    expect(short(48, 1e9)).toBe(1024);
    expect(short(48, 135e6, 'free')).toBe(512);
    const situation = situationOf({ rows: 100_000 });
    const draft = defaultsFor('lora', situation, situation.executors[0]);
    const why = { key: 'micro-memory', numbers: { tokens: 256, usual: 1024 } } as const;
    const { settings } = withMicroTokens(draft, situation, { value: 256, why });
    expect(settings.tokensPerMicroBatch * settings.gradientAccumulation).toBe(8192);
  });

  it('holds out more of few rows, a number of very many, and nothing where a file is measured on', () => {
    const heldOut = (rows: number, hasHeldOutFile = false) =>
      defaults('lora', { rows, hasHeldOutFile }).settings.heldOut;
    expect([50, 600, 50_000].map((rows) => heldOut(rows))).toEqual([0.2, 0.1, 1000]);
    expect(heldOut(600, true)).toBeNull();
  });

  it('warms up for at least five steps', () => {
    const { settings, whys } = defaults('lora', { rows: 100 });
    expect(settings.warmupRatio).toBeGreaterThan(0.03);
    expect(whys.warmupRatio.key).toBe('warmup-short');
    expect(defaults('lora', { rows: 100_000 }).settings.warmupRatio).toBe(0.03);
  });

  it('takes a number of warm-up steps and a limit on all steps as what will run', () => {
    const found = defaults('lora', { rows: 100_000, own: planSettingsOf({ warmupSteps: 7, maxSteps: 40 }) });
    expect(found.settings).toMatchObject({ warmupSteps: 7, maxSteps: 40 });
    expect(found.whys.warmupRatio).toEqual({ key: 'own', numbers: {} });
    expect(found.whys.gradientAccumulation.numbers).toMatchObject({ steps: 40 });
    expect(runSettingsOf(found.settings)).toMatchObject({ warmupSteps: 7, maxSteps: 40 });
    expect(defaults('lora', { rows: 600 }).settings).not.toHaveProperty('warmupSteps');
  });

  it('never changes what the person has set, and says so', () => {
    const own = {
      learningRate: 3e-3,
      epochs: 7,
      rank: 5,
      maxLength: 100,
      gradientAccumulation: 3,
      heldOut: 0,
    };
    const { settings, whys } = defaults('lora', { own });
    expect(settings).toMatchObject(own);
    for (const field of Object.keys(own) as (keyof typeof own)[]) expect(whys[field].key).toBe('own');
  });

  it('holds a row within micro-batches that the person has made small', () => {
    expect(defaults('lora', { own: { tokensPerMicroBatch: 96 } }).settings.maxLength).toBe(96);
    expect(defaults('lora', { own: { maxLength: 2000 } }).settings.tokensPerMicroBatch).toBe(2000);
  });
});
