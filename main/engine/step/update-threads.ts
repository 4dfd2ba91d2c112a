/**
 * Threads that share an update of many values: in one thread the update of a full fine-tuning took a fifth of its step on two cores, and
 * would take half on eight. Results are the same to the bit, since each value is updated by itself.
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { programPath } from '../../rows/threads.ts';
import type { RunConfig } from '../config/config.ts';
import type { Range } from '../nn/adamw.ts';
import type { Allocate } from './masters.ts';
import { type Gradients, TrainedValues, type Update, type ValuesPlan } from './trained-values.ts';
import type { UpdateTask, UpdateThreadData } from './update-thread.ts';

/** Below it an update takes some milliseconds. */
const WORTH_SHARING = 1 << 20;
/** More only wait for memory. */
const MOST_THREADS = 8;
/** The most values that a thread updates at once: some 5 ms. Between, a message can arrive. */
const MOST_AT_ONCE = 1 << 20;

/** Of a thread, without what it computes on. */
const PROGRAM_BYTES = 14e6;

export interface Sharing {
  /** Threads that may compute; with one, this one alone updates. */
  readonly threads?: number;
  /** Values from which on others help. */
  readonly sharedFrom?: number;
}

/** Beside a step of LoRA its update takes hundredths, and threads take memory. */
export function updateSharing({ method, threads }: Pick<RunConfig, 'method' | 'threads'>): Sharing {
  return { threads: method === 'full' ? threads : 1 };
}

/** Threads beside this one for so many values. */
function helpersFor(values: number, { threads = 1, sharedFrom = WORTH_SHARING }: Sharing): number {
  return values < sharedFrom ? 0 : Math.min(MOST_THREADS, threads) - 1;
}

/** What they take: each has its program, and gradients of the values that it updates next. */
export function helperBytes(values: number, sharing: Sharing): number {
  return helpersFor(values, sharing) * (PROGRAM_BYTES + 4 * MOST_AT_ONCE);
}

/** Trained values, updated by this thread and, where there are many, by others beside it. */
export class SharedValues extends TrainedValues {
  readonly #span: number;
  readonly #helpers: readonly Helper[];

  constructor(plan: ValuesPlan, sharing: Sharing) {
    const memory: SharedArrayBuffer[] = [];
    const helpers = helpersFor(plan.size, sharing);
    const share: Allocate = (type, length) => {
      memory.push(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT));
      return new type(memory.at(-1)!);
    };
    super(plan, helpers > 0 ? share : (type, length) => new type(length));
    const even = Math.min(MOST_AT_ONCE, plan.size / (helpers + 1));
    this.#span = plan.chunk * Math.max(1, Math.round(even / plan.chunk));
    this.#helpers = Array.from({ length: helpers }, () => new Helper(plan, memory, this.#span));
  }

  /** Updates the values in `range`, which begins at a chunk. */
  async updateAll([from, end]: Range, gradients: Gradients, update: Update): Promise<void> {
    for (let start = from; start < end; ) {
      const spans: Promise<void>[] = [];
      const next = (): Range => {
        const range: Range = [start, Math.min(end, start + this.#span)];
        start = range[1];
        return range;
      };
      const own = next();
      for (const helper of this.#helpers)
        if (start < end) spans.push(helper.update(next(), gradients, update));
      this.update(own, gradients, update);
      await Promise.all(spans);
      if (spans.length === 0) await setImmediate();
    }
  }

  async release(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.end()));
  }
}

/** One thread beside this one; it is started with the first update. */
class Helper {
  readonly #data: UpdateThreadData;
  #worker: Worker | null = null;

  constructor(plan: ValuesPlan, memory: readonly SharedArrayBuffer[], span: number) {
    const grad = new Float32Array(new SharedArrayBuffer(4 * span));
    this.#data = { plan, memory, grad };
  }

  update(range: Range, { grad, gradFirst }: Gradients, update: Update) {
    this.#data.grad.set(grad.subarray(range[0] - gradFirst, range[1] - gradFirst));
    this.#worker ??= new Worker(programPath(join(import.meta.dirname, 'update-thread.ts')), {
      workerData: this.#data,
    });
    const worker = this.#worker;
    const done = new Promise<void>((resolve, reject) => {
      worker.once('message', () => {
        worker.off('error', reject);
        resolve();
      });
      worker.once('error', reject);
    });
    worker.postMessage({ range, update } satisfies UpdateTask);
    return done;
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = null;
  }
}
