import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Batch, type CrewSize, inBatches, inThreads, type Work } from '../../../main/rows/threads.ts';
import { WAIT_MS } from '../../helpers/limits.ts';

interface Answer {
  readonly doubled: readonly number[];
  readonly threadId: number;
}

const HERE = -1;
const COUNT = 40;
const canThread = availableParallelism() > 1;

const work = (
  program = resolve('tests/helpers/doubling-thread.ts'),
): Work<number, readonly number[], Answer, Answer> => ({
  program,
  data: null,
  here: ({ rows }) => ({ doubled: rows.map((one) => 2 * one), threadId: HERE }),
  taskOf: ({ rows }) => rows,
  resultOf: (answer) => answer,
  totalBytes: COUNT,
});

const started: Worker[] = [];
const note = (worker: Worker) => void started.push(worker);
beforeEach(() => process.on('worker', note));
afterEach(() => {
  process.removeListener('worker', note);
  started.length = 0;
});

/** Resolves when every thread that was started has said that it is ready. */
async function threadsReady(): Promise<void> {
  // they are told of in the next turn
  await setImmediate();
  await Promise.all(started.map((worker) => once(worker, 'message')));
}

/** Batches of one number; the second half comes after `wait`. */
async function* batches(wait: () => Promise<unknown>): AsyncGenerator<Batch<number>> {
  for (let i = 0; i < COUNT; i++) {
    if (i === COUNT / 2) await wait();
    yield { rows: [i], doneBytes: i + 1 };
  }
}

async function run(
  size: CrewSize,
  { wait = async () => {}, program }: { wait?: () => Promise<unknown>; program?: string } = {},
) {
  const answers: Answer[] = [];
  for await (const { result } of inThreads(batches(wait), work(program), size)) answers.push(result);
  return answers;
}

const EXPECTED = Array.from({ length: COUNT }, (_, i) => [2 * i]);

describe('inThreads', () => {
  it.runIf(canThread)('hands batches to threads once they are there, and keeps the order', async () => {
    const answers = await run({ longMs: 0 }, { wait: threadsReady });
    expect(answers.map(({ doubled }) => doubled)).toEqual(EXPECTED);
    const where = answers.map(({ threadId }) => threadId);
    expect(where.slice(0, COUNT / 2)).toEqual(new Array(COUNT / 2).fill(HERE));
    expect(new Set(where.slice(COUNT / 2)).size).toBe(Math.min(4, availableParallelism()));
    expect(where.slice(COUNT / 2)).not.toContain(HERE);
  });

  it('starts no threads where the rest takes less than they cost', async () => {
    const answers = await run({ longMs: WAIT_MS }, { wait: () => setTimeout(500) });
    expect(answers.every(({ threadId }) => threadId === HERE)).toBe(true);
  });

  it('works alone where a thread cannot be started', async () => {
    const answers = await run({ longMs: 0 }, { wait: () => setTimeout(500), program: '/nowhere/thread.ts' });
    expect(answers.map(({ doubled }) => doubled)).toEqual(EXPECTED);
  });

  it.runIf(canThread)('throws what a thread throws, after the results before it', async () => {
    const seen: number[] = [];
    async function* late(): AsyncGenerator<Batch<number>> {
      yield { rows: [0], doneBytes: 1 };
      await threadsReady();
      for (const i of [11, 12, 13, 14]) yield { rows: [i], doneBytes: i };
    }
    const all = async () => {
      for await (const { batch } of inThreads(late(), work(), { longMs: 0 })) seen.push(...batch.rows);
    };
    await expect(all()).rejects.toThrow('thirteen');
    expect(seen).toEqual([0, 11, 12]);
  });

  it('throws what reading throws, after the rows before it', async () => {
    const seen: number[] = [];
    async function* broken() {
      yield { row: 1, characters: 1, doneBytes: 1 };
      yield { row: 2, characters: 1, doneBytes: 2 };
      throw new Error('the file is damaged');
    }
    const all = async () => {
      for await (const { batch } of inThreads(inBatches(broken()), work())) seen.push(...batch.rows);
    };
    await expect(all()).rejects.toThrow('the file is damaged');
    expect(seen).toEqual([1, 2]);
  });

  it('closes its source when its reader leaves', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield { row: i, characters: 100_000, doneBytes: 1 };
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of inThreads(inBatches(endless()), work())) break;
    expect(isClosed).toBe(true);
  });
});
