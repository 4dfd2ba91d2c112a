/** Shapes are right when the weights that follow from them are those that the catalog counts, to the last one. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../main/engine/models/config-reader.ts';
import { outline } from '../../../main/engine/models/model.ts';
import { readModel } from '../../../main/engine/models/registry.ts';
import { readCatalog } from '../../../main/hub/catalog.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { configOf, parametersOf, shapeOf, typicalShape } from '../../../main/plan/shapes.ts';

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
