/** `fettle reranker` with a real engine and a tiny encoder: rows in, a reranker out, measured, asked in all ways that there are. */
import { writeFileSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askHere } from '../../../main/app/work-here.ts';
import { readArguments } from '../../../main/cli/arguments.ts';
import type { Command } from '../../../main/cli/command.ts';
import { openTextVectors } from '../../../main/engine/eval/vectors/vectors.ts';
import {
  encoderIn,
  encodersHere,
  rerankerIn,
  rerankersHere,
} from '../../../main/engine/load/find-encoders.ts';
import { command as find } from '../../../main/extras/find/find-command.ts';
import { command as rank } from '../../../main/extras/find/rank-command.ts';
import { command as reranker } from '../../../main/extras/find/reranker-command.ts';
import { command as vectors } from '../../../main/extras/find/vectors-command.ts';
import { here, modelsFolder } from '../../../main/paths.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const made = temporaryFolder();
const at = (name: string) => path.join(made.folder, name);
const known = { ...process.env };
let encoder = '';

beforeAll(async () => {
  process.env.FETTLE_HOME = at('home');
  process.env.HF_HUB_CACHE = at('hub');
  delete process.env.FETTLE_MODELS;
  encoder = await writeTinyEncoder(at('tiny'), 'bert', { 'modules.json': SENTENCE_MODULES });
});
afterAll(() => {
  process.env = known;
  made.remove();
});

async function asked(command: Command, name: string, ...words: string[]) {
  const out: string[] = [];
  const streams = { out: { write: (text: string) => out.push(text) }, err: { write: () => true } };
  const code = await command.run(readArguments(name, command.flags, words), streams);
  return { code, text: out.join('') };
}
const trained = (...words: string[]) =>
  asked(reranker, 'reranker', ...words, '--model', encoder, '--threads', '1');

const WORDS = ['red', 'green', 'blue', 'town', 'river', 'stone', 'bread', 'house', 'wind', 'road'];
/** A query of two words is answered by a text with both. */
const pairs = WORDS.flatMap((first, i) =>
  WORDS.flatMap((second, j) => (i < j ? [[`${first} ${second}`, `${second} or ${first}`]] : [])),
);

function csv(name: string, rows: readonly (readonly unknown[])[]): string {
  writeFileSync(at(name), rows.map((row) => `${row.join(',')}\n`).join(''));
  return at(name);
}

describe('fettle reranker', () => {
  test('learns which passages answer, and orders what others find', async () => {
    const data = csv('pairs.csv', [
      ['query', 'passage', 'negative'],
      ...pairs.map((row, i) => [...row, pairs[(i + 1) % 45]![1]]),
    ]);
    const how = [
      '--passes',
      '40',
      '--learning-rate',
      '3e-3',
      '--held-out',
      '6',
      '--trains',
      'whole',
      '--json',
    ];
    const { code, text } = await trained('--data', data, '--out', at('reranker'), ...how);
    expect(code).toBe(0);
    const result = JSON.parse(text);
    expect(result.rows).toMatchObject({ taught: 39, held: 6 });
    // a right one, the row's own wrong one, two that are near, and a drawn one
    expect(result.pairs).toBeGreaterThan(39 * 4);
    expect(result.pairs).toBeLessThanOrEqual(39 * 6);
    expect(result.mined).toBeGreaterThan(39);
    expect(result.losses.last).toBeLessThan(0.5 * result.losses.first);
    const [words, before, after] = result.found.by;
    expect([words.encoder, before.encoder, after.isReranker]).toEqual([null, 'the encoder', true]);
    expect(after.ndcg10).toBeGreaterThan(result.found.chance.ndcg10 + 0.2);
    const config = JSON.parse(await readFile(at('reranker/config.json'), 'utf8'));
    expect(config).toMatchObject({
      ...{ architectures: ['BertForSequenceClassification'], id2label: { 0: 'LABEL_0' } },
      label2id: { LABEL_0: 0 },
    });
    expect(JSON.parse(await readFile(at('reranker/tokenizer_config.json'), 'utf8')).model_max_length).toBe(
      300,
    );
  });

  test('is no encoder: it is not offered as one, and whoever names it as one is told', async () => {
    expect(await rerankerIn(at('reranker'))).toMatchObject({ name: 'reranker' });
    expect(await encoderIn(at('reranker'))).toBeNull();
    await writeTinyEncoder(path.join(modelsFolder(here()), 'reader'));
    await cp(at('reranker'), path.join(modelsFolder(here()), 'scorer'), { recursive: true });
    await askHere(async (engine) => {
      const texts = ['a'];
      await expect(engine.vectors({ encoder: at('reranker'), texts, use: 'query' })).rejects.toThrow(
        'gives scores',
      );
      const wrong = { reranker: encoder, question: 'a', passages: texts };
      await expect(engine.rerank(wrong)).rejects.toThrow('not a reranker');
    });
    expect((await encodersHere()).map(({ name }) => name)).toEqual(['reader']);
    expect((await rerankersHere()).map(({ name }) => name)).toEqual(['scorer']);
    const files = [at('pairs.csv')];
    await expect(asked(rank, 'rank', ...files, '--reranker', encoder)).rejects.toThrow('not a reranker');
    await expect(asked(rank, 'rank', ...files, '--encoder', at('reranker'))).rejects.toThrow(
      'not an encoder',
    );
  });

  test('is asked by fettle find and fettle rank', async () => {
    await mkdir(at('papers'));
    writeFileSync(at('papers/a.txt'), 'town or red');
    writeFileSync(at('papers/b.txt'), 'wind or road');
    const given = [at('papers'), 'red town', '--encoder', encoder, '--reranker', at('reranker')];
    const found = JSON.parse((await asked(find, 'find', ...given, '--json')).text);
    const last = found.by.at(-1);
    expect(last).toMatchObject({ encoder: 'reranker', isReranker: true });
    expect(last.passages[0].text).toBe('town or red');
    expect(last.passages[0].score).toBeGreaterThan(last.passages[1].score);
    expect((await asked(find, 'find', ...given)).text).toMatch(/Read again by reranker, \d+ ms/);
    const ranked = await asked(
      rank,
      'rank',
      at('pairs.csv'),
      '--encoder',
      encoder,
      '--reranker',
      at('reranker'),
    );
    expect(ranked.text).toMatch(/^then reranker( +\d\.\d{3}){4}$/m);
  });

  test('learns grades of pairs, and learns more from where it is', async () => {
    const rows = pairs.flatMap(([query, passage], i) => [
      [query, passage, 5],
      [query, pairs[(i + 7) % 45]![1], 1],
    ]);
    const data = csv('graded.csv', [['sentence1', 'sentence2', 'score'], ...rows]);
    const how = ['--passes', '10', '--learning-rate', '3e-3', '--held-out', '10', '--trains', 'whole'];
    const more = [
      '--data',
      data,
      '--out',
      at('graded'),
      '--model',
      at('reranker'),
      '--threads',
      '1',
      '--json',
    ];
    const { text } = await asked(reranker, 'reranker', ...more, ...how);
    const { kind, order, mined, pairs: learned } = JSON.parse(text);
    expect([kind, mined, learned]).toEqual(['graded', 0, 80]);
    expect(order.after).toBeGreaterThan(0.3);
  });
});

test('a trained encoder keeps the pooler that other programs look for', async () => {
  const own = await writeTinyEncoder(at('with-pooler'), 'bert', {}, [
    'pooler.dense.weight',
    'pooler.dense.bias',
  ]);
  const data = csv('few.csv', [['query', 'passage'], ...pairs]);
  await asked(
    vectors,
    'vectors',
    ...['--data', data, '--model', own, '--out', at('kept'), '--held-out', '0', '--threads', '1'],
  );
  const [before, after] = [await openTextVectors(own, 1), await openTextVectors(at('kept'), 1)];
  for (const name of ['pooler.dense.weight', 'pooler.dense.bias'])
    expect(await after.opened.store.readF32(name)).toEqual(await before.opened.store.readF32(`bert.${name}`));
  await before.close();
  await after.close();
});
