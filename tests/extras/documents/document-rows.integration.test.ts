/** A PDF, a Word file and a web page become rows, written by a real model through the command line. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RowsResult } from '../../../common/extras/documents/news.ts';
import { fettle } from '../../helpers/fettle.ts';
import { docx, pdf } from './made.ts';

const MODEL = path.resolve(import.meta.dirname, '../../../../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const present = existsSync(MODEL);
if (!present) console.warn('skipped: ../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf is not here');

const TEXTS = [
  'The lamp has a filter behind the lower cover. Clean the filter once a month with warm water.',
  'The battery lasts for ten hours of bright light. It charges in three hours when the lamp stands on its base.',
  'The guarantee lasts three years from the day of purchase. It covers the battery and the electronics.',
];
const PER_PASSAGE = 2;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fettle-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(!present)('every row that is left quotes its document, and the others are counted', async () => {
  const [first = '', second = '', third = ''] = TEXTS;
  const place = (name: string) => path.join(folder, name);
  writeFileSync(
    place('a.pdf'),
    pdf([
      [
        ['Cleaning', 18, 700],
        [first, 11, 670],
      ],
    ]),
  );
  writeFileSync(place('b.docx'), docx([{ text: second }]));
  writeFileSync(place('c.html'), `<!doctype html><p>${third}</p>`);
  const from = ['a.pdf', 'b.docx', 'c.html'].flatMap((name) => ['--from', place(name)]);
  const out = place('rows.jsonl');
  const asked = ['--model', MODEL, '--per-passage', String(PER_PASSAGE), '--out', out, '--json'];
  const { code, out: said } = await fettle(['rows', ...from, ...asked]);
  const result = JSON.parse(said) as RowsResult;
  expect(result).toMatchObject({ documents: 3, passages: 3 });
  const left = Object.values(result.leftOut).reduce((sum, count) => sum + count, 0);
  expect(result.rows + left).toBe(3 * PER_PASSAGE);
  expect(code).toBe(result.rows > 0 ? 0 : 3);
  const rows = result.rows > 0 ? readFileSync(out, 'utf8').trim().split('\n') : [];
  expect(rows).toHaveLength(result.rows);
  for (const line of rows) {
    const { quote, source } = JSON.parse(line) as { quote: string; source: string };
    expect(TEXTS.join('\n')).toContain(quote);
    expect(source).toMatch(/^(a\.pdf, page 1, Cleaning|b\.docx|c\.html)$/);
  }
});
