/**
 * Rows from a document, in a real browser at the real host with the real engine: a model writes rows about a PDF, which are reviewed and taught
 * to the practice model. That needs a model that follows instructions.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';
import { pdf } from './made.ts';

const VERDICT =
  /^(It learned|It didn't learn|It got worse|It could do this before|Not measured|Learning not)/;
const MODEL = path.join(import.meta.dirname, '../../../../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const present = existsSync(MODEL);
if (!present) console.warn('skipped: ../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf is not here');

let visit: Visit;
let page: Page;
let person: Person;
let folder = '';

stopAtFirstFailure();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-own-rows-'));
  visit = await beginVisit();
  ({ page, person } = visit);
});

afterAll(async () => {
  await visit?.close();
  await rm(folder, { recursive: true, force: true });
});

async function choose(label: string, option: string): Promise<void> {
  await person.click(page.getByRole('combobox', { name: label }));
  await person.click(page.getByRole('option', { name: option }).first());
}

const MANUAL = [
  'The lamp has a filter behind the lower cover. Clean the filter once a month with warm water, and let it dry for a day before you put it back.',
  'Never use alcohol, because it makes the cover dull. A soft cloth removes dust from the shade, and a brush helps with the small openings.',
  'The battery lasts for ten hours of bright light. It charges in three hours when the lamp stands on its base, and a green light shows that it is full.',
  'The guarantee lasts three years from the day of purchase. It covers the battery and the electronics, but no damage that comes from a fall.',
];

/** Lines of a page as a program sets them. */
function manual(): Uint8Array {
  const lines = MANUAL.flatMap((text) => [
    ...(text.match(/.{1,80}(?:\s|$)/g) ?? []).map((line) => line.trim()),
    '',
  ]);
  const body = lines.flatMap((text, index) => (text === '' ? [] : [[text, 11, 740 - 15 * index] as const]));
  return pdf([[['The lamp: a manual', 18, 780], ...body]]);
}

describe.skipIf(!present)('a document', () => {
  test('becomes rows that a model on this computer writes', async () => {
    await person.click(page.getByRole('link', { name: 'Models' }));
    await person.click(person.button('Add a GGUF file'));
    const dialog = page.getByRole('dialog');
    const place = dialog.getByRole('textbox', { name: 'Folder' });
    await place.fill(path.resolve(MODEL));
    // the dialog may still be moving the focus
    await place.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    await person.sees(page.getByText(/SmolLM2/).first());
    await person.click(page.getByRole('link', { name: 'New run' }));
    await person.click(person.step(/^Data/));
    await person.click(person.button('From documents'));
    await writeFile(path.join(folder, 'manual.pdf'), manual());
    await page.getByRole('dialog').locator('input[type=file]').setInputFiles(path.join(folder, 'manual.pdf'));
    await choose('Written by', 'SmolLM2');
    await person.click(page.getByRole('dialog').getByText('Details', { exact: true }));
    await page.getByRole('textbox', { name: 'Rows for each passage' }).fill('10');
    await person.click(person.button('Write rows'));
    await person.sees(person.button(/^Use \d+ rows?$/));
  });

  test('that are changed and dropped before they are used', async () => {
    const count = Number(/\d+/.exec((await person.button(/^Use \d+ rows?$/).textContent()) ?? '')?.[0]);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Answer' }).fill('Once a month, with warm water.');
    // so small a model may leave one row
    if (count > 1) await person.click(dialog.getByRole('row').nth(2));
    if (count > 1) await person.click(dialog.getByRole('button', { name: 'Drop', exact: true }));
    const kept = Math.max(1, count - 1);
    await person.click(person.button(`Use ${kept} row${kept === 1 ? '' : 's'}`));
    await person.sees(new RegExp(`^${kept} usable rows?$`));
    const uploads = path.join(visit.home, 'data', 'uploads');
    const names = await readdir(uploads, { recursive: true });
    const file = names.find((name) => name.endsWith('manual.jsonl'));
    const [first = ''] = (await readFile(path.join(uploads, file ?? ''), 'utf8')).split('\n');
    const row = JSON.parse(first) as Record<string, string>;
    expect(row.completion).toBe('Once a month, with warm water.');
    expect(row.source).toMatch(/^manual\.pdf, page 1/);
    expect(MANUAL.join(' ').toLowerCase()).toContain(row.quote!.toLowerCase().replace(/\.$/, ''));
  });

  test('and a model learns from them, with a result at the end', async () => {
    await person.click(person.step(/^Model/));
    await person.click(page.getByRole('main').getByRole('button', { name: 'Practice model' }));
    await person.click(person.button('Continue'));
    await person.sees(/usable rows?$/);
    await person.click(person.button('Continue'));
    await person.sees(person.heading('What will it take?'));
    await person.click(person.button('Start training'));
    await person.sees(page.getByRole('region', { name: 'Verdict' }).getByText(VERDICT));
    await person.click(page.getByRole('link', { name: 'History' }));
    await person.sees(page.getByRole('row', { name: /manual with Practice model/ }).first());
  });

  test('the page had nothing to complain about', () => {
    expect(visit.errors).toEqual([]);
  });
});
