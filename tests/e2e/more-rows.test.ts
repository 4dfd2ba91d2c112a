/**
 * Rows that a person has, in a real browser at the real host with the real engine: the data step says what more of them would bring, and
 * the verdict of a training that was no use says so again, and gives a prompt that is enough, to be copied.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { colourTable } from '../helpers/colour-rows.ts';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import type { Person } from '../helpers/person.ts';
import { beginVisit, dropToSort, type Visit } from '../helpers/visit.ts';

const ROWS = 128;
/** A rate that teaches nothing. A prompt is looked for in a twentieth of the training's time, on a busy computer in that of so many steps. */
const RATE = '0.0000001';
const TRAINED = { ms: 24_000, steps: 36 };

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
});
afterAll(() => visit?.close());

const unfold = (title: string | RegExp) => person.click(page.locator('summary', { hasText: title }));
const verdict = () => page.getByRole('region', { name: 'Verdict' });

async function stepNow(): Promise<number> {
  const text = (await page.locator('main').textContent()) ?? '';
  return Number(/step\s([\d,]+) of/.exec(text)?.[1]?.replace(',', '') ?? 0);
}

test('the data step says what more rows would bring, and where', async () => {
  await dropToSort(visit, 'colours.csv', colourTable());
  await person.sees(`${ROWS} usable rows`);
  const said = page.getByText(
    /^With 128 more rows, a sorter would likely get \d+% to \d+% right; today about \d+%\.\s+Most to gain: /,
  );
  await person.sees(said);
  const [low = 0, high = 0, now = 0] = [...((await said.textContent()) ?? '').matchAll(/(\d+)%/g)].map(
    ([, of]) => Number(of),
  );
  expect([now > 50, now < 95, low < high, high > now, high <= 100]).toEqual(Array(5).fill(true));
});

test('a training that teaches nothing is ended', async () => {
  await unfold(/^Test rows: /);
  await page.getByRole('textbox', { name: 'Share of test rows' }).fill('31');
  await person.sees('88 rows to learn from, 40 to test with.');
  await person.click(person.step(/^Model/));
  await person.click(person.button('Practice model'));
  await person.click(person.step(/^Plan/));
  await person.sees(person.heading('What will it take?'));
  await person.click(page.getByRole('switch', { name: 'All settings' }));
  await unfold('Training');
  await page.getByRole('textbox', { name: 'Epochs' }).fill('400');
  await page.getByRole('textbox', { name: 'Learning rate', exact: true }).fill(RATE);
  await person.click(person.button('Start training'));
  await person.sees(/step [1-9][\d,]* of [\d,]+/);
  await page.waitForTimeout(TRAINED.ms);
  await expect.poll(stepNow, { timeout: WAIT_MS }).toBeGreaterThan(TRAINED.steps);
  await person.click(person.button('Stop and keep the best'));
  await person.sees(verdict().getByText(/^It didn't learn this/));
});

test('its verdict says that a prompt is enough, and gives it to be copied', async () => {
  const said = verdict().getByText(
    /The base model with the best prompt: \d+% right\. This model: \d+% right\./,
  );
  await person.sees(said);
  const [prompted = 0, trained = 0] = [...((await said.textContent()) ?? '').matchAll(/(\d+)% right/g)].map(
    ([, of]) => Number(of),
  );
  expect(prompted).toBeGreaterThan(trained + 10);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await person.click(verdict().getByRole('button', { name: 'Copy the prompt' }));
  await person.sees(verdict().getByRole('button', { name: 'Copied' }));
  const copied = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(copied).toMatch(/^Answer with exactly one of these labels/);
  for (const answer of ['Green.', 'White.', 'Purple.']) expect(copied).toContain(answer);
});

test('it says what more rows would bring, and leads to where they are added', async () => {
  const ways = page.getByRole('region', { name: 'What would help most' });
  const more = ways.getByRole('listitem').filter({ hasText: 'Add more rows' });
  await person.sees(
    more.getByText(
      /^With twice the rows, word counts would likely get \d+% to \d+% right, \d+% today\. Most to gain: /,
    ),
  );
  await person.click(more.getByRole('button', { name: /Add rows/ }));
  await person.sees(person.heading('What should the model learn from?'));
  await expect.poll(() => page.getByText(/^With 128 more rows/).count(), { timeout: WAIT_MS }).toBe(1);
  expect(visit.errors).toEqual([]);
});
