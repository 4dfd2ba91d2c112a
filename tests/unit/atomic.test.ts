import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { writeFileAtomic, writeStreamAtomic } from '../../main/atomic.ts';
import { failure, temporaryFolder } from './engine/io/fixtures.ts';

test('writes text and bytes, creates folders, replaces what was there', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'deep/er/file.txt');
  await writeFileAtomic(path, 'grün');
  expect(readFileSync(path, 'utf8')).toBe('grün');
  await writeFileAtomic(path, new Float32Array([1, 2]).subarray(1));
  expect([...readFileSync(path)]).toEqual([0, 0, 0, 64]);
  expect(readdirSync(join(folder, 'deep/er'))).toEqual(['file.txt']);
});

test('streams chunks and passes the result on', async () => {
  const path = join(temporaryFolder(), 'file.bin');
  const positions: number[] = [];
  const result = await writeStreamAtomic(path, async (writer) => {
    const chunk = new Uint8Array(3);
    for (let i = 0; i < 4; i++) {
      positions.push(writer.position);
      await writer.write(chunk.fill(i));
    }
    return writer.position;
  });
  expect([result, positions]).toEqual([12, [0, 3, 6, 9]]);
  expect([...readFileSync(path)]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
});

test('a failure keeps the old file, removes the temporary one and passes the error on', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file.txt');
  await writeFileAtomic(path, 'old');
  const failing = writeStreamAtomic(path, async (writer) => {
    await writer.write(Buffer.from('half'));
    expect(readFileSync(path, 'utf8')).toBe('old');
    throw new RangeError('stop');
  });
  await expect(failing).rejects.toThrow(new RangeError('stop'));
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['file.txt']);
});

test('what is written is on the disk before it takes its name, and the name before the call returns', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file.txt');
  await writeFileAtomic(path, 'old');
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const seen: string[][] = [];
  const { sync } = prototype;
  const spy = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: unknown) {
    seen.push(
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .sort(),
    );
    await sync.call(this);
  });
  await writeFileAtomic(path, 'new');
  spy.mockRestore();
  // the file, then its folder
  expect(seen).toEqual(process.platform === 'win32' ? [['new', 'old']] : [['new', 'old'], ['new']]);
});

test('writers at the same time leave one whole file and nothing else', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file.bin');
  const contents = Array.from({ length: 12 }, (_, i) => Buffer.alloc(300_000, i));
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
  const result = readFileSync(path);
  expect(contents.some((content) => content.equals(result))).toBe(true);
  expect(readdirSync(folder)).toEqual(['file.bin']);
});

test('a process killed while it writes leaves the old file whole', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'file.txt');
  await writeFileAtomic(path, 'old');
  const module = join(import.meta.dirname, '../../main/atomic.ts');
  const script = `const { writeStreamAtomic } = await import(${JSON.stringify(module)});
    await writeStreamAtomic(${JSON.stringify(path)}, async (writer) => {
      await writer.write(Buffer.alloc(1000));
      process.stdout.write('half way');
      await new Promise((done) => setTimeout(done, 60_000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(readFileSync(path, 'utf8')).toBe('old');
  const left = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
  expect(left.length).toBe(1);
  // The next write clears it away, also one of another file: what a fix writes has a new name each time.
  await writeFileAtomic(join(folder, 'other.txt'), 'new');
  expect(readdirSync(folder)).toEqual(['file.txt', 'other.txt']);
});

test('of temporaries from elsewhere only those of the same file whose process is gone and that lie idle are cleared', async () => {
  const folder = temporaryFolder();
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const hex = '0123456789ab';
  const names = {
    stale: `.file.txt.${gone}.${hex}.tmp`,
    fresh: `.file.txt.${gone}.ba9876543210.tmp`,
    alive: `.file.txt.${process.pid}.${hex}.tmp`,
    other: `.other.txt.${gone}.${hex}.tmp`,
    foreign: `.file.txt.${gone}.tmp`,
  };
  for (const name of Object.values(names)) {
    writeFileSync(join(folder, name), '');
    if (name !== names.fresh) utimesSync(join(folder, name), new Date(0), new Date(0));
  }
  await writeFileAtomic(join(folder, 'file.txt'), 'x');
  const { stale: _, ...kept } = names;
  expect(readdirSync(folder).sort()).toEqual([...Object.values(kept), 'file.txt'].sort());
});

test('a target that cannot be a file is an error for people', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'target/inner'), { recursive: true });
  const onFolder = await failure(writeFileAtomic(join(folder, 'target'), 'x'));
  expect(onFolder.code).toBe('path-unusable');
  writeFileSync(join(folder, 'plain'), '');
  const belowFile = await failure(writeFileAtomic(join(folder, 'plain/file.txt'), 'x'));
  expect(belowFile.code).toBe('path-unusable');
  expect(readdirSync(folder).sort()).toEqual(['plain', 'target']);
});
