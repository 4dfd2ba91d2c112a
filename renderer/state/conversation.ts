/** A conversation with two models: every message goes to both, and each has its own answers. */
import type { ChatPiece, ChatTurn, Problem } from '../../common/api/contract.ts';

export type Side = 'before' | 'after';

export interface Answer {
  readonly text: string;
  /** Null while it is being written, and where it was stopped. */
  readonly done: ChatPiece['done'];
  readonly state: 'writing' | 'done' | 'stopped' | 'failed';
  readonly problem: Problem | null;
}

export interface Turn {
  readonly id: number;
  readonly user: string;
  /** Null for a side that was not asked. */
  readonly before: Answer | null;
  readonly after: Answer | null;
}

const BEGUN: Answer = { text: '', done: null, state: 'writing', problem: null };

/** A message to the given sides, before anything is answered. */
export function newTurn(id: number, user: string, sides: readonly Side[]): Turn {
  const answer = (side: Side) => (sides.includes(side) ? BEGUN : null);
  return { id, user, before: answer('before'), after: answer('after') };
}

/** What a side is sent: its system message and its own part of the conversation; messages that it did not get are left out. */
export function messagesFor(turns: readonly Turn[], side: Side, system: string): ChatTurn[] {
  const said = turns.flatMap((turn): ChatTurn[] => {
    const answer = turn[side];
    if (answer === null || answer.state === 'failed') return [];
    const asked: ChatTurn = { role: 'user', content: turn.user };
    return answer.state === 'writing' && answer.text === ''
      ? [asked]
      : [asked, { role: 'assistant', content: answer.text }];
  });
  return system.trim() === '' ? said : [{ role: 'system', content: system }, ...said];
}

/** The turn with these pieces of its answers added. */
export function withPieces(turn: Turn, pieces: readonly ChatPiece[]): Turn {
  let now = turn;
  for (const piece of pieces) now = withPiece(now, piece);
  return now;
}

function withPiece(turn: Turn, { from, text, done }: ChatPiece): Turn {
  const answer = turn[from];
  if (answer === null) return turn;
  const state = done ? (done.stopReason === 'stopped' ? 'stopped' : 'done') : answer.state;
  return { ...turn, [from]: { ...answer, text: answer.text + text, done: done ?? answer.done, state } };
}

/** The turn with answers that were still being written ended, stopped by the person or by a problem. */
export function ended(turn: Turn, problem: Problem | null): Turn {
  const end = (answer: Answer | null): Answer | null =>
    answer?.state === 'writing' ? { ...answer, state: problem ? 'failed' : 'stopped', problem } : answer;
  return { ...turn, before: end(turn.before), after: end(turn.after) };
}
