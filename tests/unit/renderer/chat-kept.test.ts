/** Conversations that are kept: after each message and answer, taken back and asked again, handed to another model, opened again. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConversationContent } from '../../../common/api/contract.ts';
import { happens } from '../../helpers/happens.ts';

type Message = { readonly role: string; readonly content: string };
type Asked = { of: object; which: string[]; messages: Record<string, Message[]> };
const { kept, asked } = vi.hoisted(() => ({
  kept: new Map<string, ConversationContent>(),
  asked: [] as Asked[],
}));

vi.mock('../../../renderer/api.ts', () => ({
  isAborted: () => false,
  problemOf: (error: Error) => ({ code: 'x', message: error.message, hint: '' }),
  api: {
    chat: {
      async ask(question: Asked) {
        asked.push(question);
        return (async function* () {
          for (const from of question.which) {
            const done = { newTokens: 1, tokensPerSecond: 1, stopReason: 'end' };
            yield { from, text: `${from} ${asked.length}`, done: null };
            yield { from, text: '', done };
          }
        })();
      },
      close: async () => {},
    },
    conversations: {
      list: async () => [...kept].map(([id, { name }]) => ({ id, name, updated: '' })),
      get: async ({ id }: { id: string }) => ({ id, name: '', updated: '', content: kept.get(id)! }),
      async save({ id = `c${kept.size + 1}`, content }: { id?: string; content: ConversationContent }) {
        kept.set(id, structuredClone(content));
        return { id, name: content.name, updated: '' };
      },
    },
  },
}));

const { beginAnew, Chat, chatWith, keptChat } = await import('../../../renderer/state/chat.svelte.ts');

beforeEach(() => {
  kept.clear();
  asked.length = 0;
  vi.stubGlobal('document', { hidden: true });
});
const settled = () => happens(() => expect(kept.size).toBeGreaterThan(0));
const users = (id: string) => kept.get(id)!.turns.map(({ user }) => user);

describe('a conversation', () => {
  it('is kept once something was said, under its first words, with every answer', async () => {
    const chat = new Chat({ runId: 'r1' }, 'Be brief.', 'First run');
    expect(kept.size).toBe(0);
    await chat.send('Hello there\nand more');
    await settled();
    await happens(() => expect(kept.get('c1')!.turns[0]!.after?.text).toBe('after 1'));
    expect(kept.get('c1')).toMatchObject({
      ...{ name: 'Hello there', of: { runId: 'r1' }, system: 'Be brief.', who: 'both' },
      turns: [{ user: 'Hello there\nand more', by: 'First run', before: { state: 'done' } }],
    });
    await chat.rename('Greetings');
    expect(kept.get('c1')!.name).toBe('Greetings');
    expect(kept.size).toBe(1);
  });

  it('is asked again from a message on, and what followed comes back', async () => {
    const chat = new Chat({ modelId: 'm' }, '', 'Model');
    for (const message of ['One', 'Two', 'Three']) await chat.send(message);
    const before = chat.retry(chat.turns[1]!, 'Second');
    await happens(() => expect(users('c1')).toEqual(['One', 'Second']));
    expect(asked.at(-1)!.messages.before!.map(({ content }) => content)).toEqual([
      'One',
      'before 1',
      'Second',
    ]);
    await happens(() => expect(chat.busy).toBe(false));
    await chat.restore(before);
    expect(users('c1')).toEqual(['One', 'Two', 'Three']);
  });

  it('goes on with another model, which reads what was said', async () => {
    const chat = new Chat({ runId: 'a' }, '', 'Polite');
    await chat.send('One');
    chat.switchTo({ runId: 'b' }, 'Short');
    await chat.send('Two');
    expect(asked[1]).toMatchObject({ of: { runId: 'b' } });
    expect(asked[1]!.messages.after!.map(({ content }) => content)).toEqual(['One', 'after 1', 'Two']);
    await happens(() => expect(kept.get('c1')!.turns.map(({ by }) => by)).toEqual(['Polite', 'Short']));
  });

  it('is opened as it was, and the next one with that model is a new one', async () => {
    const first = chatWith({ modelId: 'm2' }, '', 'Model');
    await first.send('One');
    await settled();
    expect(await keptChat('c1')).toBe(first);
    beginAnew({ modelId: 'm2' });
    expect(chatWith({ modelId: 'm2' }, '', 'Model')).not.toBe(first);
    const again = await keptChat('c1');
    expect(again.turns.map(({ user, before }) => [user, before?.text])).toEqual([['One', 'before 1']]);
    await again.send('Two');
    await happens(() => expect(users('c1')).toEqual(['One', 'Two']));
  });
});
