/** Models that sentence-transformers saved to make vectors (make/make_sentence_decoder.py): vectors on every executor, other values, exports. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promptFor } from '../../main/engine/eval/vectors/prompts.ts';
import { openTextVectors, TextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { openExecutor, openForeign } from '../../main/engine/exec/registry.ts';
import { writeSentenceFolder } from '../../main/engine/export/reading/folder.ts';
import { encoderOnnx } from '../../main/engine/export/reading/onnx.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import { encoderFiles, encoderIn, folderOf } from '../../main/engine/load/find-encoders.ts';
import { inspectModel } from '../../main/engine/load/inspect.ts';
import { openEncoder } from '../../main/engine/load/open-encoder.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { writeEncoder } from '../../main/engine/load/write-encoder.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { encoderIn as hubEncoderIn } from '../../main/hub/local.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { difference } from './compare.ts';

const scratch = temporaryFolder();
afterAll(scratch.remove);
const cache = path.join(scratch.folder, 'cache');

interface Known {
  readonly text: string;
  readonly query: readonly number[];
  readonly document: readonly number[];
}

/** A parameter of each that is given other values, and what is said of the model. */
const CASES = {
  qwen3: {
    family: 'qwen3',
    name: 'model.norm.weight',
    says: { pooling: 'lasttoken', 'vectors of length one': true },
  },
  // a token sees those around it, and the mean goes through two layers, as EmbeddingGemma's
  gemma3: {
    family: 'gemma3_text',
    name: '3_Dense.linear.weight',
    says: { pooling: 'mean', 'layers behind pooling': 2 },
  },
  // with a bias and tanh, and vectors of another length, as distiluse's
  'bert-dense': {
    family: 'bert',
    name: '2_Dense.linear.bias',
    says: { 'layers behind pooling': 1, 'vectors of length one': false },
  },
} as const;

describe.each(Object.entries(CASES))('%s', (one, { family, name, says }) => {
  const model = path.join(scratch.folder, one);
  let known: readonly Known[] = [];
  beforeAll(() => {
    cpSync(path.join(import.meta.dirname, 'data/sentences', one), model, { recursive: true });
    known = JSON.parse(readFileSync(path.join(model, 'vectors.json'), 'utf8'));
  });
  const near = (own: readonly Float32Array[], use: 'query' | 'document') =>
    Math.max(...own.map((vector, i) => difference(vector, Float32Array.from(known[i]![use]))));

  it.each(EXACT_EXECUTORS)(
    'on %s has the vectors of sentence-transformers, alone and among others, by prompt',
    async (executor) => {
      const vectors = await TextVectors.open(model, await openExecutor(executor, { threads: 1 }), cache);
      try {
        for (const use of ['query', 'document'] as const) {
          const prompt = promptFor(use, vectors.prompts)!;
          const texts = known.map(({ text }) => text);
          expect(near(await vectors.of(texts, { prompt }), use)).toBeLessThan(1e-5);
          const alone = [];
          for (const text of texts) alone.push(...(await vectors.of([text], { prompt })));
          expect(near(alone, use)).toBeLessThan(1e-5);
        }
        expect(vectors.maxTokens).toBe(64);
      } finally {
        await vectors.close();
      }
    },
  );

  it('is known as a model that makes vectors', async () => {
    expect(await encoderIn(model)).toMatchObject({ path: model });
    expect(await hubEncoderIn(model)).toBe('known');
    const found = await inspectModel(model);
    expect({ reads: found.reads, family: found.family }).toEqual({ reads: true, family });
    expect(found.config).toMatchObject(says);
    expect(found.config).not.toHaveProperty('settings not known');
    if (one !== 'bert-dense') expect(found.config).not.toHaveProperty('tensors not used');
  });

  it('is written with other values, and saved for sentence-transformers, each opened again', async () => {
    const [to, saved] = ['written', 'saved'].map((folder) => path.join(scratch.folder, `${one}-${folder}`));
    const opened = await openEncoder(model);
    const { shape } = opened.outline.parameters.get(name)!;
    const values = new Map([[name, Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + 1))]]);
    await writeEncoder(model, to!, values);
    mkdirSync(saved!);
    const weights = await prepareWeights(opened, cache);
    await writeSentenceFolder({ opened, weights, prompt: '', head: null }, saved!);
    const [own, written, again] = await Promise.all(
      [model, to!, saved!].map((folder) => openTextVectors(folder, 1)),
    );
    const texts = known.map(({ text }) => text);
    const far = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
      Math.max(...a.map((vector, i) => difference(vector, b[i]!)));
    expect(far(await written!.of(texts), await own!.withValues(values).of(texts))).toBeLessThan(1e-6);
    expect(far(await again!.of(texts), await own!.of(texts))).toBe(0);
    expect(far(await written!.of(texts), await own!.of(texts))).toBeGreaterThan(0.01);
    // a sorter that was trained on it finds it again by all of its files
    const about = { name: one, files: await encoderFiles(saved!) };
    expect(about.files.filter(({ name: file }) => file.includes('_Dense/'))).toHaveLength(
      2 * (opened.encoder.dense?.length ?? 0),
    );
    expect(await folderOf(about, model)).toBe(model);
    await expect(folderOf(about, to!, async () => [])).rejects.toMatchObject({ code: 'no-encoder' });
    await Promise.all([own!.close(), written!.close(), again!.close(), opened.store.close()]);
  });

  it('is an ONNX file of any number and length of texts', async () => {
    const opened = await openEncoder(model);
    const vectors = await openTextVectors(model, 1);
    try {
      const weights = await prepareWeights(opened, cache);
      const bytes = await encoderOnnx({ opened, weights, prompt: '', head: null }, 'f32');
      const file = path.join(scratch.folder, `${one}.onnx`);
      writeFileSync(file, bytes);
      const session = await openForeign(file, 1);
      const { width } = vectors;
      const prompt = promptFor('document', vectors.prompts)!;
      const ids = known.map(({ text }) => vectors.idsOf(text, { prompt }));
      const { sentence_embedding: found } = await session.run(ids);
      expect(
        near(
          ids.map((_, i) => found!.slice(i * width, (i + 1) * width)),
          'document',
        ),
      ).toBeLessThan(1e-5);
      await session.close();
    } finally {
      await vectors.close();
      await opened.store.close();
    }
  });
});

it('one that reads both ways is refused where a model has to write', async () => {
  const config = JSON.parse(
    readFileSync(path.join(import.meta.dirname, 'data/sentences/gemma3/config.json'), 'utf8'),
  );
  expect(() => readModel(config)).toThrow(/looks ahead in the text/);
});
