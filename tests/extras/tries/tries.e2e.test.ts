/** What more rows would bring to a run, in a real browser at the real host: tried with fewer rows, stopped, continued, and said. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { colourTable } from '../../helpers/colour-rows.ts';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, dropToSort, type Visit } from '../../helpers/visit.ts';

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
});
afterAll(() => visit?.close());

test('a model learns rows, and its verdict is there', async () => {
  await dropToSort(visit, 'colours.csv', colourTable());
  await person.sees('128 usable rows');
  await person.click(page.locator('summary', { hasText: /^Test rows: / }));
  await page.getByRole('textbox', { name: 'Share of test rows' }).fill('31');
  await person.sees('88 rows to learn from, 40 to test with.');
  await person.click(person.step(/^Model/));
  await person.click(person.button('Practice model'));
  await person.click(person.step(/^Plan/));
  await person.sees(person.heading('What will it take?'));
  await person.click(person.button('Start training'));
  await person.sees(page.getByRole('region', { name: 'Verdict' }));
});

test('the tries say their time before they start, stop at once, and continue', async () => {
  await person.click(page.locator('summary', { hasText: 'How many more rows?' }));
  await person.sees(/both are asked the same test rows\. That takes (under|about)/);
  await person.click(person.button('Try with fewer rows'));
  await person.click(person.button(/^Stop$/));
  await person.sees('Stopped. Nothing is lost.');
  await person.click(person.button('Continue'));
  await person.sees(/With 88 more rows: likely \d+%/);
  await person.sees(/on 40 test rows:\s+\d+% with 22 rows, \d+% with 44 rows, \d+% with 88 rows/);
  await person.sees(/With 264 more rows: likely \d+%/);
});

test('what they said is there again', async () => {
  await page.reload();
  await person.click(page.locator('summary', { hasText: 'How many more rows?' }));
  await person.sees(/With 88 more rows: likely \d+%/);
  expect(visit.errors).toEqual([]);
});
