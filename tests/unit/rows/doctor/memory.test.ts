import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROWS = 8192;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-doctor-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

const module = (name: string) => JSON.stringify(pathToFileURL(`main/rows/doctor/${name}.ts`).href);

/** What a process keeps of rows of 2,400 letters each once they have been looked at and compared. */
const script = `
import { Corpus } from ${module('corpus')};
import { examine } from ${module('examine')};
import { Study } from ${module('finding')};
const taken = () => {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const row = (i) => ({
  kind: 'completion',
  turns: [
    { role: 'user', content: \`Question \${i} is short?\` },
    { role: 'assistant', content: \`Answer \${i * 7919} and \${i}; \`.repeat(120) },
  ],
});
const corpus = new Corpus();
const measure = () => ({ tokens: 600, characters: 2400, isCut: false, joinsBorder: false });
const guess = { likeliest: 0, close: 0 };
const add = (i) => {
  const { facts, signatures } = examine({ rows: [row(i)], first: i }, measure, []);
  corpus.add(row(i), facts, signatures, guess);
};
add(0);
const before = taken();
let characters = 0;
for (let i = 1; i < ${ROWS}; i++) {
  add(i);
  characters += row(i).turns[1].content.length;
}
const study = new Study(corpus, { heldOut: 0.1, seed: 1 });
let repeats = 0;
for (let i = 0; i < ${ROWS}; i++) if (study.leaderOf(i) !== i) repeats++;
console.log(JSON.stringify({ bytes: (taken() - before) / ${ROWS}, text: characters / ${ROWS}, repeats, rows: study.corpus.rows }));
`;

it('keeps less than 600 bytes of a row, however long it is', async () => {
  const child = join(folder, 'child.mjs');
  await writeFile(child, script);
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child]);
  const { bytes, text, rows } = JSON.parse(stdout) as Record<string, number>;
  expect(rows).toBe(ROWS);
  expect(text).toBeGreaterThan(2400);
  expect(bytes).toBeLessThan(600);
});

const MANY_ROWS = 100_000;

/** Checks a file of short rows, all of them different. The language detector alone takes 45 MB of the heap. */
const manyRows = (file: string) => `
import { checkRows } from ${module('check')};
const settings = { read: {}, maxLength: 64, heldOut: 0.1, seed: 1, epochs: 1, minutes: 1, tokensPerSecond: 1 };
await checkRows({ ...settings, paths: [${JSON.stringify(join('resources', 'samples', 'support-messages.jsonl'))}] });
const before = process.memoryUsage.rss();
const { rows, peakRssBytes } = await checkRows({ ...settings, paths: [${JSON.stringify(file)}], crew: { threads: 0 } });
console.log(JSON.stringify({ rows, bytes: (peakRssBytes - before) / rows }));
`;

it(`checks ${MANY_ROWS} rows in a process whose heap holds 80 MB`, async () => {
  const data = join(folder, 'many.jsonl');
  const line = (i: number) => JSON.stringify({ prompt: `Is ${i} odd?`, completion: `${i * 7919} is not.` });
  await writeFile(data, Array.from({ length: MANY_ROWS }, (_, i) => `${line(i)}\n`).join(''));
  const child = join(folder, 'many.mjs');
  await writeFile(child, manyRows(data));
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=80', child]);
  const { rows, bytes } = JSON.parse(stdout) as Record<string, number>;
  expect(rows).toBe(MANY_ROWS);
  // the heap alone may come close to 80 MB before it is collected
  expect(bytes).toBeLessThan(2000);
});
