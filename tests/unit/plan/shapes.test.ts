/** Shapes are right when the weights that follow from them are those that the catalog counts, to the last one. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CasePrice } from '../../../common/protocol/protocol.ts';
import type { JsonObject } from '../../../main/engine/models/config-reader.ts';
import { outline } from '../../../main/engine/models/model.ts';
import { readModel } from '../../../main/engine/models/registry.ts';
import { readCatalog } from '../../../main/hub/catalog.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { configOf, parametersOf, shapeOf, typicalShape } from '../../../main/plan/shapes.ts';
import { catalogModel } from '../../../main/plan/situation-for.ts';
import { examplePrices } from '../../helpers/example-prices.ts';

const catalog = await readCatalog(resourcesFolder());

describe('the shapes of known models', () => {
  it.each(catalog.map(({ repo, parameters }) => [repo, parameters] as const))('%s', (repo, parameters) => {
    const shape = shapeOf(repo);
    expect(shape && parametersOf(shape)).toBe(parameters);
  });

  it.each(catalog.map(({ repo, parameters }) => [repo, parameters] as const))(
    '%s has a config.json that the engine reads',
    (repo, parameters) => {
      const shape = shapeOf(repo)!;
      const model = readModel(configOf(shape) as JsonObject);
      expect(outline(model).parameterCount).toBe(parameters);
      expect(model).toMatchObject({ modelType: shape.kind, layers: shape.layers, kvHeads: shape.keyHeads });
    },
  );

  it.each(catalog.map(({ repo, parameters, bytes }) => [repo, bytes / parameters] as const))(
    '%s promises files of as many bytes a weight as the catalog counts',
    (repo, bytesEach) => {
      const { stored } = shapeOf(repo)!;
      expect(stored === 'float32').toBe(bytesEach > 3);
    },
  );

  it.each([
    ['openai-community/gpt2', 1024],
    ['HuggingFaceTB/SmolLM2-135M', 8192],
    ['Qwen/Qwen2.5-0.5B', 32_768],
    ['Qwen/Qwen2.5-1.5B', 131_072],
    ['Qwen/Qwen2.5-1.5B-Instruct', 32_768],
    ['Qwen/Qwen3-0.6B', 40_960],
    ['meta-llama/Llama-3.2-1B', 131_072],
    ['mistralai/Mistral-7B-Instruct-v0.3', 32_768],
  ])('%s reads %d tokens at once', (repo, positions) => {
    expect(readModel(configOf(shapeOf(repo)!) as JsonObject).maxPositions).toBe(positions);
  });

  it('have long rows priced as they are: Qwen2.5 0.5B reads 16,384 tokens in one row', async () => {
    const settings = { method: 'lora', trainOn: 'all', heldOut: 0, assess: false, maxLength: 16_384 };
    const rows = { count: 64, tokens: 16_384, labelled: 16_384 };
    const [price] = await examplePrices([{ model: catalogModel('Qwen/Qwen2.5-0.5B')!, settings, rows }]);
    expect([price!.rowsPerBatch, price!.rowLength]).toEqual([1, 16_384]);
  });

  it.each(['lora', 'full'])('have the price of the same model on the disk, with %s', async (method) => {
    const settings = { method, trainOn: 'all', heldOut: 0, assess: false, maxLength: 512 };
    const bits = method === 'lora' ? { bits: 16 } : {};
    const model = { path: path.join(resourcesFolder(), 'practice-model') };
    const rows = { count: 64, tokens: 512, labelled: 512 };
    const [byShape, byFiles] = await examplePrices(
      [catalogModel('fettle/practice-model')!, model].map((one) => ({
        model: one,
        settings: { ...settings, ...bits },
        rows,
      })),
    );
    // what is free on the disk changes while other programs write
    const steady = ({ preparation, ...price }: CasePrice) => ({
      ...price,
      preparation: preparation && { ...preparation, freeBytes: null },
    });
    expect(steady(byShape!)).toEqual(steady(byFiles!));
    expect(byShape!.rowLength).toBe(256);
  });

  it('are not made up for others', () => {
    expect(shapeOf('someone/something')).toBeNull();
  });
});

describe('the shape for a number of parameters', () => {
  it.each([
    [124e6, 'GPT-2'],
    [1.5e9, 'GPT-2 xl'],
    [7e9, 'Llama 2 7B'],
    [13e9, 'Llama 2 13B'],
    [70e9, 'Llama 2 70B'],
    [1e12, 'Llama 3.1 405B'],
  ])('%d is that of %s', (parameters, name) => {
    expect(typicalShape(parameters).name).toBe(name);
  });
});
