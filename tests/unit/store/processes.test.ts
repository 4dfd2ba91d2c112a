/** Several processes with the same store open, and one that is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ALL, makeRun, newFolder, numbered, opened, step } from './made-up.ts';

const OPEN = new URL('../../../main/store/open.ts', import.meta.url);

/** Adds events to the run of its own name, three a batch, and says each number once it is recorded. */
const WRITER = `
  import { openStore } from ${JSON.stringify(OPEN.href)};
  const [folder, id, batches] = process.argv.slice(1);
  const store = await openStore(folder);
  let number = store.events.lastNumber(id);
  for (let batch = 0; batch < Number(batches); batch++) {
    const events = [0, 1, 2].map(() => {
      number++;
      return { number, at: number, event: { ...${JSON.stringify(step(1))}, step: number } };
    });
    store.events.add(id, events);
    store.runs.update(id, { step: number });
    process.stdout.write(number + '\\n');
    await new Promise((resolve) => setImmediate(resolve));
  }
  store.close();
`;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function writer(folder: string, id: string, batches: number): ChildProcess {
  const args = ['--input-type=module', '-e', WRITER, folder, id, String(batches)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

it('lets processes write at the same time, and loses nothing of either', async () => {
  const folder = path.join(newFolder(), 'data');
  const store = await opened(folder);
  const ids = ['one', 'two'].map((name) => makeRun(store, name).id);
  const ends = ids.map((id) => once(writer(folder, id, 60), 'exit'));
  const mine = makeRun(store, 'three').id;
  for (let i = 1; i <= 60; i++) {
    store.events.add(mine, numbered([step(i)], i));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect((await Promise.all(ends)).map(([code]) => code)).toEqual([0, 0]);
  expect(ids.map((id) => store.events.curves(id, 1000).recorded)).toEqual([180, 180]);
  expect(store.events.curves(mine, 1000).recorded).toBe(60);
  expect(store.runs.list(ALL).total).toBe(3);
});

it('keeps everything that was recorded before a process was killed', async () => {
  const folder = path.join(newFolder(), 'data');
  const { id } = makeRun(await opened(folder), 'one');
  const child = writer(folder, id, 1_000_000);
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > 20) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const last = Number(said.trimEnd().split('\n').at(-1));
  const store = await opened(folder);
  expect(store.notice).toBe(null);
  const { recorded, step: steps } = store.events.curves(id, 1e6);
  expect(last).toBeGreaterThan(50);
  expect(recorded).toBeGreaterThanOrEqual(last);
  // whole batches, without a hole
  expect(recorded % 3).toBe(0);
  expect(steps).toEqual(Array.from({ length: recorded }, (_, i) => i + 1));
});
