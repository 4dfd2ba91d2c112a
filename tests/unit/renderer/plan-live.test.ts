/** Answers that follow what they are asked for: at once, the newest one, and with the old one in sight until then. */
import { describe, expect, it } from 'vitest';
import { Following } from '../../../renderer/steps/plan/live.svelte.ts';

interface Asked {
  readonly request: number;
  readonly signal: AbortSignal;
  answer(value: string): void;
  fail(error: unknown): void;
}

function following() {
  const asked: Asked[] = [];
  const taken: string[] = [];
  const answers = new Following<number, string>(
    (request, signal) =>
      new Promise((answer, fail) => {
        asked.push({ request, signal, answer, fail });
      }),
    (value) => taken.push(value),
  );
  return { answers, asked, taken };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('an answer that follows', () => {
  it('is asked for at once at each change, and not again without one', () => {
    const { answers, asked } = following();
    for (const request of [1, 1, 2, 3, 3]) answers.follow(request);
    expect(asked.map(({ request }) => request)).toEqual([1, 2, 3]);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  });

  it('keeps the one of before, marked, until the new one is there', async () => {
    const { answers, asked } = following();
    answers.follow(1);
    asked[0]!.answer('one');
    await settle();
    expect([answers.value, answers.busy]).toEqual(['one', false]);
    answers.follow(2);
    expect([answers.value, answers.busy]).toEqual(['one', true]);
    asked[1]!.answer('two');
    await settle();
    expect([answers.value, answers.busy]).toEqual(['two', false]);
  });

  it('drops what comes late for an older request, a failure too', async () => {
    const { answers, asked, taken } = following();
    for (const request of [1, 2, 3]) answers.follow(request);
    asked[2]!.answer('three');
    await settle();
    asked[0]!.answer('one');
    asked[1]!.fail(new Error('too late'));
    await settle();
    expect([answers.value, answers.problem, answers.busy]).toEqual(['three', null, false]);
    expect(taken).toEqual(['three']);
  });

  it('tells of a failure and asks again when told to', async () => {
    const { answers, asked } = following();
    answers.follow(1);
    asked[0]!.fail(Object.assign(new Error('No.'), { data: { code: 'no', message: 'No.', hint: '' } }));
    await settle();
    expect([answers.problem !== null, answers.busy]).toEqual([true, false]);
    answers.again(1);
    asked[1]!.answer('one');
    await settle();
    expect([answers.value, answers.problem]).toEqual(['one', null]);
  });

  it('is forgotten where nothing is asked any more', async () => {
    const { answers, asked } = following();
    answers.follow(1);
    answers.follow(null);
    expect(asked[0]!.signal.aborted).toBe(true);
    expect([answers.value, answers.busy]).toEqual([null, false]);
  });
});
