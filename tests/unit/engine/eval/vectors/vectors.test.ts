import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TextVectors } from '../../../../../main/engine/eval/vectors/vectors.ts';
import type { Executor } from '../../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { SENTENCE_MODULES, TINY_ENCODERS, writeTinyEncoder } from '../../../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const scratch = temporaryFolder();
let executor: Executor;
let folders = 0;
beforeAll(async () => {
  executor = await openExecutor('ort', { threads: 1 });
});
afterAll(() => scratch.remove());

async function withVectors<T>(
  files: Readonly<Record<string, unknown>>,
  work: (vectors: TextVectors) => Promise<T>,
  kind: (typeof TINY_ENCODERS)[number] = 'bert',
): Promise<T> {
  const folder = await writeTinyEncoder(path.join(scratch.folder, String(folders++)), kind, files);
  const vectors = await TextVectors.open(folder, executor, path.join(scratch.folder, 'cache'));
  try {
    return await work(vectors);
  } finally {
    await vectors.close();
  }
}

const TEXTS = [
  'How are you?',
  'long '.repeat(900),
  'one two three',
  '',
  'word '.repeat(200),
  'Straße 12',
  'x',
  'a b c d e f g h',
];

test.each(TINY_ENCODERS)('%s: a text has one vector, whoever it shares a row with', async (kind) => {
  await withVectors(
    {},
    async (vectors) => {
      const together = await vectors.of(TEXTS);
      for (const [i, text] of TEXTS.entries()) {
        const [alone] = await vectors.of([text]);
        expect(together[i]!.length).toBe(24);
        expect(together[i]!.some((x) => Math.abs(x) > 0.1)).toBe(true);
        for (const [k, x] of together[i]!.entries()) expect(alone![k]).toBeCloseTo(x, 5);
      }
    },
    kind,
  );
});

describe('settings of sentence-transformers', () => {
  const pooled = (pooling: object, modules = SENTENCE_MODULES.slice(0, 2)) => ({
    'modules.json': modules,
    '1_Pooling/config.json': pooling,
  });
  const vectorOf = (files: Readonly<Record<string, unknown>>, text = 'one two three') =>
    withVectors(files, async (vectors) => (await vectors.of([text]))[0]!);

  test('each way to pool has its own vector, in the older spelling and the newer one', async () => {
    const spellings = [
      ['pooling_mode_mean_tokens', 'mean'],
      ['pooling_mode_cls_token', 'cls'],
      ['pooling_mode_lasttoken', 'lasttoken'],
      ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens'],
      ['pooling_mode_weightedmean_tokens', 'weightedmean'],
    ] as const;
    const all: string[] = [];
    for (const [older, newer] of spellings) {
      const own = await vectorOf(pooled({ [older]: true, pooling_mode_max_tokens: false }));
      expect(await vectorOf(pooled({ pooling_mode: newer }))).toEqual(own);
      all.push(own.join());
    }
    expect(new Set(all).size).toBe(5);
    const [mean, scaled] = [all[0]!.split(',').map(Number), all[3]!.split(',').map(Number)];
    // [CLS] and [SEP] count, too
    const tokens = await withVectors({}, async (vectors) => vectors.idsOf('one two three').length);
    for (const [i, x] of mean.entries()) expect(scaled[i]).toBeCloseTo(x * Math.sqrt(tokens), 4);
    expect(await vectorOf({})).toEqual(Float32Array.from(mean));
  });

  test('a last module makes the length one', async () => {
    const plain = await vectorOf(pooled({ pooling_mode: 'mean' }));
    const unit = await vectorOf(pooled({ pooling_mode: 'mean' }, SENTENCE_MODULES));
    const length = Math.hypot(...plain);
    expect(length).toBeGreaterThan(1.1);
    for (const [i, x] of plain.entries()) expect(unit[i]).toBeCloseTo(x / length, 5);
  });

  test('texts are cut at the length that the model was made for', async () => {
    const long = 'one two three four five six seven eight';
    await withVectors({ 'sentence_bert_config.json': { max_seq_length: 6 } }, async (vectors) => {
      expect(vectors.maxTokens).toBe(6);
      expect(vectors.idsOf(long).length).toBe(6);
    });
    await withVectors({}, async (vectors) => expect(vectors.maxTokens).toBe(300));
  });

  test('prompts stand before a text, the default one by itself', async () => {
    const prompts = { query: 'query: ', passage: 'passage: ' };
    const files = { 'config_sentence_transformers.json': { prompts, default_prompt_name: 'query' } };
    await withVectors(files, async (vectors) => {
      expect(vectors.prompts).toEqual(prompts);
      expect(vectors.idsOf('hello')).toEqual(vectors.idsOf('query: hello', { prompt: '' }));
      const [own] = await vectors.of(['hello'], { prompt: prompts.passage });
      expect(own).toEqual((await vectors.of(['passage: hello'], { prompt: '' }))[0]);
    });
  });

  test.each([
    ['two ways to pool', pooled({ pooling_mode: ['mean', 'cls'] }), /pooled by "mean" and "cls"/],
    ['the largest of each number', pooled({ pooling_mode_max_tokens: true }), /pooled by "max"/],
    [
      'a module that computes',
      {
        'modules.json': [...SENTENCE_MODULES, { path: '3_LSTM', type: 'sentence_transformers.models.LSTM' }],
      },
      /module of the type "LSTM"/,
    ],
    [
      'a way out of the folder',
      { 'modules.json': [SENTENCE_MODULES[0], { ...SENTENCE_MODULES[1], path: '../other' }] },
      /modules\.json is damaged/,
    ],
    ['no list', { 'modules.json': { path: '' } }, /modules\.json is damaged/],
    ['no module of an encoder', { 'modules.json': SENTENCE_MODULES.slice(1) }, /modules\.json is damaged/],
    [
      'vectors without the prompt',
      {
        ...pooled({ pooling_mode: 'mean', include_prompt: false }),
        'config_sentence_transformers.json': { prompts: { q: 'q: ' }, default_prompt_name: 'q' },
      },
      /include_prompt/,
    ],
  ])('%s is refused by name', async (_, files, message) => {
    await expect(vectorOf(files)).rejects.toThrow(message);
  });
});

describe('folders that do not fit', () => {
  const opened = (files: Readonly<Record<string, unknown>>) => withVectors(files, async () => {});

  test('a tokenizer of more tokens than the model has rows is refused', async () => {
    const config = { model_type: 'bert', hidden_size: 24, num_attention_heads: 3, vocab_size: 500 };
    await expect(opened({ 'config.json': config })).rejects.toThrow('knows only 500');
  });

  test('weights of another size are refused', async () => {
    const config = { model_type: 'bert', hidden_size: 48, num_attention_heads: 3, vocab_size: 1400 };
    await expect(opened({ 'config.json': config })).rejects.toThrow(
      /weights of another size|lacks the weights/,
    );
  });

  test('a model that writes is refused by name', async () => {
    await expect(opened({ 'config.json': { model_type: 'llama' } })).rejects.toThrow('are not among bert');
  });
});

test('gives each of several who ask at once their own vectors', async () => {
  await withVectors({}, async (vectors) => {
    const lists = TEXTS.map((text) => [text, `${text} again`]);
    const apart: Float32Array[][] = [];
    for (const texts of lists) apart.push(await vectors.of(texts));
    expect(await Promise.all(lists.map((texts) => vectors.of(texts)))).toEqual(apart);
  });
});

test('stops between batches', async () => {
  await withVectors({}, async (vectors) => {
    const control = new AbortController();
    const texts = Array.from({ length: 2000 }, (_, i) => `text number ${i}`);
    const work = vectors.of(texts, { stop: control.signal, onProgress: () => control.abort() });
    await expect(work).rejects.toThrow(/abort/i);
  });
});
