import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { canonicalText, parseRow } from '../../../main/rows/schema.ts';

const user = { role: 'user', content: 'Hi' };
const assistant = { role: 'assistant', content: 'Hello!' };
const system = { role: 'system', content: 'Be kind.' };

function failure(row: unknown): AppError {
  try {
    parseRow(row, 'data.jsonl:7');
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('bad-row');
    expect((error as AppError).hint).not.toBe('');
    return error as AppError;
  }
  throw new Error(`accepted ${JSON.stringify(row)}`);
}

describe('parseRow', () => {
  it('reads conversations, with and without a system message and with several turns', () => {
    for (const messages of [
      [user, assistant],
      [system, user, assistant],
      [system, user, assistant, user, assistant],
      [user, assistant, user],
    ]) {
      expect(parseRow({ messages }, 'f:1')).toEqual({ kind: 'chat', messages });
    }
    const extra = { ...user, name: 'Ann', weight: 0 };
    expect(parseRow({ messages: [extra, assistant], id: 3 }, 'f:1')).toEqual({
      kind: 'chat',
      messages: [user, assistant],
    });
  });

  it('reads prompt and completion, as texts and as lists of messages', () => {
    const row = { prompt: 'Q', completion: ' A', other: [] };
    expect(parseRow(row, 'f:1')).toEqual({ kind: 'completion', prompt: 'Q', completion: ' A' });
    const withSystem = { ...row, system: 'S' };
    expect(parseRow(withSystem, 'f:1')).toEqual({
      kind: 'completion',
      prompt: 'Q',
      completion: ' A',
      system: 'S',
    });
    const turns = { prompt: [user, assistant, user], completion: [assistant] };
    const messages = [user, assistant, user, assistant];
    expect(parseRow(turns, 'f:1')).toEqual({ kind: 'chat', messages, contextMessages: 3 });
  });

  it('reads Alpaca rows; the input follows the instruction after an empty line', () => {
    const row = { instruction: 'Translate', input: 'chat', output: 'cat' };
    expect(parseRow(row, 'f:1')).toEqual({
      kind: 'completion',
      prompt: 'Translate\n\nchat',
      completion: 'cat',
    });
    for (const input of ['', ' ', null, undefined]) {
      expect(parseRow({ ...row, input }, 'f:1')).toEqual({
        kind: 'completion',
        prompt: 'Translate',
        completion: 'cat',
      });
    }
  });

  it('reads text', () => {
    expect(parseRow({ text: ' as it is \n' }, 'f:1')).toEqual({ kind: 'text', text: ' as it is \n' });
  });

  it('reads a row that fits several shapes as the first in the documented order; null counts as absent', () => {
    const all = {
      text: 'T',
      output: 'O',
      instruction: 'I',
      completion: 'C',
      prompt: 'P',
      messages: [user, assistant],
    };
    expect(parseRow(all, 'f:1').kind).toBe('chat');
    expect(parseRow({ ...all, messages: null }, 'f:1')).toMatchObject({ prompt: 'P', completion: 'C' });
    const alpaca = { ...all, messages: null, prompt: null, completion: null };
    expect(parseRow(alpaca, 'f:1')).toMatchObject({ prompt: 'I', completion: 'O' });
    expect(parseRow({ ...alpaca, instruction: null, output: null }, 'f:1').kind).toBe('text');
  });

  it.each([
    [{ messages: [] }, '“messages” should be a list of messages, but is an empty list.'],
    [{ messages: 'x' }, '“messages” should be a list of messages, but is “x”.'],
    [{ messages: [user] }, '“messages” should be a conversation with an answer, but is a list of 1.'],
    [{ messages: [user, 'x'] }, '“messages[1]” should be an object with role and content, but is “x”.'],
    [
      { messages: [{ content: 'x' }] },
      '“messages[0].role” should be one of system, user, assistant, tool, but is empty.',
    ],
    [{ messages: [user, { role: 'tool', content: 'x' }] }, 'but is “tool”.'],
    [{ messages: [user, { role: 'assistant', content: ' ' }] }, '“messages[1].content” is empty.'],
    [
      { messages: [user, { role: 'assistant', content: [{ type: 'text' }] }] },
      '“messages[1].content” should be text, but is a list of 1.',
    ],
    [{ messages: [assistant, user] }, '“messages[0].role” should be user, but is'],
    [{ messages: [user, user, assistant] }, '“messages[1].role” should be assistant, but is'],
    [{ messages: [system, user, assistant, assistant] }, '“messages[3].role” should be user, but is'],
    [{ messages: [user, assistant, system, user] }, '“messages[2].role” should be user, but is'],
    [{ messages: [system] }, '“messages” should be a conversation with an answer'],
    [{ prompt: 'x' }, '“completion” is missing.'],
    [{ prompt: 'x', completion: 5 }, '“completion” should be text, but is 5.'],
    [{ prompt: [user], completion: 'x' }, '“prompt” should be text, but is a list of 1.'],
    [{ prompt: [user], completion: [] }, 'but is a list of 1.'],
    [{ prompt: [user, assistant], completion: [user] }, '“completion” has no message of the assistant.'],
    [{ prompt: [], completion: [user, assistant] }, '“prompt” is empty.'],
    [{ instruction: 'x' }, '“output” is missing.'],
    [{ instruction: 'x', input: 3, output: 'y' }, '“input” should be text, but is 3.'],
    [{ text: '' }, '“text” is empty.'],
    [{ text: { a: 1 } }, 'but is an object with a.'],
    [{ foo: 1, bar: 2 }, 'The row has foo, bar, but no question with an answer, no messages and no text.'],
    [{}, 'The row is empty.'],
    [null, 'The row should be an object with fields, but is empty.'],
    ['x', 'The row should be an object with fields, but is “x”.'],
  ])('refuses %j', (row, message) => {
    const error = failure(row);
    expect(error.message.startsWith('data.jsonl:7: ')).toBe(true);
    expect(error.message).toContain(message);
  });

  it('says how to rename the fields of other conventions', () => {
    expect(failure({ question: 'x', answer: 'y' }).hint).toContain('Choose “question” as the question');
    expect(failure({ input: 'x', output: 'y' }).hint).toContain('Choose “input” as the question');
    expect(failure({ prompt: 'x', chosen: 'y' }).hint).toContain('add “rejected”');
    expect(failure({ instruction: 'x', input: 'y' }).hint).toContain('{"instruction": "…", "input": "…"');
    expect(failure([{ text: 'x' }]).hint).toContain('on a line of its own');
    expect(failure({ foo: 1 }).hint).toContain('{"prompt": "…", "completion": "…"}');
  });

  it('keeps messages short and printable whatever the row holds', () => {
    const error = failure({ prompt: 'x', completion: { ['\u001b'.repeat(5000)]: 1 } });
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).not.toContain('\u001b');
    expect(failure({ ['k'.repeat(100_000)]: 1 }).message.length).toBeLessThan(400);
  });
});

describe('canonicalText', () => {
  it('is equal for equal content and differs with every part of it', () => {
    const text = (row: unknown): string => canonicalText(parseRow(row, 'f:1'));
    expect(text({ completion: 'C', id: 1, prompt: 'P' })).toBe(text({ prompt: 'P', completion: 'C' }));
    const rows = [
      { prompt: 'P', completion: 'C' },
      { prompt: 'P', completion: 'D' },
      { prompt: 'P', completion: 'C', system: 'S' },
      { messages: [user, assistant] },
      { messages: [system, user, assistant] },
      { prompt: [user], completion: [assistant] },
      { text: 'P' },
    ];
    expect(new Set(rows.map(text)).size).toBe(rows.length);
  });
});
