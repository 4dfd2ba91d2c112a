/** A process that tries what hostile code would, and says what each attempt met. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

const attempts: Readonly<Record<string, () => unknown>> = {
  read: () => readFileSync(import.meta.filename),
  write: () => writeFileSync(path.join(tmpdir(), 'fettle-rights.txt'), 'x'),
  process: () => spawnSync('true').error ?? 'started',
  thread: () => new Worker('', { eval: true }),
  'native code': () => createRequire(import.meta.url)('better-sqlite3')(':memory:'),
};

process.on('message', () => {
  const met = Object.entries(attempts).map(([name, attempt]) => {
    try {
      const result = attempt();
      return [name, result instanceof Error ? (result as NodeJS.ErrnoException).code : 'done'];
    } catch (error) {
      return [name, (error as NodeJS.ErrnoException).code];
    }
  });
  process.send!(Object.fromEntries(met), undefined, undefined, () => process.exit(0));
});
