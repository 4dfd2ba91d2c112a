import { describe, expect, it } from 'vitest';
import { rowEncoder } from '../../../../../main/engine/data/tokens/encode.ts';
import type { ChatTemplate, Tokenizer } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import type { Message } from '../../../../../main/rows/messages.ts';
import type { TrainingRow } from '../../../../../main/rows/schema.ts';

/** Renders turns as `u:Hi~` and `a:Hello~`; `~` ends a turn. */
const chat: ChatTemplate = {
  source: '',
  foldsSystem: () => false,
  foldsTools: () => false,
  skills: () => [],
  render: (messages, options) =>
    messages.map(({ role, content }) => `${role[0]}:${content}~`).join('') +
    (options?.addGenerationPrompt ? 'a:' : ''),
};

/** One id per character; `~` is the end token. */
const characters: Tokenizer = {
  longestToken: 10,
  vocabSize: 0x10000,
  special: { bos: null, eos: 126, pad: null, unk: null },
  stopIds: [126],
  chat,
  encode: (text) => Array.from(text, (char) => char.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
  idOf: (token) => token.charCodeAt(0),
};

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

/** The text of a row, with what is not trained on replaced by dots. */
function trained(row: TrainingRow, trainOn: 'answers' | 'all', tokenizer = characters): string {
  const { ids, labels } = rowEncoder(tokenizer, trainOn)(row);
  return ids.map((id, t) => (labels[t] === id ? String.fromCharCode(id) : '.')).join('');
}

describe('rowEncoder', () => {
  const messages = [user('Hi'), assistant('Yo'), user('Why'), assistant('So')];

  it('trains on all answers of a conversation, or on all of it', () => {
    expect(trained({ kind: 'chat', messages }, 'answers')).toBe('.....' + '..Yo~' + '......' + '..So~');
    expect(trained({ kind: 'chat', messages }, 'all')).toBe('u:Hi~a:Yo~u:Why~a:So~');
  });

  it('does not train on the answers that are context', () => {
    const row = (contextMessages: number): TrainingRow => ({ kind: 'chat', messages, contextMessages });
    expect(trained(row(3), 'answers')).toBe('.....' + '.....' + '......' + '..So~');
    expect(trained(row(1), 'answers')).toBe('.....' + '..Yo~' + '......' + '..So~');
    expect(trained(row(3), 'all')).toBe('u:Hi~a:Yo~u:Why~a:So~');
  });

  it('trains on completions, or on prompts too; with and without a chat template', () => {
    const row: TrainingRow = { kind: 'completion', prompt: 'Hi', completion: 'Yo' };
    expect(trained(row, 'answers')).toBe('.....' + '..Yo~');
    expect(trained(row, 'all')).toBe('u:Hi~a:Yo~');
    expect(trained({ ...row, system: 'Be' }, 'answers')).toBe('.....' + '.....' + '..Yo~');
    const base = { ...characters, chat: null };
    expect(trained(row, 'answers', base)).toBe('..Yo~');
    expect(trained(row, 'all', base)).toBe('HiYo~');
  });

  it('learns an unfinished answer without an end', () => {
    const row: TrainingRow = { kind: 'completion', prompt: 'Hi', completion: 'Yo so', unfinished: true };
    const base = { ...characters, chat: null };
    expect(trained(row, 'answers')).toBe('.....' + '..Yo so');
    expect(trained(row, 'all')).toBe('u:Hi~a:Yo so');
    expect(trained(row, 'answers', base)).toBe('..Yo so');
  });

  it('trains on all of a text', () => {
    expect(trained({ kind: 'text', text: 'Once.' }, 'answers')).toBe('Once.~');
  });
});
