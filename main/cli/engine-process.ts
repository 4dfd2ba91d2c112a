/** Runs a training job in an engine process, so that the command line hears Ctrl-C while the engine computes. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunConfig } from '../engine/config.ts';
import type { DoneEvent, EngineCommand, EngineEvent, EngineReply, StoppedEvent } from '../engine/protocol.ts';
import { AppError } from '../errors.ts';

export interface TrainRequest {
  readonly config: RunConfig;
  readonly resume: boolean;
  /** Aborted: the engine finishes its step, saves and ends. */
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
}

/** glibc's malloc, told to keep what it has: a step takes the same memory again, and new pages cost time. */
export const MALLOC_SETTINGS = {
  MALLOC_MMAP_MAX_: '0',
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 30),
  MALLOC_TOP_PAD_: String(64 * 2 ** 20),
};

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
    env: { ...MALLOC_SETTINGS, ...process.env },
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

/** The engine's file: beside this one in the repository, or built into its own bundle. */
function entryPath(): string {
  const source = path.join(import.meta.dirname, '..', 'engine', 'entry.ts');
  if (existsSync(source)) return source;
  const built = ['engine.js', path.join('..', 'engine.js')].map((name) =>
    path.join(import.meta.dirname, name),
  );
  return built.find((file) => existsSync(file)) ?? source;
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

function errorOf({ code, message, hint, stack }: Extract<EngineReply, { failed: unknown }>['failed']): Error {
  if (code !== null) return new AppError(code, message, hint);
  const error = new Error(message);
  error.stack = stack;
  return error;
}

function died(code: number | null, signal: NodeJS.Signals | null): AppError {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const memory = signal === 'SIGKILL' || signal === 'SIGABRT' || code === 134 || code === 137;
  return new AppError(
    memory ? 'out-of-memory' : 'engine-died',
    `The engine process ${how}${memory ? ', as the system does when memory runs out' : ''}.`,
    memory
      ? 'Lower --tokens-per-micro-batch or --max-length, or close other programs; then go on with --resume.'
      : 'Go on from the newest checkpoint with --resume.',
  );
}
