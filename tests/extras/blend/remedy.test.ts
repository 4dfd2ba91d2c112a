/** A blend as what helps against forgetting: where it stands among the others, and what it changes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { remediesFor, writeRemedies } from '../../../main/engine/eval/assess/remedies.ts';
import { type Case, config, evidence, FALLING, FILES, forgot, free } from '../../helpers/remedy-evidence.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const namesOf = (one: Case) => remediesFor(evidence(one)).map(({ name }) => name);
const blended = parseRunConfig({ ...FILES, blend: { of: '/runs/first', strength: 0.7 } });

it.each<[what: string, evidence: Case, names: readonly string[]]>([
  ['a blend that forgot nothing', { points: FALLING, config: blended }, []],
  ['a model that sorts forgot', { verdict: forgot, points: FALLING }, ['more-passes', 'replay', 'blend']],
  [
    'a model that talks forgot',
    { verdict: forgot, points: FALLING, figures: free },
    ['replay', 'blend', 'more-passes'],
  ],
  [
    'it forgot with general rows',
    { verdict: forgot, figures: free, config: { ...config, replay: 0.1 } },
    ['blend', 'larger-model'],
  ],
])('%s', (_, one, names) => {
  expect(namesOf(one)).toEqual(names);
});

describe('what it changes', () => {
  it('of a blend is less of the same training', () => {
    const changes = (one: RunConfig) =>
      remediesFor(evidence({ verdict: forgot, figures: free, config: one })).find(
        ({ name }) => name === 'blend',
      )!.changes;
    expect(changes(config)).toEqual({ blend: { of: config.out, strength: 0.7 } });
    expect(changes(blended)).toEqual({ blend: { of: '/runs/first', strength: 0.49 } });
  });

  it('with general rows is a training again', async () => {
    const others = remediesFor(evidence({ verdict: forgot, figures: free, config: blended }));
    const written = await writeRemedies(blended, path.join(folder, 'blend'), others);
    const saved = written.flatMap(({ name, file }) =>
      file === null ? [] : [[name, 'blend' in JSON.parse(readFileSync(file, 'utf8'))]],
    );
    expect(Object.fromEntries(saved)).toEqual({ replay: false, blend: true });
  });
});
