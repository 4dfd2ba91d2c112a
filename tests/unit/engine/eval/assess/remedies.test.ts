import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../../../main/engine/config.ts';
import { remediesFor, writeRemedies } from '../../../../../main/engine/eval/assess/remedies.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const FILES = { model: '/m', data: '/d.jsonl', out: path.join(folder, 'run') };
const config = parseRunConfig({ ...FILES, learningRate: 3e-4, lora: { rank: 16, alpha: 16 } });
const namesOf = (...args: Parameters<typeof remediesFor>) => remediesFor(...args).map(({ name }) => name);

describe('remediesFor', () => {
  it('offers nothing where nothing was forgotten', () => {
    for (const forgot of ['nothing', 'unknown'] as const)
      expect(remediesFor(config, null, forgot)).toEqual([]);
  });

  it('changes one thing each', () => {
    const changes = Object.fromEntries(
      remediesFor(config, { steps: 100, bestStep: 40 }, 'much').map((one) => [one.name, one.changes]),
    );
    expect(changes).toEqual({
      blend: { blend: { of: config.out, strength: 0.7 } },
      replay: { replay: 0.1 },
      'fewer-steps': { maxSteps: 40, earlyStopping: 2, keepBest: true },
      'lower-rate': { learningRate: 1e-4 },
      'lower-rank': { lora: { ...config.lora, rank: 4, alpha: 4 } },
      'stay-close': { stayClose: expect.any(Number) },
    });
  });

  it('halves the steps where the last was the best, and knows no rank of full fine-tuning', () => {
    const full = parseRunConfig({ ...FILES, method: 'full', heldOut: 0 });
    expect(namesOf(full, { steps: 100, bestStep: 100 }, 'little')).not.toContain('lower-rank');
    const fewer = remediesFor(full, { steps: 101, bestStep: 101 }, 'little').find(
      ({ name }) => name === 'fewer-steps',
    );
    expect(fewer!.changes).toEqual({ maxSteps: 51 });
  });
});

describe('remedies of a run that is a blend', () => {
  const blended = parseRunConfig({ ...FILES, blend: { of: '/runs/first', strength: 0.7 } });

  it('blend the same training again, with less of it, or train', async () => {
    const plans = remediesFor(blended, null, 'little');
    expect(plans[0]!.changes).toEqual({ blend: { of: '/runs/first', strength: 0.49 } });
    const written = await writeRemedies(blended, path.join(folder, 'blend'), plans);
    const saved = written.map(({ file }) => JSON.parse(readFileSync(file, 'utf8')));
    expect(saved.map((one) => 'blend' in one)).toEqual([true, ...saved.slice(1).map(() => false)]);
  });
});

describe('writeRemedies', () => {
  it('writes complete configurations that train into folders of their own', async () => {
    const plans = remediesFor(config, { steps: 100, bestStep: 40 }, 'little');
    const written = await writeRemedies(config, config.out, plans);
    expect(written.map(({ name }) => name)).toEqual(plans.map(({ name }) => name));
    for (const { name, file } of written) {
      const saved = JSON.parse(readFileSync(file, 'utf8'));
      expect(parseRunConfig(saved)).toEqual(saved);
      expect(saved.out).toBe(`${config.out}-${name}`);
    }
    expect(JSON.parse(readFileSync(written[4]!.file, 'utf8')).lora.rank).toBe(4);
  });
});
