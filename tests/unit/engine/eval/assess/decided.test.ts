/** An answer that is cut as soon as it is decided must be judged as the whole one would be. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  eitherOf,
  FIRST_PARAGRAPH,
  quizDecision,
  rowDecision,
} from '../../../../../main/engine/eval/assess/decided.ts';
import { isRight, parseQuiz, type QuizItem } from '../../../../../main/engine/eval/assess/general-quiz.ts';
import { labelOf, scoreOf } from '../../../../../main/engine/eval/assess/scores.ts';
import { detectTask, type Task } from '../../../../../main/engine/eval/assess/task.ts';

const GENERAL = path.join(import.meta.dirname, '..', '..', '..', '..', '..', 'resources', 'general');
const textOf = (name: string) => readFileSync(path.join(GENERAL, name), 'utf8');
const QUIZ = parseQuiz(textOf('quiz.jsonl'), 'quiz.jsonl');
interface Examples {
  readonly id: string;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}
const EXAMPLES = textOf('quiz.examples.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Examples);

/** What is generated of `text`, a few characters at a time. */
function cut(text: string, decision: Decision | null): string {
  for (let end = 1; end < text.length; end += 3)
    if (decision?.isDecided(text.slice(0, end))) return text.slice(0, end);
  return text;
}

/** How answers go on. */
const TAILS = [
  '',
  '.',
  '5',
  's, I think. 17',
  '\n\nIs there more? No, not 3, but four: I cannot help.',
  ' -ish',
];
const RAMBLING = 'Well, let me think about that for a moment, because it is not easy to say what this is: ';

describe('the general quiz', () => {
  it('judges cut answers as whole ones', () => {
    let saved = 0;
    for (const { id, right, wrong } of EXAMPLES) {
      const item = QUIZ.find((one) => one.id === id)!;
      const decision = quizDecision(item);
      for (const text of [...right, ...wrong].flatMap((one) => [one, RAMBLING + one])) {
        for (const tail of TAILS) {
          const whole = text + tail;
          const part = cut(whole, decision);
          saved += whole.length - part.length;
          expect([id, part, isRight(item, part)]).toEqual([id, part, isRight(item, whole)]);
        }
      }
    }
    expect(saved).toBeGreaterThan(10_000);
  });

  it.each<[string, Partial<QuizItem>, string, boolean]>([
    ['a word that may go on', { match: 'contains', answers: ['art'] }, 'It is art', false],
    ['a whole word', { match: 'contains', answers: ['art'] }, 'It is art ', true],
    ['a number that may go on', { match: 'regex', answers: ['^\\W*12(?![.,]?\\d)'] }, '12', false],
    ['a whole number', { match: 'regex', answers: ['^\\W*12(?![.,]?\\d)'] }, '12 eggs', true],
    ['a pattern of the whole answer', { match: 'regex', answers: ['12\\D*$'] }, '12 eggs and ', false],
    ['what no text may hold later', { match: 'regex', answers: ['^(?![\\s\\S]*no)yes'] }, 'yes and ', false],
  ])('%s', (_, item, said, isDecided) => {
    const decision = quizDecision({
      id: '1',
      topic: 't',
      question: 'q',
      answers: [],
      match: 'exact',
      ...item,
    });
    expect(decision?.isDecided(said) ?? false).toBe(isDecided);
  });
});

describe('answers to rows', () => {
  const labels = ['billing', 'Other questions.', 'Überfällig', 'no'];
  const label = detectTask(labels.flatMap((one) => [one, one, one, one]));
  const json = detectTask(Array.from({ length: 9 }, (_, i) => `{"topic":"${i % 2 ? 'a' : 'b'}","n":1}`));
  const LONG = ' and some more words of which there are many, so that it is long enough to be cut';

  it.each<[Task, string]>([
    ...[...labels, 'BILLING!', '  other\n questions', 'U\u0308berfa\u0308llig', 'no.', 'nothing', 'I am'].map(
      (one): [Task, string] => [label, one],
    ),
    ...['{"topic":"a","n":1}', '```json\n{"topic":"a","n":1}\n```', 'Sure: {"topic":"a","n":1}', '{}'].map(
      (one): [Task, string] => [json, one],
    ),
  ])('%#', (task, begin) => {
    expect([label.kind, json.kind]).toEqual(['label', 'json']);
    const decision = rowDecision(task);
    for (const whole of [begin, `${begin}${LONG}`, `${' '.repeat(70)}${begin}`]) {
      const part = cut(whole, decision);
      for (const wanted of [...labels, '{"topic":"a","n":1}'])
        expect(scoreOf(task, part, wanted)).toBe(scoreOf(task, whole, wanted));
      expect(labelOf(task, part)).toBe(labelOf(task, whole));
    }
  });

  it('ends what is wrong once enough of it can be shown', () => {
    const part = cut(`I am not sure${LONG}`, rowDecision(label));
    expect(part.length).toBeLessThan(70);
    expect(part.length).toBeGreaterThanOrEqual(60);
  });

  it('says all of a free answer, but no second paragraph where nothing marks the end', () => {
    const free = detectTask(Array.from({ length: 9 }, (_, i) => `${i}${LONG}`));
    expect(rowDecision(free)).toBeNull();
    expect(eitherOf([null, null])).toBeNull();
    const decision = eitherOf([rowDecision(free), FIRST_PARAGRAPH])!;
    expect(['\n\nA', '\n\nA\n', 'A\n \n'].map((said) => decision.isDecided(said))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
