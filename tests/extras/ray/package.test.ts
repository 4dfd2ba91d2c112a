/** What goes to Ray in one .zip, on a disk that is full before its end: no half file, and no file that stays open. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { withPackages } from '../../../main/extras/ray/ray-package.ts';
import { openIn, withFullDisk } from '../../campaign/disk.ts';
import { happens } from '../../helpers/happens.ts';

let home: string;
let weights: string;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'fettle-packages-'));
  // more than all buffers on the way hold
  weights = path.join(home, 'adapter_model.safetensors');
  writeFileSync(weights, Buffer.alloc(4e6, 7));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What is open a moment later still: the system's answer to closing comes by itself. */
const nothingOpen = () => happens(() => expect(openIn(home)).toEqual([]));

it('closes what goes into a package for Ray', async () => {
  const files = [{ name: 'adapter_model.safetensors', file: weights }];
  const work = vi.fn();
  await expect(withFullDisk(/0\.zip/, () => withPackages([{ files }], work), 3)).rejects.toMatchObject({
    code: 'disk-full',
  });
  expect(work).not.toHaveBeenCalled();
  await nothingOpen();
});
