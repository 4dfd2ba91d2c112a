import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import Answers from '../../../renderer/run/result/Answers.svelte';
import { choiceOf } from '../../../renderer/run/result/tables.ts';
import { fakeAssessment } from '../../helpers/fake-api/assessment.ts';
import { fakeWorld } from '../../helpers/fake-api/world.ts';

const answers = fakeAssessment(fakeWorld({ still: true }).runs[1]!).answers!;
const said = answers.answered[0]!.answers.before!;
const shown = (props: { judging: boolean }) =>
  render(Answers, { props: { answers, shown: new Set<number>(), ...props } }).body;

describe('labelled answers', () => {
  it('are out of sight while a person judges', () => {
    expect(shown({ judging: false })).toContain(said);
    expect(shown({ judging: true })).not.toContain(said);
    expect(shown({ judging: true })).not.toContain('After');
  });
});

describe('the keys of a blind round', () => {
  it('have one for each judgement', () => {
    globalThis.Element ??= class {} as typeof Element;
    const key = (key: string, more = {}) => choiceOf({ key, target: null, ...more } as KeyboardEvent);
    expect(['1', '2', '=', '0', '3'].map((one) => key(one))).toEqual([
      'first',
      'second',
      'equal',
      'bad',
      null,
    ]);
    expect(key('0', { ctrlKey: true })).toBeNull();
  });
});
