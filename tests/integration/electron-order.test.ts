/** The fake Electron keeps the rules of the real one; else nothing that is tested with it says anything. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startElectron } from '../helpers/electron-app.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fettle-order-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function script(text: string): string {
  const file = path.join(folder, `main-${++files}.mjs`);
  writeFileSync(file, text);
  return file;
}

/** An entry, and what Electron says to it. */
const REFUSED: readonly (readonly [what: string, entry: string, words: RegExp | number])[] = [
  [
    'an engine before it is ready',
    `import { utilityProcess } from 'electron'; utilityProcess.fork('x.js');`,
    /utilityProcess.fork before/,
  ],
  [
    'a window before it is ready',
    `import { BrowserWindow } from 'electron'; new BrowserWindow({});`,
    /BrowserWindow before/,
  ],
  [
    'secrets before it is ready',
    `import { safeStorage } from 'electron'; safeStorage.isEncryptionAvailable();`,
    /safeStorage before/,
  ],
  [
    'schemes after it is ready',
    `import { app, protocol } from 'electron';
     app.whenReady().then(() => protocol.registerSchemesAsPrivileged([])).catch((e) => { console.error(e); app.exit(1); });`,
    /registerSchemesAsPrivileged after/,
  ],
  // an entry that is never evaluated: Node says so with code 13
  [
    'waiting for ready while it is evaluated',
    `import { app } from 'electron'; await app.whenReady();`,
    /ended with 13/,
  ],
];

test.each(REFUSED)('%s is refused', async (_, entry, words) => {
  const trial = startElectron({ main: script(entry) }).then(async (app) => {
    const { code, stderr } = await app.ended;
    throw new Error(`ended with ${code}: ${stderr}`);
  });
  await expect(trial).rejects.toThrow(words);
});
