import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskRate } from '../../../../main/engine/bench/bench.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const SMALL = 16 * 2 ** 20;
const patient = new AbortController().signal;

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
});
afterEach(() => remove());

describe('the speed of the disk', () => {
  it('is measured with a file that is gone afterwards, and so is what a killed process left', async () => {
    const left = path.join(folder, '.fettle-disk-0123456789ab.tmp');
    writeFileSync(left, 'x');
    writeFileSync(path.join(folder, 'mine.tmp'), 'x');
    const found = await diskRate(folder, patient, SMALL);
    expect(found!.bytesPerSecond).toBeGreaterThan(1e6);
    expect(found!.writtenPerSecond).toBeGreaterThan(1e5);
    expect(['disk', 'cache']).toContain(found!.from);
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(folder)).toEqual(['mine.tmp']);
  });

  it('leaves nothing behind when it is cancelled, however late', async () => {
    const controller = new AbortController();
    const measuring = diskRate(folder, controller.signal, SMALL);
    await expect.poll(() => readdirSync(folder).length, { interval: 1 }).toBe(1);
    controller.abort(new Error('cancelled'));
    await expect(measuring).rejects.toThrow('cancelled');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not known of a folder that is not there', async () => {
    expect(await diskRate(path.join(folder, 'gone', 'far'), patient, SMALL)).toBeNull();
  });
});
