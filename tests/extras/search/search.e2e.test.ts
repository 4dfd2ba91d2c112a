/**
 * A search of settings, in a real browser at the real host with the real engine: from the plan over the short trainings to their comparison
 * and to a new plan with the best of them.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resourcesFolder } from '../../../main/paths.ts';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';

const ROWS = 60;
const TRIES = 3;

let visit: Visit;
let page: Page;
let person: Person;
let folder = '';

stopAtFirstFailure();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-search-'));
  visit = await beginVisit();
  ({ page, person } = visit);
});

afterAll(async () => {
  await visit?.close();
  await rm(folder, { recursive: true, force: true });
});

const table = () => page.getByRole('table', { name: 'Settings by their loss on test rows' });
const rows = () => table().locator('tbody').getByRole('row');

test('the plan says what trying takes, and one click begins it', async () => {
  const sample = await readFile(path.join(resourcesFolder(), 'samples', 'support-messages.jsonl'), 'utf8');
  const file = path.join(folder, 'letters.jsonl');
  await writeFile(file, sample.split('\n').slice(0, ROWS).join('\n'));
  await person.click(page.getByRole('link', { name: 'New run' }));
  await person.click(person.step(/^Model/));
  await person.click(page.getByRole('main').getByRole('button', { name: 'Practice model' }));
  await person.click(person.button('Continue'));
  const choosing = page.waitForEvent('filechooser');
  await person.click(person.button('Choose files'));
  await (await choosing).setFiles(file);
  await expect.poll(() => person.button('Continue').isEnabled()).toBe(true);
  await person.click(person.button('Continue'));
  await person.sees(person.heading('What will it take?'));
  await person.click(page.getByText('Try settings', { exact: true }));
  await page.getByRole('textbox', { name: 'Settings to try' }).fill(String(TRIES));
  await person.click(page.getByRole('switch', { name: 'Then train the best to the end' }));
  await person.sees(/^(Trying them takes|How long it takes is unknown)/);
  await person.click(person.button('Try settings'));
  await person.sees(table());
  expect(await rows().count()).toBe(TRIES);
});

test('it can be stopped at any moment, and goes on', async () => {
  await person.click(person.button('Stop'));
  await person.sees('Stopped. What was found is kept.');
  // the bar below the page offers to resume the training that was stopped, as long as that is the newest
  await person.click(page.getByRole('main').getByRole('button', { name: 'Resume' }));
  await person.sees('All settings are compared.');
  await person.sees(table().getByText('Best', { exact: true }));
  expect(await table().getByText('Out', { exact: true }).count()).toBe(TRIES - 1);
});

test('the comparison shows all of them', async () => {
  await person.click(page.getByRole('link', { name: 'Compare runs' }));
  await person.sees(page.getByRole('heading', { name: 'Different settings' }));
  for (let one = 1; one <= TRIES; one++) await person.sees(new RegExp(`, try ${one}$`));
  await page.goBack();
});

test('the best becomes a plan of its own', async () => {
  const [, rate = ''] = await rows().first().getByRole('cell').allInnerTexts();
  await person.click(person.button('Use in a new plan'));
  await person.sees(person.heading('What will it take?'));
  await expect.poll(() => person.button('Start training').isEnabled()).toBe(true);
  await person.click(page.getByText('Chosen settings', { exact: true }));
  const chosen = page.getByRole('listitem').filter({ hasText: 'Learning rate' });
  expect(rate).toMatch(/^[\d.]+(e-\d)?$/);
  await person.sees(chosen.getByText(rate, { exact: true }));
});

test('the page had nothing to complain about', () => {
  expect(visit.errors).toEqual([]);
});
