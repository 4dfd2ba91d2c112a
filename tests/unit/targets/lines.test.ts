import { describe, expect, it } from 'vitest';
import { LogReader } from '../../../main/targets/lines.ts';

const step = (number: number) => ({
  ...{
    event: 'step',
    attempt: 1,
    step: number,
    steps: 9,
    epoch: 0.5,
    loss: 2,
    gradNorm: 1,
    learningRate: 1e-3,
  },
  ...{ tokens: 10, tokensPerSecond: 5, stepMs: 2, rssBytes: 1, secondsLeft: null },
});
const line = (value: object) => `@fettle ${JSON.stringify(value)}\n`;

describe('the log of a job', () => {
  it('is read in whatever pieces it comes', () => {
    const text = `a word\n${line(step(1))}[rank0]: ${line(step(2))}`;
    for (const size of [1, 7, 10_000]) {
      const reader = new LogReader();
      const bytes = Buffer.from(text);
      const found = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...reader.read(bytes.subarray(at, at + size)));
      expect(found.map((one) => 'step' in one && one.step)).toEqual([1, 2]);
      expect(reader.last).toEqual(['a word']);
      expect(reader.pending).toBe(0);
    }
  });

  it('says how much of a line has not ended', () => {
    const reader = new LogReader();
    reader.read(Buffer.from(`${line(step(1))}@fettle {"ev`));
    expect(reader.pending).toBe(12);
  });

  it('takes figures that not every run has, checked as the others', () => {
    const preference = { accuracy: 0.5, margin: 1, chosen: -1, rejected: -2 };
    const read = (value: object) => new LogReader().read(Buffer.from(line({ ...step(1), ...value })));
    expect(read({ preference })).toMatchObject([{ preference }]);
    expect(read({ preference: { ...preference, margin: 'x' } })).toEqual([]);
    expect(read({ memoryBytes: -1 })).toEqual([]);
  });

  it.each([
    ['a figure that is none', { ...step(1), loss: 'NaN' }],
    ['a step that is none', { ...step(1), step: -1 }],
    ['an event that there is not', { event: 'rm', step: 1 }],
    [
      'a file outside the result',
      { event: 'done', files: { '../../x': { sha256: 'a'.repeat(64), bytes: 1 } } },
    ],
  ])('takes no line with %s', (_, value) => {
    const reader = new LogReader();
    expect(reader.read(Buffer.from(line(value)))).toEqual([]);
    expect(reader.last).toHaveLength(1);
  });
});
