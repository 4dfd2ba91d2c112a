/** Exports of sorters and encoders, each loaded back by the program that it is for: onnxruntime, llama.cpp, Fettle, and sort.mjs. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExportResult } from '../../common/protocol/protocol.ts';
import { parseExportConfig, parseSorterConfig } from '../../main/engine/config/config.ts';
import { headAnswerScores, trainAnswerHead } from '../../main/engine/eval/rivals/answer-head.ts';
import { headOf } from '../../main/engine/eval/vectors/reranker.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { openForeign } from '../../main/engine/exec/registry.ts';
import { encoderOnnx } from '../../main/engine/export/reading/onnx.ts';
import { headChances, linearHead } from '../../main/engine/export/reading/reading.ts';
import { rerankerIn } from '../../main/engine/load/find-encoders.ts';
import { openEncoder } from '../../main/engine/load/open-encoder.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { writeReranker } from '../../main/engine/load/write-encoder.ts';
import { exportRun } from '../../main/engine/session/export.ts';
import { trainSorterRun } from '../../main/engine/session/sorter.ts';
import { SENTENCE_MODULES, TINY_ENCODERS, writeTinyEncoder } from '../helpers/tiny-encoder.ts';
import { townTable } from '../helpers/town-rows.ts';

const quiet = { emit: () => {}, stop: new AbortController().signal };
let folder = '';
const file = (...names: string[]) => path.join(folder, ...names);
const known = { ...process.env };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-export-reading-test-'));
  process.env.FETTLE_HOME = file('home');
  process.env.HF_HUB_CACHE = file('hub');
  delete process.env.FETTLE_MODELS;
  await writeFile(file('letters.csv'), townTable());
  await writeTinyEncoder(file('encoder'), 'bert', { 'modules.json': SENTENCE_MODULES });
  for (const by of ['words', 'vectors'])
    await trainSorterRun(
      parseSorterConfig({
        ...{ data: file('letters.csv'), heldOut: 0.25, threads: 1, by, out: file(by) },
        ...(by === 'vectors' && { encoder: file('encoder') }),
      }),
      quiet,
    );
});
afterAll(async () => {
  process.env = known;
  await rm(folder, { recursive: true, force: true });
});

const exported = (given: Readonly<Record<string, unknown>>): Promise<ExportResult> =>
  exportRun(parseExportConfig({ threads: 1, ...given }), quiet);

const TEXTS = [
  'Who fixes the pothole?',
  'A much longer letter about street lights, bins, trees and a fence that fell over in the storm last night.',
  'ok',
  'naïve café, 日本語!',
];

describe('a sorter by vectors', () => {
  test.each([
    ['onnx', 'f32', 'onnxruntime'],
    ['gguf', 'f32', 'llama.cpp'],
    ['safetensors', 'f32', 'fettle'],
  ])('as %s gives all test rows their category, and the same vectors', async (as, type, by) => {
    const out = file(`sorter-${as}${as === 'gguf' ? '.gguf' : ''}`);
    const given = as === 'safetensors' ? {} : { type };
    const { proof, files, type: written } = await exported({ run: file('vectors'), as, out, ...given });
    expect(written).toBe(type);
    expect(proof).toMatchObject({
      by,
      promptSource: 'held-out rows',
      prompts: 40,
      equalAnswers: 40,
      sorts: true,
    });
    expect(proof.leastCosine).toBeGreaterThan(1 - 1e-4);
    expect(proof.maxLogProbDrift).toBeLessThan(0.01);
    for (const one of files) expect((await stat(one)).isFile()).toBe(true);
  });

  test('in 8 bits takes a fraction of the room, and says how far vectors agree', async () => {
    const { proof, proved, bytes } = await exported({
      ...{ run: file('vectors'), as: 'onnx', type: 'int8', out: file('sorter-int8') },
    });
    expect(proof.leastCosine).toBeGreaterThan(0.99);
    expect(proof.leastCosine).toBeLessThan(1 - 1e-7);
    expect(proved).toMatch(/of 40 test rows are sorted the same: loaded back by onnxruntime/);
    const model = (at: string) => stat(file(at)).then(({ size }) => size);
    expect(await model('sorter-int8/onnx/model_quantized.onnx')).toBeLessThan(
      0.6 * (await model('sorter-onnx/onnx/model.onnx')),
    );
    expect(bytes).toBeGreaterThan(0);
  });

  test('names its categories where Transformers.js looks for them, and cuts texts where the encoder does', async () => {
    const json = async (name: string) => JSON.parse(await readFile(file('sorter-onnx', name), 'utf8'));
    const { id2label } = await json('config.json');
    const { answers } = JSON.parse(await readFile(file('vectors/head.json'), 'utf8'));
    expect(Object.values(id2label)).toEqual(answers);
    expect((await json('tokenizer_config.json')).model_max_length).toBe(300);
    expect(await readdir(file('sorter-onnx'))).toContain('README.md');
  });

  test('says that GGUF and Transformers have no place for its head, which lies beside', async () => {
    const out = file('noted.gguf');
    const { notes, files } = await exported({ run: file('vectors'), as: 'gguf', type: 'f16', out });
    expect(notes.join()).toMatch(/no place for a head/);
    expect(files.map((one) => path.basename(one))).toContain('noted.head.json');
  });

  test('is refused in forms that have no place for it', async () => {
    const run = file('vectors');
    await expect(exported({ run, as: 'peft', out: file('no') })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(exported({ run, as: 'json', out: file('no') })).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(exported({ run, as: 'gguf', type: 'q4_0', out: file('no') })).rejects.toThrow(/not among/);
    expect(() => parseExportConfig({ run, as: 'onnx', type: 'f16', out: file('no') })).toThrow();
    expect(() => parseExportConfig({ run, as: 'gguf', type: 'int8', out: file('no') })).toThrow();
    await expect(stat(file('no'))).rejects.toThrow();
  });
});

describe('an encoder out of a GGUF file', () => {
  test('sorts, is trained with its sorter, and is saved in every form', async () => {
    const gguf = file('from.gguf');
    await exported({ model: file('encoder'), as: 'gguf', type: 'f32', out: gguf });
    const run = { data: file('letters.csv'), heldOut: 0.25, threads: 1, encoder: gguf };
    for (const by of ['vectors', 'trained'] as const) {
      const out = file(`gguf-${by}`);
      await trainSorterRun(parseSorterConfig({ ...run, by, out }), quiet);
      for (const [as, type] of [['safetensors'], ['onnx', 'f32'], ['gguf', 'f32']]) {
        const to = file(`gguf-${by}-${as}${as === 'gguf' ? '.gguf' : ''}`);
        const { proof } = await exported({ run: out, as, out: to, ...(type && { type }) });
        expect(proof).toMatchObject({ prompts: 40, equalAnswers: 40 });
        expect(proof.leastCosine).toBeGreaterThan(1 - 1e-4);
      }
    }
    const alone = await exported({ model: gguf, as: 'safetensors', out: file('from-gguf') });
    expect(alone).toMatchObject({ type: 'f32', proof: { by: 'fettle' } });
  });
});

describe('a word counter', () => {
  test('is one JSON with programs that give all test rows their category', async () => {
    const { proof } = await exported({ run: file('words'), as: 'json', out: file('counter') });
    expect(proof).toMatchObject({ by: 'sort.mjs', prompts: 40, equalAnswers: 40, sorts: true });
    const said = execFileSync(process.execPath, [file('counter/sort.mjs'), TEXTS[0]!], { encoding: 'utf8' });
    expect(JSON.parse(said)).toHaveProperty('category');
    await expect(exported({ run: file('words'), as: 'onnx', out: file('no') })).rejects.toThrow(/JSON/);
  });
});

describe.each(TINY_ENCODERS)('a reranker on %s', (kind) => {
  const at = (name: string) => file(`reranker-${kind}-${name}`);
  beforeAll(async () => {
    await writeTinyEncoder(at('encoder'), kind);
    const opened = await openEncoder(at('encoder'));
    const { head, values } = await headOf(opened, 3);
    // a head of small numbers would hide differences
    const large = new Map([...values].map(([name, own]) => [name, own.map((value) => 5 * value)]));
    await opened.store.close();
    await writeReranker(at('encoder'), at('own'), { head, values: large, maxTokens: 60 });
  });

  test.each([
    ['onnx', { type: 'f32' }, 'onnxruntime', 1e-4],
    ['onnx', { type: 'int8' }, 'onnxruntime', 1],
    ['safetensors', {}, 'fettle', 1e-6],
  ])('as %s %o gives pairs of texts their scores', async (as, type, by, far) => {
    const out = at(`${as}-${Object.values(type).join()}`);
    const { proof, next, notes } = await exported({ model: at('own'), as, out, ...type });
    expect(proof).toMatchObject({ by, promptSource: 'neutral texts', prompts: 64, equalAnswers: 64 });
    expect(proof.maxLogProbDrift).toBeLessThan(far);
    expect(next[0]!.command).toMatch(as === 'onnx' ? /text_pair/ : /CrossEncoder/);
    expect(notes).toEqual([]);
    const names = await readdir(out);
    expect(names).not.toContain('modules.json');
    expect(await readFile(path.join(out, 'README.md'), 'utf8')).toContain('pipeline_tag: text-ranking');
  });

  test('as GGUF gives them through llama.cpp, where that computes such a model', async () => {
    const out = at('own.gguf');
    const asked = { model: at('own'), as: 'gguf', type: 'f32', out } as const;
    if (kind !== 'xlm_roberta') return await expect(exported(asked)).rejects.toThrow(/types|modernbert/);
    const { proof, next } = await exported(asked);
    expect(proof).toMatchObject({ by: 'llama.cpp', prompts: 64, equalAnswers: 64 });
    expect(next[0]!.command).toContain('--reranking');
    expect(await rerankerIn(out)).toMatchObject({ path: out });
    for (const [as, type] of [['onnx', 'f32'], ['safetensors'], ['gguf', 'q8_0']] as const) {
      const again = at(`again-${as}${as === 'gguf' ? '.gguf' : ''}`);
      const { proof } = await exported({ model: out, as, out: again, ...(type && { type }) });
      expect(proof.equalAnswers).toBe(64);
    }
  });
});

describe('an encoder alone', () => {
  test.each(TINY_ENCODERS)(
    '%s as ONNX gives its vectors, texts of any length beside each other',
    async (kind) => {
      const own = file(`alone-${kind}`);
      await writeTinyEncoder(own, kind);
      const out = file(`alone-${kind}-onnx`);
      const { proof } = await exported({ model: own, as: 'onnx', out });
      expect(proof.leastCosine).toBeGreaterThan(1 - 1e-6);
      expect(proof).toMatchObject({ promptSource: 'neutral texts', equalAnswers: proof.prompts });
      const vectors = await openTextVectors(own, 1);
      const before = await vectors.of(TEXTS);
      const model = await openForeign(path.join(out, 'onnx/model.onnx'), 1);
      const { sentence_embedding: found } = await model.run(TEXTS.map((text) => vectors.idsOf(text)));
      for (const [i, value] of before.flatMap((vector) => [...vector]).entries())
        expect(found![i]).toBeCloseTo(value, 4);
      await model.close();
      await vectors.close();
    },
  );

  test.each(['cls', 'lasttoken', 'mean_sqrt_len_tokens', 'weightedmean', 'mean'])(
    'pooled by %s is pooled so in ONNX and in a folder',
    async (pooling_mode) => {
      const own = file(`pooled-${pooling_mode}`);
      const files = { 'modules.json': SENTENCE_MODULES, '1_Pooling/config.json': { pooling_mode } };
      await writeTinyEncoder(own, 'bert', files);
      for (const as of ['onnx', 'safetensors']) {
        const { proof } = await exported({ model: own, as, out: file(`pooled-${pooling_mode}-${as}`) });
        expect(proof.leastCosine).toBeGreaterThan(1 - 1e-6);
      }
    },
  );

  test('XLM-RoBERTa as GGUF gives its vectors through llama.cpp, and here again', async () => {
    const [out, own] = [file('xlm.gguf'), file('xlm-own')];
    await writeTinyEncoder(own, 'xlm_roberta');
    const { proof } = await exported({ model: own, as: 'gguf', type: 'f32', out });
    expect(proof.leastCosine).toBeGreaterThan(1 - 1e-5);
    const [before, after] = await Promise.all([own, out].map((place) => openTextVectors(place, 1)));
    const texts = ['Wo ist  mein Paket?', 'naïve café, 12.50 €, 日本語', ' ﬁve½ '];
    expect(texts.map((text) => after!.idsOf(text))).toEqual(texts.map((text) => before!.idsOf(text)));
    await Promise.all([before!.close(), after!.close()]);
  });

  test('of another family than BERT is refused as GGUF', async () => {
    await expect(
      exported({ model: file('alone-modernbert'), as: 'gguf', out: file('modern.gguf') }),
    ).rejects.toThrow(/modernbert/);
  });

  test('as ONNX uses standard operations alone', async () => {
    const opened = await openEncoder(file('alone-modernbert'));
    const weights = await prepareWeights(opened, file('cache'));
    const bytes = await encoderOnnx({ opened, weights, prompt: '', head: null }, 'f32');
    await opened.store.close();
    const text = Buffer.from(bytes).toString('latin1');
    for (const name of ['FusedMatMul', 'RotaryEmbedding', 'QuickGelu', 'SimplifiedLayerNormalization'])
      expect(text).not.toContain(name);
  });
});

test('a head of several parts is one product, and never gives what no row taught', () => {
  const answers = ['{"a":"x","b":"1"}', '{"a":"x","b":"2"}', '{"a":"y","b":"1"}', '{"a":"z","b":"1"}'];
  const vectors = Array.from({ length: 24 }, (_, i) =>
    Float32Array.from({ length: 5 }, (__, k) => Math.sin(i * (k + 1)) + (i % 3 === k ? 2 : 0)),
  );
  const taught = vectors.map((_, i) => ({ text: String(i), answer: answers[i % 3]! }));
  const head = trainAnswerHead(answers, taught, vectors)!;
  const one = linearHead(head, 0.7);
  for (const [i, scores] of headAnswerScores(head, vectors).entries()) {
    const found = headChances(one, vectors[i]!).map(Math.log);
    const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score / 0.7), 0));
    for (const answer of [0, 1, 2]) expect(found[answer]).toBeCloseTo(scores[answer]! / 0.7 - total, 4);
    expect(found[3]).toBeLessThan(-1e6);
  }
});
