import { describe, expect, it } from 'vitest';
import { writtenCall } from '../../../../../main/engine/data/rows/tool-calls.ts';
import {
  confusionOf,
  isRightAnswer,
  labelOf,
  variantScores,
} from '../../../../../main/engine/eval/assess/scores.ts';
import {
  chrf,
  detectTask,
  fieldsRight,
  longestSharedRun,
  normalised,
  parseObject,
} from '../../../../../main/engine/eval/assess/task.ts';

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
    const scores = variantScores(task, 'before', { said, wanted, after: wanted }, 1);
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
    const scores = variantScores(task, 'after', { said, wanted, after: said }, 1);
    expect(scores.right!.value).toBe(0.25);
    expect(scores.validJson!.value).toBe(0.75);
    expect(scores.labelRight!.value).toBe(0.75);
    expect(scores.fields!.urgent!.value).toBe(0.5);
    expect(scores.gain.value).toBe(0);
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

describe('labels', () => {
  const task = detectTask(['Yes', 'No', 'Yes', 'No', 'No', 'Yes']);
  it('are found whatever their case', () => {
    expect([labelOf(task, ' yes. '), labelOf(task, 'maybe')]).toEqual(['Yes', null]);
  });

  it('are scored with the gain of the trained model', () => {
    const wanted = ['Yes', 'No', 'No', 'Yes'];
    const scores = variantScores(task, 'before', { said: ['No', 'x', 'No', ''], wanted, after: wanted }, 1);
    expect([scores.right!.value, scores.labelRight!.value, scores.gain.value]).toEqual([0.25, 0.25, 0.75]);
  });
});
