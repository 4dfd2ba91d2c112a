/** Runs a training job in an engine process, so that the command line hears Ctrl-C while the engine computes. */
import { type ChildProcess, fork } from 'node:child_process';
import type { RunConfig } from '../engine/config.ts';
import type {
  DoneEvent,
  EngineCommand,
  EngineEvent,
  EngineFailure,
  EngineReply,
  StoppedEvent,
} from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import { engineEnv, entryPath } from '../runs/fork-child.ts';
import { howItEnded, looksLikeNoMemory } from '../runs/problems.ts';

export interface TrainRequest {
  readonly config: RunConfig;
  readonly resume: boolean;
  /** Aborted: the engine finishes its step, saves and ends. */
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
}

/** Trains in a process of its own; throws what the engine threw, or an AppError when it died. */
export async function trainInProcess({
  config,
  resume,
  stop,
  emit,
}: TrainRequest): Promise<DoneEvent | StoppedEvent> {
  const engine = fork(entryPath(), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: engineEnv(),
  });
  const kill = () => engine.kill('SIGKILL');
  process.once('exit', kill);
  try {
    return await conversation(
      engine,
      { command: 'train', config, resume, startedAt: performance.timeOrigin },
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
      else reject(died(code, signal));
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

function died(code: number | null, signal: NodeJS.Signals | null): AppError {
  const memory = looksLikeNoMemory({ code, signal, stderr: '' });
  return new AppError(
    memory ? 'out-of-memory' : 'engine-died',
    `The engine process ${howItEnded(code, signal)}${memory ? ', as the system does when memory runs out' : ''}.`,
    memory
      ? 'Lower --tokens-per-micro-batch or --max-length, or close other programs; then go on with --resume.'
      : 'Go on from the newest checkpoint with --resume.',
  );
}
