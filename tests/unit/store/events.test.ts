import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { thinned } from '../../../main/store/events.ts';
import { START } from '../cli/sample-events.ts';
import { evaluation, makeRun, newFolder, numbered, opened, step } from './made-up.ts';

const sample = (at: number, prompt: string, text: string) =>
  ({ event: 'sample', step: at, prompt, text }) as EngineEvent;

async function withRun() {
  const store = await opened(newFolder());
  return { store, id: makeRun(store, 'one').id };
}

describe('events', () => {
  it('come back as the engine sent them, in order, from any number on', async () => {
    const { store, id } = await withRun();
    const events = numbered([
      { event: 'phase', phase: 'read', fraction: 0.5, detail: 'rows.jsonl' },
      { ...START, out: `${store.folder}/runs/one` },
      evaluation(0, 2.5),
      sample(0, 'Hello "you"', 'Good\nday ä 😀'),
      step(1),
      step(2, { loss: 0.1 + 0.2, gradNorm: Number.POSITIVE_INFINITY, rssBytes: 2 ** 40 + 1 }),
      { ...step(3), temperature: 71, extra: { a: [1] } } as EngineEvent,
      { event: 'warning', code: 'w', message: 'm' },
      step(4, { secondsLeft: null, tokensPerSecond: Number.NaN }),
    ]);
    store.events.add(id, events.slice(0, 4));
    store.events.add(id, events.slice(4));
    expect(store.events.read(id)).toEqual(events);
    expect(Object.keys(store.events.read(id, 4)[0]!.event)).toEqual(Object.keys(step(1)));
    expect(store.events.read(id, 6)).toEqual(events.slice(6));
    expect(store.events.read(id, 99)).toEqual([]);
    expect([store.events.lastNumber(id), store.events.curves(id, 10).lastNumber]).toEqual([9, 9]);
  });

  it('that are there already stay as they are, whatever kind they are of', async () => {
    const { store, id } = await withRun();
    const events = numbered([step(1), evaluation(1, 2), sample(1, 'p', 't'), step(2)]);
    store.events.add(id, events);
    store.events.add(
      id,
      numbered([evaluation(9, 9), sample(9, 'x', 'x'), step(9), step(9, { loss: 9 }), step(3)]),
    );
    expect(store.events.read(id)).toEqual([...events, { number: 5, at: expect.any(Number), event: step(3) }]);
  });

  it('change the run in the same breath, or not at all', async () => {
    const { store, id } = await withRun();
    store.events.add(id, numbered([step(1)]), { step: 1, bestLoss: 0.5 });
    expect(store.runs.get(id)).toMatchObject({ step: 1, bestLoss: 0.5 });
    const wrong = { bestLoss: {} as unknown as number };
    expect(() => store.events.add(id, numbered([step(2)], 2), wrong)).toThrow();
    expect(store.events.lastNumber(id)).toBe(1);
  });

  it('of an empty run are none', async () => {
    const { store, id } = await withRun();
    store.events.add(id, []);
    expect([store.events.lastNumber(id), store.events.read(id), store.events.samples(id)]).toEqual([
      0,
      [],
      [],
    ]);
    expect(store.events.curves(id, 10)).toMatchObject({ step: [], loss: [], recorded: 0, evals: [] });
  });

  it('of two runs do not mix', async () => {
    const { store, id } = await withRun();
    const other = makeRun(store, 'two').id;
    store.events.add(id, numbered([step(1), step(2)]));
    store.events.add(other, numbered([step(7)]));
    expect(store.events.curves(id, 10).step).toEqual([1, 2]);
    expect(store.events.read(other)).toHaveLength(1);
  });
});

describe('curves', () => {
  it('have every figure of every step, where there are few', async () => {
    const { store, id } = await withRun();
    const lean = step(2, { memoryBytes: 1_400_000_000 });
    store.events.add(id, numbered([evaluation(0, 3), step(1), lean, evaluation(2, 2.5, false)]));
    expect(store.events.curves(id, 10)).toEqual({
      step: [1, 2],
      loss: [step(1).loss, step(2).loss],
      learningRate: [step(1).learningRate, step(2).learningRate],
      tokensPerSecond: [1234.5678, 1234.5678],
      memoryBytes: [1_940_000_000, 1_400_000_000],
      recorded: 2,
      evals: [
        { step: 0, loss: 3, perplexity: Math.exp(3), labelledTokens: 100, best: true },
        { step: 2, loss: 2.5, perplexity: Math.exp(2.5), labelledTokens: 100, best: false },
      ],
      lastNumber: 4,
    });
  });

  it('are thinned with first, last and extremes', async () => {
    const { store, id } = await withRun();
    const spikes = new Map([
      [777, { loss: 99 }],
      [1234, { loss: -5 }],
    ]);
    store.events.add(id, numbered(Array.from({ length: 2000 }, (_, i) => step(i + 1, spikes.get(i + 1)))));
    const curves = store.events.curves(id, 100);
    expect(curves.recorded).toBe(2000);
    expect(curves.step.length).toBeLessThanOrEqual(100);
    expect(curves.step.length).toBeGreaterThan(40);
    expect([curves.step[0], curves.step.at(-1)]).toEqual([1, 2000]);
    for (const at of spikes.keys()) expect(curves.step).toContain(at);
    expect(curves.loss[curves.step.indexOf(777)]).toBe(99);
    expect(
      new Set(Object.values(curves).flatMap((column) => (Array.isArray(column) ? [column.length] : []))),
    ).toEqual(new Set([curves.step.length, 0]));
  });

  it('show what a resumed run did again once, as it was the second time', async () => {
    const { store, id } = await withRun();
    store.events.add(
      id,
      numbered([
        step(1),
        evaluation(1, 3),
        step(2),
        step(3),
        evaluation(3, 2),
        sample(3, 'p', 'old'),
        sample(3, 'q', 'gone'),
      ]),
    );
    store.events.add(
      id,
      numbered(
        [step(2, { loss: 7 }), step(3, { loss: 8 }), evaluation(3, 1), sample(3, 'p', 'new'), step(4)],
        8,
      ),
    );
    const { step: steps, loss, evals, recorded } = store.events.curves(id, 10);
    expect([steps, loss, recorded]).toEqual([[1, 2, 3, 4], [step(1).loss, 7, 8, step(4).loss], 4]);
    expect(evals.map((one) => [one.step, one.loss])).toEqual([
      [1, 3],
      [3, 1],
    ]);
    expect(store.events.samples(id).find(({ prompt }) => prompt === 'p')).toEqual({
      step: 3,
      prompt: 'p',
      text: 'new',
    });
  });
});

describe('samples', () => {
  it('come by step, the prompts in their order', async () => {
    const { store, id } = await withRun();
    store.events.add(
      id,
      numbered([sample(0, 'b', '1'), sample(0, 'a', '2'), step(1), sample(1, 'b', '3'), sample(1, 'a', '4')]),
    );
    expect(store.events.samples(id).map(({ prompt, text }) => prompt + text)).toEqual([
      'b1',
      'a2',
      'b3',
      'a4',
    ]);
    store.events.add(id, numbered([sample(0, 'b', '5'), sample(1, 'b', '6')], 6));
    expect(store.events.samples(id).map(({ prompt, text }) => prompt + text)).toEqual(['b5', 'b6']);
  });
});

describe('thinned', () => {
  it.each([
    [0, 10],
    [1, 10],
    [10, 10],
  ])('keeps all of %i points where %i are allowed', (length, points) => {
    expect(thinned([new Array(length).fill(1)], points)).toEqual(Array.from({ length }, (_, i) => i));
  });

  it.each([
    [11, 10],
    [1000, 10],
    [100_000, 1000],
    [1001, 1000],
  ])('takes of %i at most %i, ascending, with the ends', (length, points) => {
    const curves = [0, 1].map((shift) => Array.from({ length }, (_, i) => Math.sin(i * i + shift)));
    const kept = thinned(curves, points);
    expect(kept.length).toBeLessThanOrEqual(points);
    expect(kept.length).toBeGreaterThan(points / 3);
    expect([kept[0], kept.at(-1)]).toEqual([0, length - 1]);
    expect(kept.every((index, i) => i === 0 || index > kept[i - 1]!)).toBe(true);
    for (const curve of curves) {
      const shown = kept.map((i) => curve[i]!);
      expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...curve), Math.max(...curve)]);
    }
  });

  it('lets what is not a number be neither lowest nor highest', () => {
    const curve = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? Number.NaN : i === 51 ? Number.POSITIVE_INFINITY : i,
    );
    expect(thinned([curve], 10)).toContain(51);
    expect(thinned([new Array(100).fill(Number.NaN)], 10)).toEqual([0, 99]);
  });
});
