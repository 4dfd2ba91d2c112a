/**
 * The whole wizard without a mouse, in a real browser at the real host. Then a training is paused and cancelled, and the palette leads
 * to the history. first-run.test.ts goes on by keyboard to a verdict.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import { type Keyboard, keyboardAt } from '../helpers/keyboard.ts';
import type { Person } from '../helpers/person.ts';
import { beginVisit, type Visit } from '../helpers/visit.ts';

/** Keys from the welcome to a training that runs; one more link or button before a main action is one more. Seven pass by the quick way. */
const MOST_KEYS = 72;

let visit: Visit;
let page: Page;
let person: Person;
let reach: Keyboard['reach'];
let press: Keyboard['press'];
let keys: Keyboard['keys'];

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
  ({ reach, press, keys } = keyboardAt(page));
});

afterAll(() => visit?.close());

test('from the first page to a training', async () => {
  await reach(page.getByRole('link', { name: 'Skip to content' }), 'Enter');
  await reach(page.getByRole('link', { name: 'Tune a model on my data' }), 'Enter');
  await person.sees(person.heading('What can this computer do?'));
  await reach(person.button('Check this computer'), 'Enter');
  await person.sees(person.button('Check again'));
  // the button that was pressed has become the one that goes on
  await reach(person.button('Continue'), 'Enter');

  await person.sees(person.heading('What should the model do?'));
  await reach(page.getByRole('radio'), 'Space');
  const sort = page.getByRole('radio', { name: /Sort and extract/ });
  for (let goals = 0; goals < 10 && !(await sort.isChecked()); goals++) await press('ArrowDown');
  expect(await sort.isChecked()).toBe(true);
  await press('Enter');

  await person.sees(person.heading('What should the model learn from?'));
  const before = keys();
  await reach(person.button('Paste text'), 'Enter');
  const field = page.getByRole('dialog').getByRole('textbox');
  await person.sees(field);
  await expect.poll(() => page.getByRole('dialog').locator(':focus').count()).toBe(1);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  // a look into a dialog is not on the way
  const aside = keys() - before;
  await reach(person.button(/Support messages/), 'Enter');
  await person.sees(/600 usable rows/);
  // the card is gone, and the focus stays in the page
  expect(await page.locator('main').locator(':focus').count()).toBe(1);
  await reach(person.button('Continue'), 'Enter');

  await person.sees(person.heading('The quick way'));
  await reach(person.button('Train a language model'), 'Enter');

  await person.sees(person.heading('Choose a model'));
  await reach(person.button('Practice model'), 'Enter');
  await reach(person.button('Continue'), 'Enter');

  await person.sees(person.heading('What will it take?'));
  await reach(person.button('Full fine-tuning'), 'Enter');
  await reach(person.button('Start training'), 'Enter');
  await person.sees(/step [\d,]+ of [\d,]+/);
  expect(keys() - aside).toBeLessThan(MOST_KEYS);
});

test('a training is paused, and cancelled after a question', async () => {
  await reach(person.button('Pause').first(), 'Enter');
  await person.sees(/^Paused after step/);
  await reach(person.button('Cancel').first(), 'Enter');
  await person.sees(
    page.getByRole('dialog', { name: 'Cancel this training?' }).or(page.getByRole('alertdialog')),
  );
  await reach(person.button('Cancel training'), 'Enter');
  await person.sees(/^Cancelled\b/);
});

test('the palette leads anywhere, and the rows of the history are walked with arrows', async () => {
  await page.keyboard.press('Control+k');
  // the palette takes the keys a moment after it is there
  await expect.poll(() => page.getByRole('dialog').locator(':focus').count()).toBe(1);
  await page.keyboard.type('history');
  await page.keyboard.press('Enter');
  await person.sees(person.heading('History'));
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  const search = page.getByRole('searchbox', { name: 'Search' });
  await person.sees(search);
  // a slash that comes while the palette hands the keys back goes nowhere, and a person presses it again
  await expect
    .poll(async () => {
      const focused = await search.evaluate((field) => field === field.ownerDocument.activeElement);
      if (!focused) await page.keyboard.press('/');
      return focused;
    })
    .toBe(true);
  await page.keyboard.type('support');
  const training = page.getByRole('row', { name: /support-messages with Practice model/ });
  await person.sees(page.getByRole('row', { name: /support-messages: sorter/ }));
  await person.sees(training);
  // the sorter of the quick way is above it where it was ready later than the training began, else below
  const rows = page.getByRole('row', { name: /support-messages/ });
  await reach(rows, 'ArrowDown');
  if (!(await rows.first().textContent())?.includes(': sorter')) await press('ArrowUp');
  await reach(training, 'Enter');
  await person.sees(page.getByRole('tab', { name: 'Training' }));
  expect(visit.errors).toEqual([]);
});
