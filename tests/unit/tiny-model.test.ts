/** The tiny model that many tests start from is what its script writes. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-tiny-model-'));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

it('is what its script writes', () => {
  const again = path.join(work, 'tiny-model');
  execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'tiny-model', 'make.ts'), again]);
  const bundled = path.join(ROOT, 'resources', 'tiny-model');
  for (const name of fs.readdirSync(again)) {
    const equal = fs.readFileSync(path.join(again, name)).equals(fs.readFileSync(path.join(bundled, name)));
    expect(equal, name).toBe(true);
  }
  expect(fs.readdirSync(again)).toHaveLength(4);
});
