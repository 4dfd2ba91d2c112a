/** What is handed on as one .zip, on a disk that is full before its end: no half file, and no file that stays open. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunDetails } from '../../../common/api/contract.ts';
import { writeBundle } from '../../../main/app/bundles.ts';
import type { Parts } from '../../../main/app/parts.ts';
import { openIn, withFullDisk } from '../../campaign/disk.ts';
import { happens } from '../../helpers/happens.ts';

let home: string;
let weights: string;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'fettle-zips-'));
  mkdirSync(path.join(home, 'adapter'));
  // more than all buffers on the way hold
  weights = path.join(home, 'adapter', 'adapter_model.safetensors');
  writeFileSync(weights, Buffer.alloc(4e6, 7));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What is open a moment later still: the system's answer to closing comes by itself. */
const nothingOpen = () => happens(() => expect(openIn(home)).toEqual([]));

it.each([1, 3])('closes what goes into the .zip of a run, and leaves none (write %i)', async (nth) => {
  const parts = { store: { events: { read: () => [] } }, host: { pick: null } } as unknown as Parts;
  const run = {
    ...{ id: 1, name: 'Run', method: 'lora', versions: {}, config: {}, folder: home },
    done: { result: path.dirname(weights) },
  } as unknown as RunDetails;
  const out = path.join(home, 'run.zip');
  await expect(withFullDisk(/run\.zip/, () => writeBundle(parts, run, out), nth)).rejects.toMatchObject({
    code: 'disk-full',
  });
  expect(readdirSync(home)).toEqual(['adapter']);
  await nothingOpen();
  expect((await writeBundle(parts, run, out)).bytes).toBeGreaterThan(4e6);
  rmSync(out);
});
