/** A table whose texts have several categories becomes one sorter, in a real browser at the real host with the real engine. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import type { Person } from '../helpers/person.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { columnsTable } from '../helpers/town-columns.ts';
import { townRows } from '../helpers/town-rows.ts';
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

const rows = townRows().flatMap(({ message, office }, i, all) => {
  const other = all[(7 * i + 3) % all.length]!;
  const both = [...new Set([office!, other.office!])].join('; ');
  return [
    { message, tags: office! },
    { message: `${message} ${other.message}`, tags: both },
  ];
});
const categories = () => page.getByRole('table', { name: 'Categories, and how well each is found' });
const ready = () => person.button('Use this sorter').and(page.locator(':enabled'));

test('several categories are found and said, judged as whole sets and each', async () => {
  await dropToSort(visit, 'letters.csv', columnsTable(rows));
  await person.sees(/“tags” holds several categories a text, separated by “;”/);
  await person.click(person.button('Continue'));
  await person.sees(ready());
  await person.sees(categories().getByRole('row', { name: /^dogs \d+% \d+% [01].\d\d/ }));
  const sets = page.getByRole('table', { name: 'How well whole sets are found' });
  await person.sees(sets.getByRole('row', { name: /^This sorter \d+%/ }));
  await person.sees(sets.getByRole('row', { name: /^No category at all 0%/ }));
});

test('a person has each cell read as one category, and back', async () => {
  const one = page.getByRole('switch', { name: 'One category for each text in “tags”' });
  await person.click(one);
  await person.sees(ready());
  expect(await categories().count()).toBe(0);
  await person.click(one);
  await person.sees(categories());
  await person.sees(ready());
});

test('a sorted file has the categories joined, and the probability of each', async () => {
  await person.click(ready());
  const message = 'Do I pay tax for my dog? What does a parking permit cost for a car?';
  const buffer = Buffer.from(columnsTable([{ message }, { message: 'Where may I park my car?' }]));
  const group = page.getByRole('group', { name: 'File with rows to sort' });
  await group.locator('input[type=file]').setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer });
  await person.click(person.button('Start sorting'));
  await person.sees(/^2 rows sorted/);
  const coming = page.waitForEvent('download');
  await person.click(person.button('Save table'));
  const [head, first] = (await readFile(await (await coming).path(), 'utf8')).split('\r\n');
  expect(head).toContain('tags found,tags score,tags ask a person');
  expect(head).toContain('dogs probability');
  expect(first).toMatch(/,(dogs; parking|parking; dogs),/);
  expect(visit.errors).toEqual([]);
});
