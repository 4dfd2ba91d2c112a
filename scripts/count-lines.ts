/**
 * Files and lines of the core, of each extra and of their tests, as `node scripts/count-lines.ts` prints them for a decision. They are in no
 * table of the docs, which every change would make stale.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const SOURCE = /\.(ts|svelte|css|html)$/;
const EXTRA = /(?:^|\/)extras\/([^/]+)\//;
/** Words are counted apart: a language is data. */
const WORDS = /^words\//;
const CORE = ['common', 'main/engine', 'main', 'preload', 'renderer', 'tests', 'scripts'] as const;

interface Count {
  files: number;
  lines: number;
}

const listed = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
const counts = new Map<string, Count>();

/** In which row a file counts; null for what is no source. */
function rowOf(file: string): string | null {
  if (WORDS.test(file)) return 'words';
  if (!SOURCE.test(file)) return null;
  const extra = EXTRA.exec(file)?.[1];
  if (extra !== undefined) return file.startsWith('tests/') ? `extra ${extra}, tests` : `extra ${extra}`;
  return CORE.find((folder) => file.startsWith(`${folder}/`)) ?? null;
}

for (const file of listed.stdout
  .split('\0')
  .filter((one) => one !== '' && existsSync(path.join(ROOT, one)))) {
  const row = rowOf(file);
  if (row === null) continue;
  const count = counts.get(row) ?? { files: 0, lines: 0 };
  count.files++;
  count.lines += readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1;
  counts.set(row, count);
}

console.log('| part | files | lines |\n|---|---|---|');
for (const [row, { files, lines }] of [...counts].sort(([a], [b]) => a.localeCompare(b)))
  console.log(`| ${row} | ${files} | ${lines.toLocaleString('en')} |`);
