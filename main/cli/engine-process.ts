/** Runs a training job in an engine process, so that the command line hears Ctrl-C while the engine computes. */
import { type ChildProcess, fork } from 'node:child_process';
import type { RunConfig } from '../engine/config.ts';
import type {
  DoneEvent,
  EngineCommand,
  EngineEvent,
  EngineFailure,
  EngineReply,
  ProbeLimits,
  StoppedEvent,
} from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import { engineEnv, entryPath, tailOf } from '../runs/fork-child.ts';
import { watchMemory } from '../runs/memory-kill.ts';
import { type Ending, howItEnded, looksLikeNoMemory } from '../runs/problems.ts';

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
  const engine = fork(entryPath(), [], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: engineEnv(),
  });
  // shown as it comes, and kept: an engine that dies for lack of memory may have said so
  engine.stderr?.pipe(process.stderr, { end: false });
  const kill = () => engine.kill('SIGKILL');
  process.once('exit', kill);
  try {
    return await conversation(
      engine,
      { command: 'train', config, resume, startedAt: performance.timeOrigin, ...(probe && { probe }) },
      stop,
      emit,
    );
  } finally {
    process.removeListener('exit', kill);
  }
}

function conversation(
  engine: ChildProcess,
  request: EngineCommand<RunConfig>,
  stop: AbortSignal,
  emit: (event: EngineEvent) => void,
): Promise<DoneEvent | StoppedEvent> {
  const lastWords = tailOf(engine.stderr);
  const memory = watchMemory();
  return new Promise((resolve, reject) => {
    let end: DoneEvent | StoppedEvent | null = null;
    let failure: Error | null = null;
    const ask = () => engine.connected && engine.send({ command: 'stop' } satisfies EngineCommand<RunConfig>);
    if (stop.aborted) ask();
    stop.addEventListener('abort', ask);
    engine.on('message', (reply: EngineReply) => {
      if (!('event' in reply || 'failed' in reply) || 'id' in reply) return;
      if ('failed' in reply) failure = errorOf(reply.failed);
      else if (reply.event.event === 'done' || reply.event.event === 'stopped') end = reply.event;
      else emit(reply.event);
    });
    engine.on('error', reject);
    engine.on('close', (code, signal) => {
      stop.removeEventListener('abort', ask);
      if (failure) reject(failure);
      else if (end) resolve(end);
      else reject(died({ code, signal, stderr: lastWords(), memoryKill: memory.wasKilled() }));
    });
    engine.send(request);
  });
}

function errorOf({ code, message, hint, stack }: EngineFailure): Error {
  if (code !== null) return new AppError(code, message, hint);
  const error = new Error(message);
  error.stack = stack;
  return error;
}

function died(ending: Ending): AppError {
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
