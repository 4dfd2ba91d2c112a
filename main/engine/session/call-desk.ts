/**
 * Takes the calls of a parent process: one after the other, since each wants all cores and the memory of a model, except
 * for those that only look at settings, which wait for nobody.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '../../../common/errors.ts';
import type {
  CallEvent,
  EngineCallName,
  EngineCommand,
  EngineReply,
} from '../../../common/protocol/protocol.ts';
import { CALLS, QUICK_CALLS } from './app-calls.ts';
import { failureOf } from './failure.ts';

type Call = Extract<EngineCommand<unknown>, { command: 'call' }>;
type Reply = (message: EngineReply) => unknown;

const working = new AsyncLocalStorage<number>();

/** The call that the code belongs to which runs now, also after its answer; undefined for none. */
export const currentCall = (): number | undefined => working.getStore();

export class CallDesk {
  readonly #reply: Reply;
  readonly #cancelled = new Map<number, AbortController>();
  #queue: Promise<void> = Promise.resolve();

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  /** Answers `call` with events, and then its result or how it failed. */
  call(call: Call): void {
    const cancelled = new AbortController();
    this.#cancelled.set(call.id, cancelled);
    const work = () => {
      // the parent counts the time of a call from here: waiting for others is no fault of its own
      this.#reply({ id: call.id, begun: true });
      return working.run(call.id, () => this.#answer(call, cancelled.signal));
    };
    if (QUICK_CALLS.has(call.name)) void work();
    else this.#queue = this.#queue.then(work);
  }

  /** Ends a call, whether it waits or goes on. */
  cancel(id: number): void {
    this.#cancelled.get(id)?.abort();
  }

  async #answer({ id, name, input }: Call, stop: AbortSignal): Promise<void> {
    try {
      if (stop.aborted) throw cancelled();
      const emit = (event: CallEvent) => void this.#reply({ id, event });
      const work = CALLS[name as EngineCallName];
      if (work === undefined) throw new Error(`internal: the engine has no call ${name}`);
      this.#reply({ id, result: await work(input, { emit, stop }) });
    } catch (error) {
      const known = stop.aborted && !(error instanceof AppError) ? cancelled() : error;
      this.#reply({ id, failed: failureOf(known) });
    } finally {
      this.#cancelled.delete(id);
    }
  }
}

function cancelled(): AppError {
  return new AppError('stopped', 'It was cancelled.', '');
}
