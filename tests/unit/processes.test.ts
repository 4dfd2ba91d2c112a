import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isRunning,
  isStillRunning,
  ownStart,
  peakResidentBytes,
  startByPs,
  startOf,
} from '../../main/processes.ts';

const SOURCE = new URL('../../main/processes.ts', import.meta.url).href;
const OWN_START = `
import { ownStart } from ${JSON.stringify(SOURCE)};
console.log(ownStart());
process.stdin.resume();`;

describe('processes', () => {
  it('are told apart from those that are gone, and from no process at all', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect([process.pid, child.pid!, 0, -1, 1.5, Number.NaN].map(isRunning)).toEqual([
      true,
      ...[false, false, false, false, false],
    ]);
  });

  it('are told from earlier ones of their number', () => {
    const { pid } = process;
    expect(ownStart()).toMatch(/^\S+$/);
    expect(ownStart()).toBe(ownStart());
    expect([ownStart(), null, '1'].map((start) => isStillRunning(pid, start))).toEqual([true, true, false]);
    expect(startOf(2 ** 22 + 1)).toBeNull();
  });

  it('are told from others by another process too, until they end', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', OWN_START], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [said] = await once(child.stdout, 'data');
    const start = String(said).trim();
    // more often than Windows answers at one pipe while the other process is busy
    for (let i = 0; i < 10; i++) expect(isStillRunning(child.pid!, start)).toBe(true);
    expect(isStillRunning(process.pid, start)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isStillRunning(child.pid!, start)).toBe(false);
  });

  it.skipIf(process.platform !== 'darwin' && startByPs(process.pid) === null)(
    'have their start from ps where /proc tells none',
    () => {
      expect(startByPs(process.pid)).toMatch(/^\w{3}-\w{3}-\d+-\d\d:\d\d:\d\d-\d{4}$/);
      expect(startByPs(2 ** 22 + 1)).toBeNull();
    },
  );

  it.skipIf(process.platform !== 'linux')('that have ended unseen do not run', async () => {
    // the shell, which sleep has replaced, does not wait for its child
    const shell = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 5'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = await once(shell.stdout, 'data');
    const pid = Number(String(said));
    await expect.poll(() => isStillRunning(pid, null)).toBe(false);
    expect(isRunning(pid)).toBe(true);
    shell.kill();
  });
});

const FILE = path.resolve('main/processes.ts');

/** What a new program says, which takes `bytes` of memory and gives them back. */
function ofChild(bytes: number): number {
  const code = `import { peakResidentBytes } from ${JSON.stringify(`file://${FILE}`)};
    Buffer.alloc(${bytes}, 1); console.log(peakResidentBytes());`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

describe('the peak of a process', () => {
  it('is what it has had at most, also once that is given back', () => {
    const least = ofChild(0);
    expect(least).toBeGreaterThan(20e6);
    const more = ofChild(200e6);
    expect(more - least).toBeGreaterThan(180e6);
    expect(more - least).toBeLessThan(260e6);
  });

  it('is nothing of the process that started it', () => {
    const held = Buffer.alloc(400e6, 1);
    expect(peakResidentBytes()).toBeGreaterThan(400e6);
    expect(ofChild(0)).toBeLessThan(200e6);
    expect(held.length).toBe(400e6);
  });
});
