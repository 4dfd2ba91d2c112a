import { describe, expect, it } from 'vitest';
import { mapText, parseMap, parseTemplate } from '../../../common/words/mapping.ts';
import { findColumn, mappedRow } from '../../../main/rows/mapping.ts';

const texts = (record: Record<string, unknown>, map: string) =>
  mappedRow(record, parseMap(map), 'f:1').turns.map(({ role, content }) => `${role}: ${content}`);

describe('parseMap', () => {
  it('reads prompt and answer, several columns, text, messages, and the words that people use for them', () => {
    expect(parseMap('prompt=q,answer=a')).toEqual({ prompt: ['q'], answer: ['a'] });
    expect(parseMap(' question = subject + body , label = topic , system=s')).toEqual({
      prompt: ['subject', 'body'],
      answer: ['topic'],
      system: ['s'],
    });
    expect(parseMap('text=body')).toEqual({ text: ['body'] });
    expect(parseMap('conversations=data.turns')).toEqual({ messages: ['data.turns'] });
    expect(parseMap('prompt="a, b"+"c=d",answer=e f')).toEqual({ prompt: ['a, b', 'c=d'], answer: ['e f'] });
  });

  it.each([
    ['', /cannot read ""/],
    ['prompt', /cannot read "prompt"/],
    ['prompt=', /cannot read/],
    ['colour=x', /cannot read "colour=x"/],
    ['constructor=x', /cannot read/],
    ['prompt=a,question=b', /"prompt" is given twice/],
    ['prompt=a,text=b', /a prompt with its answer, or text, or messages/],
    ['system=a', /names no prompt, text or messages/],
  ])('refuses %j with an example', (text, message) => {
    expect(() => parseMap(text)).toThrow(message);
    try {
      parseMap(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-usage', hint: expect.stringContaining('--map prompt=') });
    }
  });

  it('is undone by mapText, whatever the columns are called', () => {
    for (const map of [
      'prompt=q,answer=a',
      'prompt="a, b"+c,answer="x=y"',
      'text=Ünïcode',
      'messages=data.m',
    ]) {
      expect(mapText(parseMap(map))).toBe(map);
    }
  });
});

describe('mappedRow', () => {
  it('joins columns by an empty line, leaving out what is empty', () => {
    const record = { subject: 'Lamp', body: 'It broke.', topic: 'damage' };
    expect(texts(record, 'prompt=subject+body,answer=topic')).toEqual([
      'user: Lamp\n\nIt broke.',
      'assistant: damage',
    ]);
    expect(texts({ ...record, subject: ' ' }, 'prompt=subject+body,answer=topic')[0]).toBe('user: It broke.');
    expect(texts({ a: ' x \n' }, 'text=a')).toEqual(['text:  x \n']);
  });

  it('writes numbers and yes or no out, and takes the first of several texts', () => {
    expect(texts({ q: 7, a: false }, 'prompt=q,answer=a')).toEqual(['user: 7', 'assistant: false']);
    expect(texts({ q: 'x', a: ['first', 'second'] }, 'prompt=q,answer=a')[1]).toBe('assistant: first');
  });

  it('reaches into objects, and prefers a field that has the dot in its name', () => {
    expect(texts({ data: { q: 'x' }, 'data.a': 'flat' }, 'prompt=data.q,answer=data.a')).toEqual([
      'user: x',
      'assistant: flat',
    ]);
  });

  it('puts a system message first, where it has one', () => {
    expect(texts({ s: 'Be kind.', q: 'x', a: 'y' }, 'prompt=q,answer=a,system=s')[0]).toBe(
      'system: Be kind.',
    );
    expect(texts({ s: '', q: 'x', a: 'y' }, 'prompt=q,answer=a,system=s')[0]).toBe('user: x');
  });

  it('reads conversations, also written as JSON, and names their column in errors', () => {
    const chat = [
      { from: 'human', value: 'q' },
      { from: 'gpt', value: 'a' },
    ];
    expect(texts({ c: chat }, 'messages=c')).toEqual(['user: q', 'assistant: a']);
    expect(texts({ c: JSON.stringify(chat) }, 'messages=c')).toEqual(['user: q', 'assistant: a']);
    expect(() => texts({ c: 'no' }, 'messages=c')).toThrow(
      'f:1: “c” should be a list of messages, but is “no”.',
    );
  });

  it('says what is missing, and refuses what is no text', () => {
    const row = mappedRow({ q: 'x' }, parseMap('prompt=q,answer=a'), 'f:1');
    expect(row.turns[1]).toEqual({ role: 'assistant', content: '', missing: true, field: 'a' });
    expect(() => texts({ q: { deep: 1 }, a: 'y' }, 'prompt=q,answer=a')).toThrow(
      'f:1: “q” should be text, but is an object with deep.',
    );
  });
});

describe('parseTemplate', () => {
  it('fills in columns and keeps doubled braces', () => {
    const template = parseTemplate('Sort {{as JSON}}: {subject}\n{ body } {subject}');
    expect(template.columns).toEqual(['subject', 'body']);
    expect(template.fill((column) => `<${column}>`)).toBe('Sort {as JSON}: <subject>\n<body> <subject>');
    expect(parseTemplate('no column').fill(() => 'x')).toBe('no column');
  });

  it('makes an empty prompt of empty columns, whatever stands around them', () => {
    const template = parseTemplate('Q: {q}');
    const prompt = (record: Record<string, unknown>) =>
      mappedRow(record, { prompt: ['q'], answer: ['a'] }, 'f:1', template).turns[0]!.content;
    expect(prompt({ q: 'x', a: 'y' })).toBe('Q: x');
    expect(prompt({ q: ' ', a: 'y' })).toBe('');
  });
});

describe('findColumn', () => {
  it('forgives case and lists all columns where there is none', () => {
    expect(findColumn('subject', ['Subject', 'Body'], false, 'f.csv')).toBe('Subject');
    expect(findColumn('a', ['A', 'a'], false, 'f.csv')).toBe('a');
    expect(() => findColumn('topic', ['Subject', 'Body'], false, 'f.csv')).toThrow(
      'f.csv has no column “topic”.',
    );
    try {
      findColumn('topic', ['Subject', 'Body'], true, 'f.csv');
    } catch (error) {
      expect(error).toMatchObject({
        code: 'data-map',
        hint: expect.stringMatching(/Subject, Body\. Write a brace .* \{\{ \}\}/),
      });
    }
  });
});
