/** The sentence and the example with which a result opens. */
import { describe, expect, it } from 'vitest';
import type { AnsweredRow, AssessResult, Estimate } from '../../../common/api/contract.ts';
import { openingOf } from '../../../renderer/run/result/Opening.svelte';
import { fakeAssessment } from '../../helpers/fake-api/assessment.ts';
import { fakeWorld } from '../../helpers/fake-api/world.ts';

const run = fakeWorld({ still: true }).runs[1]!;
// what was known apart from the form is given where a test is about it
const { closed: _, ...learned } = fakeAssessment({ ...run, learned: 'yes', forgot: 'nothing' });
const about = (value: number, by = 0.05): Estimate => ({ value, low: value - by, high: value + by });

interface Scored {
  readonly verdict: Partial<AssessResult['verdict']>;
  readonly score: 'right' | 'fields' | 'chrf' | 'sari';
  readonly before: number;
  readonly after: number;
  readonly rows?: number;
}

/** An assessment with that verdict and those scores. */
function assessed({ verdict, score, before, after, rows = 20 }: Scored): AssessResult {
  const key = { right: 'right', fields: 'fieldsRight', chrf: 'chrf', sari: 'sari' }[score];
  const variant = (name: 'before' | 'after', value: number, gain: number) => ({
    ...{ variant: name, rows, [key]: about(value), gain: about(gain) },
  });
  const { answers } = learned;
  return {
    ...learned,
    verdict: { ...learned.verdict, lack: 'model', ...verdict },
    answers: {
      ...{ ...answers!, score, rows },
      variants: [variant('before', before, after - before), variant('after', after, 0)],
    },
  };
}

const headline = (scored: Scored) => openingOf(assessed(scored)).headline;

describe('the sentence of a result', () => {
  it('says what was learned in the share of right answers', () => {
    const scored = { score: 'right', before: 0, after: 0.86 } as const;
    expect(headline({ ...scored, verdict: { learned: 'yes' } })).toBe(
      'It learned: 86% of its answers are right, up from 0%.',
    );
    expect(headline({ ...scored, after: 0.3, verdict: { learned: 'partly' } })).toMatch(
      /^It learned in part: 30% /,
    );
  });

  it('tells no change, a change too small and a change for the worse apart', () => {
    const no = { learned: 'no' } as const;
    expect(headline({ score: 'right', before: 0, after: 0, verdict: no })).toMatch(
      /^It didn't learn this.*as before/,
    );
    expect(headline({ score: 'right', before: 0.1, after: 0.12, verdict: no })).toMatch(/too close to call/);
    expect(headline({ score: 'right', before: 0.6, after: 0.3, verdict: no })).toMatch(/^It got worse: 30% /);
    expect(headline({ score: 'chrf', before: 0.11, after: 0.11, verdict: no })).toBe(
      "It didn't learn this. Its answers are no closer to yours.",
    );
    const knew = { learned: 'partly', lack: null } as const;
    expect(headline({ score: 'right', before: 0.96, after: 1, verdict: knew })).toMatch(
      /^It could do this before/,
    );
  });

  it('tells of edited texts how right their changes are, and never that they are right or wrong', () => {
    const edited = { score: 'sari', before: 0.29, after: 0.45 } as const;
    expect(headline({ ...edited, verdict: { learned: 'yes' } })).toBe(
      'It learned: its changes are 45% like yours, up from 29%.',
    );
    const knew = { learned: 'no', lack: null } as const;
    expect(headline({ ...edited, after: 0.3, verdict: knew })).toBe(
      "It didn't learn this. Its changes are no more like yours.",
    );
  });

  it('counts fields of JSON, and says once that examples in the prompt do better', () => {
    const fields = { score: 'fields', before: 0.1, after: 0.62 } as const;
    expect(headline({ ...fields, verdict: { learned: 'yes' } })).toBe(
      'It learned: 62% of the fields are right, up from 10%.',
    );
    const score = { name: 'fields', rows: 20, ...about(0.8) } as const;
    const betterRival = { name: 'examples', score, lead: about(-0.2), seconds: null } as const;
    const verdict = { learned: 'yes', promptingIsEnough: true, betterRival } as const;
    const ours = { ...score, ...about(0.62) };
    const { tone, more } = openingOf(assessed({ ...fields, verdict: { ...verdict, score: ours } }));
    expect([tone, more[0]]).toEqual([
      'warn',
      'The base model with examples in its prompt: 80% of fields right. This model: 62% of fields right. Use that instead, or train longer.',
    ]);
    expect(more).toHaveLength(2);
  });

  it('tells what a model knows of a closed set from the form of its answers', () => {
    const of = (before: number, after: number, rows = 112) => ({
      before: { key: null, rows, ...about(before) },
      after: { key: null, rows, ...about(after) },
      gain: about(after - before),
    });
    const closed = (known: [number, number], verdict: Partial<AssessResult['verdict']>) =>
      openingOf({
        ...assessed({ score: 'right', before: 0, after: known[1], verdict }),
        closed: { answers: 8, known: of(...known), fields: [], form: of(0, 1, 20) },
      });
    const meant = closed([0.24, 0.87], { learned: 'yes' });
    expect(meant.headline).toBe('It learned: it knew 24% of the answers and now knows 87%.');
    expect(meant.more[0]).toBe('Of 20 written answers, 0% had the right form, now 100%.');
    expect(closed([0.85, 0.86], { learned: 'yes' }).headline).toMatch(/^It learned the form. It knew 85%/);
    expect(closed([0.6, 0.4], { learned: 'no' }).headline).toMatch(/^It got worse: it knew 60%/);
    expect([meant.tone, meant.more.length]).toEqual(['good', 2]);
    const score = { name: 'known', rows: 112, ...about(0.93) } as const;
    const betterRival = { name: 'counter', score, lead: about(-0.06), seconds: 1 } as const;
    const ours = { ...score, ...about(0.87) };
    const beaten = closed([0.24, 0.87], { learned: 'yes', betterRival, score: ours });
    expect(beaten.tone).toBe('warn');
    expect(beaten.more[0]).toBe(
      'Word counts: 93% right. This model: 87% right. Use that instead, or train longer.',
    );
    const forgetful = closed([0.24, 0.87], { learned: 'yes', forgot: 'much', betterRival, score: ours });
    expect(forgetful.headline).toMatch(/It forgot much of what it knew\.$/);
    expect(forgetful.more[0]).toBe('That matters only if you also chat with it.');
    const few = closed([0.6, 0.4], { learned: 'unknown' });
    expect(few.headline).toMatch(/^Not measured: no test row got/);
  });

  it('speaks of texts where there are no answers, and of too few rows', () => {
    const text = {
      ...assessed({ score: 'right', before: 0, after: 0, verdict: { learned: 'no' } }),
      answers: null,
    };
    const loss = { ...text.loss!, change: about(0.4) };
    expect(openingOf({ ...text, loss }).headline).toMatch(/^It got worse: it predicts/);
    const few = { score: 'right', before: 0, after: 1, verdict: { learned: 'unknown' } } as const;
    expect(headline({ ...few, rows: 4 })).toMatch(/^Not measured: 4 test rows/);
    expect(
      openingOf({ ...text, loss: null, verdict: { ...text.verdict, learned: 'unknown' } }).headline,
    ).toMatch(/no test rows/);
  });

  it('adds what was forgotten, a prompt that does as well, and memorised rows', () => {
    const verdict = { forgot: 'much', promptingIsEnough: true, memorised: true } as const;
    const { more } = openingOf({ ...learned, verdict: { ...learned.verdict, ...verdict } });
    expect(more).toHaveLength(3);
    expect(more[0]).toBe('That matters only if you also chat with it.');
  });

  it('is no success in green where it forgot much, and says so first', () => {
    const scored = { score: 'right', before: 0, after: 0.86 } as const;
    const opening = (forgot: 'much' | 'nothing', kind: 'label' | 'free') =>
      openingOf({
        ...assessed({ ...scored, verdict: { learned: 'yes', forgot } }),
        task: { ...learned.task, kind },
      });
    expect(opening('nothing', 'label')).toMatchObject({
      tone: 'good',
      more: ['It forgot nothing that was tested.'],
    });
    const sorts = opening('much', 'label');
    expect(sorts.tone).toBe('warn');
    expect(sorts.headline).toMatch(/86% .* It forgot much of what it knew\.$/);
    expect(sorts.more).toEqual(['That matters only if you also chat with it.']);
    expect(opening('much', 'free')).toMatchObject({ tone: 'warn', more: [] });
  });
});

describe('its example', () => {
  const row = (before: number, after: number, prompt = 'a'): AnsweredRow => ({
    ...{ prompt, wanted: 'w', answers: { before: 'b', after: 'c' }, scores: { before, after } },
  });
  const rows = [row(1, 1), row(0, 1, 'a long message'), row(0, 1), row(1, 0), row(0, 0)];
  const example = (scored: Scored) => {
    const one = assessed(scored);
    return openingOf({ ...one, answers: { ...one.answers!, answered: rows } }).example;
  };

  it('is the shortest row that improved where it learned', () => {
    expect(example({ score: 'right', before: 0, after: 0.9, verdict: { learned: 'yes' } })).toBe(2);
  });

  it('is a row that got worse where the model did, and a middle one where nothing changed', () => {
    expect(example({ score: 'right', before: 0.9, after: 0.2, verdict: { learned: 'no' } })).toBe(3);
    const same = example({ score: 'right', before: 0.4, after: 0.4, verdict: { learned: 'no' } });
    expect(rows[same!]!.scores.before).toBe(rows[same!]!.scores.after);
  });

  it('is none where no row was asked', () => {
    expect(openingOf({ ...learned, answers: null }).example).toBeNull();
  });
});
