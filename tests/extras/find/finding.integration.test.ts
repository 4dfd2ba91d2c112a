/** A folder of documents, indexed and asked through the calls of the page and the command, with a real engine and a tiny encoder. */
import { appendFile, link, mkdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FoundBy, IndexNews, IndexResult } from '../../../common/extras/find/calls.ts';
import { apiRouter } from '../../../main/api/api.ts';
import { allowedPaths } from '../../../main/app/allowed.ts';
import { gathered, judgeFinding } from '../../../main/extras/find/judging.ts';
import { type EngineCalls, openEngineCalls } from '../../../main/runs/engine-calls.ts';
import { entryPath, forkFile, forkReader } from '../../../main/runs/fork.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const made = temporaryFolder();
const known = { ...process.env };
const docs = path.join(made.folder, 'docs');
const at = (name: string) => path.join(docs, name);
let opened: TestParts;
let engine: EngineCalls;
let router: ReturnType<typeof apiRouter>;
let encoder = '';
let id = '';

beforeAll(async () => {
  process.env.FETTLE_MODELS = path.join(made.folder, 'models');
  process.env.HF_HUB_CACHE = path.join(made.folder, 'hub');
  encoder = await writeTinyEncoder(path.join(made.folder, 'models', 'tiny'), 'bert', {
    'modules.json': SENTENCE_MODULES,
  });
  await mkdir(at('rules'), { recursive: true });
  await mkdir(at('.git'));
  await writeFile(at('rules/dogs.md'), '# Dogs\n\n## Fees\n\nThe tax for a dog is 90 euros.\n');
  await writeFile(at('short.txt'), 'Bring a tag.');
  await writeFile(at('letters.csv'), 'number,message\n1,Where do I park?\n2,Is the pool open?\n');
  await writeFile(at('.git/hidden.txt'), 'hidden words');
  await writeFile(at('picture.png'), 'not read');
  await writeFile(at('broken.txt'), Buffer.from([0, 1, 2, 3, 0, 0, 5]));
  const outside = path.join(made.folder, 'secret.txt');
  await writeFile(outside, 'a secret');
  await symlink(outside, at('led-out.txt'));
  await link(outside, at('hard.txt'));
  await symlink(made.folder, at('around'));
  engine = openEngineCalls(() => forkFile(entryPath()), { readers: forkReader });
  opened = await testParts({ engine: engine as never });
  router = apiRouter({ ...opened.parts, allowed: allowedPaths(opened.store) }, opened.log);
  await call(router.files.open, { what: 'data-folder', paths: [docs] });
});
afterAll(async () => {
  engine?.close();
  opened?.remove();
  process.env = known;
  made.remove();
});

async function index(encoders: readonly string[] = [encoder], folder = docs, isLook = false) {
  const news: IndexNews[] = [];
  let result: (IndexResult & { readonly id: string }) | null = null;
  for await (const one of await call(router.find.index, { folder, encoders: [...encoders], isLook }))
    if (one.kind === 'done') result = one;
    else news.push(one);
  return { news, ...result! };
}

const ask = (question: string, encoders = [encoder]) =>
  call(router.find.ask, { id, question, encoders, most: 5 });

describe('a folder', () => {
  test('is cut into passages that an encoder reads; what is hidden, foreign or no text is left out and told', async () => {
    const result = await index();
    id = result.id;
    expect([result.files, result.passages]).toEqual([3, 4]);
    expect(result.read).toMatchObject([{ encoder: 'tiny', passages: 4 }]);
    expect(result.leftOut.map((one) => one.path).sort()).toEqual(['broken.txt', 'hard.txt', 'led-out.txt']);
    expect(result.news.at(-1)).toMatchObject({ kind: 'passages', done: 4, total: 4 });
    expect(await call(router.find.folders, undefined)).toMatchObject([
      { id, folder: docs, files: 3, passages: 4, encoders: ['tiny'] },
    ]);
  });

  test('is asked by words and by meaning, with file and place', async () => {
    const [words, meaning] = await ask('What is the tax for a dog?');
    expect([words!.encoder, words!.passages[0]]).toMatchObject([
      null,
      { path: 'rules/dogs.md', heading: 'Dogs › Fees', text: 'The tax for a dog is 90 euros.' },
    ]);
    expect(meaning!.passages).toHaveLength(4);
    const scores = meaning!.passages.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const [exact] = (await ask('number: 2\nmessage: Is the pool open?'))[1]!.passages;
    expect(exact).toMatchObject({ path: 'letters.csv', row: 2 });
    expect(exact!.score).toBeCloseTo(1, 4);
  });

  test('is read again only where it changed', async () => {
    expect((await index()).read).toMatchObject([{ passages: 0 }]);
    await utimes(at('short.txt'), new Date(), new Date());
    await appendFile(at('letters.csv'), '3,When is the library closed?\n');
    await rm(at('rules/dogs.md'));
    const { read, files, passages } = await index();
    expect([read[0]?.passages, files, passages]).toEqual([1, 2, 4]);
    expect((await ask('dog'))[0]?.passages).toEqual([]);
    expect((await ask('library'))[0]?.passages).toMatchObject([{ path: 'letters.csv', row: 3 }]);
  });

  test('is read again where a file changed within the same moment, as long as before', async () => {
    await writeFile(at('twin.txt'), 'The mayor is in on Monday.');
    const { mtime } = await stat(at('twin.txt'));
    await index();
    await writeFile(at('twin.txt'), 'The mayor is in on Friday.');
    await utimes(at('twin.txt'), mtime, mtime);
    expect((await index()).read).toMatchObject([{ passages: 1 }]);
    expect((await ask('mayor'))[0]?.passages).toMatchObject([{ text: 'The mayor is in on Friday.' }]);
    await rm(at('twin.txt'));
  });

  test('is looked at first: an encoder reads a few, and how long the others take is told', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i},We ask about matter ${i} of the town`);
    await writeFile(at('long.csv'), `number,message\n${rows.join('\n')}\n`);
    const { read, isEnglish, passages } = await index([encoder], docs, true);
    expect([isEnglish, passages]).toEqual([true, 304]);
    expect(read).toMatchObject([{ passages: 64, left: 236 }]);
    expect(read[0]!.secondsLeft).toBeGreaterThan(0);
    expect((await index()).read).toMatchObject([{ passages: 236, left: 0, secondsLeft: 0 }]);
    await rm(at('long.csv'));
  });

  test('a look that was given up makes way for the next at once', async () => {
    const stop = new AbortController();
    const stream = await call(router.find.index, { folder: docs, encoders: [] }, { signal: stop.signal });
    const first = stream.next();
    stop.abort();
    const next = index();
    await Promise.allSettled([first]);
    expect((await next).files).toBe(2);
  });

  test('shows a passage in its file', async () => {
    const [{ passages }] = (await ask('pool')) as [FoundBy];
    const { passage } = passages[0]!;
    const shown = await call(router.find.inFile, { id, passage });
    expect(shown).toMatchObject({ file: at('letters.csv'), isWhole: true });
    expect(shown.passages.map((one) => [one.row, one.passage === passage])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ]);
    await expect(call(router.find.inFile, { id, passage: 99_999 })).rejects.toThrow('no longer in its file');
  });

  test('goes on after it was stopped', async () => {
    const rows = Array.from({ length: 700 }, (_, i) => `${i},message number ${i}`);
    await writeFile(at('many.csv'), `number,message\n${rows.join('\n')}\n`);
    const stop = new AbortController();
    const stopped = (async () => {
      const stream = await call(
        router.find.index,
        { folder: docs, encoders: [encoder] },
        { signal: stop.signal },
      );
      for await (const one of stream) if (one.kind === 'passages' && one.done > 0) stop.abort();
    })();
    await expect(stopped).rejects.toBeTruthy();
    const { read } = await index();
    expect(read[0]!.passages).toBeGreaterThan(0);
    expect(read[0]!.passages).toBeLessThan(700);
    await rm(at('many.csv'));
    await index();
  });

  test('is read by a second encoder beside the first', async () => {
    const other = await writeTinyEncoder(path.join(made.folder, 'models', 'other'), 'modernbert', {
      'modules.json': SENTENCE_MODULES,
    });
    const { read } = await index([encoder, other]);
    expect(read).toMatchObject([{ passages: 0 }, { encoder: 'other', passages: 4 }]);
    expect((await ask('pool', [encoder, other])).map((by) => by.encoder)).toEqual([null, 'tiny', 'other']);
  });

  test('that was not chosen is not read, nor is a folder that is no encoder', async () => {
    await expect(index([], made.folder)).rejects.toThrow();
    await expect(index([made.folder])).rejects.toThrow('not on this computer any more');
    await expect(
      call(router.find.ask, { id: '../../etc', question: 'a', encoders: [], most: 1 }),
    ).rejects.toThrow('not indexed any more');
  });

  test('is forgotten with all that was kept of it', async () => {
    await call(router.find.remove, { id });
    expect(await call(router.find.folders, undefined)).toEqual([]);
    await expect(ask('dog')).rejects.toThrow('not indexed any more');
  });
});

test('a file of questions says how well each way finds', async () => {
  const rows = [
    { question: 'the pool', passage: 'Is the pool open?' },
    { question: 'Where do I park?', passage: 'Where do I park?' },
    { question: 'Where do I park?', passage: 'Parking costs two euros.' },
  ];
  const encoders = [{ name: 'tiny', path: encoder }];
  const judged = await judgeFinding(gathered(rows), { encoders }, { engine, tell: () => {} });
  expect(judged.passages).toBe(3);
  expect(judged.by.map((one) => one.encoder)).toEqual([null, 'tiny']);
  expect(judged.by[0]).toMatchObject({ questions: 2, mrr: 1 });
  expect(judged.by[1]).toMatchObject({ questions: 2, recall10: 1 });
  await expect(judgeFinding([], { encoders: [] }, { engine, tell: () => {} })).rejects.toThrow(
    'No row has a question',
  );
});
