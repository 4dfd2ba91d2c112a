/** The lesson on time in a real browser at the real host: how many cards a large model takes, by other questions and with the arithmetic. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';

let visit: Visit;
let page: Page;
let person: Person;
let table: Locator;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
  page.setDefaultTimeout(20_000);
  await person.click(page.getByRole('link', { name: 'Learn', exact: true }));
  await person.click(page.getByRole('link', { name: 'Time and cost' }).first());
  table = page.getByRole('table', { name: 'Trainings of large models' });
  await person.sees(table);
});

afterAll(() => visit?.close());

const figure = () => page.locator('.figure').filter({ has: table });
const rowOf = (name: string) => table.getByRole('row').filter({ hasText: name });
const cardsOf = (name: string) => rowOf(name).getByRole('cell').nth(1).textContent();

async function choose(label: string, option: string): Promise<void> {
  await person.click(figure().getByLabel(label, { exact: true }));
  await person.click(page.getByRole('option', { name: option }));
}

test('all weights of 70 billion take 24 cards, and a click tells why', async () => {
  expect(await cardsOf('Llama 2 70B')).toBe('24');
  await person.click(rowOf('Llama 2 70B').getByRole('button'));
  await person.sees('The arithmetic for Llama 2 70B');
  await person.sees(/^Memory: Weights 138\sGB \+ Gradients 138\sGB \+ .* = 1\.1\sTB$/);
  await person.sees(/^Waiting for other cards: /);
});

test('QLoRA takes one card, and a smaller card takes more of them', async () => {
  await choose('Method', 'QLoRA');
  await expect.poll(() => cardsOf('Llama 2 70B')).toBe('1');
  await choose('Card', 'GeForce RTX 4090, 24 GB');
  await expect.poll(() => cardsOf('Llama 2 70B')).toBe('4');
});

test('a price of your own counts for its card, in each table and on another visit', async () => {
  const cost = () => rowOf('Llama 2 7B').getByRole('cell').nth(3).textContent();
  const before = await cost();
  await person.click(figure().getByText('More figures'));
  const price = page.getByRole('textbox', { name: 'Price per card and hour' });
  await price.fill('100');
  await price.press('Tab');
  await expect.poll(cost).not.toBe(before);
  await choose('Card', 'NVIDIA L4, 24 GB');
  await expect.poll(() => price.inputValue()).toBe('0.8');

  const single = () => page.getByRole('textbox', { name: 'Price an hour on GeForce RTX 4090' });
  await expect.poll(() => single().inputValue()).toBe('100');
  await page.reload();
  await expect.poll(() => single().inputValue()).toBe('100');
  await single().fill('');
  await single().press('Tab');
  await expect.poll(() => single().inputValue()).toBe('0.4');
  await choose('Card', 'GeForce RTX 4090, 24 GB');
  await person.click(figure().getByText('More figures'));
  await expect.poll(() => price.inputValue()).toBe('0.4');
});

test('a card of the first table opens the arithmetic of its time and cost', async () => {
  const single = page.getByRole('table', { name: 'Time and cost on graphics cards' });
  await person.click(single.getByRole('row').filter({ hasText: 'NVIDIA H100 SXM' }).getByRole('button'));
  await person.sees('The arithmetic for NVIDIA H100 SXM');
  await person.sees(/^Computing: 6\.30.×.10¹⁷ operations \/ \(1 × 989\.0.TFLOP\/s × 40%\) = 27.min$/);
});

test('rows that no card has room for are said to be too long', async () => {
  const tokens = figure().getByRole('textbox', { name: 'Tokens of a row' });
  await tokens.fill('1000000');
  await tokens.press('Tab');
  await expect.poll(() => cardsOf('Llama 3.1 405B')).toBe("doesn't fit");
  await person.click(rowOf('Llama 3.1 405B').getByRole('button'));
  await person.sees('Llama 3.1 405B: not even the rows of one card fit.');
  expect(visit.errors).toEqual([]);
});
