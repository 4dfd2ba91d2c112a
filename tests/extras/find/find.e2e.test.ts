/**
 * A folder of documents is chosen, read and asked, in a real browser at the real host with the real engine. The encoder is all-MiniLM-L6-v2
 * where FETTLE_TEST_MINILM names it, else a tiny one with random weights.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopAtFirstFailure } from '../../helpers/in-order.ts';
import type { Person } from '../../helpers/person.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';
import { beginVisit, type Visit } from '../../helpers/visit.ts';

const MINILM = process.env.FETTLE_TEST_MINILM;
const made = temporaryFolder();
const docs = path.join(made.folder, 'town');
const moved = path.join(made.folder, 'moved');
let visit: Visit;
let page: Page;
let person: Person;

beforeAll(() => {
  mkdirSync(docs);
  writeFileSync(path.join(docs, 'dogs.md'), '# Dogs\n\nOwners of a puppy pay 90 euros a year.\n');
  writeFileSync(path.join(docs, 'pool.txt'), 'The swimming pool opens in May and closes in September.');
  writeFileSync(
    path.join(docs, 'letters.csv'),
    'id,message\n1,Where may I leave my car?\n2,My bin was not emptied.\n',
  );
});
afterAll(made.remove);

async function begun(env: Readonly<Record<string, string>>): Promise<void> {
  visit = await beginVisit(env);
  ({ page, person } = visit);
  page.setDefaultTimeout(20_000);
}

const by = (name: RegExp) => page.getByRole('region', { name });
const asks = async (question: string) => {
  await page.getByRole('searchbox', { name: 'Your question' }).fill(question);
  await person.click(person.button('Find'));
};
const first = (name: RegExp) => by(name).getByRole('listitem').first();
const opens = async () => await person.click(page.getByRole('link', { name: 'Find by meaning' }));

async function choosesFolder(): Promise<void> {
  await person.click(person.button('Choose a folder'));
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(docs);
  await person.click(dialog.getByRole('button', { name: 'Open', exact: true }));
  // it has no folder inside it, and files can't be chosen
  await person.sees(dialog.getByText('Nothing to choose here.'));
  await person.click(dialog.getByRole('button', { name: 'Choose this folder' }));
}

describe('finding by meaning', () => {
  stopAtFirstFailure();
  beforeAll(async () => {
    const cache = path.join(made.folder, 'hub');
    const reader = path.join(cache, 'models--own--reader', 'snapshots', '0123');
    mkdirSync(reader, { recursive: true });
    if (MINILM === undefined) await writeTinyEncoder(reader, 'bert', { 'modules.json': SENTENCE_MODULES });
    else cpSync(MINILM, reader, { recursive: true });
    await begun({ HF_HUB_CACHE: cache });
  });
  afterAll(() => visit?.close());

  test('is a goal that leads to its page', async () => {
    await person.click(page.getByRole('link', { name: 'Tune a model on my data' }));
    await person.click(person.step(/^Your goal/));
    await page.getByRole('radio', { name: /^Find by meaning/ }).check();
    await person.click(person.button('Find by meaning'));
    await person.sees(person.heading('Find by meaning'));
  });

  test('a folder is chosen and read, with its counts', async () => {
    await choosesFolder();
    await person.sees(/^3 files, 4 passages\.\s*4 new passages read in /);
  });

  test('a question finds passages by words and by meaning, each with its file', async () => {
    await asks('When does the pool open?');
    await person.sees(first(/^By words/).getByText('The swimming pool opens in May'));
    await person.sees(first(/^By words/).getByText('pool.txt'));
    await expect
      .poll(() =>
        by(/^By meaning: own\/reader/)
          .getByRole('listitem')
          .count(),
      )
      .toBe(4);
    await person.sees(by(/^By meaning/).getByText('letters.csv, row 2'));
    if (MINILM === undefined) return;
    await asks('What does my young hound cost?');
    await expect.poll(() => first(/^By meaning/).textContent()).toContain('90 euros');
  });

  test('a passage is opened in its file', async () => {
    await person.click(by(/^By meaning/).getByRole('button', { name: 'Open: letters.csv, row 2' }));
    const dialog = page.getByRole('dialog', { name: 'letters.csv' });
    await person.sees(dialog.getByText('Where may I leave my car?'));
    expect(await dialog.locator('mark').textContent()).toContain('My bin was not emptied.');
    await page.keyboard.press('Escape');
  });

  test('what changed in another program is found: by the next question, and when the person is back', async () => {
    writeFileSync(path.join(docs, 'library.txt'), 'The library is closed on Monday.');
    rmSync(path.join(docs, 'pool.txt'));
    await asks('When is the library closed?');
    await person.sees(/^3 files, 4 passages\.\s*1 new passage read in /);
    await person.sees(first(/^By words/).getByText('library.txt'));
    // as long as before, within the same moment
    writeFileSync(path.join(docs, 'library.txt'), 'The library is closed on Sunday.');
    await page.evaluate(`window.dispatchEvent(new Event('focus'))`);
    await person.sees(first(/^By words/).getByText('The library is closed on Sunday.'));
    await person.click(person.button('Check for changes'));
    await person.sees(/Everything is up to date\.$/);
  });

  test('a reranker is trained on pairs, measured, used in search, and kept as a run', async () => {
    const words = ['red', 'green', 'blue', 'town', 'river', 'stone', 'bread', 'house'];
    const pairs = words.flatMap((a, i) => words.flatMap((b, j) => (i < j ? [`${a} ${b},${b} or ${a}`] : [])));
    const file = path.join(made.folder, 'pairs.csv');
    writeFileSync(file, ['query,passage', ...pairs].join('\n'));
    await person.click(page.getByText('Make search better with your own pairs'));
    await page.locator('input[type=file]').setInputFiles(file);
    await person.sees('pairs.csv');
    await page.getByRole('radio', { name: /^A second reading/ }).check();
    await person.click(person.button('Train'));
    const measured = page.getByRole('region', { name: 'How well it finds' });
    await person.sees(measured.getByRole('row', { name: /^After training [\d.]+ [\d.]+$/ }));
    for (const name of ['By words', 'Before training', 'By chance'])
      await person.sees(measured.getByRole('row', { name: new RegExp(`^${name} `) }));
    await person.sees(/It took .+ of memory \(.+ were estimated\)\./);
    await person.click(person.button('Use in search'));
    await person.sees('This search uses it.');
    const found = async (way: string) => {
      const row = measured.getByRole('row', { name: new RegExp(`^${way} `) });
      return Number((await row.getByRole('cell').allTextContents()).at(-2));
    };
    const without = Math.max(await found('By words'), await found('Before training'));
    const isWorse = (await found('After training')) < without;
    expect(await page.getByText('This order may be worse').count()).toBe(isWorse ? 1 : 0);
    if (isWorse) await person.sees(new RegExp(`^Your test questions: ${without.toFixed(2)} without it, `));
    await asks('Where may I leave my car?');
    await expect
      .poll(() =>
        by(/^Read again: pairs\.csv: pairs/)
          .getByRole('listitem')
          .count(),
      )
      .toBeGreaterThan(0);
    await person.click(page.getByRole('link', { name: 'Open the run' }));
    await person.sees(person.heading('pairs.csv: pairs'));
    await person.sees(measured.getByRole('row', { name: /^After training/ }));
    await person.click(person.button('More about this run'));
    await person.click(page.getByRole('menuitem', { name: 'Save everything' }));
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Folder' }).fill(made.folder);
    await person.click(dialog.getByRole('button', { name: 'Open', exact: true }));
    await person.sees(dialog.getByText('pairs.csv', { exact: true }));
    await person.click(dialog.getByRole('button', { name: 'Choose', exact: true }));
    await person.sees(/^Saved: .+\.zip \(.+\)$/);
    const zip = readdirSync(made.folder).find((name) => name.endsWith('.zip'))!;
    const saved = Object.keys(unzipSync(readFileSync(path.join(made.folder, zip))));
    expect(saved).toEqual(expect.arrayContaining(['README.txt', 'run.json', 'model/model.safetensors']));
    await person.click(person.button('Train again'));
    await person.sees(person.heading('Find by meaning'));
    await person.sees(person.button('Train'));
    await person.click(page.getByRole('link', { name: 'History' }));
    await person.sees(page.getByRole('link', { name: 'pairs.csv: pairs' }));
    await opens();
  });

  test('a file that cannot be read is named, and what it said is gone', async () => {
    writeFileSync(path.join(docs, 'letters.csv'), Buffer.from([0, 1, 2, 3, 0, 0, 5]));
    await person.click(person.button('Check for changes'));
    await person.click(page.getByText('1 file was left out'));
    await person.sees(/^letters\.csv: /);
  });

  test('a folder that is gone is said, and what is known of it can still be asked', async () => {
    renameSync(docs, moved);
    await asks('library');
    await person.sees(`There is no folder ${docs}.`);
    await person.sees(first(/^By words/).getByText('library.txt'));
    renameSync(moved, docs);
    await person.click(person.button('Try again'));
    await expect.poll(() => page.getByText(`There is no folder ${docs}.`).count()).toBe(0);
  });

  test('the folder is forgotten; its files stay', async () => {
    await person.click(person.button('Forget'));
    await person.sees('Choose a folder with PDF, Word, web, text or table files.');
    expect(visit.errors).toEqual([]);
  });
});

describe('without a model that reads', () => {
  beforeAll(() => begun({ HF_HUB_CACHE: path.join(made.folder, 'nothing') }));
  afterAll(() => visit?.close());

  test('one is offered with size, language and licence, and words are compared until then', async () => {
    await opens();
    await person.sees('No model that reads is here yet');
    await person.sees(/^all-MiniLM-L6-v2 takes 90\.9\sMB to download, once\. English, Apache-2\.0\.$/);
    await person.sees(person.button('Download: all-MiniLM-L6-v2'));
    await choosesFolder();
    await person.sees(/files, \d passages\./);
    await asks('puppy');
    await person.sees(first(/^By words/).getByText('90 euros a year'));
    expect(await by(/^By meaning/).count()).toBe(0);
    expect(visit.errors).toEqual([]);
  });
});
