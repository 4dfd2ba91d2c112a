import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLockFile, lockRun, workingProcess } from '../../main/locks.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';

let at: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  at = temporaryFolder();
  file = path.join(at.folder, '.lock');
});
afterEach(() => at.remove());

/** Runs `program` with `lockRun` and `folder` at hand, in another process. */
function elsewhere(program: string) {
  const source = new URL('../../main/locks.ts', import.meta.url).href;
  const lines = [
    `import { lockRun } from ${JSON.stringify(source)};`,
    `const folder = ${JSON.stringify(at.folder)};`,
  ];
  const child = spawn(process.execPath, ['--input-type=module', '-e', [...lines, program].join('\n')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, ended: once(child, 'exit') };
}

describe('the lock of a run', () => {
  it('is there while it is held, and leaves nothing behind', async () => {
    const lock = await lockRun(at.folder);
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    expect(readdirSync(at.folder)).toEqual(['.lock']);
    await lock.release();
    expect(readdirSync(at.folder)).toEqual([]);
  });

  it('is not given to another process, which names the one that has it', async () => {
    const { child } = elsewhere("await lockRun(folder); console.log('mine'); setInterval(() => {}, 1000);");
    await once(child.stdout!, 'data');
    let waited = 0;
    const attempt = lockRun(at.folder, { patienceMs: 300, onWait: () => waited++ });
    await expect(attempt).rejects.toMatchObject({
      code: 'run-busy',
      message: expect.stringContaining(`${child.pid}`),
    });
    expect(waited).toBe(1);
    child.kill('SIGKILL');
  });

  it('is waited for, and given when its process is killed', async () => {
    const { child } = elsewhere("await lockRun(folder); console.log('mine'); setInterval(() => {}, 1000);");
    await once(child.stdout!, 'data');
    const lock = await lockRun(at.folder, { onWait: () => child.kill('SIGKILL') });
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await lock.release();
  });

  it('is no longer waited for when that is stopped', async () => {
    const { child } = elsewhere("await lockRun(folder); console.log('mine'); setInterval(() => {}, 1000);");
    await once(child.stdout!, 'data');
    const stop = new AbortController();
    await expect(lockRun(at.folder, { stop: stop.signal, onWait: () => stop.abort() })).rejects.toThrow(
      /abort/i,
    );
    child.kill('SIGKILL');
  });

  it('is given to one of several that find it stale', async () => {
    writeFileSync(file, '4194304 1\n');
    const contender =
      "const lock = await lockRun(folder); console.log('in'); await new Promise((r) => setTimeout(r, 100)); console.log('out'); await lock.release();";
    let said = '';
    const all = [1, 2, 3].map(() => elsewhere(contender));
    for (const { child } of all) child.stdout!.on('data', (text) => (said += text));
    await Promise.all(all.map(({ ended }) => ended));
    expect(said).toBe('in\nout\n'.repeat(3));
    expect(existsSync(file)).toBe(false);
  });

  it('that an earlier process of the same number left is taken over', async () => {
    writeFileSync(file, `${process.pid} 1\n`);
    await (await lockRun(at.folder, { patienceMs: 0 })).release();
  });

  it.skipIf(process.platform !== 'linux')(
    'whose number belongs to a younger process by now is taken over',
    async () => {
      writeFileSync(file, '1 999999999999\n');
      await (await lockRun(at.folder, { patienceMs: 0 })).release();
    },
  );

  it('that is empty is waited for a while, for somebody may be writing it', async () => {
    writeFileSync(file, '');
    await expect(lockRun(at.folder, { patienceMs: 0 })).rejects.toMatchObject({ code: 'run-busy' });
    const old = Date.now() / 1000 - 60;
    utimesSync(file, old, old);
    await (await lockRun(at.folder, { patienceMs: 0 })).release();
  });

  it('whose name a folder has is not waited for without an end', async () => {
    mkdirSync(file);
    await expect(lockRun(at.folder, { patienceMs: 0 })).rejects.toMatchObject({
      code: 'run-busy',
      message: expect.not.stringContaining('NaN'),
    });
  });

  it('names the process that works in the folder', async () => {
    expect(workingProcess(at.folder)).toBeNull();
    const lock = await lockRun(at.folder);
    expect(workingProcess(at.folder)).toBe(process.pid);
    lock.release();
    writeFileSync(file, '4194304 1\n');
    expect(workingProcess(at.folder)).toBeNull();
  });

  it('makes no folder a run', () => {
    expect(['.lock', '.lock.0123', 'run.json', '.locked'].map(isLockFile)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
