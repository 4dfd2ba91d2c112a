/** Twenty pairs of answers, rated and taught, in a real browser at the real host with the real engine. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesFolder } from '../../../main/paths.ts';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';

const VERDICT =
  /^(It learned|It didn't learn|It got worse|It could do this before|Not measured|Learning not)/;
const PAIRS = 20;

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
});

afterAll(() => visit?.close());

async function choose(label: string, option: string): Promise<void> {
  await person.click(page.getByRole('combobox', { name: label }));
  await person.click(page.getByRole('option', { name: option }).first());
}

/** Prompts of the sample, one a line. */
async function prompts(count: number): Promise<string> {
  const file = path.join(resourcesFolder(), 'samples', 'polite-answers.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, count);
  return lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt).join('\n');
}

const answer = (name: string) => page.getByRole('region', { name }).locator('.said');
const rated = (count: number) => page.getByText(`${count} pair${count === 1 ? '' : 's'} rated`);

/** Rates pairs until there are so many, by keyboard: the longer answer is better; equal ones are skipped. */
async function rateUntil(count: number): Promise<void> {
  for (let number = await ratedNow(); number < count; number = await ratedNow()) {
    const at = await page.getByText(/^Prompt \d+/).textContent();
    await expect.poll(() => person.button(/^(Neither|Skip)/).isEnabled()).toBe(true);
    const isSame = await page.getByText('Both answers are the same').isVisible();
    const [first = '', second = ''] = await Promise.all([
      answer('First answer')
        .allInnerTexts()
        .then((all) => all.join()),
      answer('Second answer')
        .allInnerTexts()
        .then((all) => all.join()),
    ]);
    await page.keyboard.press(isSame ? '0' : first.length >= second.length ? '1' : '2');
    await expect.poll(() => page.getByText(/^Prompt \d+/).textContent()).not.toBe(at);
  }
}

async function ratedNow(): Promise<number> {
  return Number.parseInt((await page.getByText(/pairs? rated$/).textContent()) ?? '', 10);
}

describe('rating', () => {
  test('a model answers twice, and the keyboard says which is better', async () => {
    await person.click(page.getByRole('link', { name: 'Rate answers' }));
    await choose('Answers from', 'Practice model');
    await page.getByRole('textbox', { name: 'One prompt per line' }).fill(await prompts(30));
    await person.click(page.getByText('Details', { exact: true }));
    await page.getByRole('textbox', { name: 'Longest answer' }).fill('40');
    await person.click(person.button('Start rating'));
    await person.sees(rated(0));
    await rateUntil(3);
    await person.sees(/^At 20 pairs: enough for a first try/);
  });

  test('one can be taken back, and nothing is lost when the page is loaded again', async () => {
    await page.keyboard.press('u');
    await person.sees(rated(2));
    await page.reload();
    await person.sees(rated(2));
    await rateUntil(PAIRS);
    await person.sees(/^At 50 pairs: /);
  });

  test('the pairs are saved as rows with a better and a worse answer', async () => {
    const coming = page.waitForEvent('download');
    await person.click(person.button('Save as file'));
    const lines = (await readFile(await (await coming).path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(PAIRS);
    for (const line of lines) {
      const { prompt, chosen, rejected } = JSON.parse(line) as Record<string, string>;
      expect([prompt === '', chosen!.length >= rejected!.length, chosen === rejected]).toEqual([
        false,
        true,
        false,
      ]);
    }
  });

  test('one click takes them to a training, which is judged', async () => {
    await person.click(person.button('Teach with these'));
    await person.sees(person.heading('What should the model learn from?'));
    await person.sees(new RegExp(`^${PAIRS} usable rows$`));
    await person.click(person.button('Continue'));
    await person.sees(person.heading('What will it take?'));
    await person.click(person.button('Start training'));
    await person.sees(page.getByRole('region', { name: 'Verdict' }).getByText(VERDICT));
  });

  test('the page had nothing to complain about', () => {
    expect(visit.errors).toEqual([]);
  });
});
