/** No key of config.json differs silently: each is read as Transformers reads it, refused by name, without effect there too, or named as unknown. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/errors.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { keysNotKnown } from '../../main/engine/models/registry.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { readJson, referenceCases } from './case.ts';
import { ChangedModel, TRIED, triedOf } from './config-keys.ts';

const families = referenceCases().filter(([, folder]) => path.basename(path.dirname(folder)) === 'families');

it('every family was tried', () => expect(TRIED).toEqual(families.map(([name]) => name).sort()));

/** Nothing of a configuration that is refused. */
function notKnown(config: JsonObject): readonly string[] {
  try {
    return keysNotKnown(config);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

describe.each(families)('%s', (family, folder) => {
  it('reads every changed configuration as Transformers does, or refuses it by name', async () => {
    const scratch = temporaryFolder();
    const model = await ChangedModel.open(family, await openExecutor('ort', { threads: 1 }), scratch.folder);
    try {
      const { cases } = await triedOf(family);
      expect(cases.length).toBeGreaterThan(500);
      const faults: string[] = [];
      for (const one of cases) {
        const fault = await model.fault(one);
        if (fault !== null) faults.push(`${JSON.stringify(one)}: ${fault}`);
      }
      expect(faults).toEqual([]);
    } finally {
      await model.close();
      scratch.remove();
    }
  });

  it('knows every key that was tried, and names others', async () => {
    const { cases } = await triedOf(family);
    const base = await readJson<JsonObject>(folder, 'config.json');
    const named = cases.flatMap(({ set, effect }) =>
      effect === 'same' ? notKnown({ ...base, ...set }) : [],
    );
    expect([...keysNotKnown(base), ...named]).toEqual([]);
    expect(
      keysNotKnown({ ...base, attention_twist: 2, rope_scaling: { rope_type: 'default', twist: 1 } }),
    ).toEqual(['attention_twist', 'rope_scaling.twist']);
  });
});
