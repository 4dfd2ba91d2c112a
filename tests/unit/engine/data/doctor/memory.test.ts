import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROWS = 4096;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-doctor-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

const module = (name: string) => JSON.stringify(pathToFileURL(`main/engine/data/doctor/${name}.ts`).href);

/** What a process keeps of rows of 2,400 letters each once they have been looked at and compared. */
const script = `
import { CorpusBuilder } from ${module('corpus')};
import { examine } from ${module('examine')};
import { Study } from ${module('study')};
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
const builder = new CorpusBuilder();
const measure = () => ({ tokens: 600, characters: 2400, isCut: false });
const guess = () => ({ likeliest: 0, close: 0 });
const add = (i) => {
  const { facts, signatures } = examine({ rows: [row(i)], first: i }, { measure, guess }, []);
  builder.add(row(i), facts, signatures);
};
add(0);
const before = taken();
let characters = 0;
for (let i = 1; i < ${ROWS}; i++) {
  add(i);
  characters += row(i).turns[1].content.length;
}
const study = new Study(builder.finish(), { heldOut: 0.1, seed: 1 });
const repeats = study.nearLeader.reduce((sum, leader, i) => sum + (leader === i ? 0 : 1), 0);
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
}, 240_000);
