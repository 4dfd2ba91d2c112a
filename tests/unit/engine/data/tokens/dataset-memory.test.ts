import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const MB = 1024 * 1024;
const FILE_MB = 100;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-memory-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Builds a store in a process with a 64 MB heap and prints what it took, before and after reading some rows. */
const script = (data: string, module: string): string => `
import { buildTokenStore } from ${JSON.stringify(module)};
const encodeRow = (row) => {
  const ids = Array.from(Buffer.from(row.completion));
  return { ids, labels: ids };
};
const before = process.memoryUsage.rss();
const file = ${JSON.stringify(data)};
const store = await buildTokenStore({ files: [file], encodeRow, maxLength: 1024, onBadRow: 'stop', folder: ${JSON.stringify(folder)} });
for (let i = 0; i < 2000; i++) await store.row((i * 7919) % store.count);
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ grown: peak - before, rows: store.count, tokens: store.stats.tokens }));
await store.close();
`;

it(`tokenises ${FILE_MB} MB in a process whose heap holds 64 MB, growing by less than 80 MB`, async () => {
  const data = join(folder, 'big.jsonl');
  // Long prompts and short answers: much to read and parse, little to tokenise, so that the test stays quick
  const line = `${JSON.stringify({ prompt: 'long question '.repeat(700), completion: 'an answer' })}\n`;
  const rows = Math.ceil((FILE_MB * MB) / line.length);
  const out = createWriteStream(data);
  const block = line.repeat(100);
  for (let i = 0; i < rows / 100; i++) if (!out.write(block)) await once(out, 'drain');
  await new Promise<void>((done) => out.end(() => done()));

  const child = join(folder, 'child.mjs');
  await writeFile(child, script(data, pathToFileURL('main/engine/data/tokens/dataset.ts').href));
  const run = promisify(execFile)(process.execPath, ['--max-old-space-size=64', child]);
  const { grown, ...counts } = JSON.parse((await run).stdout) as {
    grown: number;
    rows: number;
    tokens: number;
  };
  const expected = Math.ceil(rows / 100) * 100;
  expect(counts).toEqual({ rows: expected, tokens: expected * 9 });
  expect(grown / MB).toBeLessThan(80);
});

it('gives up on a line without end without reading it into memory', async () => {
  const data = join(folder, 'endless.jsonl');
  await writeFile(data, '{"text": "');
  await truncate(data, 400 * MB);
  const child = join(folder, 'endless.mjs');
  const program = `
import { parseJsonLine } from ${JSON.stringify(pathToFileURL('main/rows/readers/json.ts').href)};
import { splitLines } from ${JSON.stringify(pathToFileURL('main/rows/readers/encoding.ts').href)};
import { openSource } from ${JSON.stringify(pathToFileURL('main/rows/readers/source.ts').href)};
const before = process.memoryUsage.rss();
let message;
for await (const lines of splitLines((await openSource(${JSON.stringify(data)})).chunks()))
  for (const line of lines) message = parseJsonLine(line, ${JSON.stringify(data)}).error.message;
console.log(JSON.stringify({ message, grown: process.resourceUsage().maxRSS * 1024 - before }));
`;
  await writeFile(child, program);
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=64', child]);
  const { message, grown } = JSON.parse(stdout) as { message: string; grown: number };
  expect(message).toBe(`${data}:1: The line is longer than 64 MB.`);
  expect(grown / MB).toBeLessThan(200);
});
