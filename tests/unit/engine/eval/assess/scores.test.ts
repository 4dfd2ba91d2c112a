/** An answer that is cut as soon as it is decided must be judged as the whole one would be. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRight, parseQuiz, type QuizItem } from '../../../../../main/engine/eval/assess/general-quiz.ts';
import {
  confusionOf,
  type Decision,
  eitherOf,
  FIRST_PARAGRAPH,
  isRightAnswer,
  labelOf,
  quizDecision,
  rowDecision,
  scoreOf,
  variantScores,
} from '../../../../../main/engine/eval/assess/scores.ts';
import { slotsOf } from '../../../../../main/engine/eval/assess/slots.ts';
import {
  chrf,
  detectTask,
  fieldsRight,
  longestSharedRun,
  normalised,
  parseObject,
  type Task,
} from '../../../../../main/engine/eval/assess/task.ts';
import { writtenCall } from '../../../../../main/rows/tool-calls.ts';

/** Rows that want these answers to `questions`. */
const rowsOf = (wanted: readonly string[], questions = wanted) =>
  wanted.map((answer, i) => ({ text: questions[i]!, answer }));

describe('chrf', () => {
  it('is 1 for the same text and 0 for nothing in common', () => {
    expect(chrf('a good day', 'a good day')).toBe(1);
    expect(chrf('xyz', 'abc')).toBe(0);
    expect(chrf('', 'abc')).toBe(0);
    expect(chrf('', '')).toBe(1);
  });

  it('is as computed by hand for "cat" against "cart"', () => {
    // orders 1, 2, 3: shared 3, 1, 0; of the text 3, 2, 1; of the reference 4, 3, 2
    const precision = (3 / 3 + 1 / 2 + 0) / 3;
    const recall = (3 / 4 + 1 / 3 + 0) / 3;
    expect(chrf('cat', 'cart')).toBeCloseTo((5 * precision * recall) / (4 * precision + recall), 12);
  });

  it('is as computed by hand for a repeated character', () => {
    // "aaa" against "aa": shared 2, 1; of the text 3, 2; of the reference 2, 1
    const precision = (2 / 3 + 1 / 2) / 2;
    expect(chrf('aaa', 'aa')).toBeCloseTo((5 * precision) / (4 * precision + 1), 12);
  });

  it('is that of sacrebleu', () => {
    const file = path.join(import.meta.dirname, '../../../../golden/data/chrf.json');
    const cases = JSON.parse(readFileSync(file, 'utf8')) as [said: string, wanted: string, score: number][];
    expect(cases.length).toBeGreaterThan(20);
    for (const [said, wanted, score] of cases) expect(chrf(said, wanted), said).toBeCloseTo(score, 7);
  });

  it('does not see white space, and counts characters, not code units', () => {
    expect(chrf('go od', ' good\n')).toBe(1);
    // one of two characters of each, one order with something shared: p = r = (1/2 + 0) / 2
    expect(chrf('😀x', '😀y')).toBeCloseTo(0.25, 12);
  });
});

describe('texts', () => {
  it('are compared without case, spacing and closing punctuation', () => {
    expect(normalised('  A Cow  says\nMOO!! ')).toBe('a cow says moo');
    expect(normalised('3.5')).toBe('3.5');
  });

  it('share runs of words', () => {
    expect(longestSharedRun('We send it back today, thanks.', 'Please: we send it back, today')).toBe(5);
    expect(longestSharedRun('', 'a')).toBe(0);
    expect(longestSharedRun('包裹明天送到。', '您的包裹明天会送到')).toBe(4);
  });
});

describe('calls', () => {
  const call = (name: string, given: object) =>
    writtenCall({ name, arguments: given as Record<string, unknown> });
  const wanted = [
    call('light', { room: 'hall', on: true }),
    call('heat', { room: 'hall', to: 20 }),
    'You are welcome.',
  ];
  const task = detectTask([...wanted, ...wanted]);

  it('are a task of their own, also where some answers call nothing', () => {
    expect(task).toMatchObject({ kind: 'calls', reason: expect.stringContaining('4 of 6') });
    expect(detectTask([wanted[0]!, 'no', 'no', 'no']).kind).not.toBe('calls');
  });

  it('are right by tool and arguments, in any order and notation, and where none is wanted without any', () => {
    const right = (said: string, row: number) => isRightAnswer(task, said, wanted[row]!);
    expect(right(wanted[0]!, 0)).toBe(true);
    expect(
      right('<tool_call>{"arguments": {"on": true, "room": "hall"}, "name": "light"}</tool_call>', 0),
    ).toBe(true);
    expect(right('<|tool_call_start|>[light(room="hall", on=True)]<|tool_call_end|>', 0)).toBe(true);
    expect(right('<|python_tag|>{"name": "light", "parameters": {"room": "hall", "on": true}}', 0)).toBe(
      true,
    );
    expect(right(`Let me see.\n${wanted[0]}`, 0)).toBe(true);
    for (const said of [
      wanted[1]!,
      call('light', { room: 'hall' }),
      `${wanted[0]}\n${wanted[0]}`,
      'light(hall)',
      '',
    ])
      expect(right(said, 0), said).toBe(false);
    const both = [wanted[0], wanted[1]].join('\n');
    expect(isRightAnswer(task, [wanted[1], wanted[0]].join('\n'), both)).toBe(true);
    expect(right('Any words.', 2)).toBe(true);
    expect(right(wanted[0]!, 2)).toBe(false);
  });

  it('are scored by tool, by arguments and as JSON', () => {
    const said = [call('light', { room: 'attic' }), '<tool_call>{"name": "heat", </tool_call>', 'Gladly.'];
    const scores = variantScores(
      task,
      'before',
      { said, rows: rowsOf(wanted), prompts: wanted, after: wanted },
      null,
      1,
    );
    expect(scores.right).toMatchObject({ value: 1 / 3 });
    expect(scores.toolRight).toMatchObject({ value: 2 / 3 });
    expect(scores.validJson).toMatchObject({ value: 1 / 2 });
    expect(scores.gain).toMatchObject({ value: 2 / 3 });
    expect(scores.right!.low).toBeLessThan(1 / 3);
  });
});

describe('detectTask', () => {
  const many = (make: (i: number) => string, count = 40) => Array.from({ length: count }, (_, i) => make(i));
  it.each([
    ['label', many((i) => ['Billing', 'delivery', 'refund.'][i % 3]!)],
    ['label', many((i) => (i % 2 ? 'yes' : 'no'))],
    ['label', many((i) => String((i % 5) + 1))],
    // as many as the intents of an assistant, and more than can be a closed set
    ['label', many((i) => `intent ${i % 150}`, 300)],
    ['short', many((i) => `name ${i % 250}`, 1000)],
    // results of sums come back, too
    ['short', many((i) => String(i % 60), 240)],
    ['short', many((i) => String(i % 20), 40)],
    ['json', many((i) => JSON.stringify({ topic: ['a', 'b'][i % 2], urgent: i % 5 === 0 }))],
    ['json', many((i) => JSON.stringify({ name: `n${i}` }))],
    ['short', many((i) => `Number ${i} it is`)],
    ['short', many((i) => `only once ${i}`, 4)],
    ['free', many((i) => `This is a longer answer, the one with number ${i}, and it goes on.`)],
    [
      'free',
      many((i) => (i % 4 ? `{"topic": ${i}` : 'Not JSON, but an answer that has quite a few words in it')),
    ],
    ['free', many(() => 'the same answer of nine words, again and again')],
    ['text', []],
  ])('sees %s', (kind, answers) => {
    expect(detectTask(answers).kind).toBe(kind);
  });

  it('names the labels as the data write them, most frequent first', () => {
    const answers = ['Refund', 'refund.', 'Refund', 'Billing', 'Billing', 'refund'];
    expect(detectTask(answers).labels).toEqual(['Refund', 'Billing']);
  });

  it('takes the field with most values as the label of a JSON answer', () => {
    const answers = many((i) =>
      JSON.stringify({ topic: ['damage', 'refund', 'praise'][i % 3], urgent: i % 2 === 0, id: i }),
    );
    const task = detectTask(answers);
    expect(task.field).toBe('topic');
    expect(task.labels).toEqual(['damage', 'refund', 'praise']);
    expect(task.fields.map(({ name, choice, type }) => [name, choice, type])).toEqual([
      ['topic', true, 'text'],
      ['urgent', true, 'yes or no'],
      ['id', false, 'number'],
    ]);
  });
});

describe('JSON answers', () => {
  it('are read whole, or in a code fence', () => {
    expect(parseObject(' {"a":1}\n')).toEqual({ a: 1 });
    expect(parseObject('```json\n{"a":1}\n```')).toEqual({ a: 1 });
    for (const bad of ['', '[1]', 'null', '{"a":1} done', '{a:1}', '"x"'])
      expect(parseObject(bad)).toBeNull();
  });

  it('have right fields by value, whatever the order of keys', () => {
    const wanted = { topic: 'damage', tags: ['x', 'y'], at: { day: 1, month: 2 } };
    const said = { at: { month: 2, day: 1 }, tags: ['y', 'x'], topic: ' damage ' };
    expect([...fieldsRight(said, wanted)]).toEqual([
      ['topic', true],
      ['tags', false],
      ['at', true],
    ]);
    expect([...fieldsRight(null, { a: 1 })]).toEqual([['a', false]]);
  });

  const answers = Array.from({ length: 30 }, (_, i) =>
    JSON.stringify({ topic: ['damage', 'refund', 'praise'][i % 3], urgent: i % 2 === 0 }),
  );
  const task = detectTask(answers);
  const wanted = answers.slice(0, 4);
  const said = [
    answers[0]!,
    '{"topic":"refund","urgent":true}',
    'sorry?',
    `{"urgent":false,"topic":"damage","more":1}`,
  ];

  it('are right when every field is and none is added', () => {
    expect(said.map((text, i) => isRightAnswer(task, text, wanted[i]!))).toEqual([true, false, false, false]);
  });

  it('are scored by validity, field and label', () => {
    const scores = variantScores(
      task,
      'after',
      { said, rows: rowsOf(wanted), prompts: wanted, after: said },
      null,
      1,
    );
    expect(scores.right!.value).toBe(0.25);
    expect(scores.validJson!.value).toBe(0.75);
    // all, one of two, no JSON, two of two and one that is not wanted
    expect(scores.fieldsRight!.value).toBeCloseTo((1 + 1 / 2 + 0 + 2 / 3) / 4, 12);
    expect(scores.fieldsRight!.low).toBeLessThan(scores.fieldsRight!.value);
    expect(scores.labelRight!.value).toBe(0.75);
    expect(scores.fields!.urgent!.value).toBe(0.5);
    expect(scores.gain.value).toBe(0);
  });

  it('count a field that is always the same only where it is wrong', () => {
    const typed = (order: number, type = 'order') => JSON.stringify({ type, order });
    const orders = detectTask(Array.from({ length: 20 }, (_, i) => typed(i)));
    const score = (said: string) => scoreOf(orders, said, rowsOf([typed(3)])[0]!);
    expect([typed(3), typed(4), typed(3, 'bill'), typed(4, 'bill'), '{}'].map(score)).toEqual([
      1, 0, 0.5, 0, 0,
    ]);
  });

  it('fill a confusion table with a last column for what is no label', () => {
    expect(confusionOf(task, said, wanted)).toEqual({
      labels: ['damage', 'refund', 'praise'],
      counts: [
        [2, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 1],
      ],
    });
  });
});

describe('sentences made from attributes', () => {
  it('are scored by similarity, to the letter, and by the values that they name and invent', () => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      text: `name[Place ${i}], food[${['French', 'Thai'][i % 2]}]`,
      answer: `You will find that Place ${i} serves ${['French', 'Thai'][i % 2]} food to all who come.`,
    }));
    const free = detectTask(rows.map(({ answer }) => answer));
    const prompts = rows.slice(0, 3).map(({ text }) => text);
    const wanted = rows.slice(0, 3).map(({ answer }) => answer);
    const said = [wanted[0]!, 'Place 1 has French food.', 'A place.'];
    const scores = variantScores(
      free,
      'after',
      { said, rows: rowsOf(wanted, prompts), prompts, after: said },
      slotsOf(rows),
      1,
    );
    expect(scores.chrf!.value).toBeCloseTo(
      (1 + chrf(said[1]!, wanted[1]!) + chrf(said[2]!, wanted[2]!)) / 3,
      12,
    );
    expect(scores.right!.value).toBeCloseTo(1 / 3);
    // 2 of 2, 1 of 2, 0 of 2; named are 2, 2 and 0 values, of which one is invented
    expect(scores.slotsPresent!.value).toBeCloseTo(3 / 6);
    expect(scores.slotsInvented!.value).toBeCloseTo(1 / 4);
    const plain = variantScores(
      free,
      'after',
      { said, rows: rowsOf(wanted, prompts), prompts, after: said },
      null,
      1,
    );
    expect(plain.slotsPresent).toBeUndefined();
  });
});

describe('labels', () => {
  const task = detectTask(['Yes', 'No', 'Yes', 'No', 'No', 'Yes']);
  it('are found whatever their case', () => {
    expect([labelOf(task, ' yes. '), labelOf(task, 'maybe')]).toEqual(['Yes', null]);
  });

  it('are scored with the gain of the trained model', () => {
    const wanted = ['Yes', 'No', 'No', 'Yes'];
    const scores = variantScores(
      task,
      'before',
      { said: ['No', 'x', 'No', ''], rows: rowsOf(wanted), prompts: wanted, after: wanted },
      null,
      1,
    );
    expect([scores.right!.value, scores.labelRight!.value, scores.gain.value]).toEqual([0.25, 0.25, 0.75]);
  });
});

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
      for (const wanted of rowsOf([...labels, '{"topic":"a","n":1}']))
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
