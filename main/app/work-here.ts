/**
 * Work for a terminal, in engine processes of its own: Ctrl-C is heard while they compute, and where native code crashes the command
 * can still say so.
 */
import type { CallEvent } from '../../common/protocol/protocol.ts';
import { callOf, type EngineCallName, type InputOf, type ResultOf } from '../engine/session/call-table.ts';
import type { Wrong } from '../runs/call-line.ts';
import { type EngineCalls, openEngineCalls } from '../runs/engine-calls.ts';
import type { EngineLink, Fork } from '../runs/engine-link.ts';
import { callOrder, EngineRun } from '../runs/engine-run.ts';
import { entryPath, forkFile, READS_ONLY } from '../runs/fork.ts';
import { KeptPrices } from '../runs/kept-prices.ts';
import { errorAtTerminal, problemAtTerminal } from '../runs/problems.ts';

/** What it writes gets its name once it is whole, so an engine that computes on after it was asked to stop is ended. */
const STOP_MS = 2000;

/** How an engine of a command is started, and one that only reads. */
export const terminalEngine: { start: Fork; startReader: Fork } = {
  start: () => forkFile(entryPath(), { isShown: true }),
  startReader: () => forkFile(entryPath(), { isShown: true, permissions: READS_ONLY }),
};

/** Starts an engine of which the terminal sees what it says. */
export const forkShown: Fork = () => terminalEngine.start();
const forkShownReader: Fork = () => terminalEngine.startReader();

/** An engine that is started and loads its modules before it is known what it will do. */
export interface EngineAhead {
  /** Gives that engine at the first call, and starts others. */
  readonly fork: Fork;
  /** Ends it where nobody wants it. */
  drop(): void;
}

export function engineAhead(
  { executor, model }: { readonly executor: string; readonly model?: string },
  fork: Fork = forkShown,
): EngineAhead {
  let ahead: EngineLink | null = fork();
  ahead.send({ command: 'prepare', executor, ...(model !== undefined && { model }) });
  const take = () => {
    const taken = ahead;
    ahead = null;
    return taken;
  };
  return { fork: () => take() ?? fork(), drop: () => take()?.kill() };
}

export interface WorkIo {
  readonly emit?: (event: CallEvent) => void;
  readonly stop?: AbortSignal;
}

/** Gives the result of the engine's call `name`. Throws an AppError in the words of a terminal; `'stopped'` after `stop`. */
export async function workHere<Name extends EngineCallName>(
  name: Name,
  input: InputOf<Name>,
  { emit = () => {}, stop }: WorkIo = {},
  fork: Fork = callOf(name).at === 'reader' ? forkShownReader : forkShown,
): Promise<ResultOf<Name>> {
  const run = new EngineRun(fork, callOrder(name, input), emit, Date.now);
  let late: NodeJS.Timeout | undefined;
  const ask = () => {
    run.stop();
    late = setTimeout(() => run.kill(), callOf(name).keepingMs ?? STOP_MS);
  };
  if (stop?.aborted) ask();
  stop?.addEventListener('abort', ask);
  const outcome = await run.outcome;
  clearTimeout(late);
  stop?.removeEventListener('abort', ask);
  if (outcome.kind === 'result') return outcome.result as ResultOf<Name>;
  if (outcome.kind === 'died') stop?.throwIfAborted();
  throw errorOf(outcome as Wrong);
}

/** Gives `work` the engine's calls: for a command that asks several things of one model. Their processes end with the work. */
export async function askHere<Result>(work: (engine: EngineCalls) => Promise<Result>): Promise<Result> {
  const engine = openEngineCalls(forkShown, {
    errorOf,
    readers: forkShownReader,
    keptPrices: new KeptPrices(),
  });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

const errorOf = (wrong: Wrong) => errorAtTerminal(wrong, problemAtTerminal(wrong, { resumable: false })!);
