/** A practice model that learns to say that it is sorry, in a real browser at the real host with the real engine. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourcesFolder } from '../../../main/paths.ts';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';

const QUESTIONS = 24;

let visit: Visit;
let page: Page;
let person: Person;

stopAtFirstFailure();
beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
});
afterAll(() => visit?.close());

const rule = (number: number) => page.getByRole('region', { name: `Rule ${number}`, exact: true });
const tryIt = () => person.click(person.button('Try the rule'));
const area = () => page.getByRole('textbox', { name: 'JavaScript function' });

async function choose(number: number, kind: string): Promise<void> {
  await person.click(rule(number).getByRole('combobox').first());
  await person.click(page.getByRole('option', { name: kind, exact: true }));
}

async function giveQuestions(): Promise<void> {
  const sample = path.join(resourcesFolder(), 'samples', 'support-messages.jsonl');
  const lines = (await readFile(sample, 'utf8')).trim().split('\n').slice(0, QUESTIONS);
  const questions = lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] };
    return JSON.stringify({ text: messages[0]!.content });
  });
  const file = path.join(visit.home, 'mails.jsonl');
  await writeFile(file, `${questions.join('\n')}\n`);
  await page.getByRole('region', { name: 'Questions' }).locator('input[type=file]').setInputFiles(file);
  await person.sees(page.getByRole('region', { name: 'Questions' }).getByText('mails.jsonl'));
}

describe('learning from a rule', () => {
  test('a function that throws, loops or eats memory is refused, and what was written stays', async () => {
    await person.click(page.getByRole('link', { name: 'Learn from a rule' }));
    await giveQuestions();
    await choose(1, 'is accepted by a function');
    await expect.poll(() => person.button('Try the rule').isEnabled()).toBe(false);
    await area().fill('() => { throw new Error("no luck") }');
    await tryIt();
    await person.sees('The function failed: Error: no luck');
    await person.sees('0 of 6 pass.');
    await area().fill('() => { for (;;) {} }');
    await tryIt();
    await person.sees(/took longer than 0\.5 seconds/);
    const greedy = '() => { const all = []; for (;;) all.push(new Array(1e5).fill(1)); }';
    await area().fill(greedy);
    await tryIt();
    await person.sees(/took more than 32 MB/);
    await area().fill('not a function');
    await person.click(person.button('Create the practice'));
    await person.sees(/The function can’t be read/);
    expect(await area().inputValue()).toBe('not a function');
  }, 240_000);

  test('several rules are tried on a few answers', async () => {
    await choose(1, 'has a length in words');
    await expect.poll(() => person.button('Try the rule').isEnabled()).toBe(false);
    await rule(1).getByRole('textbox', { name: 'From' }).fill('1');
    await rule(1).getByRole('textbox', { name: 'To', exact: true }).fill('12');
    await person.click(person.button('Add a rule'));
    await choose(2, 'is in a language');
    await person.click(rule(2).getByRole('combobox', { name: /^Language/ }));
    await person.click(page.getByRole('option', { name: 'Greek' }));
    await tryIt();
    await person.sees(/^0 of 6 pass\.$/);
    await person.click(person.button('Remove rule 2'));
    await choose(1, 'contains a text');
    await rule(1).getByRole('textbox', { name: 'Text' }).fill('I am sorry');
    await page.getByRole('textbox', { name: 'Answers to each question' }).fill('4');
    await tryIt();
    await person.sees(/^\d of 6 pass\.$/);
    await person.sees(/^Question: /);
  }, 120_000);

  test('practice is stopped, survives a reload, and goes on to its end', async () => {
    await person.click(person.button('Create the practice'));
    await person.sees(person.heading('mails'));
    await person.click(person.button('Start'));
    await person.sees(/^Round 1: answering/);
    await person.sees('Answers of the last round');
    await person.sees(page.getByRole('img', { name: /^Share that passes, by round/ }));
    await person.click(person.button('Stop'));
    await person.sees(person.button('Continue'));
    await page.reload();
    await person.click(person.button('Continue'));
    await person.sees('Done: the score no longer rises.');
    await expect.poll(() => page.getByRole('row').count()).toBeGreaterThan(2);
  }, 400_000);

  test('the model of the best round is a run to chat with and to save', async () => {
    await person.click(page.getByRole('link', { name: 'Open the best round' }));
    await person.sees(person.heading(/^mails, round \d/));
  });

  test('a rule that fails in the middle ends the practice with a reason, and what there is stays', async () => {
    await person.click(page.getByRole('link', { name: 'Learn from a rule' }));
    await giveQuestions();
    await choose(1, 'is accepted by a function');
    await area().fill('() => { for (;;) {} }');
    await person.click(person.button('Create the practice'));
    await person.click(person.button('Start'));
    await person.sees(/took longer than 0\.5 seconds/);
    await person.sees(person.button(/^(Start|Continue)$/));
    await person.click(page.getByRole('link', { name: 'All practices' }));
    await expect.poll(() => page.getByRole('row', { name: /mails/ }).count()).toBe(2);
  }, 120_000);

  test('where no round was better, it says why and what to do', async () => {
    await giveQuestions();
    await choose(1, 'has a length in characters');
    await rule(1).getByRole('textbox', { name: 'From' }).fill('1');
    await page.getByRole('textbox', { name: 'Answers to each question' }).fill('2');
    await person.click(person.button('Create the practice'));
    await person.click(person.button('Start'));
    await person.sees('No round was better than the model as it is.');
    await person.sees(
      /^The model as it is passes \d+ of 10 test questions, so there is hardly anything to learn\./,
    );
    await person.click(page.getByRole('link', { name: 'All practices' }));
  }, 240_000);

  test('deleting a practice asks first, and takes that one alone', async () => {
    const rows = page.getByRole('row', { name: /mails/ });
    await person.click(rows.first().getByRole('button', { name: 'Delete mails' }));
    const dialog = page.getByRole('dialog', { name: 'Delete mails?' });
    await person.click(dialog.getByRole('button', { name: 'Cancel' }));
    await expect.poll(() => dialog.count()).toBe(0);
    expect(await rows.count()).toBe(3);
    await person.click(rows.first().getByRole('button', { name: 'Delete mails' }));
    await person.click(dialog.getByRole('button', { name: 'Delete', exact: true }));
    await expect.poll(() => rows.count()).toBe(2);
  });

  test('the page had nothing to complain about', () => {
    expect(visit.errors).toEqual([]);
  });
});
