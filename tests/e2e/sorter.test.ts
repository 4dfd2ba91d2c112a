/**
 * The quick way to sort, in a real browser at the real host with the real engine: a table with categories becomes a sorter that is kept,
 * sorts a file and is saved. The encoder is all-MiniLM-L6-v2 where FETTLE_TEST_MINILM names it, else a tiny one with random weights.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HubServer, startHubServer } from '../helpers/hub-server.ts';
import { stopAtFirstFailure } from '../helpers/in-order.ts';
import type { Person } from '../helpers/person.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { townRows, townTable } from '../helpers/town-rows.ts';
import { beginVisit, dropToSort, type Visit } from '../helpers/visit.ts';

const MOST_MS = 60_000;
const MINILM = process.env.FETTLE_TEST_MINILM;
const REPO = 'sentence-transformers/all-MiniLM-L6-v2';
const NEW_ROWS = [
  { number: '1', message: 'Do I pay tax for my dog?' },
  { number: '2', message: 'Must my dog be on a lead?' },
];

/** Rows of the town hall, every seventh with the office of another one: then word counts leave something to gain. */
const ROWS = townRows().map((row, i, all) => (i % 7 === 3 ? { ...row, office: all[i + 1]!.office } : row));

let visit: Visit;
let page: Page;
let person: Person;
const made = temporaryFolder();
afterAll(made.remove);

/** An encoder as it lies in a folder. */
async function encoderIn(folder: string): Promise<string> {
  if (MINILM === undefined)
    return await writeTinyEncoder(folder, 'bert', {
      'modules.json': SENTENCE_MODULES,
      '1_Pooling/config.json': { pooling_mode_mean_tokens: true },
    });
  mkdirSync(folder, { recursive: true });
  cpSync(MINILM, folder, { recursive: true });
  return folder;
}

async function begun(env: Readonly<Record<string, string>>): Promise<void> {
  visit = await beginVisit(env);
  ({ page, person } = visit);
  page.setDefaultTimeout(MOST_MS / 2);
}

async function dropTable(content = townTable(ROWS)): Promise<void> {
  await dropToSort(visit, 'letters.csv', content);
  await person.sees(`${ROWS.length} usable rows`);
}

const ways = () => page.getByRole('region', { name: 'Ways to sort' });
const ready = () => person.button('Use this sorter').and(page.locator(':enabled'));

describe('with a model that reads in the cache of another program', () => {
  stopAtFirstFailure();
  beforeAll(async () => {
    const cache = path.join(made.folder, 'cache');
    await encoderIn(path.join(cache, `models--${REPO.replace('/', '--')}`, 'snapshots', '0123'));
    await begun({ HF_HUB_CACHE: cache });
  });
  afterAll(() => visit?.close());

  test('a table becomes a sorter in under a minute, each way shown with its seconds', async () => {
    const began = Date.now();
    await dropTable();
    await person.click(person.button('Continue'));
    await person.sees(person.heading('The quick way'));
    await person.sees(ways().getByRole('row', { name: /^Word counts .*% of \d+ rows/ }));
    await person.sees(
      ways().getByRole('row', { name: /^Sentence vectors of all-MiniLM-L6-v2 .*% of \d+ rows/ }),
    );
    await person.sees(page.getByRole('img', { name: /^How many rows are right/ }));
    await person.sees(ready());
    await person.sees(/^Knows the answer: \d+% /);
    const seconds = (Date.now() - began) / 1000;
    console.info(`from the first page to a sorter: ${seconds.toFixed(1)} s, ${person.clicks()} clicks`);
    console.info((await ways().getByRole('row').allInnerTexts()).join('\n').replaceAll('\t', ' | '));
    expect(Date.now() - began).toBeLessThan(MOST_MS);
  });

  test('it is kept with one click, and sorts a file', async () => {
    await person.click(ready());
    await person.sees(page.getByRole('heading', { name: 'letters: sorter' }));
    const buffer = Buffer.from(townTable(NEW_ROWS));
    await page
      .getByRole('group', { name: 'File with rows to sort' })
      .locator('input[type=file]')
      .setInputFiles({ name: 'new.csv', mimeType: 'text/csv', buffer });
    await person.click(person.button('Start sorting'));
    await person.sees(/^2 rows sorted/);
    const coming = page.waitForEvent('download');
    await person.click(person.button('Save table'));
    const [head, first, second] = (await readFile(await (await coming).path(), 'utf8')).split('\r\n');
    expect(head).toBe('row,number,message,category,score,ask a person');
    expect([first, second]).toEqual([expect.stringContaining(',dogs,'), expect.stringContaining(',dogs,')]);
  });

  test('it is saved with a program, and stands in the history', async () => {
    const coming = page.waitForEvent('download');
    await person.click(person.button('Download'));
    expect((await coming).suggestedFilename()).toBe('letters_ sorter.zip');
    await person.click(page.getByRole('link', { name: 'History' }));
    await person.sees(page.getByRole('row', { name: /letters: sorter.*2 ways.*% right/ }));
  });

  test('the other way was kept as well, and the one by vectors is saved as ONNX, proved', async () => {
    await person.click(page.getByRole('link', { name: 'letters: sorter', exact: true }));
    await person.sees(page.getByRole('heading', { name: 'Ways that were tried' }));
    await person.click(page.getByRole('button', { name: 'Open', exact: true }));
    const other = page.getByRole('heading', { name: /^letters: sorter: (word counter|sentence vectors)$/ });
    await person.sees(other);
    if ((await other.textContent())?.endsWith('counter')) await page.goBack();
    await person.sees(page.getByRole('heading', { name: 'Save with its encoder' }));
    await person.click(person.button('Save'));
    await person.sees(/^ONNX file, f32/);
    await person.sees('Checked');
    await person.click(page.getByText('Details', { exact: true }).last());
    await person.sees(/test rows are sorted the same: loaded back by onnxruntime/);
    await person.click(page.getByRole('link', { name: 'History' }));
  });

  test('the draft knows it, trains no second one, and leads on to a language model', async () => {
    await person.click(page.getByRole('link', { name: 'New run' }).first());
    await page.reload();
    await person.click(page.getByRole('button', { name: /^Continue draft/ }));
    await person.sees(person.heading('The quick way'));
    await person.sees(ways().getByRole('row', { name: /^Word counts/ }));
    await person.click(person.button('Train a language model'));
    await person.sees(person.heading('Choose a model'));
    await person.click(page.getByRole('link', { name: 'History' }));
    await person.sees(page.getByRole('row', { name: /letters: sorter/ }).first());
    expect(await page.getByRole('link', { name: 'letters: sorter', exact: true }).count()).toBe(1);
    expect(visit.errors).toEqual([]);
  });
});

describe('without a model that reads', () => {
  let server: HubServer;
  beforeEach(async () => {
    const folder = await encoderIn(path.join(made.folder, 'served'));
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const whole = names.filter((name) => statSync(path.join(folder, name)).isFile());
    const files = Object.fromEntries(whole.map((name) => [name, readFileSync(path.join(folder, name))]));
    server = await startHubServer([
      { repo: REPO, files, large: ['model.safetensors'], licence: 'apache-2.0' },
    ]);
    await begun({ HF_HUB_CACHE: path.join(made.folder, 'nothing') });
  });
  afterEach(async () => {
    await visit?.close();
    await server.close();
  });

  test('one is offered once with its size; it is downloaded, tried, and one sorter stays', async () => {
    await person.click(page.getByRole('link', { name: 'Settings' }));
    await person.click(page.getByText('Mirror and proxy', { exact: true }));
    const mirror = page.getByRole('textbox', { name: 'Mirror' });
    await mirror.fill(server.url);
    await mirror.press('Tab');
    await page.goto(page.url().replace(/#.*$/, '#/welcome'));
    await dropTable();
    await person.click(person.button('Continue'));
    await person.sees(person.heading('The quick way'));
    await person.sees(/^all-MiniLM-L6-v2 knows English\. It is 90\.9\sMB to download/);
    await person.sees(ready());
    await person.sees(/^There is no encoder on this computer/);
    await person.click(person.button('Download: all-MiniLM-L6-v2'));
    await person.sees(ways().getByRole('row', { name: /^Sentence vectors of all-MiniLM-L6-v2/ }));
    await person.sees(ready());
    expect(existsSync(path.join(visit.home, 'data', 'models'))).toBe(true);
    await person.click(page.getByRole('link', { name: 'History' }));
    await person.sees(page.getByRole('row', { name: /letters: sorter/ }));
    await expect.poll(() => page.getByRole('row', { name: /letters: sorter/ }).count()).toBe(1);
    await person.click(page.getByRole('link', { name: 'Models' }));
    await person.sees(page.getByRole('row', { name: /all-MiniLM-L6-v2.*Sorts and finds/ }));
    expect(visit.errors).toEqual([]);
  });

  test('declined, word counts sort, and the language model comes next', async () => {
    await dropTable();
    await person.click(person.button('Continue'));
    await person.click(person.button('Not now'));
    expect(await page.getByText(/to download, once/).count()).toBe(0);
    await person.sees(ready());
    await person.click(person.button('Train a language model'));
    await person.sees(person.heading('Choose a model'));
    expect(await page.getByRole('main').getByText('all-MiniLM-L6-v2').count()).toBe(0);
    expect(visit.errors).toEqual([]);
  });
});
