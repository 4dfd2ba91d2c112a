import { describe, expect, it } from 'vitest';
import {
  bestMethod,
  lengthLimit,
  recommend,
  type Situation,
  sampleChoice,
  suits,
  usualEpochs,
  usualLength,
  usualRate,
} from '../../../renderer/state/recommend.ts';

const practice = { source: 'practice', parameters: 4.2e6 } as const;
const small = { source: 'hub', parameters: 135e6 } as const;
const large = { source: 'hub', parameters: 7e9 } as const;
const lengths = (most: number, counted = true) => ({ counted, tokens: 1, median: 1, most, histogram: [] });
const usual: Situation = { model: small, method: 'lora', rows: 600, hasHeldOut: false, lengths: lengths(97) };

describe('the practice model', () => {
  it('gets the method and the settings that the log found good for it', () => {
    expect(bestMethod(practice)).toBe('full');
    const { settings, reasons } = recommend({ ...usual, model: practice, method: 'full' });
    expect(settings).toEqual({ method: 'full', learningRate: 2e-4, epochs: 4, maxLength: 256 });
    expect(reasons).toHaveLength(1);
    expect(lengthLimit(practice)).toBe(256);
  });

  it('gets a higher rate where adapters are trained', () => {
    const { settings } = recommend({ ...usual, model: practice });
    expect(settings).toMatchObject({ method: 'lora', 'lora.rank': 16 });
    expect(settings.learningRate).toBe(usualRate(practice, 'lora'));
    expect(usualRate(practice, 'lora')).toBeGreaterThan(usualRate(practice, 'full'));
  });
});

describe('other models', () => {
  it('are proposed LoRA', () => {
    expect([small, large, null].map(bestMethod)).toEqual(['lora', 'lora', 'lora']);
  });

  it('the larger the model, the lower the rate; all weights lower than adapters', () => {
    expect(usualRate(large, 'lora')).toBeLessThan(usualRate(small, 'lora'));
    for (const model of [small, large])
      expect(usualRate(model, 'full')).toBeLessThan(usualRate(model, 'lora'));
  });

  it('the fewer the rows, the more passes', () => {
    const epochs = [50, 600, 5_000, 50_000].map(usualEpochs);
    expect(epochs).toEqual(epochs.toSorted((a, b) => b - a));
    expect(new Set(epochs).size).toBe(4);
    expect(usualEpochs(null)).toBe(3);
  });

  it('the limit is the smallest usual one that cuts nothing, 1,024 at most, and only where tokens were counted', () => {
    expect(usualLength(lengths(97))).toBe(128);
    expect(usualLength(lengths(128))).toBe(128);
    expect(usualLength(lengths(129))).toBe(256);
    expect(usualLength(lengths(9_000))).toBe(1024);
    expect(usualLength(lengths(97, false))).toBeNull();
    expect(usualLength(null)).toBeNull();
    expect(lengthLimit(small)).toBe(1024);
  });

  it('with few rows and no file to measure on, more is held out', () => {
    expect(recommend({ ...usual, rows: 60 }).settings.heldOut).toBe(0.2);
    expect(recommend({ ...usual, rows: 60, hasHeldOut: true }).settings).not.toHaveProperty('heldOut');
    expect(recommend(usual).settings).not.toHaveProperty('heldOut');
  });

  it('each proposed figure has its reason', () => {
    const { reasons } = recommend({ ...usual, rows: 60 });
    expect(reasons.join('\n')).toMatch(/Learning rate 0\.001|5\.0e-4/);
    expect(reasons.join('\n')).toContain('5 passes over 60 rows');
    expect(reasons.join('\n')).toContain('your longest has 97');
    expect(reasons.join('\n')).toContain('A fifth');
  });
});

describe('samples', () => {
  it('the messages to sort are read with their system message, others as they are', () => {
    expect(sampleChoice({ name: 'support-messages', path: '/s.jsonl' }).system).toBe(
      'Sort the messages of customers.',
    );
    expect(sampleChoice({ name: 'formal-tone', path: '/f.jsonl' })).toEqual({ paths: ['/f.jsonl'] });
  });

  it('a sample suits the goals that its rows show', () => {
    expect(suits('support-messages', 'sort')).toBe(0);
    expect(suits('support-messages', 'continue')).toBeNull();
    expect(suits('support-messages', undefined)).toBeNull();
    expect(suits('unknown', 'sort')).toBeNull();
  });
});
