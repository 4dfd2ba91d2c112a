/** Engines that read a file for too long, or take too much memory for it: here by hand, beside real files in real processes. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngineCalls } from '../../../main/runs/engine-calls.ts';
import type { EngineLink, ProcessEnding } from '../../../main/runs/engine-link.ts';
import { forkReader } from '../../../main/runs/fork.ts';
import { deathOf } from '../../../main/runs/problems.ts';
import { budgetOf, guarded } from '../../../main/runs/watchdog.ts';
import { fakeFork } from '../../helpers/fake-engine.ts';
import { growingParquet } from '../../helpers/parquet.ts';
import { temporaryFolder, tinyRows, writeRows } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const place = (name: string) => path.join(folder, name);
const none = { resumable: false };

/** The end of this very process, played by hand, so that what the system says of it is true. */
function watchOver(budget: { milliseconds: number; bytes: number }) {
  const fake = { ...fakeFork().fork() };
  const link = guarded({ ...fake, pid: process.pid }, { budget: () => budget, lookMs: 5 });
  const ended = new Promise<ProcessEnding>((resolve) => link.onExit(resolve));
  return { link, ended, say: fake.say, exit: fake.exit };
}

const on = (id: number) => ({
  parsing: { id, state: 'on', file: 'a.pdf', bytes: 1, rssBytes: process.memoryUsage.rss() },
});
const spin = async (milliseconds: number) => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    const pause = performance.now() + 10;
    while (performance.now() < pause);
    await new Promise(setImmediate);
  }
};

/** Waits as a process does that a library keeps busy. */
async function computing<T>(what: Promise<T>): Promise<T> {
  let isOver = false;
  void what.finally(() => {
    isOver = true;
  });
  while (!isOver) await spin(20);
  return what;
}

describe('reading a file', () => {
  it('that computes for longer than its size allows ends the process', async () => {
    const { say, ended } = watchOver({ milliseconds: 40, bytes: 1e12 });
    say(on(1));
    const ending = await computing(ended);
    expect(ending.excess).toEqual({ file: 'a.pdf', of: 'time' });
    expect(deathOf(ending, none)).toMatchObject({
      code: 'data-too-slow',
      message: 'a.pdf takes far too long to read for its size.',
    });
  });

  it('is counted only while it goes on, in all pieces together', async () => {
    const { say, ended, link } = watchOver({ milliseconds: 250, bytes: 1e12 });
    let isOver = false;
    link.onExit(() => {
      isOver = true;
    });
    say(on(1));
    say({ parsing: { id: 1, state: 'off' } });
    await spin(400);
    expect(isOver).toBe(false);
    while (!isOver) {
      say(on(1));
      await spin(30);
      say({ parsing: { id: 1, state: 'off' } });
    }
    expect((await ended).excess).toMatchObject({ of: 'time' });
  });

  it('that takes more memory than its size allows ends the process', async () => {
    const { say, ended } = watchOver({ milliseconds: 1e9, bytes: 100e6 });
    say(on(1));
    const held = Buffer.alloc(200e6, 1);
    const ending = await ended;
    expect(held[0]).toBe(1);
    expect(deathOf(ending, none)).toMatchObject({
      code: 'data-too-large',
      message: 'a.pdf takes far too much memory to read for its size.',
    });
  });

  it('that dies for lack of memory before anybody looks is told as that', async () => {
    const { say, exit, ended } = watchOver({ milliseconds: 1e9, bytes: 1e12 });
    say(on(1));
    exit({ code: 134, stderr: 'FATAL ERROR: Reached heap limit: JavaScript heap out of memory' });
    expect(deathOf(await ended, none)).toMatchObject({ code: 'data-too-large' });
  });

  it('within its budget gives signs of life for its process', async () => {
    const { link, say, exit } = watchOver({ milliseconds: 1e9, bytes: 1e12 });
    const beat = new Promise((resolve) =>
      link.onMessage((message) => 'beat' in (message as object) && resolve(message)),
    );
    say(on(1));
    await beat;
    exit();
  });

  it('may take more where it is larger', () => {
    expect(budgetOf(45e3).milliseconds).toBeLessThan(25_000);
    expect(budgetOf(38e3).bytes).toBeLessThan(1.1e9);
    expect(budgetOf(100e6).milliseconds).toBeGreaterThan(300_000);
    expect(budgetOf(100e6).bytes).toBeGreaterThan(3e9);
  });
});

describe('a hostile file', () => {
  let links: EngineLink[];
  let engine: ReturnType<typeof openEngineCalls>;
  beforeEach(() => {
    links = [];
  });
  afterEach(() => engine.close());

  const openReaders = (budget: { milliseconds: number; bytes: number }) => {
    engine = openEngineCalls(forkReader, {
      readers: () => {
        const link = guarded(forkReader(), { budget: () => budget });
        links.push(link);
        return link;
      },
    });
    return engine;
  };

  it('that takes all memory is ended, and others are read beside it', async () => {
    const reading = openReaders({ milliseconds: 600_000, bytes: 300e6 });
    writeFileSync(place('bomb.parquet'), growingParquet(60_000));
    const data = writeRows(place('rows.jsonl'), tinyRows(20));
    const hostile = reading.look({ data: place('bomb.parquet') } as never);
    const sound = reading.look({ data } as never);
    expect(await sound).toMatchObject({ rows: 20 });
    await expect(hostile).rejects.toMatchObject({
      code: 'data-too-large',
      message: expect.stringContaining('bomb.parquet'),
    });
    // by a process of its own, and one that is there afterwards
    expect(links).toHaveLength(2);
    expect(await reading.look({ data } as never)).toMatchObject({ rows: 20 });
  });
});
