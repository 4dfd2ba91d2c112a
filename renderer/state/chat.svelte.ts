/** A conversation with a model, or with both models of a run: then every message goes to both, and each has its answers. */
import type {
  ChatPiece,
  ChatTurn,
  ConversationContent,
  ConversationRow,
  Problem,
  Subject,
} from '../../common/api/contract.ts';
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
  /** The name of the model that answered, or of the run. */
  readonly by: string;
  /** Null for a side that was not asked. */
  readonly before: Answer | null;
  readonly after: Answer | null;
}

const BEGUN: Answer = { text: '', done: null, state: 'writing', problem: null };

/** A message to the given sides, before anything is answered. */
export function newTurn(id: number, user: string, sides: readonly Side[], by = ''): Turn {
  const answer = (side: Side) => (sides.includes(side) ? BEGUN : null);
  return { id, user, by, before: answer('before'), after: answer('after') };
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

/** The name of a conversation that nobody has named: how its first message begins. */
const NAME_CHARS = 60;

export class Chat {
  /** Whom it is with; another one may take over, and goes on with what was said. */
  subject = $state.raw<Subject>({ modelId: '' });
  /** The name of that model or run. */
  by = $state('');
  /** What is being typed. */
  draft = $state('');
  turns = $state.raw<readonly Turn[]>([]);
  system = $state('');
  who = $state<Who>('before');
  temperature = $state<number | null>(0);
  maxNewTokens = $state<number | null>(256);
  busy = $state(false);
  /** Under which it is kept; undefined before the first message. */
  id = $state<string | undefined>(undefined);

  #name = '';
  #last = 0;
  #stop: AbortController | null = null;
  #keeping: Promise<void> = Promise.resolve();

  constructor(subject: Subject, system: string, by: string) {
    this.system = system;
    this.switchTo(subject, by);
  }

  /** The conversation that is kept as `content`. */
  static kept(id: string, { name, of, turns, ...content }: ConversationContent): Chat {
    const chat = new Chat(of, content.system, turns.at(-1)?.by ?? '');
    chat.id = id;
    chat.#name = name;
    chat.#last = turns.length;
    chat.turns = turns.map((turn, i) => ({ ...turn, id: i + 1 }));
    Object.assign(chat, content);
    return chat;
  }

  /** Another model goes on with the conversation. */
  switchTo(subject: Subject, by: string): void {
    this.subject = subject;
    this.by = by;
    this.who = 'runId' in subject ? 'both' : 'before';
  }

  rename(name: string): Promise<void> {
    this.#name = name;
    return this.#keep();
  }

  /** Takes back a message with all that followed, and sends another one, or the same again; gives what was taken back. */
  retry(turn: Turn, message: string): readonly Turn[] {
    const before = this.turns;
    this.stop();
    this.turns = before.slice(0, before.indexOf(turn));
    void this.send(message);
    return before;
  }

  /** Puts back what a retry or `clear` has taken. */
  async restore(turns: readonly Turn[]): Promise<void> {
    this.stop();
    this.turns = turns;
    await this.#keep();
  }

  /** Sends a message to whom it may concern and takes in the answers as they come. */
  async send(message: string): Promise<void> {
    if (this.busy || message.trim() === '') return;
    const which: Side[] = this.who === 'both' ? ['before', 'after'] : [this.who];
    this.#last += 1;
    const id = this.#last;
    this.turns = [...this.turns, newTurn(id, message, which, this.by)];
    void this.#keep();
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
      void this.#keep();
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
    void this.#keep();
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

  /** Keeps it as it is now, one state after the other; an answer that is being written counts as stopped. */
  #keep(): Promise<void> {
    if (this.turns.length === 0 && this.id === undefined) return Promise.resolve();
    const content = this.#content();
    this.#keeping = this.#keeping
      .then(async () => {
        const { id } = await api.conversations.save({
          ...(this.id !== undefined && { id: this.id }),
          content,
        });
        this.id = id;
        await conversations.refresh();
      })
      .catch(() => {});
    return this.#keeping;
  }

  #content(): ConversationContent {
    const first = this.turns[0]?.user.trim().split('\n')[0] ?? '';
    const kept = (answer: Answer | null) => {
      if (answer === null) return null;
      const { text, done, problem, state } = answer;
      return { text, done, problem, state: state === 'writing' ? ('stopped' as const) : state };
    };
    return {
      name: this.#name || first.slice(0, NAME_CHARS) || this.by.slice(0, NAME_CHARS) || '…',
      of: this.subject,
      system: this.system,
      who: this.who,
      temperature: this.temperature ?? 0,
      maxNewTokens: this.maxNewTokens ?? 256,
      turns: this.turns.map(({ user, by, before, after }) => ({
        user,
        by,
        before: kept(before),
        after: kept(after),
      })),
    };
  }

  #change(id: number, change: (turn: Turn) => Turn): void {
    this.turns = this.turns.map((turn) => (turn.id === id ? change(turn) : turn));
  }
}

const known = new Map<string, Chat>();
const keyOf = (subject: Subject) => Object.entries(subject).join();

/** The conversation that was begun with a subject: the same one for as long as the application is open. */
export function chatWith(subject: Subject, system: string, by: string): Chat {
  const key = keyOf(subject);
  const open = known.get(key);
  // another model may have taken it over
  const chat = open && keyOf(open.subject) === key ? open : new Chat(subject, system, by);
  known.set(key, chat);
  return chat;
}

/** The next conversation with that subject is a new one. */
export function beginAnew(subject: Subject): void {
  known.delete(keyOf(subject));
}

/** A conversation that is kept; one that is open already goes on as it is. */
export async function keptChat(id: string): Promise<Chat> {
  const open = [...known.values()].find((chat) => chat.id === id);
  if (open) return open;
  const { content } = await api.conversations.get({ id });
  const chat = Chat.kept(id, content);
  known.set(id, chat);
  return chat;
}

/** The kept conversations, the one that was changed last first. */
class Conversations {
  all = $state.raw<readonly ConversationRow[]>([]);

  async refresh(): Promise<void> {
    this.all = await api.conversations.list();
  }

  /** Deletes one; gives a function that brings it back. */
  async remove(id: string): Promise<() => Promise<void>> {
    const { content } = await api.conversations.get({ id });
    await api.conversations.remove({ id });
    await this.refresh();
    return async () => {
      await api.conversations.save({ id, content });
      await this.refresh();
    };
  }
}

export const conversations = new Conversations();
