/**
 * A new user at the first screen, who has read nothing: the first run in one click, and a table of their own; both also by keyboard.
 * Real host, real engine, real browser; clicks and keys are counted. The table by keyboard ends in "It learned". After its first
 * step nothing is clicked or pressed any more, so that the other three end there: demo.test.ts trains what the first run trains.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resourcesFolder } from '../../main/paths.ts';
import { type Keyboard, keyboardAt } from '../helpers/keyboard.ts';
import type { Person } from '../helpers/person.ts';
import { beginVisit, type Visit } from '../helpers/visit.ts';

const MOST_CLICKS = 4;
const MOST_CLICKS_OWN = 12;
const OWN_ROWS = 180;
const MOST_KEYS = 40;
/** Seven of them pass by the quick way to sort. */
const MOST_KEYS_OWN = 72;

let visit: Visit;
let page: Page;
let person: Person;
let keyboard: Keyboard;

beforeEach(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
  keyboard = keyboardAt(page);
});

afterEach(() => visit?.close());

const tryIt = () => person.button('Try it in 2 minutes');

const runs = () => person.sees(page.getByText(/step [\d,]+ of [\d,]+/).first());

/** Some of the sample's messages and desks as a table that a person has: all of them the demo learns. */
async function ownTable(): Promise<string> {
  const file = path.join(resourcesFolder(), 'samples', 'support-messages.jsonl');
  const rows = (await readFile(file, 'utf8')).trim().split('\n').slice(0, OWN_ROWS);
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows.map((row) => {
    const [asked, answered] = (JSON.parse(row) as { messages: { content: string }[] }).messages;
    const { desk } = JSON.parse(answered!.content) as { desk: string };
    return `${quoted(asked!.content)},${desk}`;
  });
  return ['message,label', ...lines].join('\n');
}

describe('from the first screen to a training', () => {
  test('in one click, and the run stands in the history', async () => {
    await person.sees(person.heading('Welcome to Fettle'));
    await person.click(tryIt());
    await person.sees(page.getByRole('tab', { name: 'Training' }));
    await runs();
    console.info(`the first run: ${person.clicks()} click`);
    expect(person.clicks()).toBeLessThanOrEqual(MOST_CLICKS);
    await page.getByRole('link', { name: 'History' }).click();
    await person.sees(page.getByRole('row', { name: /First try: sort support messages/ }).first());
    expect(visit.errors).toEqual([]);
  });

  test('by keyboard', async () => {
    await person.sees(tryIt());
    await keyboard.reach(tryIt());
    await person.sees(page.getByText(/First try: sort support messages/).first());
    await runs();
    console.info(`the first run by keyboard: ${keyboard.keys()} keys`);
    expect(keyboard.keys()).toBeLessThanOrEqual(MOST_KEYS);
    expect(visit.errors).toEqual([]);
  });
});

describe('with a table of one’s own, the first goal and the first model', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'fettle-own-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** From the welcome to a training; `take` clicks or presses a button, `choose` the first of a few. */
  async function start(take: (target: Locator) => Promise<void>, choose: () => Promise<void>): Promise<void> {
    const table = path.join(folder, 'letters.csv');
    await writeFile(table, await ownTable());
    await take(page.getByRole('link', { name: 'Tune a model on my data' }));
    await person.sees(person.heading('What can this computer do?'));
    await take(person.button('Check this computer'));
    await person.sees(/This computer can tune/);
    await take(person.button('Continue'));

    await person.sees(person.heading('What should the model do?'));
    await choose();
    await take(person.button('Continue'));

    await person.sees(person.heading('What should the model learn from?'));
    const choosing = page.waitForEvent('filechooser');
    await take(person.button('Choose files'));
    await (await choosing).setFiles(table);
    await expect.poll(() => person.button('Continue').isEnabled()).toBe(true);
    await take(person.button('Continue'));

    await person.sees(person.heading('The quick way'));
    await person.sees(person.button('Use this sorter').and(page.locator(':enabled')));
    await take(person.button('Train a language model'));

    await person.sees(person.heading('Choose a model'));
    await take(page.getByRole('main').getByRole('button', { name: 'Practice model' }));
    await take(person.button('Continue'));

    await person.sees(person.heading('What will it take?'));
    await expect.poll(() => person.button('Start training').isEnabled()).toBe(true);
    await take(person.button('Start training'));
  }

  test('in a few clicks', async () => {
    const first = page.locator('label', { has: page.getByRole('radio') }).first();
    await start(person.click, () => person.click(first));
    await runs();
    console.info(`own table: ${person.clicks()} clicks`);
    expect(person.clicks()).toBeLessThanOrEqual(MOST_CLICKS_OWN);
    expect(visit.errors).toEqual([]);
  });

  test('by keyboard', async () => {
    const began = Date.now();
    await start(keyboard.reach, () => keyboard.reach(page.getByRole('radio'), 'Space'));
    await runs();
    await person.sees(page.getByText(/^It learned(?! in part)/).first());
    const seconds = Math.round((Date.now() - began) / 1000);
    console.info(`own table by keyboard: ${keyboard.keys()} keys, ${seconds} s to "It learned"`);
    expect(keyboard.keys()).toBeLessThanOrEqual(MOST_KEYS_OWN);
    expect(visit.errors).toEqual([]);
  });
});
