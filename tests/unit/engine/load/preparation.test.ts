/** What is prepared before a run is what `prepareWeights` then writes, and nothing where that has been done. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { baseFormat, parseRunConfig } from '../../../../main/engine/config/config.ts';
import { halvesPromised } from '../../../../main/engine/load/halved-weights.ts';
import { openModel } from '../../../../main/engine/load/open-model.ts';
import { preparationOf, prepareWeights, promisedPreparation } from '../../../../main/engine/load/weights.ts';
import { cacheFolder } from '../../../../main/paths.ts';
import { CONFIGS, writeHollowModel } from '../../../bench/hollow-model.ts';
import { temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
let model: string;
beforeAll(async () => {
  model = await writeTinyModel(path.join(folder, 'model'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(remove);

const configOf = (more: object) =>
  parseRunConfig({ model, data: 'rows', out: path.join(folder, 'out'), ...more });

describe('preparationOf', () => {
  it.each([
    ['int4', { method: 'qlora' }, 'integerWeights'],
    ['int8', { method: 'qlora', bits: 8 }, 'integerWeights'],
    ['nf4', { method: 'qlora', quant: 'nf4' }, 'nf4Weights'],
  ] as const)('predicts the file of weights in %s, once', async (name, settings, kind) => {
    vi.stubEnv('FETTLE_HOME', path.join(folder, name));
    const config = configOf(settings);
    const opened = await openModel(model);
    const found = (await preparationOf(config, opened))!;
    expect(found[kind]).toBeGreaterThan(0.5 * opened.outline.parameterCount);
    const all = found.convertedWeights + found.integerWeights + found.nf4Weights;
    expect(all).toBe(opened.outline.parameterCount);
    expect(found.freeBytes).toBeGreaterThan(0);
    const { cacheFile } = await prepareWeights(
      opened,
      path.join(cacheFolder(), 'weights'),
      undefined,
      baseFormat(config),
    );
    // the file has a header besides
    const written = statSync(cacheFile!).size;
    expect(written).toBeGreaterThan(found.writtenBytes);
    expect(written).toBeLessThan(found.writtenBytes + 30_000);
    expect(await preparationOf(config, opened)).toBeNull();
    await opened.store.close();
  });

  it('is nothing where the files are mapped as they are', async () => {
    const opened = await openModel(model);
    expect(await preparationOf(configOf({ method: 'lora' }), opened)).toBeNull();
    await opened.store.close();
  });
});

describe('promisedPreparation', () => {
  const SETTINGS = {
    'LoRA in float32': { method: 'lora' },
    'LoRA in 16 bits': { method: 'lora', bits: 16 },
    'full fine-tuning': { method: 'full' },
    'QLoRA in 4 bits': { method: 'qlora' },
    'QLoRA in 8 bits': { method: 'qlora', bits: 8 },
    'QLoRA in NF4': { method: 'qlora', quant: 'nf4' },
  };

  it.each(Object.entries(SETTINGS))(
    'says of a model that is not here what is then found: %s',
    async (name, settings) => {
      vi.stubEnv('FETTLE_HOME', path.join(folder, `promised ${name}`));
      const shape = { ...CONFIGS['llama-1b'], num_hidden_layers: 2, vocab_size: 4096 };
      const opened = await openModel(writeHollowModel(path.join(folder, name), shape));
      const { config, model, outline } = opened;
      const promised = { model, outline, halves: halvesPromised(config, outline) };
      expect(promised.halves.size).toBe(outline.parameters.size);
      const found = await preparationOf(configOf(settings), opened);
      expect(await promisedPreparation(configOf(settings), promised)).toEqual(
        found && { ...found, freeBytes: expect.any(Number) },
      );
      expect(found === null).toBe(name === 'LoRA in 16 bits');
      await opened.store.close();
    },
  );
});
