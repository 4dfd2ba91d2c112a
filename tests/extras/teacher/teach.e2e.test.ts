/** Texts labelled by a stand-in teacher and decided by keys, in a real browser at the real host with the real engine. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesFolder } from '../../../main/paths.ts';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';
import { mostlyRight, openStandIn, type StandIn } from './stand-in.ts';

const EXAMPLES = 40;
const TEXTS = 60;

let visit: Visit;
let page: Page;
let person: Person;
let standIn: StandIn;
const truths = new Map<string, string>();
let rows: { readonly text: string; readonly label: string }[];

stopAtFirstFailure();
beforeAll(async () => {
  const file = path.join(resourcesFolder(), 'samples', 'support-messages.jsonl');
  const lines = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .slice(0, EXAMPLES + TEXTS);
  rows = lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] };
    const { class: label } = JSON.parse(messages[1]!.content) as { class: string };
    return { text: messages[0]!.content, label: label === 'A' ? 'urgent' : 'can wait' };
  });
  for (const { text, label } of rows) truths.set(text, label);
  const say = mostlyRight(truths, ['urgent', 'can wait'], { right: 0.8, blind: 0 });
  standIn = await openStandIn((text, sample) => {
    const said = say(text, sample);
    const body = JSON.stringify({ choices: [{ message: { content: said } }], usage: { total_tokens: 40 } });
    return (response) => void setTimeout(() => response.end(body), 200);
  });
  visit = await beginVisit();
  ({ page, person } = visit);
});

afterAll(async () => {
  await visit?.close();
  await standIn?.close();
});

async function give(region: string, name: string, content: string): Promise<void> {
  const file = path.join(visit.home, name);
  await writeFile(file, content);
  await page.getByRole('region', { name: region }).locator('input[type=file]').setInputFiles(file);
  await person.sees(page.getByRole('region', { name: region }).getByText(name));
}

const left = async () => Number.parseInt((await page.getByText(/to decide, about/).textContent()) ?? '0', 10);

describe('a teacher', () => {
  test('texts and examples are given, and an address that is not this computer is warned of', async () => {
    await person.click(page.getByRole('link', { name: 'Label with a teacher' }));
    const texts = rows.slice(EXAMPLES).map(({ text }) => JSON.stringify({ text }));
    await give('Texts without answers', 'mails.jsonl', `${texts.join('\n')}\n`);
    const examples = rows
      .slice(0, EXAMPLES)
      .map(({ text, label }) => JSON.stringify({ prompt: text, completion: label }));
    await give('Your examples', 'sorted.jsonl', `${examples.join('\n')}\n`);
    const address = page.getByRole('textbox', { name: 'Address' });
    await address.fill('https://api.example.com/v1');
    await person.sees('My texts may leave this computer');
    await expect.poll(() => person.button('Read the texts').isEnabled()).toBe(false);
    await address.fill(standIn.url);
    await person.click(person.button('Read the texts'));
    await person.sees(person.heading('mails'));
    await person.sees(`0 of ${TEXTS} texts answered`);
  });

  test('asking is stopped, survives a reload, and continues to the end', async () => {
    await person.click(person.button('Start asking'));
    await person.sees(/^([5-9]|[1-3]\d) of 60 texts answered/);
    await person.click(person.button('Stop'));
    await person.sees(person.button('Continue asking'));
    await page.reload();
    await person.click(person.button('Continue asking'));
    await person.sees(/left, about [\d,]+ tokens/);
    await person.sees(`${TEXTS} of ${TEXTS} texts answered`);
    await person.sees(/to decide, about/);
  });

  test('keys decide, one is taken back, and nothing is lost when the page is loaded again', async () => {
    const before = await left();
    expect(before).toBeGreaterThan(3);
    const shown = () => page.locator('.said').first().textContent();
    const first = await shown();
    await page.keyboard.press('1');
    await expect.poll(left).toBe(before - 1);
    await page.keyboard.press('u');
    await expect.poll(left).toBe(before);
    expect(await shown()).toBe(first);
    await page.reload();
    await person.sees(/to decide, about/);
    for (let open = before; open > 0; open--) {
      const said = (await shown())!.trim();
      const choices = await page.locator('ol button').allInnerTexts();
      const at = choices.findIndex((one) => one.includes(truths.get(said)!));
      await page.keyboard.press(String(at + 1));
      if (open > 1) await expect.poll(left, { timeout: 20_000 }).toBeLessThan(open);
      if (open > 1) open = (await left()) + 1;
    }
    await person.sees('Nothing to decide.');
  });

  test('the rows are saved, each with where its answer is from', async () => {
    const coming = page.waitForEvent('download');
    await person.click(person.button('Save as file'));
    const lines = (await readFile(await (await coming).path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(EXAMPLES + TEXTS);
    const saved = lines.map((line) => JSON.parse(line) as Record<string, string>);
    expect(saved.filter(({ fettle_origin: from }) => from === 'person')).toHaveLength(EXAMPLES);
    const decided = saved.filter(
      (row) => row.fettle_origin === 'teacher' && row.fettle_confirmed === 'person',
    );
    expect(decided.length).toBeGreaterThan(3);
    for (const row of decided) expect(row.completion).toBe(truths.get(row.prompt!));
  });

  test('one click takes them to a training, whose data check knows them', async () => {
    await person.click(person.button('Teach with these'));
    await person.sees(person.heading('What should the model learn from?'));
    await person.sees(new RegExp(`^${EXAMPLES + TEXTS} usable rows$`));
    await person.sees('Answers given by a model');
  });

  test('deleting asks first, and rows that went to a training stay', async () => {
    await person.click(page.getByRole('link', { name: 'Label with a teacher' }));
    const row = page.getByRole('row', { name: /mails/ });
    await person.click(row.getByRole('button', { name: 'Delete mails' }));
    const dialog = page.getByRole('dialog', { name: 'Delete mails?' });
    await person.click(dialog.getByRole('button', { name: 'Cancel' }));
    await expect.poll(() => dialog.count()).toBe(0);
    expect(await row.count()).toBe(1);
    await person.click(row.getByRole('button', { name: 'Delete mails' }));
    await person.click(dialog.getByRole('button', { name: 'Delete', exact: true }));
    await expect.poll(() => row.count()).toBe(0);
  });

  test('the page had nothing to complain about', () => {
    expect(visit.errors).toEqual([]);
  });
});
