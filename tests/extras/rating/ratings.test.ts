import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RatingPiece } from '../../../common/extras/rating/calls.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
let asked: Record<string, unknown>[] = [];
/** What the model says, in order; the last one again and again. */
let answers: string[] = [];
let prompts = [
  [{ role: 'user' as const, content: 'Hello?' }],
  [{ role: 'user' as const, content: 'Where?' }],
];

beforeEach(async () => {
  asked = [];
  answers = ['One.', 'Two.'];
  opened = await testParts({
    engine: {
      prompts: async () => prompts,
      async generate(config, onText) {
        asked.push({ ...config });
        const text = answers.length > 1 ? answers.shift()! : answers[0]!;
        onText(text);
        return { text } as never;
      },
    },
  });
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

async function create(system?: string) {
  const { id: modelId } = addModel(opened.store);
  const one = { modelId };
  return call(router.ratings.create, {
    name: 'Letters',
    answerers: [one, one],
    prompts: { paths: ['/p.txt'] },
    ...(system !== undefined && { system }),
  });
}

async function pieces(id: string, number: number): Promise<RatingPiece[]> {
  const found: RatingPiece[] = [];
  for await (const piece of await call(router.ratings.pair, { id, number })) found.push(piece);
  return found;
}

const rate = (id: string, number: number, better: 0 | 1 | null, said: [string, string] = ['a', 'b']) =>
  call(router.ratings.rate, { id, number, answers: said, better });

describe('a pair', () => {
  it('is two samples with seeds of their own, of prompts in turn', async () => {
    const { id } = await create();
    expect(await pieces(id, 3)).toEqual([
      { place: 0, text: 'One.' },
      { place: 1, text: 'Two.' },
    ]);
    expect(asked.map(({ messages, temperature }) => [messages, temperature])).toEqual([
      [prompts[1], 0.8],
      [prompts[1], 0.8],
    ]);
    expect(asked[0]?.seed).not.toBe(asked[1]?.seed);
  });

  it('is tried again where both answers are the same', async () => {
    answers = ['Yes.', 'Yes.', 'Yes.', 'Yes.', 'No.'];
    const { id } = await create();
    expect((await pieces(id, 0)).slice(1)).toEqual([{ place: 1, text: 'Yes.' }]);
    expect(asked).toHaveLength(4);
    answers = ['Yes.', 'Yes.', 'No.'];
    expect((await pieces(id, 0)).at(-1)).toEqual({ place: 1, text: 'No.', again: true });
  });
});

describe('ratings', () => {
  it('are kept at once, counted, and found again after a restart', async () => {
    const { id } = await create();
    expect(await rate(id, 0, 0)).toEqual({ rated: 1, skipped: 0 });
    expect(await rate(id, 1, null)).toEqual({ rated: 1, skipped: 1 });
    const again = apiRouter(opened.parts, opened.log);
    expect(await call(again.ratings.get, { id })).toMatchObject({
      name: 'Letters',
      rated: 1,
      skipped: 1,
      prompts,
    });
    expect(await call(again.ratings.list, undefined)).toMatchObject([
      { id, rated: 1, skipped: 1, prompts: 2 },
    ]);
  });

  it('refuse a pair that another window has rated', async () => {
    const { id } = await create();
    await rate(id, 0, 1);
    await expect(rate(id, 0, 0)).rejects.toThrow('rated in another window');
  });

  it('are taken back one by one, with the answers', async () => {
    const { id } = await create();
    await rate(id, 0, 0, ['é', '数']);
    await rate(id, 1, 1, ['c', 'd']);
    expect(await call(router.ratings.undo, { id })).toEqual({ rated: 1, skipped: 0, answers: ['c', 'd'] });
    expect(await call(router.ratings.undo, { id })).toEqual({ rated: 0, skipped: 0, answers: ['é', '数'] });
    expect(await call(router.ratings.undo, { id })).toEqual({ rated: 0, skipped: 0, answers: null });
    expect(await rate(id, 0, 1)).toEqual({ rated: 1, skipped: 0 });
  });

  it('survive a line that was written in part', async () => {
    const { id } = await create();
    await rate(id, 0, 0);
    await appendFile(path.join(opened.folder, 'ratings', `${id}.jsonl`), '{"answers":["x');
    expect(await call(router.ratings.get, { id })).toMatchObject({ rated: 1, skipped: 0 });
    expect(await rate(id, 1, 1, ['e', 'f'])).toEqual({ rated: 2, skipped: 0 });
    expect(await call(router.ratings.undo, { id })).toMatchObject({ rated: 1, answers: ['e', 'f'] });
  });

  it('become rows with a better and a worse answer; skipped pairs do not', async () => {
    const { id } = await create();
    await rate(id, 0, 1, ['curt', 'polite']);
    await rate(id, 1, null);
    await rate(id, 2, 0, ['kind', 'rude']);
    const { path: file, rows, content } = await call(router.ratings.export, { id });
    expect(rows).toBe(2);
    expect(await readFile(file, 'utf8')).toBe(content);
    expect(
      content
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { prompt: 'Hello?', chosen: 'polite', rejected: 'curt' },
      { prompt: 'Hello?', chosen: 'kind', rejected: 'rude' },
    ]);
    expect(path.basename(file)).toBe('Letters.jsonl');
  });

  it('keep a system message in every row', async () => {
    const { id } = await create('Be brief.');
    await rate(id, 0, 0);
    const { content } = await call(router.ratings.export, { id });
    expect(JSON.parse(content)).toEqual({
      prompt: [{ role: 'system', content: 'Be brief.' }, ...prompts[0]!],
      chosen: [{ role: 'assistant', content: 'a' }],
      rejected: [{ role: 'assistant', content: 'b' }],
    });
  });

  it('say what to do where there is nothing', async () => {
    const { id } = await create();
    await expect(call(router.ratings.export, { id })).rejects.toThrow('No pair is rated yet.');
    await call(router.ratings.remove, { id });
    await expect(call(router.ratings.get, { id })).rejects.toThrow('not here any more');
    prompts = [];
    await expect(create()).rejects.toThrow('No prompts were found');
  });

  it('open no file outside their folder', async () => {
    await expect(call(router.ratings.get, { id: '../../etc/passwd' })).rejects.toThrow('not here any more');
    await call(router.ratings.remove, { id: '../runs' });
  });
});
