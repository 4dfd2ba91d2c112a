/**
 * Real engine processes that loop for ever or break: what is theirs alone fails, and nothing of them stays. The tests mostly wait, and do so
 * beside each other.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it, type TestContext } from 'vitest';
import { type Asking, CallLine } from '../../main/runs/call-line.ts';
import { forkFile } from '../../main/runs/fork.ts';
import { happens } from '../helpers/happens.ts';

const BROKEN = path.join(import.meta.dirname, '..', 'helpers', 'broken-engine.ts');
const FORK = path.join(import.meta.dirname, '..', '..', 'main', 'runs', 'fork.ts');

const folder = mkdtempSync(path.join(tmpdir(), 'fettle-breaks-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A line of one test, with the numbers of the processes that it starts. */
function open({ onTestFinished }: TestContext) {
  const pids: number[] = [];
  const start = () => {
    const link = forkFile(BROKEN);
    pids.push(link.pid!);
    return link;
  };
  const line = new CallLine(start, { idleMs: 60_000 });
  onTestFinished(() => line.close());
  return { pids, inspect: (model: string, asking: Asking = {}) => line.ask('inspect', model, asking) };
}

it.concurrent('an endless loop that was aborted costs its own call and no other', async (test) => {
  const { pids, inspect } = open(test);
  const leave = new AbortController();
  const onEvent = () => leave.abort(new Error('enough'));
  const loop = inspect('loop', { signal: leave.signal, onEvent });
  const behind = inspect('good');
  await expect(loop).rejects.toThrow('enough');
  expect(await behind).toBe('good');
  expect(pids).toHaveLength(2);
  await happens(() => expect(process.kill.bind(process, pids[0]!, 0)).toThrow());
});

it.concurrent('a rejection that nobody awaits is told of the call that left it, and the call that runs meanwhile is asked again', async (test) => {
  const { pids, inspect } = open(test);
  const [leaving, running, behind] = [inspect('leave'), inspect('wait'), inspect('good')];
  expect(await Promise.all([leaving, running, behind])).toEqual(['leave', 'wait', 'good']);
  expect(pids).toHaveLength(2);
});

it.skipIf(process.platform !== 'linux').concurrent.for(['loop', 'wait', 'good'])(
  'an engine ends with its parent: %s',
  async (model) => {
    const script = path.join(folder, `${model}.mjs`);
    writeFileSync(
      script,
      `import { forkFile } from ${JSON.stringify(FORK)};
       const link = forkFile(${JSON.stringify(BROKEN)});
       link.onMessage((message) => 'begun' in message && console.log(link.pid));
       link.send({ command: 'call', id: 1, name: 'inspect', input: ${JSON.stringify(model)} });`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await firstLine(parent);
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await happens(() => expect(isRunning(pid)).toBe(false));
  },
);

function firstLine({ stdout }: ChildProcess): Promise<number> {
  return new Promise((resolve) => stdout!.once('data', (data) => resolve(Number(data))));
}

/** A process that has ended and that nobody waits for still has its number. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}
