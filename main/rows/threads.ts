/**
 * Work on rows in several threads: batches go to the thread with the least to do, results come back in the order of the rows.
 * Threads cost a second to start, so they are started only where alone the work would take long.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { AppError } from '../../common/errors.ts';
import { type Language, language, useLanguage } from '../../common/words/language.ts';
import { type LooseRow, turnText } from './loose-row.ts';

/** Rows that are worked on together. */
export interface Batch<Row> {
  readonly rows: readonly Row[];
  /** Bytes of the files up to the end of the last row. */
  readonly doneBytes: number;
}

/** How many threads, and when. */
export interface CrewSize {
  /** The most threads; with fewer than two this one works alone. */
  readonly threads?: number | undefined;
  /** Milliseconds that the rest must take for threads to pay; 0 starts them at once. */
  readonly longMs?: number | undefined;
}

/** What is done with batches. `Task` and `Answer` are copied between threads. */
export interface Work<Row, Task, Answer, Result> {
  /** The source file of the threads' program; bundled, it lies in `dist/` under the same name. */
  readonly program: string;
  /** What the program begins with. */
  readonly data: unknown;
  /** Does a batch in this thread. */
  here(batch: Batch<Row>): Result;
  /** What a thread is sent of a batch, and what its answer means. */
  taskOf(batch: Batch<Row>): Task;
  resultOf(answer: Answer, batch: Batch<Row>): Result;
  readonly totalBytes: number;
}

/** Each holds a tokenizer, some 150 MB. */
const MOST_THREADS = 4;
const LONG_MS = 4000;
/** Short-lived strings of one batch: more room only takes memory. */
const YOUNG_MB = 12;
/** Before this the speed is not known. */
const MEASURED_MS = 300;
/** Batches that a thread has at once: one to work on, two that wait. */
const IN_FLIGHT = 3;

/** The results of `batches` in their order; throws what they throw, after the results of those before. */
export async function* inThreads<Row, Task, Answer, Result>(
  batches: AsyncGenerator<Batch<Row>>,
  work: Work<Row, Task, Answer, Result>,
  size: CrewSize = {},
): AsyncGenerator<{ batch: Batch<Row>; result: Result }> {
  const crew = new Crew(work, size);
  const open: { batch: Batch<Row>; result: Result | Promise<Result> }[] = [];
  const { next, rethrow } = untilError(batches);
  try {
    for (let read = await next(); !read.done; read = await next()) {
      const batch = read.value;
      crew.consider(batch.doneBytes);
      open.push({ batch, result: crew.take(batch) });
      while (open.length > crew.depth) yield await settled(open.shift()!);
    }
    for (let one = open.shift(); one !== undefined; one = open.shift()) yield await settled(one);
    rethrow();
  } finally {
    await crew.close();
    await batches.return(undefined);
  }
}

/** Reads `source`, for which an error is the end: `rethrow` throws it, once what came before has been passed on. */
function untilError<T>(source: AsyncIterator<T>) {
  let failure: { readonly error: unknown } | null = null;
  const next = () =>
    source.next().catch((error: unknown) => {
      failure = { error };
      return { done: true as const, value: undefined };
    });
  const rethrow = () => {
    if (failure !== null) throw failure.error;
  };
  return { next, rethrow };
}

async function settled<Row, Result>({
  batch,
  result,
}: {
  batch: Batch<Row>;
  result: Result | Promise<Result>;
}) {
  return { batch, result: await result };
}

class Crew<Row, Task, Answer, Result> {
  readonly #work: Work<Row, Task, Answer, Result>;
  readonly #began = performance.now();
  readonly #most: number;
  readonly #longMs: number;
  #threads: Thread[] | null = null;

  constructor(work: Work<Row, Task, Answer, Result>, { threads = MOST_THREADS, longMs = LONG_MS }: CrewSize) {
    this.#work = work;
    const most = Math.min(MOST_THREADS, threads, availableParallelism());
    this.#most = most < 2 ? 0 : most;
    this.#longMs = longMs;
  }

  /** How many batches may be on their way. */
  get depth(): number {
    return IN_FLIGHT * this.#ready().length;
  }

  /** Starts threads where the rest would take long without them. */
  consider(doneBytes: number): void {
    const { totalBytes, program, data } = this.#work;
    if (this.#threads !== null || this.#most === 0) return;
    const spent = performance.now() - this.#began;
    const left = (spent * (totalBytes - doneBytes)) / Math.max(1, doneBytes);
    if (this.#longMs > 0 && (spent < MEASURED_MS || left < this.#longMs)) return;
    const file = programPath(program);
    this.#threads = Array.from({ length: this.#most }, () => new Thread(file, data));
  }

  /** The result of a batch: from the thread with the least to do, or from this one while none is ready. */
  take(batch: Batch<Row>): Result | Promise<Result> {
    const { here, taskOf, resultOf } = this.#work;
    const ready = this.#ready();
    if (ready.length === 0) return here(batch);
    const idlest = ready.reduce((best, one) => (one.waiting < best.waiting ? one : best));
    const result = idlest.ask(taskOf(batch)).then((answer) => resultOf(answer as Answer, batch));
    // it is awaited when its turn comes
    result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await Promise.all((this.#threads ?? []).map((thread) => thread.close()));
  }

  #ready(): Thread[] {
    return this.#threads?.filter(({ isReady }) => isReady) ?? [];
  }
}

type Reply = { readonly ready: true } | { readonly answer: unknown } | { readonly failed: string };

/** One thread; where it doesn't start it is never ready, and the work is done without it. */
class Thread {
  readonly #worker: Worker;
  readonly #asked: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  isReady = false;

  constructor(file: string, data: unknown) {
    this.#worker = new Worker(file, {
      workerData: { language: language(), data },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (message: Reply) => this.#hear(message));
    this.#worker.on('error', (error: Error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('internal: a thread has ended')));
  }

  get waiting(): number {
    return this.#asked.length;
  }

  ask(task: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: Reply): void {
    if ('ready' in message) this.isReady = true;
    else if ('answer' in message) this.#asked.shift()?.resolve(message.answer);
    else this.#asked.shift()?.reject(new Error(message.failed));
  }

  #end(error: Error): void {
    this.isReady = false;
    for (const { reject } of this.#asked.splice(0)) reject(error);
  }
}

/** The file of a program: its source, or `dist/NAME.js` beside the bundle or above its pieces. */
export function programPath(source: string): string {
  if (existsSync(source)) return source;
  const name = basename(source).replace(/\.ts$/, '.js');
  const folder = import.meta.dirname;
  return [join(folder, name), join(dirname(folder), name)].find((file) => existsSync(file)) ?? source;
}

/** The program of a thread: `prepare` makes what answers tasks; buffers of `moved` change hands. */
export async function answerTasks<Data, Task>(
  prepare: (data: Data) => Promise<(task: Task) => { answer: unknown; moved: ArrayBuffer[] }>,
): Promise<void> {
  const start = workerData as { readonly language: Language; readonly data: Data };
  await useLanguage(start.language);
  const answer = await prepare(start.data);
  parentPort!.on('message', (task: Task) => {
    try {
      const { answer: content, moved } = answer(task);
      parentPort!.postMessage({ answer: content }, moved);
    } catch (error) {
      parentPort!.postMessage({ failed: error instanceof Error ? error.stack : String(error) });
    }
  });
  parentPort!.postMessage({ ready: true });
}

/** An error as it goes from thread to thread. */
export interface SentError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export function sentError({ code, message, hint }: AppError): SentError {
  return { code, message, hint };
}

export function receivedError({ code, message, hint }: SentError): AppError {
  return new AppError(code, message, hint);
}

const BATCH_ROWS = 256;
const BATCH_CHARS = 64 * 1024;

/** Puts together what `rows` gives, up to a fair amount of text; what it throws comes after the rows before. */
export async function* inBatches<Row>(
  rows: AsyncIterable<{ readonly row: Row; readonly characters: number; readonly doneBytes: number }>,
): AsyncGenerator<Batch<Row>> {
  let batch: Row[] = [];
  let characters = 0;
  let doneBytes = 0;
  const source = rows[Symbol.asyncIterator]();
  const { next, rethrow } = untilError(source);
  try {
    for (let read = await next(); !read.done; read = await next()) {
      batch.push(read.value.row);
      characters += read.value.characters;
      doneBytes = read.value.doneBytes;
      if (batch.length < BATCH_ROWS && characters < BATCH_CHARS) continue;
      yield { rows: batch, doneBytes };
      [batch, characters] = [[], 0];
    }
    if (batch.length > 0) yield { rows: batch, doneBytes };
    rethrow();
  } finally {
    await source.return?.();
  }
}

/** The characters of a row's texts. */
export function charactersOf({ turns }: LooseRow): number {
  return turns.reduce((sum, turn) => sum + turnText(turn).length, 0);
}
