/** A conversation with a model, or with both models of a run: then every message goes to both, and each has its answers. */
import type { ChatPiece, ChatTurn, Problem } from '../../common/api/contract.ts';
import { api, isAborted, problemOf } from '../api.ts';
import { batched } from '../streams.ts';

type Side = 'before' | 'after';

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

/** What a side is sent: its system message and its own part; messages that it did not get are left out. */
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

export type Who = 'both' | Side;

/** Whom a person talks to. */
export type Subject = Parameters<typeof api.chat.ask>[0]['of'];

export class Chat {
  readonly subject: Subject;
  /** What is being typed. */
  draft = $state('');
  turns = $state.raw<readonly Turn[]>([]);
  system = $state('');
  who = $state<Who>('before');
  temperature = $state<number | null>(0);
  maxNewTokens = $state<number | null>(256);
  busy = $state(false);

  #last = 0;
  #stop: AbortController | null = null;

  constructor(subject: Subject, system: string) {
    this.subject = subject;
    this.system = system;
    if ('runId' in subject) this.who = 'both';
  }

  /** Sends a message to whom it may concern and takes in the answers as they come. */
  async send(message: string): Promise<void> {
    if (this.busy || message.trim() === '') return;
    const which: Side[] = this.who === 'both' ? ['before', 'after'] : [this.who];
    this.#last += 1;
    const id = this.#last;
    this.turns = [...this.turns, newTurn(id, message, which)];
    const stop = new AbortController();
    this.#stop = stop;
    this.busy = true;
    const waiting: ChatPiece[] = [];
    const show = () => {
      const pieces = waiting.splice(0);
      if (pieces.length > 0) this.#change(id, (turn) => withPieces(turn, pieces));
    };
    const frame = batched<null>(show);
    try {
      const pieces = await api.chat.ask(this.#question(which), { signal: stop.signal });
      for await (const piece of pieces) {
        waiting.push(piece);
        frame.push(null);
      }
      show();
      this.#change(id, (turn) => ended(turn, null));
    } catch (error) {
      show();
      const byPerson = stop.signal.aborted || isAborted(error);
      this.#change(id, (turn) => ended(turn, byPerson ? null : problemOf(error)));
    } finally {
      frame.close();
      if (this.#stop === stop) {
        this.#stop = null;
        this.busy = false;
      }
    }
  }

  stop(): void {
    this.#stop?.abort();
  }

  /** Forgets the conversation; gives it back for an undo. */
  clear(): readonly Turn[] {
    this.stop();
    const before = this.turns;
    this.turns = [];
    return before;
  }

  /** Ends what goes on and gives the memory of the models back; what was said stays for the next visit. */
  close(): void {
    this.stop();
    if (this.turns.length > 0) void api.chat.close().catch(() => {});
  }

  #question(which: Side[]) {
    const { turns, system } = this;
    return {
      of: this.subject,
      which,
      messages: {
        before: messagesFor(turns, 'before', system),
        after: messagesFor(turns, 'after', system),
      },
      maxNewTokens: this.maxNewTokens ?? 256,
      temperature: this.temperature ?? 0,
    };
  }

  #change(id: number, change: (turn: Turn) => Turn): void {
    this.turns = this.turns.map((turn) => (turn.id === id ? change(turn) : turn));
  }
}

const known = new Map<string, Chat>();

/** The conversation with a subject: the same one for as long as the application is open. */
export function chatWith(subject: Subject, system: string): Chat {
  const key = Object.entries(subject).join();
  const chat = known.get(key) ?? new Chat(subject, system);
  known.set(key, chat);
  return chat;
}
