import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Lack } from '../../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../../main/engine/config/config.ts';
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
      expect(remediesFor(config, null, { forgot }, 'free')).toEqual([]);
  });

  it('changes one thing each', () => {
    const changes = Object.fromEntries(
      remediesFor(config, { steps: 100, bestStep: 40 }, { forgot: 'much' }, 'free').map((one) => [
        one.name,
        one.changes,
      ]),
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
    expect(namesOf(full, { steps: 100, bestStep: 100 }, { forgot: 'little' }, 'free')).not.toContain(
      'lower-rank',
    );
    const fewer = remediesFor(full, { steps: 101, bestStep: 101 }, { forgot: 'little' }, 'free').find(
      ({ name }) => name === 'fewer-steps',
    );
    expect(fewer!.changes).toEqual({ maxSteps: 51 });
  });
});

describe('remedies of a run that sorts', () => {
  it('begin with no blend, which would lose the categories', () => {
    for (const task of ['label', 'json'] as const) {
      const names = namesOf(config, null, { forgot: 'much' }, task);
      expect(names[0]).toBe('replay');
      expect(names.at(-1)).toBe('blend');
    }
  });
});

describe('remedies of a run that did not learn enough', () => {
  const done = { steps: 100, bestStep: 100 };
  const first = (lack: Lack, of = config) => remediesFor(of, done, { forgot: 'nothing', lack }, 'free');

  it('begin with what it lacks most', () => {
    expect(first('model')).toMatchObject([{ name: 'larger-model', changes: null }]);
    expect(first('rows')).toMatchObject([{ name: 'more-rows', changes: null }]);
    expect(first('rate')).toMatchObject([{ name: 'lower-rate', changes: { learningRate: 1e-4 } }]);
    const bound = { earlyStopping: 3, keepBest: true };
    expect(first('passes')[0]!.changes).toEqual({ epochs: 2 * config.epochs!, ...bound });
    const limited = parseRunConfig({ ...FILES, maxSteps: 30 });
    expect(first('passes', limited)[0]!.changes).toMatchObject({ maxSteps: 200 });
  });

  it('go on with what it forgot, and name nothing twice', () => {
    const names = remediesFor(config, done, { forgot: 'much', lack: 'rate' }, 'free').map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['lower-rate', 'blend', 'replay']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are files only where nothing is left to choose', async () => {
    const run = path.join(folder, 'lacking');
    const plans = [...first('model'), ...first('passes')];
    const [larger, passes] = await writeRemedies(config, run, plans);
    expect(larger).toMatchObject({ name: 'larger-model', file: null });
    expect(JSON.parse(readFileSync(passes!.file!, 'utf8')).epochs).toBe(2 * config.epochs!);
  });
});

describe('remedies of a run that is a blend', () => {
  const blended = parseRunConfig({ ...FILES, blend: { of: '/runs/first', strength: 0.7 } });

  it('blend the same training again, with less of it, or train', async () => {
    const plans = remediesFor(blended, null, { forgot: 'little', lack: 'model' }, 'free');
    expect(plans[0]!.changes).toEqual({ blend: { of: '/runs/first', strength: 0.49 } });
    const written = await writeRemedies(blended, path.join(folder, 'blend'), plans);
    const saved = written.map(({ file }) => JSON.parse(readFileSync(file!, 'utf8')));
    expect(saved.map((one) => 'blend' in one)).toEqual([true, ...saved.slice(1).map(() => false)]);
  });
});

describe('writeRemedies', () => {
  it('writes complete configurations that train into folders of their own', async () => {
    const plans = remediesFor(config, { steps: 100, bestStep: 40 }, { forgot: 'little' }, 'free');
    const written = await writeRemedies(config, config.out, plans);
    expect(written.map(({ name }) => name)).toEqual(plans.map(({ name }) => name));
    for (const { name, file } of written) {
      const saved = JSON.parse(readFileSync(file!, 'utf8'));
      expect(parseRunConfig(saved)).toEqual(saved);
      expect(saved.out).toBe(`${config.out}-${name}`);
    }
    expect(JSON.parse(readFileSync(written[4]!.file!, 'utf8')).lora.rank).toBe(4);
  });

  it.each(['dpo', 'kto'])('leaves out what %s rules out', async (objective) => {
    const preferred = parseRunConfig({ ...FILES, objective });
    const plans = remediesFor(preferred, { steps: 100, bestStep: 40 }, { forgot: 'little' }, 'free');
    expect(plans.map(({ name }) => name)).toContain('replay');
    const written = await writeRemedies(preferred, path.join(folder, objective), plans);
    expect(written.map(({ name }) => name)).toEqual([
      'blend',
      'fewer-steps',
      'lower-rate',
      'lower-rank',
      'stay-close',
    ]);
  });
});
