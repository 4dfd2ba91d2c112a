/** A decoder that sentence-transformers saved to make vectors (make/make_sentence_decoder.py): its vectors on every executor, training, export. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promptFor } from '../../main/engine/eval/vectors/prompts.ts';
import { openTextVectors, TextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { openExecutor, openForeign } from '../../main/engine/exec/registry.ts';
import { encoderOnnx } from '../../main/engine/export/reading/onnx.ts';
import { encoderIn } from '../../main/engine/load/find-encoders.ts';
import { inspectModel } from '../../main/engine/load/inspect.ts';
import { openEncoder } from '../../main/engine/load/open-encoder.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { writeEncoder } from '../../main/engine/load/write-encoder.ts';
import { encoderIn as hubEncoderIn } from '../../main/hub/local.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { difference } from './compare.ts';

const scratch = temporaryFolder();
afterAll(scratch.remove);
const model = path.join(scratch.folder, 'model');
const cache = path.join(scratch.folder, 'cache');

interface Known {
  readonly text: string;
  readonly query: readonly number[];
  readonly document: readonly number[];
}
let known: readonly Known[] = [];

beforeAll(() => {
  cpSync(path.join(import.meta.dirname, 'data/sentences/qwen3'), model, { recursive: true });
  known = JSON.parse(readFileSync(path.join(model, 'vectors.json'), 'utf8'));
});

const near = (own: readonly Float32Array[], use: 'query' | 'document') =>
  Math.max(...own.map((vector, i) => difference(vector, Float32Array.from(known[i]![use]))));

describe.each(EXACT_EXECUTORS)('on %s', (name) => {
  it('has the vectors of sentence-transformers, alone and among others, by prompt', async () => {
    const vectors = await TextVectors.open(model, await openExecutor(name, { threads: 1 }), cache);
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
  });
});

it('is known as a model that makes vectors', async () => {
  expect(await encoderIn(model)).toMatchObject({ path: model });
  expect(await hubEncoderIn(model)).toBe('known');
  const { reads, family, config } = await inspectModel(model);
  expect({ reads, family }).toEqual({ reads: true, family: 'qwen3' });
  expect(config).toMatchObject({ pooling: 'lasttoken', 'vectors of length one': true });
  expect(config).not.toHaveProperty('settings not known');
  expect(config).not.toHaveProperty('tensors not used');
});

it('is written with other values, and opened again', async () => {
  const to = path.join(scratch.folder, 'written');
  const name = 'model.norm.weight';
  const ones = new Float32Array(32).fill(1);
  await writeEncoder(model, to, new Map([[name, ones]]));
  const [before, after] = await Promise.all([model, to].map((folder) => openTextVectors(folder, 1)));
  const texts = known.map(({ text }) => text);
  const wanted = await before!.withValues(new Map([[name, ones]])).of(texts);
  const found = await after!.of(texts);
  expect(Math.max(...found.map((own, i) => difference(own, wanted[i]!)))).toBeLessThan(1e-6);
  await Promise.all([before!.close(), after!.close()]);
});

it('is an ONNX file of any number and length of texts', async () => {
  const opened = await openEncoder(model);
  const vectors = await openTextVectors(model, 1);
  try {
    const weights = await prepareWeights(opened, cache);
    const bytes = await encoderOnnx({ opened, weights, prompt: '', head: null }, 'f32');
    const file = path.join(scratch.folder, 'model.onnx');
    writeFileSync(file, bytes);
    const session = await openForeign(file, 1);
    const width = opened.encoder.hiddenSize;
    const ids = known.map(({ text }) => vectors.idsOf(text));
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
