/** Every family with every method: adapters on quantised weights with magnitudes and new tokens, and all weights. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../main/engine/config/config.ts';
import { train } from '../../main/engine/session/session.ts';
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

/** Gemma 4 has an embedding for each layer, in which new tokens would have no rows. */
const REFUSED: Readonly<Partial<Record<TinyFamily, RegExp>>> = {
  gemma4: /New tokens can't be added/,
};
const NEWER = TINY_FAMILIES.filter(
  (family) => !['gpt2', 'llama', 'mistral', 'qwen2', 'qwen3', 'smollm2'].includes(family),
);

const LORA = { rank: 4 };

async function trained(family: TinyFamily, name: string, settings: Record<string, unknown>) {
  const model = await writeTinyModel(path.join(folder, family), family);
  const config = parseRunConfig({
    ...{ model, data, out: path.join(folder, `${family}-${name}`), maxLength: 64, threads: 1 },
    ...{ maxSteps: 6, heldOut: 0, assess: false, ...settings },
  });
  const losses: number[] = [];
  const emit = (event: EngineEvent) => {
    if (event.event === 'step') losses.push(event.loss);
  };
  const end = await train(config, { emit, stop: new AbortController().signal, resume: false });
  return { end, losses };
}

/** The run has ended well, and its loss has fallen. */
function expectLearned({ end, losses }: Awaited<ReturnType<typeof trained>>): void {
  expect(losses).toHaveLength(6);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  expect(end).toMatchObject({ event: 'done', result: expect.any(String) });
}

it.each(NEWER)('%s: adapters with magnitudes on 4 bits, recomputed', async (family) => {
  const lora = { ...LORA, dora: true };
  expectLearned(
    await trained(family, 'qlora', { method: 'qlora', lora, learningRate: 0.01, recompute: 'block' }),
  );
  expect(readdirSync(path.join(folder, `${family}-qlora`, 'adapter'))).toContain('adapter_model.safetensors');
});

it.each(NEWER)('%s: new tokens beside adapters, or a refusal', async (family) => {
  const ended = trained(family, 'tokens', { lora: LORA, learningRate: 0.01, newTokens: ['meow'] });
  if (REFUSED[family]) await expect(ended).rejects.toThrow(REFUSED[family]);
  else expectLearned(await ended);
});

it.each(NEWER)('%s: all weights', async (family) => {
  expectLearned(await trained(family, 'full', { method: 'full', learningRate: 1e-3, recompute: 'block' }));
});
