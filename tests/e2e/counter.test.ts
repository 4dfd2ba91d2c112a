/**
 * A person's own table, in a real browser at the real host with the real engine: dropped, planned, taught to the practice model and
 * judged beside simpler ways. Word counts do better, and the button of the verdict leads to a sorted file.
 */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import type { Person } from '../helpers/person.ts';
import { townRows, townTable } from '../helpers/town-rows.ts';
import { beginVisit, dropToSort, type Visit } from '../helpers/visit.ts';

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
});
afterAll(() => visit?.close());

const verdict = () => page.getByRole('region', { name: 'Verdict' });

test('the table is dropped, and a word counter sorts it within seconds', async () => {
  await dropToSort(visit, 'letters.csv', townTable());
  await person.sees(`${townRows().length} usable rows`);
  // all but one are right already
  await person.sees('More rows would hardly help a sorter.');
  await person.click(person.button('Continue'));
  await person.sees(person.heading('The quick way'));
  await person.sees(page.getByRole('row', { name: /^Word counts/ }));
});

test('the practice model learns it in one pass and is judged: word counts do better', async () => {
  await person.click(person.button('Train a language model'));
  await person.click(page.getByRole('main').getByRole('button', { name: 'Practice model' }));
  await person.click(person.button('Continue'));
  await person.sees(person.heading('What will it take?'));
  // one pass over few rows teaches so small a model little
  await person.click(page.getByRole('switch', { name: 'All settings' }));
  await person.click(page.locator('summary', { hasText: 'Training' }));
  await page.getByRole('textbox', { name: 'Epochs' }).fill('1');
  await person.click(person.button('Start training'));
  await person.sees(verdict());
  await person.sees(verdict().getByText(/Word counts: \d+% right\. This model: \d+% right\./));
  await person.click(page.getByText('Figures and ranges', { exact: true }));
  await person.sees(page.getByRole('row', { name: /^Word counts/ }));
  await person.sees(page.getByRole('row', { name: /^The base model with the best prompt/ }));
  await person.click(page.getByText('Best prompt for the base model', { exact: true }));
  await person.sees(
    page.getByRole('region', { name: 'Best prompt for the base model' }).getByText(/Answer: /),
  );
});

test('the button of the verdict keeps the counter and opens it to sort with', async () => {
  await person.click(verdict().getByRole('button', { name: 'Use the word counter' }));
  await person.sees(page.getByRole('heading', { name: /: word counter$/ }));
  await person.sees(/^Knows the answer: \d+% /);
  expect(await page.getByRole('tab').allInnerTexts()).toEqual(['Use it', 'Details']);
});

test('it sorts a file with the person’s columns, and says which words decided', async () => {
  const rows = [
    { number: '1', message: 'Who repairs the street lamp?' },
    { number: '2', message: 'Must my dog be on a lead?' },
  ];
  const buffer = Buffer.from(townTable(rows));
  await page
    .getByRole('group', { name: 'File with rows to sort' })
    .locator('input[type=file]')
    .setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer });
  await person.click(person.button('Start sorting'));
  await person.sees(/^2 rows sorted/);
  await person.click(page.getByRole('switch', { name: 'Show the words that decided' }));
  await person.sees(/^Because of: .*street/);
  const coming = page.waitForEvent('download');
  await person.click(person.button('Save table'));
  const table = await readFile(await (await coming).path(), 'utf8');
  const [head, first, second] = table.split('\r\n');
  expect(head).toBe('row,number,message,category,score,ask a person');
  expect(first).toContain(',streets,');
  expect(second).toContain(',dogs,');
});

test('it is saved with its programs, and stands in the history as a run of its own', async () => {
  const coming = page.waitForEvent('download');
  await person.click(person.button('Download'));
  expect((await coming).suggestedFilename()).toMatch(/word counter\.zip$/);
  await person.click(page.getByRole('link', { name: 'History' }));
  await person.sees(page.getByRole('row', { name: /: word counter.*% right/ }));
  expect(visit.errors).toEqual([]);
});
