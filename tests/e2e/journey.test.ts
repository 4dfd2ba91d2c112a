/**
 * A person with a file of their own, in a real browser at the real host with the real engine: a table that is broken and read the
 * wrong way, mended with the mouse; a training that is paused, reloaded and ended early; the verdict, a blind round, a conversation, a
 * copy for llama.cpp, a model for other programs; the history, a second run with one change, and both compared.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesFolder } from '../../main/paths.ts';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import type { Person } from '../helpers/person.ts';
import { beginVisit, type Visit } from '../helpers/visit.ts';

const VERDICT = /^(It learned|It didn't learn|It got worse|It could do this before|Not measured)/;
const ROWS = 90;
const PASSES = 120;
/** A high rate, and steps after which its answers differ from those of the base model. */
const RATE = '0.003';
const SOME_STEPS = 12;

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
});

afterAll(() => visit?.close());

/** Messages with a column that looks like the answer and is not, four rows that come twice, one that is cut off; semicolons and CRLF. */
async function brokenTable(): Promise<string> {
  const file = path.join(resourcesFolder(), 'samples', 'support-messages.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, ROWS);
  const rows = lines.map((line, i) => {
    const [asked, answered] = (JSON.parse(line) as { messages: { content: string }[] }).messages;
    const team = (JSON.parse(answered!.content) as { desk: string }).desk;
    return [asked!.content, `Ticket ${i + 1} was closed by the night shift without a word.`, team];
  });
  const quoted = (row: readonly string[]) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';');
  return ['question;answer;team', ...[...rows, ...rows.slice(0, 4)].map(quoted), '"half a row'].join('\r\n');
}

async function choose(label: string, option: string): Promise<void> {
  await person.click(page.getByRole('combobox', { name: label }));
  await person.click(page.getByRole('option', { name: option }).first());
}

describe('a file of one’s own', () => {
  test('dropped, it is shown with what is wrong with it', async () => {
    await person.click(page.getByRole('link', { name: 'Tune a model on my data' }));
    await person.sees(person.heading('What can this computer do?'));
    await person.click(person.step(/^Your goal/));
    await person.click(page.getByText('Sort and extract', { exact: true }));
    await person.click(person.button('Continue'));
    await person.click(person.step(/^Model/));
    await person.click(person.button('Practice model'));
    await person.click(person.step(/^Data/));
    await person.sees(person.heading('What should the model learn from?'));
    await person.drop('letters.csv', await brokenTable());
    await person.sees(/94 usable rows, 1 with problems/);
    await person.click(page.getByText(/^Columns: /));
    await person.sees(/^Detected, /);
  });

  test('its columns are given another meaning, and the preview follows', async () => {
    await choose('Use of the column answer', 'Not used');
    await person.sees('Choose the answer column.');
    expect(await person.button('Continue').isDisabled()).toBe(true);
    await choose('Use of the column team', 'Answer');
    await person.sees('Chosen by you');
    await person.click(page.getByText('What the model sees', { exact: true }));
    const rows = page.locator('figure');
    await person.sees(rows.filter({ hasText: /assistant\s+R48/ }));
    expect((await rows.allInnerTexts()).join()).not.toContain('night shift');
  });

  test('the doctor’s fixes go into a copy, can be taken back and made again', async () => {
    await person.sees(page.getByRole('heading', { name: 'Duplicate rows' }));
    await person.click(person.button('Remove copies: Duplicate rows'));
    await person.sees(/1 fix made in a copy/);
    await person.click(person.button('Undo: Remove copies'));
    await person.sees(page.getByRole('heading', { name: 'Duplicate rows' }));
    await person.click(person.button('Make all safe fixes'));
    await person.sees(/2 fixes made in a copy/);
    await person.sees(new RegExp(`^${ROWS} usable rows$`));
    await person.sees(person.step(/Data : done/));
  });

  test('one row is corrected by hand in a copy, one is added, and one click goes back', async () => {
    await person.click(person.button('Edit rows'));
    const dialog = page.getByRole('dialog', { name: 'Edit rows' });
    // a row can be chosen once its words are there
    await person.click(dialog.getByRole('row', { name: /R17$/ }).first());
    await dialog.getByRole('textbox', { name: 'Answer' }).fill('R48');
    await person.click(dialog.getByRole('button', { name: 'Add a row' }));
    await dialog.getByRole('textbox', { name: 'Question' }).fill('Where is my invoice for May?');
    await dialog.getByRole('textbox', { name: 'Answer' }).fill('R48');
    await person.click(dialog.getByRole('button', { name: 'Save 2 changes' }));
    await person.sees(new RegExp(`^${ROWS + 1} usable rows$`));
    const messages = page.getByRole('region', { name: 'Messages' });
    await person.click(messages.getByRole('button', { name: 'Undo' }).last());
    await person.sees(new RegExp(`^${ROWS} usable rows$`));
    await person.sees('2 fixes made in a copy');
  });
});

/** Opens what is folded away under that title. */
const unfold = (title: string) => person.click(page.locator('summary', { hasText: title }));

describe('its training', () => {
  test('starts with a setting of one’s own', async () => {
    await person.click(person.button('Continue'));
    await person.sees(person.heading('The quick way'));
    await person.click(person.step(/^Plan/));
    await person.sees(person.heading('What will it take?'));
    await person.click(page.getByRole('switch', { name: 'All settings' }));
    await unfold('Training');
    await page.getByRole('textbox', { name: 'Epochs' }).fill(String(PASSES));
    await page.getByRole('textbox', { name: 'Learning rate', exact: true }).fill(RATE);
    await unfold('More options');
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('Letters, long');
    await person.click(person.button(/^Measure now/));
    await unfold('Details');
    await person.sees(/measured speed of this computer/);
    await person.click(person.button('Start training'));
    await person.sees(/step [\d,]+ of [\d,]+/);
  });

  test('pauses, and goes on from there', async () => {
    await person.click(person.button('Pause').first());
    await person.sees(/^Paused after step/);
    const at = await stepNow();
    await person.click(person.button('Resume').first());
    await expect.poll(stepNow, { timeout: WAIT_MS }).toBeGreaterThan(at + SOME_STEPS);
  });

  test('stands as it is when the page is loaded anew', async () => {
    const [before, points] = [await stepNow(), await lossPoints()];
    await page.reload();
    await person.sees(/step [\d,]+ of [\d,]+/);
    await expect.poll(stepNow).toBeGreaterThanOrEqual(before);
    await expect.poll(lossPoints).toBeGreaterThanOrEqual(points);
  });

  test('ends early with the best weights, and is judged', async () => {
    await person.click(person.button('Stop and keep the best'));
    await person.sees(page.getByRole('region', { name: 'Verdict' }).getByText(VERDICT));
    await person.sees('What it forgot');
    await person.click(page.getByText('Figures and ranges', { exact: true }));
    await person.sees('Scores on test rows');
  });
});

describe('its result', () => {
  test('is compared blind by the person', async () => {
    await person.click(page.getByText('Judge for yourself', { exact: true }));
    await page.getByRole('textbox', { name: 'Pairs to judge' }).fill('3');
    await person.click(person.button('Start judging'));
    await person.sees(/Pair 1 of 3/);
    await person.click(page.getByText('All answers', { exact: true }));
    await person.sees('Hidden while you judge.');
    await person.click(person.button(/^First is better/));
    await person.sees('Pair 2 of 3');
    await page.keyboard.press('=');
    await person.sees('Pair 3 of 3');
    await page.keyboard.press('2');
    await person.sees(
      /^You preferred (the (trained|base) model \d times out of \d|neither model)|^Too close to call/,
    );
    await person.sees('Equally good');
  });

  test('is compared by pairs whose labels the person has not seen', async () => {
    const asked = page.locator('.asked dd:first-of-type');
    await person.sees(asked);
    const seen = new Set(await asked.allInnerTexts());
    expect(seen.size).toBeGreaterThan(5);
    await person.click(person.button('Another round'));
    for (const pair of [1, 2, 3]) {
      await person.sees(`Pair ${pair} of 3`);
      expect(await asked.count()).toBe(0);
      const [prompt = ''] = await page.locator('.pair .prompt .said').allInnerTexts();
      expect([prompt.length > 0, seen.has(prompt)]).toEqual([true, false]);
      await page.keyboard.press('0');
    }
    await person.sees('You preferred neither model.');
  });

  test('talks, before and after side by side', async () => {
    await person.click(page.getByRole('tab', { name: 'Use it' }));
    await page.getByRole('textbox', { name: 'Message' }).fill('Where is my parcel?');
    await page.keyboard.press('Enter');
    await person.sees(page.getByText(/tokens?, [\d,.]+\stokens\/s/).nth(1));
  });

  test('is saved for llama.cpp, which proves it', async () => {
    await page.getByRole('textbox', { name: 'Name' }).fill('Post of a shop');
    await person.click(person.button('Save').last());
    const copies = page.getByRole('region', { name: 'Saved copies' });
    await person.sees(copies.getByText('Checked'));
    const coming = page.waitForEvent('download');
    await person.click(copies.getByRole('button', { name: 'Download' }));
    const download = await coming;
    expect(download.suggestedFilename()).toBe('post-of-a-shop.gguf');
    expect((await readFile(await download.path())).subarray(0, 4).toString()).toBe('GGUF');
  });

  test('answers other programs, in a stream of OpenAI’s own client', async () => {
    const programs = page.getByRole('region', { name: 'Use in other programs' });
    await person.click(programs.getByRole('button', { name: 'Let programs use it' }));
    await person.sees(programs.getByText('No requests yet.'));
    const [baseURL = '', apiKey = '', model = ''] = await programs.locator('dd code').allInnerTexts();
    const client = new OpenAI({ baseURL, apiKey });
    const messages = [{ role: 'user' as const, content: 'Where is my parcel?' }];
    const asked = { model, messages, temperature: 0, max_tokens: 8, stream: true } as const;
    let text = '';
    for await (const { choices } of await client.chat.completions.create(asked))
      text += choices[0]?.delta.content ?? '';
    expect(text).not.toBe('');
    await person.sees(programs.getByText('1 request answered.'));
    await person.click(programs.getByRole('button', { name: 'Stop' }));
    await person.sees(programs.getByRole('button', { name: 'Let programs use it' }));
    await expect(client.models.list({ maxRetries: 0 })).rejects.toThrow();
  });
});

describe('afterwards', () => {
  test('a run with one change begins with the settings of the first', async () => {
    await person.click(person.button('Repeat with changes'));
    await person.sees(person.heading('What will it take?'));
    await unfold('Chosen settings');
    await person.sees('These are the settings of the run that you repeat.');
    const epochs = page.getByRole('textbox', { name: 'Epochs' });
    if (!(await epochs.isVisible())) await person.click(page.getByRole('switch', { name: 'All settings' }));
    expect(await epochs.inputValue()).toBe(String(PASSES));
    await epochs.fill('2');
    await unfold('More options');
    await page.getByRole('textbox', { name: 'Name of the run' }).fill('Letters, short');
    await person.click(person.button('Start training'));
    await person.sees(page.getByRole('region', { name: 'Verdict' }).getByText(VERDICT));
  });

  test('the history finds runs by their words and compares them', async () => {
    await person.click(page.getByRole('link', { name: 'History' }));
    await page.getByRole('searchbox', { name: 'Search' }).fill('long');
    await expect.poll(() => page.getByRole('row', { name: /Letters/ }).count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Search' }).fill('letters');
    // while the list changes, one row can be there twice
    await expect
      .poll(() =>
        page
          .getByRole('checkbox', { name: /^Select Letters, (long|short)$/ })
          .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))),
      )
      .toEqual(['Select Letters, short', 'Select Letters, long']);
    await person.click(page.getByRole('checkbox', { name: 'Select Letters, long' }));
    await person.click(page.getByRole('checkbox', { name: 'Select Letters, short' }));
    await person.click(person.button('Compare'));
    await person.sees(person.heading('Compare runs'));
    const differing = page.getByRole('table', { name: 'Different settings of the compared runs' });
    await person.sees(differing.getByRole('row', { name: /epochs.*120.*2|epochs.*2.*120/i }));
  });

  test('the page had nothing to complain about', () => {
    expect(visit.errors).toEqual([]);
  });
});

async function stepNow(): Promise<number> {
  const text = (await page.locator('main').textContent()) ?? '';
  return Number(/step\s([\d,]+)/.exec(text)?.[1]?.replace(',', '') ?? 0);
}

async function lossPoints(): Promise<number> {
  const label = await page.getByRole('img', { name: /^Loss: plot of/ }).getAttribute('aria-label');
  return Number(/plot of ([\d,]+)/.exec(label ?? '')?.[1]?.replace(',', '') ?? 0);
}
