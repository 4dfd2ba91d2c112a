/** Every family with every method: adapters on quantised weights with magnitudes and new tokens, and all weights layer by layer. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { doneOf, type Ended, fettle } from '../helpers/fettle.ts';
import {
  TINY_FAMILIES,
  type TinyFamily,
  temporaryFolder,
  tinyRows,
  writeRows,
  writeTinyModel,
} from '../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const data = writeRows(path.join(folder, 'rows.jsonl'), tinyRows(24));

/** Gemma 4 has an embedding for each layer, which new tokens would have no rows in, and layers that read each other's keys. */
const REFUSED: Readonly<Partial<Record<TinyFamily, RegExp>>> = {
  gemma4: /New tokens can't be added|layers share keys/,
};
const NEWER = TINY_FAMILIES.filter(
  (family) => !['gpt2', 'llama', 'mistral', 'qwen2', 'qwen3', 'smollm2'].includes(family),
);

async function trained(family: TinyFamily, name: string, flags: readonly string[]): Promise<Ended> {
  const model = await writeTinyModel(path.join(folder, family), family);
  const out = path.join(folder, `${family}-${name}`);
  const usual = [
    '--max-length',
    '64',
    '--threads',
    '1',
    '--max-steps',
    '6',
    '--held-out',
    '0',
    '--no-assess',
    '--json',
  ];
  return await fettle(['train', '--model', model, '--data', data, '--out', out, ...usual, ...flags], {
    env: { FETTLE_HOME: path.join(folder, 'home') },
  });
}

/** The run has ended well, and its loss has fallen. */
function expectLearned(ended: Ended): void {
  const { code, err, events } = ended;
  expect(code, err).toBe(0);
  const losses = events.flatMap((event) => (event.event === 'step' ? [event.loss] : []));
  expect(losses).toHaveLength(6);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  expect(doneOf(ended).result).toBeTruthy();
}

it.each(NEWER)('%s: adapters with magnitudes on 4 bits, recomputed', async (family) => {
  const flags = [
    '--method',
    'qlora',
    '--dora',
    '--rank',
    '4',
    '--learning-rate',
    '0.01',
    '--recompute',
    'block',
  ];
  expectLearned(await trained(family, 'qlora', flags));
  expect(readdirSync(path.join(folder, `${family}-qlora`, 'adapter'))).toContain('adapter_model.safetensors');
});

it.each(NEWER)('%s: new tokens beside adapters, or a refusal', async (family) => {
  const ended = await trained(family, 'tokens', [
    '--learning-rate',
    '0.01',
    '--rank',
    '4',
    '--new-token',
    'meow',
  ]);
  if (!REFUSED[family]) return expectLearned(ended);
  expect(ended.code).not.toBe(0);
  expect(ended.err).toMatch(REFUSED[family]);
});

it.each(NEWER)('%s: all weights, layer by layer, or a refusal', async (family) => {
  const flags = ['--method', 'full', '--learning-rate', '1e-3', '--layerwise-update'];
  const ended = await trained(family, 'full', flags);
  if (REFUSED[family]) {
    expect(ended.code).not.toBe(0);
    expect(ended.err).toMatch(REFUSED[family]);
    expectLearned(await trained(family, 'whole', flags.slice(0, -1)));
  } else expectLearned(ended);
});
