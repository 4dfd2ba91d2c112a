/** A table with several columns to fill becomes one sorter, in a real browser at the real host with the real engine. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import type { Person } from '../helpers/person.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { columnsTable, townColumns } from '../helpers/town-columns.ts';
import { beginVisit, dropToSort, type Visit } from '../helpers/visit.ts';

let visit: Visit;
let page: Page;
let person: Person;
const made = temporaryFolder();

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit({ HF_HUB_CACHE: path.join(made.folder, 'nothing') });
  ({ page, person } = visit);
  page.setDefaultTimeout(30_000);
});
afterAll(async () => {
  await visit?.close();
  made.remove();
});

const filled = () => page.getByRole('table', { name: 'Columns that the sorter fills' });

test('columns with categories are offered, and one sorter fills them all', async () => {
  const rows = townColumns().map(({ office, ...others }) => ({ ...others, category: office }));
  await dropToSort(visit, 'letters.csv', columnsTable(rows));
  await person.sees(`${rows.length} usable rows`);
  await person.click(person.button('Continue'));
  await person.sees(person.button('Use this sorter').and(page.locator(':enabled')));
  expect(await filled().count()).toBe(0);
  await person.click(page.getByRole('switch', { name: 'urgent' }));
  await person.sees(filled().getByRole('row', { name: /^urgent yes or no \d+%/ }));
  await person.click(page.getByRole('switch', { name: 'grade' }));
  await person.sees(filled().getByRole('row', { name: /^grade a grade: 1 < 2 < 3 < 4 \d+%/ }));
  await person.sees(filled().getByRole('row', { name: /^category a choice \d+%/ }));
});

test('it sorts a file into all of them, and stands in the history once', async () => {
  await person.click(person.button('Use this sorter').and(page.locator(':enabled')));
  await person.sees(page.getByRole('heading', { name: 'Columns that it fills' }));
  const message = 'My dog lost its tag. This is the third letter! It has to be today.';
  const buffer = Buffer.from(
    columnsTable([{ message }, { message: 'Where may I park? Thank you. It can wait.' }]),
  );
  const group = page.getByRole('group', { name: 'File with rows to sort' });
  await group.locator('input[type=file]').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer });
  await person.click(person.button('Start sorting'));
  await person.sees(/^2 rows sorted/);
  await person.sees(page.getByRole('columnheader', { name: 'urgent' }));
  const coming = page.waitForEvent('download');
  await person.click(person.button('Save table'));
  const [head, first] = (await readFile(await (await coming).path(), 'utf8')).split('\r\n');
  expect(head).toContain(
    'category found,category score,category ask a person,urgent found,urgent probability',
  );
  expect(first).toMatch(/,dogs,[\d.]+,(yes|no),yes,[\d.]+,(yes|no),4,/);
  await person.click(page.getByRole('link', { name: 'History' }));
  const row = page.getByRole('row', { name: /letters: sorter.*3 columns/ });
  await person.sees(row);
  expect(await page.getByRole('row', { name: /letters: sorter/ }).count()).toBe(1);
  expect(visit.errors).toEqual([]);
});
