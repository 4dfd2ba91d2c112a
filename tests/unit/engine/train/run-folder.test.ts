/** Where a run may begin: a folder of its own, which is never one that holds anything. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { claimFolder, clearHalfWritten } from '../../../../main/engine/train/run-folder.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(() => remove());

const claim = (out: string, resume = false) =>
  claimFolder(parseRunConfig({ model: 'model', data: 'rows.jsonl', out }), resume);

/** A folder in the workspace that holds empty files of these names. */
function holding(...names: string[]): string {
  const made = path.join(folder, `holding ${names.join(' and ')}`);
  mkdirSync(made);
  for (const name of names) writeFileSync(path.join(made, name), '');
  return made;
}

describe('the folder of a run', () => {
  it('is made, with those above it', async () => {
    const out = path.join(folder, 'a', 'b', 'c');
    await claim(out);
    expect(statSync(out).isDirectory()).toBe(true);
    expect(readdirSync(out)).toEqual([]);
    await claim(out);
  });

  it('may hold what a process that was killed left of its lock and of its first file', async () => {
    const out = holding('.lock', '.lock.0123', '.run.json.99999999.0123456789ab.tmp');
    // where the disk refused to remove what tried whether it can be written
    mkdirSync(path.join(out, '.fettle-0123456789ab.tmp'));
    await claim(out);
    await clearHalfWritten(out);
    expect(readdirSync(out)).toEqual(['.lock', '.lock.0123']);
  });

  it('may hold a run only where that goes on', async () => {
    const out = holding('run.json', 'metrics.jsonl');
    await expect(claim(out)).rejects.toMatchObject({
      code: 'out-exists',
      message: `There is a run in ${out} already.`,
      hint: expect.stringContaining('Resume it'),
    });
    await claim(out, true);
  });

  it.each(['rows.jsonl', '.hidden', 'half.tmp'])('may not hold %s', async (name) => {
    const out = holding(name);
    await expect(claim(out)).rejects.toMatchObject({
      code: 'out-exists',
      message: `${out} is not empty.`,
    });
  });

  it.each(['file', path.join('file', 'inside')])('cannot be made where there is a file: %s', async (name) => {
    writeFileSync(path.join(folder, 'file'), '');
    await expect(claim(path.join(folder, name))).rejects.toMatchObject({
      code: 'path-unusable',
      message: expect.stringContaining(path.join(folder, 'file')),
    });
  });

  it.runIf(process.platform === 'linux')('is refused where the system lets nobody make one', async () => {
    await expect(claim('/proc/run/of/mine')).rejects.toMatchObject({
      code: 'file-forbidden',
      message: expect.stringContaining('permission'),
    });
  });
});
