/** The conversation of a run's page: what was said, and what is being answered. */
import type { ChatPiece } from '../../common/api/contract.ts';
import { api, isAborted, problemOf } from '../api.ts';
import { ended, messagesFor, newTurn, type Side, type Turn, withPieces } from './conversation.ts';
import { batched } from './frame-batch.ts';

export type Who = 'both' | Side;

export class Chat {
  readonly runId: string;
  /** What is being typed. */
  draft = $state('');
  turns = $state.raw<readonly Turn[]>([]);
  system = $state('');
  who = $state<Who>('both');
  temperature = $state<number | null>(0);
  maxNewTokens = $state<number | null>(256);
  busy = $state(false);

  #last = 0;
  #stop: AbortController | null = null;

  constructor(runId: string, system: string) {
    this.runId = runId;
    this.system = system;
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
      runId: this.runId,
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

/** The conversation about a run: the same one for as long as the application is open. */
export function chatAbout(runId: string, system: string): Chat {
  const chat = known.get(runId) ?? new Chat(runId, system);
  known.set(runId, chat);
  return chat;
}
