/** The padding token's row learns where the text has it (docs/decisions/0085-padding-token.md); Transformers differs in that row alone. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { openArrays, readJson, readPadded } from './case.ts';
import { difference } from './compare.ts';

const FOLDER = path.join(import.meta.dirname, 'data', 'variations', 'llama-padding');

/** `families.test.ts` holds the engine to `expected.safetensors`. */
it('differs from Transformers in the row of the padding token, which has no gradient there', async () => {
  const { pad_token_id: pad, hidden_size: width } = await readJson<Record<string, number>>(
    FOLDER,
    'config.json',
  );
  const [expected, withoutRow] = await Promise.all(
    ['expected', 'padding'].map((name) => openArrays(path.join(FOLDER, `${name}.safetensors`))),
  );
  const own = await expected!.floats('grad.model.embed_tokens.weight');
  const theirs = await withoutRow!.floats('grad');
  await Promise.all([expected!.close(), withoutRow!.close()]);
  const row = (gradient: Float32Array) => gradient.subarray(pad! * width!, (pad! + 1) * width!);
  expect(row(theirs).every((value) => value === 0)).toBe(true);
  expect(Math.max(...row(own).map(Math.abs))).toBeGreaterThan(0.1);
  row(own).fill(0);
  expect(difference(own, theirs)).toBeLessThan(1e-6);
});

it('has the padding token in its text', async () => {
  const { ids, mask } = await readPadded(FOLDER);
  const { pad_token_id: pad } = await readJson<Record<string, number>>(FOLDER, 'config.json');
  expect(ids.filter((id, i) => id === pad && mask[i] === 1)).toHaveLength(3);
});
