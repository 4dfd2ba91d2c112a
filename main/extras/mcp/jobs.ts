/** Work under way for an assistant: each is a command of Fettle in a process of its own, as in a terminal. */
import { type ChildProcess, fork } from 'node:child_process';
import { AppError } from '../../../common/errors.ts';
import { EXIT, STOP } from '../../cli/command.ts';

/** Commands at once; a training wants the computer for itself. */
const MOST_JOBS = 4;
/** What is kept of a job's words. */
const KEPT_LINES = 40;
const KEPT_CHARS = 60_000;
/** Finished jobs that `follow` can still tell of. */
const KEPT_JOBS = 20;

export interface Job {
  readonly id: string;
  readonly tool: string;
  /** What it wrote as its result. */
  out: string;
  /** What it said meanwhile, the newest last. */
  said: string[];
  /** null while it goes on. */
  code: number | null;
  readonly ended: Promise<void>;
  /** Calls `hear` with each line that it says from now on, until the returned function is called. */
  onLine(hear: (line: string) => void): () => void;
  stop(): void;
}

export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #program: string;
  #count = 0;

  /** `program`: the file that is Fettle's command line. */
  constructor(program: string) {
    this.#program = program;
  }

  /** Starts `fettle` with `argv`. Throws AppError where too much is under way. */
  start(tool: string, argv: readonly string[]): Job {
    const running = [...this.#jobs.values()].filter(({ code }) => code === null);
    const same = running.find((job) => tool === 'train' && job.tool === tool);
    if (same || running.length >= MOST_JOBS)
      throw new AppError(
        'busy',
        same ? `${same.id} is training already.` : `${MOST_JOBS} jobs are under way already.`,
        'Follow one to its end with `follow`, or end it with `stop`.',
      );
    const id = `job-${++this.#count}`;
    const job = started(id, tool, this.#child(argv));
    this.#jobs.set(id, job);
    const finished = [...this.#jobs.values()].filter(({ code }) => code !== null);
    for (const old of finished.slice(0, -KEPT_JOBS)) this.#jobs.delete(old.id);
    return job;
  }

  find(id: string): Job {
    const job = this.#jobs.get(id);
    if (job) return job;
    const known = [...this.#jobs.keys()].join(', ') || 'none yet';
    throw new AppError('no-job', `There is no job ${id.slice(0, 40)}.`, `Jobs: ${known}.`);
  }

  /** Lets each finish its step and save; resolves when all have ended. */
  async close(): Promise<void> {
    const running = [...this.#jobs.values()].filter(({ code }) => code === null);
    for (const job of running) job.stop();
    await Promise.all(running.map(({ ended }) => ended));
  }

  #child(argv: readonly string[]): ChildProcess {
    // with that variable it ends when this process is gone
    const env = { ...process.env, NO_COLOR: '1', FETTLE_NODE_CHECKED: '1', FETTLE_LANGUAGE: 'en' };
    return fork(this.#program, [...argv], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  }
}

function started(id: string, tool: string, child: ChildProcess): Job {
  const hearing = new Set<(line: string) => void>();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const job: Job = { id, tool, out: '', said: [], code: null, ended, onLine, stop };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    job.out = (job.out + text).slice(0, KEPT_CHARS);
  });
  let rest = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!.slice(-KEPT_CHARS);
    for (const line of lines.filter((one) => one.trim() !== '')) {
      job.said = [...job.said, line.slice(0, 2000)].slice(-KEPT_LINES);
      for (const hear of hearing) hear(line);
    }
  });
  child.on('error', (error) => {
    job.said.push(error.message);
    job.code ??= EXIT.failed;
    resolve();
  });
  child.on('close', (code) => {
    job.code ??= code ?? EXIT.interrupted;
    resolve();
  });
  function onLine(hear: (line: string) => void) {
    hearing.add(hear);
    return () => void hearing.delete(hear);
  }
  function stop() {
    if (child.connected) child.send(STOP);
  }
  return job;
}
