/** Answers that follow what they are asked for: at once, the newest one, and with the old one in sight until then; a plan in two of them. */
import { describe, expect, it } from 'vitest';
import type { ChosenRequest, ProposeRequest } from '../../../common/api/contract.ts';
import { Following } from '../../../renderer/state/calls.svelte.ts';
import { LivePlan } from '../../../renderer/steps/plan/live.svelte.ts';

interface Asked<Request = number, Value = string> {
  readonly request: Request;
  readonly signal: AbortSignal;
  answer(value: Value): void;
  fail(error: unknown): void;
}

function following(better?: (value: string, request: number) => number | null) {
  const asked: Asked[] = [];
  const taken: string[] = [];
  const answers = new Following<number, string>(
    (request, signal) =>
      new Promise((answer, fail) => {
        asked.push({ request, signal, answer, fail });
      }),
    { onEnd: (value) => value !== null && taken.push(value), ...(better && { better }) },
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
    expect([answers.value, answers.busy, answers.isCurrent]).toEqual(['one', true, false]);
    asked[1]!.answer('two');
    await settle();
    expect([answers.value, answers.busy, answers.isCurrent]).toEqual(['two', false, true]);
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
    answers.follow(2);
    asked[1]!.answer('two');
    await settle();
    answers.follow(3);
    asked[2]!.fail(new Error('No.'));
    await settle();
    // what is left of the answer before is not taken for the one that failed
    expect([answers.value, answers.isCurrent]).toEqual(['two', false]);
    answers.again(3);
    asked[3]!.answer('three');
    await settle();
    expect([answers.value, answers.problem]).toEqual(['three', null]);
  });

  it('is asked for once more where it may become better, and is current meanwhile', async () => {
    const { answers, asked, taken } = following((value, request) => (value === 'good' ? -request : null));
    answers.follow(1);
    asked[0]!.answer('good');
    await settle();
    expect(asked.map(({ request }) => request)).toEqual([1, -1]);
    expect([answers.value, answers.isCurrent, answers.busy]).toEqual(['good', true, true]);
    asked[1]!.answer('best');
    await settle();
    expect([answers.value, answers.isCurrent, answers.busy]).toEqual(['best', true, false]);
    expect(taken).toEqual(['good', 'best']);
    answers.follow(2);
    asked[2]!.answer('good');
    await settle();
    answers.follow(3);
    // the better answer to an older question is ignored
    expect(asked[3]!.signal.aborted).toBe(true);
    asked[4]!.answer('best');
    await settle();
    asked[3]!.answer('late');
    await settle();
    expect(taken).toEqual(['good', 'best', 'good', 'best']);
  });

  it('is forgotten where nothing is asked any more', async () => {
    const { answers, asked } = following();
    answers.follow(1);
    answers.follow(null);
    expect(asked[0]!.signal.aborted).toBe(true);
    expect([answers.value, answers.busy]).toEqual([null, false]);
  });
});

/** A plan whose answers come when the test gives them, with what was taken of them in order. */
function plan() {
  const asked: (Asked<Partial<ChosenRequest>, never> & { readonly name: 'chosen' | 'proposal' })[] = [];
  const taken: unknown[] = [];
  const ask = (name: 'chosen' | 'proposal') => (request: Partial<ChosenRequest>, signal: AbortSignal) =>
    new Promise<never>((answer, fail) => {
      asked.push({ name, request, signal, answer, fail });
    });
  const live = new LivePlan(
    { chosen: ask('chosen'), propose: ask('proposal') },
    { onChosen: (value) => taken.push(value), onProposal: (value) => taken.push(value) },
  );
  const answer = async (value: unknown) => {
    asked.at(-1)!.answer(value as never);
    await settle();
  };
  return { live, asked, taken, answer };
}

const withRank = (rank: number) =>
  ({ modelId: 'm', data: { paths: [] }, settings: { rank }, wish: { kind: 'best' } }) as ProposeRequest;
/** A first answer of which it is known that nothing better fits. */
const FIGURES = { isBest: true };
const names = (asked: readonly { readonly name: string }[]) => asked.map(({ name }) => name);

describe('a plan', () => {
  it('has the figures of the chosen method first, and the comparison after them', async () => {
    const { live, asked, taken, answer } = plan();
    live.follow(withRank(8), 'lora');
    expect(names(asked)).toEqual(['chosen']);
    expect(asked[0]!.request).toMatchObject({ method: 'lora', settings: { rank: 8 } });
    await answer(FIGURES);
    expect(names(asked)).toEqual(['chosen', 'proposal']);
    expect([live.chosen.isCurrent, live.proposals.busy]).toEqual([true, true]);
    await answer('comparison');
    expect(taken).toEqual([FIGURES, 'comparison']);
    expect(live.proposals.isCurrent).toBe(true);
  });

  it('shows what fits before it is known that nothing better does, and compares only then', async () => {
    const { live, asked, taken, answer } = plan();
    live.follow(withRank(8), 'lora');
    expect(asked[0]!.request.soonMs).toBeGreaterThan(0);
    const fits = { isBest: false };
    await answer(fits);
    expect(names(asked)).toEqual(['chosen', 'chosen']);
    // the same question, without a limit
    const { soonMs: _, ...whole } = asked[0]!.request;
    expect(asked[1]!.request).toStrictEqual(whole);
    expect([live.chosen.value, live.chosen.isCurrent, live.chosen.busy]).toEqual([fits, true, true]);
    await answer(FIGURES);
    expect(names(asked)).toEqual(['chosen', 'chosen', 'proposal']);
    expect(live.chosen.busy).toBe(false);
    expect(taken).toEqual([fits, FIGURES]);
  });

  it('gives a comparison up at the next change, and asks for the next one only after the figures', async () => {
    const { live, asked, answer } = plan();
    live.follow(withRank(8), 'lora');
    await answer(FIGURES);
    live.follow(withRank(16), 'lora');
    expect(asked[1]!.signal.aborted).toBe(true);
    expect(names(asked)).toEqual(['chosen', 'proposal', 'chosen']);
    expect([live.chosen.isCurrent, live.proposals.isCurrent]).toEqual([false, false]);
    live.follow(withRank(32), 'lora');
    expect(asked[2]!.signal.aborted).toBe(true);
    await answer(FIGURES);
    expect(names(asked)).toEqual(['chosen', 'proposal', 'chosen', 'chosen', 'proposal']);
    expect(asked.at(-1)!.request).toEqual(withRank(32));
  });

  it('compares first where no method is chosen, and then asks for the one that is recommended', async () => {
    const { live, asked, taken, answer } = plan();
    live.follow(withRank(8), null);
    expect(names(asked)).toEqual(['proposal']);
    await answer('comparison');
    live.follow(withRank(8), 'qlora');
    await answer(FIGURES);
    // the comparison holds for another method, too
    live.follow(withRank(8), 'full');
    expect(names(asked)).toEqual(['proposal', 'chosen', 'chosen']);
    expect(taken).toEqual(['comparison', FIGURES]);
    expect(live.proposals.isCurrent).toBe(true);
  });

  it('compares also where the chosen method has no figures', async () => {
    const { live, asked, taken } = plan();
    live.follow(withRank(8), 'lora');
    asked[0]!.fail(new Error('No.'));
    await settle();
    expect(names(asked)).toEqual(['chosen', 'proposal']);
    expect(taken).toEqual([null]);
  });

  it('is asked for again as a whole, and forgotten as a whole', async () => {
    const { live, asked, answer } = plan();
    live.follow(withRank(8), 'lora');
    await answer(FIGURES);
    await answer('comparison');
    live.again(withRank(8), 'lora');
    expect([live.chosen.isCurrent, live.proposals.isCurrent]).toEqual([false, false]);
    await answer(FIGURES);
    expect(names(asked)).toEqual(['chosen', 'proposal', 'chosen', 'proposal']);
    live.follow(null, null);
    expect(asked.at(-1)!.signal.aborted).toBe(true);
    expect([live.chosen.value, live.proposals.value, live.proposals.busy]).toEqual([null, null, false]);
  });
});
