/** A person with examples and no raw texts: a stand-in teacher writes variations, in a real browser at the real host with the real engine. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { townRows } from '../../helpers/town-rows.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';
import { hash32 } from './hash.ts';
import { openStandIn, type Say, type StandIn } from './stand-in.ts';

const EACH = 2;
const EXAMPLES = townRows().slice(0, 30);
const TEXTS = EACH * EXAMPLES.length;
const OFFICES = [...new Set(EXAMPLES.map(({ office }) => office))];
const WORDS = ['Hello,', 'Please help:'];

let visit: Visit;
let page: Page;
let person: Person;
let standIn: StandIn;
const truths = new Map<string, string>(
  EXAMPLES.flatMap(({ message, office }) => WORDS.map((word) => [`${word} ${message}`, office] as const)),
);

/** Writes what begins in another way; of every third text it is not sure. */
const say: Say = (text, sample) => {
  const truth = truths.get(text);
  if (truth === undefined) return `${WORDS[sample % EACH]} ${text}`;
  return sample === 2 && hash32(text) % 3 === 0 ? OFFICES.find((one) => one !== truth)! : truth;
};
/** A reply of one sample after a while. */
const slowly: Say = (text, sample) => (response) => {
  const body = JSON.stringify({
    choices: [{ message: { content: say(text, sample) } }],
    usage: { total_tokens: 100 },
  });
  setTimeout(() => response.end(body), 150);
};
let writer: Say = say;

stopAtFirstFailure();
beforeAll(async () => {
  standIn = await openStandIn((text, sample) => writer(text, sample));
  visit = await beginVisit();
  ({ page, person } = visit);
});
afterAll(async () => {
  await visit?.close();
  await standIn?.close();
});

const left = async () => Number.parseInt((await page.getByText(/to decide, about/).textContent()) ?? '0', 10);

describe('variations of examples', () => {
  test('are chosen in place of raw texts, with how many and what a million tokens cost', async () => {
    await person.click(page.getByRole('link', { name: 'Label with a teacher' }));
    await person.click(page.getByRole('tab', { name: 'Variations of my examples' }));
    const file = path.join(visit.home, 'sorted.jsonl');
    const lines = EXAMPLES.map(({ message, office }) =>
      JSON.stringify({ prompt: message, completion: office }),
    );
    await writeFile(file, `${lines.join('\n')}\n`);
    const region = page.getByRole('region', { name: 'Your examples' });
    await region.locator('input[type=file]').setInputFiles(file);
    await person.sees(region.getByText('sorted.jsonl'));
    await page.getByRole('textbox', { name: 'Variations of each example' }).fill(String(EACH));
    await page.getByRole('textbox', { name: 'Address' }).fill(standIn.url);
    await person.click(page.locator('summary', { hasText: 'Details' }));
    await page.getByRole('textbox', { name: 'Price of a million tokens' }).fill('10');
    await person.click(person.button('Read the texts'));
    await person.sees(person.heading('sorted'));
    await person.sees(`0 of ${TEXTS} texts answered`);
    await person.sees(/It first writes 2 texts like each example/);
    expect(standIn.asked).toBe(0);
  });

  test('a trial shows what the others take, before they are asked for', async () => {
    await person.sees('Try a few first to see time and cost.');
    await person.click(person.button('Try a few first'));
    // 29 examples of two samples, and 58 texts of three, at 100 tokens each
    await person.sees(/^The rest takes .* and about 23,200 tokens, 0\.232 at your price$/);
    await person.sees(`${EACH} of ${TEXTS} texts answered`);
    expect(standIn.asked).toBe(1 + EACH);
  });

  test('arrive while the person looks, stop, survive a reload, and continue to the end', async () => {
    writer = slowly;
    await person.click(person.button('Continue asking'));
    await person.sees(/^([3-9]|1\d) of 30 examples varied/);
    const log = page.getByRole('log', { name: 'Written just now' });
    await person.sees(log.getByText(/^Like: /).first());
    expect(await log.getByText(/^(Hello,|Please help:) /).count()).toBeGreaterThan(1);
    await person.click(person.button('Stop'));
    await person.sees(person.button('Continue asking'));
    await page.reload();
    writer = say;
    await person.click(person.button('Continue asking'));
    await person.sees(`${TEXTS} of ${TEXTS} texts answered`);
    await person.sees(/to decide, about/);
  });

  test('doubtful ones stand beside their example, and keys confirm or refuse them', async () => {
    const shown = () => page.locator('.said').first().textContent();
    const before = await left();
    expect(before).toBeGreaterThan(2);
    for (let open = before; open > 0; open = open > 1 ? await left() : 0) {
      const said = (await shown())!.trim();
      await person.sees(/^Written like your example “/);
      const choices = await page.locator('ol button').allInnerTexts();
      const at = choices.findIndex((one) => one.includes(truths.get(said)!));
      await page.keyboard.press(open === before ? 'x' : String(at + 1));
      if (open > 1) await expect.poll(left, { timeout: 20_000 }).toBeLessThan(open);
    }
    await person.sees('Nothing to decide.');
  });

  test('each row says where it is from, and no variation is a test row', async () => {
    const coming = page.waitForEvent('download');
    await person.click(person.button('Save as file'));
    const lines = (await readFile(await (await coming).path(), 'utf8')).trim().split('\n');
    const saved = lines.map((line) => JSON.parse(line) as Record<string, string>);
    expect(saved).toHaveLength(EXAMPLES.length + TEXTS - 1);
    const written = saved.filter(({ fettle_origin: from }) => from === 'teacher');
    expect(written).toHaveLength(TEXTS - 1);
    for (const row of written) {
      expect(row.completion).toBe(truths.get(row.prompt!));
      expect(row).toMatchObject({ fettle_model: 'large', fettle_varies_model: 'large' });
      expect(row.prompt!.endsWith(row.fettle_varies!)).toBe(true);
    }
    await person.click(person.button('Teach with these'));
    await person.sees(new RegExp(`^${saved.length} usable rows$`));
    await person.sees('Answers given by a model');
  });

  test('a teacher that only repeats the examples is refused plainly', async () => {
    writer = (text) => text;
    await person.click(page.getByRole('link', { name: 'Label with a teacher' }));
    await person.click(page.getByRole('tab', { name: 'Variations of my examples' }));
    await page
      .getByRole('region', { name: 'Your examples' })
      .locator('input[type=file]')
      .setInputFiles(path.join(visit.home, 'sorted.jsonl'));
    await page.getByRole('textbox', { name: 'Address' }).fill(standIn.url);
    await person.click(person.button('Read the texts'));
    await person.click(person.button('Start asking'));
    await person.sees(
      /The model failed on 5 texts in a row\. The last time: It only repeated a text that is there\./,
    );
    await person.sees(/^5 examples without a variation: It only repeated/);
  });

  test('the page had nothing to complain about', () => {
    expect(visit.errors).toEqual([]);
  });
});
