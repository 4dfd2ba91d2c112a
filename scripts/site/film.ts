/**
 * Films the application: `npm run film -- --data FOLDER --model MODEL.gguf` writes docs/site/fettle.webp, from a table of bank customers'
 * questions (Banking77, as `npm run bench:tasks` draws it) to the verdict on the trained model in about 20 seconds. All of it is real: a host with an
 * empty home, its engine, a browser; waiting is cut, and the training is shown in fewer pictures than it took.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { type Row, tasksIn } from '../../tests/bench/task-data.ts';
import { beginVisit } from '../../tests/helpers/visit.ts';
import { type Frame, movingWebp } from './webp.ts';

const { data = '', model = '' } = parseArgs({
  options: { data: { type: 'string' }, model: { type: 'string' } },
}).values;
const rows = tasksIn(data).find(({ name }) => name === 'bank-a')?.train as Row[] | undefined;
if (!rows || !model) throw new Error('Name the folder with Banking77 (--data) and a model (--model).');

const TARGET = path.resolve(import.meta.dirname, '..', '..', 'docs', 'site', 'fettle.webp');
const SIZE = { width: 960, height: 640 };
const QUALITY = 0.8;
/** Of the training, a picture so often; so many of them are kept, evenly, and each is shown so long. */
const EVERY_MS = 700;
const MOST_OF_TRAINING = 45;
const TRAINING_MS = 120;

const { page, person, close } = await beginVisit();
const developing = await page.context().newPage();
await page.bringToFront();
await page.setViewportSize(SIZE);
page.setDefaultTimeout(300_000);
const frames: Frame[] = [];
const folder = await mkdtemp(path.join(tmpdir(), 'fettle-film-'));
try {
  await prepare();
  await act();
  const film = movingWebp(frames, SIZE);
  await writeFile(TARGET, film);
  const seconds = frames.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
  console.log(`${TARGET}: ${frames.length} pictures, ${seconds.toFixed(1)} s, ${film.length} bytes`);
} finally {
  await rm(folder, { recursive: true, force: true });
  await close();
}

/** What a person has done earlier: the model's file is named. */
async function prepare(): Promise<void> {
  await person.click(page.getByRole('link', { name: 'Tune a model on my data' }));
  await person.click(
    page.getByRole('navigation', { name: 'Steps of a new run' }).getByRole('link', { name: /^Model/ }),
  );
  await person.click(page.getByRole('tab', { name: 'Your file' }));
  await person.click(person.button('Choose a GGUF file'));
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill(path.dirname(model));
  await person.click(dialog.getByRole('button', { name: 'Open' }));
  await person.click(dialog.getByText(path.basename(model)).first());
  await person.sees(person.button('Continue').and(page.locator(':enabled')));
  const [address] = page.url().split('#');
  await page.goto(`${address}#/new/computer`);
  await page.reload();
  await person.click(person.button(/^Discard: /));
  await person.click(page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Close' }));
  await page.goto(`${address}#/welcome`);
}

async function act(): Promise<void> {
  await person.sees(person.heading('Welcome to Fettle'));
  await shot(900);
  await click(page.getByRole('link', { name: 'Tune a model on my data' }));
  await person.sees(person.heading('What can this computer do?'));
  await shot(500);
  await click(person.button('Check this computer'));
  await person.sees(/This computer can tune/);
  await shot(1800);
  await click(person.button('Continue'));

  await person.sees(person.heading('What should the model do?'));
  await click(page.locator('label', { has: page.getByRole('radio') }).first());
  await shot(700);
  await click(person.button('Continue'));

  await person.sees(person.heading('What should the model learn from?'));
  const choosing = page.waitForEvent('filechooser');
  await click(person.button('Choose files'));
  await (await choosing).setFiles(await table());
  await person.sees(new RegExp(`${rows!.length} usable rows`));
  await shot(1800);
  await click(person.button('Continue'));

  await person.sees(person.heading('The quick way'));
  await person.sees(person.button('Use this sorter').and(page.locator(':enabled')));
  await shot(1800);
  await click(person.button('Train a language model'));

  await person.sees(person.heading('Choose a model'));
  await click(
    page
      .getByRole('main')
      .getByRole('button', { name: /SmolLM2/ })
      .first(),
  );
  await shot(700);
  await click(person.button('Continue'));

  await person.sees(person.heading('What will it take?'));
  await person.sees(person.button('Start training').and(page.locator(':enabled')));
  await shot(1800);
  await click(person.button('Start training'));
  await person.sees(/step [\d,]+ of [\d,]+/);
  const verdict = page.getByText(/^It learned/).first();
  const before = frames.length;
  while (!(await verdict.isVisible())) {
    await shot(TRAINING_MS);
    await page.waitForTimeout(EVERY_MS);
  }
  const training = frames.splice(before);
  const each = Math.max(1, training.length / MOST_OF_TRAINING);
  frames.push(...training.filter((_, i) => Math.floor(i / each) !== Math.floor((i - 1) / each)));
  await shot(2500);
}

/** Clicks, after a picture of where. */
async function click(target: Locator): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box) {
    await point(page, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
    await shot(350);
    await point(page, null);
  }
  await person.click(target);
  // so that nothing under the pointer says what it is for
  await page.mouse.move(SIZE.width / 2, 1);
}

/** Draws a pointer's spot on the page, which takes no clicks, or takes it away. */
async function point(at: Page, spot: { readonly x: number; readonly y: number } | null): Promise<void> {
  await at.evaluate(`(() => {
    document.getElementById('film-pointer')?.remove();
    const place = ${JSON.stringify(spot)};
    if (!place) return;
    const mark = document.createElement('div');
    mark.id = 'film-pointer';
    mark.style.cssText =
      'position: fixed; width: 28px; height: 28px; border-radius: 50%; background: #f5a62399; border: 2px solid #b36b00; z-index: 99999; pointer-events: none';
    mark.style.left = place.x - 14 + 'px';
    mark.style.top = place.y - 14 + 'px';
    document.body.append(mark);
  })()`);
}

/** A picture of the page as it is, shown for so long. */
async function shot(milliseconds: number): Promise<void> {
  const png = await page.screenshot({ caret: 'hide', animations: 'disabled' });
  const webp = await developing.evaluate<string>(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext('2d', { alpha: false }).drawImage(bitmap, 0, 0);
    const still = await canvas.convertToBlob({ type: 'image/webp', quality: ${QUALITY} });
    const out = new Uint8Array(await still.arrayBuffer());
    return btoa(out.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  })()`);
  frames.push({ webp: Buffer.from(webp, 'base64'), milliseconds });
}

/** The rows as a table that a person has. */
async function table(): Promise<string> {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows!.map(({ prompt, answer }) => `${quoted(prompt)},${quoted(answer)}`);
  const file = path.join(folder, 'questions.csv');
  await writeFile(file, ['question,category', ...lines].join('\n'));
  return file;
}
