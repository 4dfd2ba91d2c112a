/** Each family in the registry has reference values, a tiny model that exports and methods are tried on, and its place in the documents. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { FAMILIES, MODEL_TYPES } from '../../../../main/engine/models/registry.ts';
import { referenceCases } from '../../../golden/case.ts';
import { GEMMA4, NEWER } from '../../../helpers/graphs.ts';
import { TINY_FAMILIES } from '../../../helpers/tiny-model.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

const typeOf = (folder: string) =>
  (JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as JsonObject).model_type;

/** The reference case of each family, by its folder's name. */
const cases = new Map(
  referenceCases()
    .filter(([, folder]) => path.basename(path.dirname(folder)) === 'families')
    .map(([name, folder]) => [name, typeOf(folder)]),
);

describe('what is registered is proved and documented', () => {
  it('has reference values, and nothing else has', () => {
    expect([...new Set(cases.values())].sort()).toEqual([...MODEL_TYPES].sort());
  });

  it('has a tiny model of each reference case, which exports and methods are tried on', () => {
    expect([...TINY_FAMILIES].sort()).toEqual([...cases.keys()].sort());
  });

  it('is in the tests of graphs, or among those that these were written for', () => {
    const written = ['gpt2', 'llama', 'mistral', 'qwen2', 'qwen3', GEMMA4.model_type];
    const types = [...written, ...Object.values(NEWER).map((change) => change.model_type)];
    expect(types.sort()).toEqual([...MODEL_TYPES].sort());
  });

  it('is named in the README and among the models, title by title', () => {
    const documents = ['README.md', 'docs/models.md'].map((file) =>
      readFileSync(path.join(ROOT, file), 'utf8'),
    );
    for (const title of FAMILIES.flatMap(({ titles }) => titles))
      for (const text of documents) expect(text).toContain(title);
  });
});
