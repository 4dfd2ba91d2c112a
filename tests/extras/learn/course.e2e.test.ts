/** The course in a real browser at the real host: predictions, a training, wrong and right answers, progress after a reload, printed sheets. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TRAINED_MS = 400_000;
/** Of some 200: enough to tell it from the base model, and kept as it is by a stop. */
const SOME_STEPS = 20;

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
  page.setDefaultTimeout(20_000);
});
afterAll(() => visit?.close());

async function predict(choice: string): Promise<void> {
  await person.click(page.getByRole('radio', { name: choice, exact: true }));
  await person.click(page.getByRole('button', { name: 'Predict' }));
}

async function answer(choice: string | RegExp): Promise<void> {
  await person.click(page.getByRole('radio', { name: choice }));
  await person.click(page.getByRole('button', { name: 'Answer', exact: true }));
}

const notice = () => page.locator('.notice');

/** Evaluated, and not loaded by the page, which allows no script but its own. */
async function complaints(): Promise<unknown> {
  await page.evaluate(AXE);
  const found = `axe.run(document).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;
  return page.evaluate(found);
}

test('begins with a prediction, without which there is nothing to see', async () => {
  await person.click(page.getByRole('link', { name: 'Learn', exact: true }));
  await person.click(page.getByRole('link', { name: 'Course', exact: true }));
  await person.sees('0 of 6 lessons done');
  expect(await complaints()).toEqual([]);
  await person.click(page.getByRole('link', { name: 'Begin the course' }));
  await person.sees(person.heading('Lesson 1: What tuning is, and when not to'));
  expect(await page.getByRole('heading', { name: 'Question' }).count()).toBe(0);
  await predict('About half before, most after');
  await person.sees('Run the experiment above. Its result comes here.');
});

test('says what the training came to, and that it was predicted otherwise', {
  timeout: TRAINED_MS,
}, async () => {
  await person.click(page.getByRole('button', { name: 'Train the practice model' }));
  await page.getByRole('link', { name: 'Open run' }).click({ timeout: TRAINED_MS });
  const main = page.getByRole('main');
  const step = async () => Number(/step\s(\d+)/.exec((await main.textContent()) ?? '')?.[1] ?? 0);
  await expect.poll(step, { timeout: TRAINED_MS }).toBeGreaterThan(SOME_STEPS);
  await person.click(page.getByRole('button', { name: 'Stop and keep the best' }));
  await page.goBack();
  const sentence = page.getByText(
    /^Before training it filed \d+% of \d+ new messages right, afterwards \d+%\. /,
  );
  await sentence.waitFor({ timeout: TRAINED_MS });
  const [before, , after, words] = (await sentence.textContent())!.match(/\d+/g)!.map(Number);
  expect(after).toBeGreaterThan(before!);
  expect(words).toBeGreaterThan(50);
  await person.sees('Not as you predicted');
});

test('explains a wrong answer and a right one, each in its own words', async () => {
  await answer(/this week's prices/);
  await expect.poll(() => notice().textContent()).toMatch(/Not right.*Facts change/s);
  await answer(/write letters in your company's style/);
  await expect.poll(() => notice().textContent()).toMatch(/Right.*a way of answering/s);
  expect(await complaints()).toEqual([]);
});

test('keeps all of that over a reload', async () => {
  await page.reload();
  await person.sees('You predicted: About half before, most after');
  await expect.poll(() => notice().textContent()).toMatch(/Right.*a way of answering/s);
  await person.click(page.getByRole('link', { name: 'All lessons' }));
  await person.sees('1 of 6 lessons done');
  await expect
    .poll(() => page.getByRole('listitem').filter({ hasText: 'Lesson 1:' }).textContent())
    .toMatch(/Done/);
});

test('has the figures of the calculators in its results', async () => {
  await person.click(page.getByRole('link', { name: 'Continue with lesson 2' }));
  await predict('About four times as much');
  await person.sees(page.getByText('As you predicted', { exact: true }));
  await person.sees(/^Using it takes 14\sGB, training it 56\sGB: 4 times as much/);
  await answer('The weights');
  await expect.poll(() => notice().textContent()).toContain('as many weights as before');
  await answer('The activations');
  await expect.poll(() => notice().textContent()).toMatch(/In the textbook case one row takes \d/);
});

test('shows how much of a figure is luck', async () => {
  await page.goto(page.url().replace(/#.*/, '#/learn/course/judging'));
  await predict('5 to 10 percentage points');
  await person.sees(page.getByText('As you predicted', { exact: true }));
  const rows = page.getByRole('textbox', { name: 'Test rows' });
  await rows.fill('1000');
  await rows.press('Tab');
  const right = page.getByRole('textbox', { name: 'Of them right' });
  await right.fill('880');
  await right.press('Tab');
  await person.sees(/^88% right: the true rate probably lies between 85\.8% and 89\.9%\.$/);
  await rows.fill('500');
  await rows.press('Tab');
  await person.sees('There are only 500 rows.');
});

test('has plans for a class, and sheets that a browser prints whole', async () => {
  await page.goto(page.url().replace(/#.*/, '#/learn/course/teacher'));
  await person.sees(page.getByRole('table', { name: '45 minutes' }));
  expect(await page.getByRole('table', { name: '90 minutes' }).getByRole('row').count()).toBe(9);
  expect(await complaints()).toEqual([]);
  // the dialog is the browser's own: what it would print is looked at, as paper
  await page.evaluate(`window.print = () => {
    document.body.dataset.printed = [...document.querySelectorAll('.paper')].map((one) => one.textContent).join();
  }`);
  await page.getByRole('button', { name: /Print\s*: Solutions/ }).click();
  await expect
    .poll(() => page.evaluate('document.body.dataset.printed'))
    .toContain('Fine-tuning teaches a way');
  expect(visit.errors).toEqual([]);
});

test('begins again where that is wanted', async () => {
  await person.click(page.getByRole('link', { name: 'All lessons' }));
  await person.sees('2 of 6 lessons done');
  await person.click(page.getByRole('button', { name: 'Start the course again' }));
  await person.sees('0 of 6 lessons done');
});
