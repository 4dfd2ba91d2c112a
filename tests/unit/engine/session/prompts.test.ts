import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { promptsOf } from '../../../../main/engine/session/data.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const stop = new AbortController().signal;
const user = (content: string) => ({ role: 'user', content });

function found(name: string, content: string, most = 100) {
  const file = path.join(folder.folder, name);
  writeFileSync(file, content);
  return promptsOf({ paths: [file], most }, { stop });
}

describe('prompts', () => {
  it('are the lines of a text, each once', async () => {
    expect(await found('p.txt', 'Where is it?\n\nWhen?\r\nWhere is it?\n')).toEqual([
      [user('Where is it?')],
      [user('When?')],
    ]);
  });

  it.each([
    ['a prompt alone', '{"prompt":"Hi?"}\n{"prompt":"Yes?"}\n'],
    ['rows with answers', '{"question":"Hi?","answer":"Hello."}\n{"question":"Yes?","answer":"No."}\n'],
    [
      'preferences',
      '{"prompt":"Hi?","chosen":"a","rejected":"b"}\n{"prompt":"Yes?","chosen":"a","rejected":"b"}\n',
    ],
    ['texts', '"Hi?"\n"Yes?"\n'],
  ])('are what stands before the answer: %s', async (_, content) => {
    expect(await found('p.jsonl', content)).toEqual([[user('Hi?')], [user('Yes?')]]);
  });

  it('are conversations up to the last answer', async () => {
    const messages = [
      { role: 'system', content: 'Be kind.' },
      user('Hi?'),
      { role: 'assistant', content: 'Hello.' },
      user('And?'),
      { role: 'assistant', content: 'No.' },
    ];
    const shareGpt = {
      conversations: [
        { from: 'human', value: 'Hm?' },
        { from: 'gpt', value: 'Ah.' },
      ],
    };
    const content = [{ messages }, shareGpt].map((row) => JSON.stringify(row)).join('\n');
    expect(await found('p.jsonl', content)).toEqual([messages.slice(0, 4), [user('Hm?')]]);
  });

  it('leave out what is none, and end at the limit', async () => {
    const rows = [
      { messages: 'no list' },
      { prompt: '  ' },
      { chosen: 'Human: Hi', rejected: 'Human: Ho' },
      { a: 'x', b: 'y' },
      { messages: [{ role: 'tool', content: 'x' }] },
      7,
    ];
    expect(await found('p.jsonl', `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`)).toEqual([]);
    expect(await found('p.txt', 'One?\nTwo?\nThree?', 2)).toHaveLength(2);
  });
});
