/** Runs a training job in an engine process, so that the command line hears Ctrl-C while the engine computes. */

import { AppError, internal } from '../../common/errors.ts';
import type {
  CallEvent,
  DoneEvent,
  EngineEvent,
  EngineFailure,
  ProbeLimits,
  StoppedEvent,
} from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { EngineRun } from '../runs/engine-run.ts';
import { entryPath, forkFile } from '../runs/fork-child.ts';
import { type Ending, hangOf, howItEnded, looksLikeNoMemory } from '../runs/problems.ts';

export interface TrainRequest {
  readonly config: RunConfig;
  readonly resume: boolean;
  /** Only try it out, so far. */
  readonly probe?: ProbeLimits;
  /** Aborted: the engine finishes its step, saves and ends. */
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
}

/** Trains in a process of its own; throws what the engine threw, or an AppError when it died. */
export async function trainInProcess({
  config,
  resume,
  probe,
  stop,
  emit,
}: TrainRequest): Promise<DoneEvent | StoppedEvent> {
  const startedAt = performance.timeOrigin;
  const order = { kind: 'train', config, resume, finish: false, startedAt, ...(probe && { probe }) } as const;
  const passOn = (event: CallEvent) => 'event' in event && !isEnd(event) && emit(event);
  const run = new EngineRun(() => forkFile(entryPath(), { isShown: true }), order, passOn, Date.now);
  const ask = () => run.stop();
  if (stop.aborted) ask();
  stop.addEventListener('abort', ask);
  const outcome = await run.outcome;
  stop.removeEventListener('abort', ask);
  if (outcome.kind === 'done') return outcome.done;
  if (outcome.kind === 'stopped') return outcome.stopped;
  if (outcome.kind === 'result') throw internal('a training ended like a call');
  throw outcome.kind === 'failed' ? errorOf(outcome.failure) : died(outcome.ending);
}

/** The caller gets the last event as the result. */
const isEnd = ({ event }: EngineEvent) => event === 'done' || event === 'stopped';

function errorOf({ code, message, hint, stack }: EngineFailure): Error {
  if (code !== null) return new AppError(code, message, hint);
  const error = new Error(message);
  error.stack = stack;
  return error;
}

function died(ending: Ending): AppError {
  if (ending.refusal instanceof AppError) return ending.refusal;
  if (ending.hungSeconds !== undefined) {
    const { code, message } = hangOf(ending.hungSeconds, { resumable: true });
    return new AppError(code, message, 'Go on from the newest checkpoint with --resume.');
  }
  const how = howItEnded(ending.code, ending.signal);
  if (looksLikeNoMemory(ending))
    return new AppError(
      'out-of-memory',
      `The engine process ${how}, as the system does when memory runs out.`,
      'Lower --max-length, take a smaller model, or close other programs; then resume with --resume.',
    );
  const outside = ending.signal === 'SIGKILL' ? ' from outside, and not for lack of memory' : '';
  return new AppError(
    'engine-died',
    `The engine process ${how}${outside}.`,
    'Resume from the newest checkpoint with --resume.',
  );
}
