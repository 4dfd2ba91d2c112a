/** `fettle vectors` with a real engine and a tiny encoder: rows in, a better encoder out, measured, opened again and used. */
import { writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RERANKER_SETTINGS, VECTOR_SETTINGS } from '../../../common/extras/find/vector-settings.ts';
import { writeBundle } from '../../../main/app/bundles.ts';
import { openHistory } from '../../../main/app/history.ts';
import { readArguments } from '../../../main/cli/arguments.ts';
import { compareCommand, showText } from '../../../main/cli/runs/show.ts';
import { parserOf } from '../../../main/engine/config/config.ts';
import { openTextVectors } from '../../../main/engine/eval/vectors/vectors.ts';
import { trainRerankerRun } from '../../../main/engine/extras/find/train-reranker.ts';
import { trainVectorsRun } from '../../../main/engine/extras/find/train-vectors.ts';
import { readersFor } from '../../../main/extras/find/finder.ts';
import { trainedText } from '../../../main/extras/find/training-command.ts';
import { command } from '../../../main/extras/find/vectors-command.ts';
import { SENTENCE_MODULES, writeTinyEncoder } from '../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const made = temporaryFolder();
const at = (name: string) => path.join(made.folder, name);
const known = { ...process.env };
let encoder = '';

beforeAll(async () => {
  process.env.FETTLE_HOME = at('home');
  encoder = await writeTinyEncoder(at('tiny'), 'bert', {
    'modules.json': SENTENCE_MODULES,
    '1_Pooling/config.json': { word_embedding_dimension: 24, pooling_mode_cls_token: true },
  });
});
afterAll(() => {
  process.env = known;
  made.remove();
});

async function vectors(...words: string[]) {
  return await vectorsOf(encoder, ...words);
}

async function vectorsOf(model: string, ...words: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const streams = {
    out: { write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
  };
  const code = await command.run(
    readArguments('vectors', command.flags, [...words, '--model', model, '--threads', '1']),
    streams,
  );
  return { code, text: out.join(''), said: err.join('') };
}

const WORDS = ['red', 'green', 'blue', 'town', 'river', 'stone', 'bread', 'house', 'wind', 'road'];
/** A query of two words is answered by two others, the same for all. */
const pairs = WORDS.flatMap((first, i) =>
  WORDS.flatMap((second, j) =>
    i === j ? [] : [[`${first} ${second}`, `${WORDS[(i + 3) % 10]} or ${WORDS[(j + 3) % 10]}`]],
  ),
);

function csv(name: string, rows: readonly (readonly unknown[])[]): string {
  writeFileSync(at(name), rows.map((row) => `${row.join(',')}\n`).join(''));
  return at(name);
}

describe('fettle vectors', () => {
  test('learns which passages answer queries, and says how much better it finds', async () => {
    const data = csv('pairs.csv', [['query', 'passage'], ...pairs, pairs[0]!]);
    const how = ['--passes', '60', '--learning-rate', '5e-3', '--held-out', '15'];
    const { code, text } = await vectors('--data', data, '--out', at('trained'), ...how, '--json');
    expect(code).toBe(0);
    const result = JSON.parse(text);
    expect(result.rows).toMatchObject({ taught: 75, held: 15, unreadable: 0 });
    expect(result.findings.map((one: { code: string }) => one.code)).toEqual(['repeated']);
    expect(result.losses.last).toBeLessThan(0.7 * result.losses.first);
    const [words, before, after] = result.found.by;
    expect([words.encoder, before.encoder, after.encoder]).toEqual([null, 'before', 'after']);
    expect(result.found.passages).toBe(90);
    expect(after.ndcg10).toBeGreaterThan(2 * before.ndcg10);
    expect(result.found.chance.ndcg10).toBeLessThan(0.06);
    // what it forgot, of sentences that no row has
    expect(Math.abs(result.general.before)).toBeLessThan(1);
    expect(result.general.after).not.toBe(result.general.before);
    // a folder as sentence-transformers has it
    const files = await readdir(at('trained'), { recursive: true });
    expect(files).toEqual(
      expect.arrayContaining(['model.safetensors', 'modules.json', '1_Pooling/config.json']),
    );
    expect(await readFile(at('trained/1_Pooling/config.json'), 'utf8')).toContain('cls');
    // an encoder that knows something finds wrong passages that look right
    const again = ['--data', data, '--out', at('again'), '--hard-negatives', '1', '--json'];
    const mined = JSON.parse((await vectorsOf(at('trained'), ...again)).text);
    expect(mined.mined).toBeGreaterThan(30);
    // a run in the history, found by its rows, with what it took
    const store = await openHistory();
    try {
      const { rows } = store.runs.list({
        ...{ search: 'pairs.csv', sort: 'created', descending: true, offset: 0, limit: 9 },
      });
      expect(rows.map(({ name, method, state }) => [name, method, state])).toEqual([
        ['again', 'encoder', 'done'],
        ['trained', 'encoder', 'done'],
      ]);
      const run = store.runs.get(rows[1]!.id);
      expect(run.score).toMatchObject({ name: 'found', rows: result.found.chance.questions });
      expect(run.score!.value).toBeCloseTo(after.ndcg10, 9);
      expect(run.score!.low).toBeLessThan(run.score!.value);
      const best = Math.max(words.ndcg10, before.ndcg10);
      expect(run.rival!.score.value).toBeCloseTo(best, 9);
      expect(run.rival!.lead.value).toBeCloseTo(after.ndcg10 - best, 9);
      // it knew nothing in general
      expect(result.general.lost.low).toBeLessThan(0);
      expect(run.forgot).toBe('nothing');
      expect(run.done).toMatchObject({ result: at('trained'), reason: 'finished', steps: result.steps });
      expect(run.done!.trainedTokens).toBeGreaterThan(75 * 60 * 4);
      expect(run.done!.peakRssBytes).toBeGreaterThan(5e7);
      expect(showText(run)).toMatch(/^Score +Finds the right passage \(NDCG@10\): \d\.\d\d \(/m);
      expect(showText(run)).toMatch(/fettle vectors .*--data .*pairs\.csv .*--passes 60 .*--out NEW-FOLDER/);
      const compared: string[] = [];
      await compareCommand.run(
        readArguments(
          'runs compare',
          compareCommand.flags,
          rows.map(({ id }) => id),
        ),
        { out: { write: (line: string) => compared.push(line) }, err: { write: () => true } },
      );
      expect(compared.join('')).toMatch(/^passes +1 +60$/m);
    } finally {
      store.close();
    }
    // what stands in a folder stays
    await expect(vectors('--data', data, '--out', at('trained'))).rejects.toThrow('is not empty');
  });

  test('its bundle has all that opens elsewhere, and search offers it with its size', async () => {
    const store = await openHistory();
    try {
      const filter = { method: 'encoder', sort: 'created', descending: false, offset: 0, limit: 1 } as const;
      const run = store.runs.get(store.runs.list(filter).rows[0]!.id);
      const { path: zip } = await writeBundle({ store, host: { pick: null } } as never, run, at('bundle'));
      const files = unzipSync(await readFile(zip));
      for (const [name, content] of Object.entries(files)) {
        await mkdir(path.dirname(at(`elsewhere/${name}`)), { recursive: true });
        await writeFile(at(`elsewhere/${name}`), content);
      }
      expect(await readFile(at('elsewhere/README.txt'), 'utf8')).toContain('--encoder model');
      expect(JSON.parse(await readFile(at('elsewhere/details.json'), 'utf8')).score.name).toBe('found');
      const texts = ['red stone', 'blue or bread'];
      const read = await Promise.all(
        [run.folder, at('elsewhere/model')].map(async (folder) => {
          const opened = await openTextVectors(folder, 1);
          const found = await opened.of(texts, {});
          await opened.close();
          return found;
        }),
      );
      expect(read[1]).toEqual(read[0]);
      const { encoders, rerankers } = await readersFor(store, {
        encoders: async () => [],
        rerankers: async () => [],
      } as never);
      expect(encoders.map(({ name, path: folder }) => [name, folder])).toEqual([
        ['again', at('again')],
        ['trained', at('trained')],
      ]);
      expect(encoders[0]!.bytes).toBe((await stat(at('again/model.safetensors'))).size);
      expect(rerankers).toEqual([]);
    } finally {
      store.close();
    }
  });

  test('in words, with adapters and shorter vectors', async () => {
    const data = csv('few.csv', [['anchor', 'positive'], ...pairs.slice(0, 40)]);
    const how = ['--trains', 'lora', '--rank', '4', '--sizes', '12,8', '--held-out', '5'];
    const { text, said } = await vectors('--data', data, '--out', at('adapted'), ...how);
    expect(said).toMatch(
      /^Estimated: .+ to train, then .+ to measure it; \d+ MB of memory\. Measured for it: the encoder reads [\d,]+ tokens/m,
    );
    const [, peak, estimated] = /^Memory +(\d+)\sMB at most \((\d+)\sMB estimated\)$/m.exec(text)!;
    expect(Number(estimated) / Number(peak)).toBeGreaterThan(0.5);
    expect(Number(estimated) / Number(peak)).toBeLessThan(2);
    expect(text).toMatch(/Only 35 rows to learn from/);
    expect(text).toMatch(/5 test queries, each asked of 40 passages/);
    expect(text).toMatch(/^In general +-?\d\.\d{3} before, -?\d\.\d{3} after/m);
    for (const name of ['chance', 'words \\(BM25\\)', 'before', 'after'])
      expect(text).toMatch(new RegExp(`^ +${name}( +\\d\\.\\d{3}){4}$`, 'm'));
  });

  test('pairs with a score: their order', async () => {
    const rows = pairs.slice(0, 60).map(([a, b], i) => [a, i % 2 ? b : 'blue town', i % 2]);
    const data = csv('graded.csv', [['sentence1', 'sentence2', 'score'], ...rows]);
    const how = ['--passes', '40', '--learning-rate', '5e-3', '--held-out', '12', '--json'];
    const { text } = await vectors('--data', data, '--out', at('graded'), ...how);
    const { kind, order, found } = JSON.parse(text);
    expect([kind, found]).toEqual(['graded', null]);
    expect(order.after).toBeGreaterThan(Math.max(0.5, order.before));
  });

  test('refuses lengths that the vectors do not have, and rows that are none', async () => {
    const data = csv('two.csv', [['query', 'passage'], ...pairs.slice(0, 20)]);
    await expect(vectors('--data', data, '--out', at('x'), '--sizes', '900')).rejects.toThrow('24 numbers');
    await expect(vectors('--data', data, '--out', at('y'), '--sizes', 'small')).rejects.toThrow(
      'whole numbers',
    );
    const empty = csv('empty.csv', [['query', 'passage'], pairs[0]!]);
    await expect(vectors('--data', empty, '--out', at('z'))).rejects.toThrow('Fewer than two rows');
  });

  test.each(['vectors', 'reranker'] as const)(
    '%s, stopped after a step, keeps what it learned',
    async (what) => {
      const data = csv('stopped.csv', [['query', 'passage'], ...pairs]);
      const given = { data, model: encoder, out: at(`stopped-${what}`), passes: 9, heldOut: 5, threads: 1 };
      const config = parserOf(what === 'vectors' ? VECTOR_SETTINGS : RERANKER_SETTINGS)(given) as never;
      const stop = new AbortController();
      const emit = (event: object) => void ('detail' in event && event.detail === 'Training' && stop.abort());
      const train = what === 'vectors' ? trainVectorsRun : trainRerankerRun;
      const result = await train(config, { emit, stop: stop.signal });
      expect(result.steps).toBe(1);
      expect(result.plannedSteps).toBeGreaterThan(20);
      const [before, after] = [await openTextVectors(encoder, 1), await openTextVectors(given.out, 1)];
      const name = 'encoder.layer.1.output.dense.weight';
      expect(await after.weights.read(name)).not.toEqual(await before.weights.read(name));
      await Promise.all([before.close(), after.close()]);
      const text = trainedText(
        { ...result, found: null, score: null, rival: null },
        { trainer: what, config, order: '' },
      );
      expect(text).toMatch(/^Stopped +after 1 of \d+ steps$/m);
      expect(text).toMatch(/^Measured +nothing: it was stopped$/m);
      expect(text).toMatch(
        new RegExp(
          `To go on from there:\n  fettle ${what} --data .*stopped.csv --model .*stopped-${what} --out`,
        ),
      );
    },
  );
});

describe('an encoder out of a GGUF file', () => {
  test('is trained to a folder, which is trained further', async () => {
    const data = csv('gguf-pairs.csv', [['query', 'passage'], ...pairs]);
    const gguf = path.join(import.meta.dirname, '../../golden/data/encoder-gguf/bert.gguf');
    const how = ['--passes', '1', '--held-out', '15', '--json'];
    const { code, text } = await vectorsOf(gguf, '--data', data, '--out', at('of-gguf'), ...how);
    expect(code).toBe(0);
    expect(JSON.parse(text).found.by.at(-1).encoder).toBe('after');
    const names = [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'modules.json',
      '1_Pooling/config.json',
    ];
    expect(await readdir(at('of-gguf'), { recursive: true })).toEqual(expect.arrayContaining(names));
    expect((await vectorsOf(at('of-gguf'), '--data', data, '--out', at('again-gguf'), ...how)).code).toBe(0);
  });
});
