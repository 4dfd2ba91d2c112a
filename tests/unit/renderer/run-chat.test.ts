/** A conversation with two models, each with its own part, and the keys of the blind round. */
import { describe, expect, it } from 'vitest';
import type { ChatPiece } from '../../../common/api/contract.ts';
import { ended, messagesFor, newTurn, type Turn, withPieces } from '../../../renderer/state/chat.svelte.ts';

const piece = (from: ChatPiece['from'], text: string, stopReason?: string): ChatPiece => ({
  ...{ from, text },
  done: stopReason === undefined ? null : { newTokens: 2, tokensPerSecond: 10, stopReason },
});
const BOTH = ['before', 'after'] as const;

describe('a conversation', () => {
  const first = withPieces(newTurn(1, 'Hi', BOTH), [
    piece('before', 'Hel'),
    piece('after', 'Good day', 'end'),
    piece('before', 'lo', 'length'),
  ]);

  it('gives each model its own answers', () => {
    expect(first.before).toMatchObject({ text: 'Hello', state: 'done', done: { stopReason: 'length' } });
    const turns: Turn[] = [first, newTurn(2, 'And?', BOTH)];
    expect(messagesFor(turns, 'before', 'Be brief.')).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'And?' },
    ]);
    expect(messagesFor(turns, 'after', '  ').map(({ content }) => content)).toEqual([
      'Hi',
      'Good day',
      'And?',
    ]);
  });

  it('leaves out what a side was not asked, and what failed', () => {
    const problem = { code: 'x', message: 'No memory', hint: '' };
    const turns = [newTurn(1, 'One', ['after']), ended(newTurn(2, 'Two', BOTH), problem)];
    expect(messagesFor(turns, 'before', '')).toEqual([]);
    expect(turns[1]?.after).toMatchObject({ state: 'failed', problem });
  });

  it('keeps what was written when it is stopped', () => {
    const stopped = ended(withPieces(newTurn(1, 'Hi', BOTH), [piece('after', 'Well')]), null);
    expect(stopped.after).toMatchObject({ text: 'Well', state: 'stopped', problem: null });
    expect(ended(first, null)).toEqual(first);
  });

  it('ignores pieces of a side that was not asked', () => {
    const turn = newTurn(1, 'Hi', ['after']);
    expect(withPieces(turn, [piece('before', 'x')])).toEqual(turn);
  });
});
