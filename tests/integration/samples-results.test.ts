/** The script that measures models on samples: all models of a folder, kept line by line, and nothing that is kept is made again. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { sampleResults, sampleSets } from '../../main/app/samples.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const SAMPLE = 'support-messages';
const { folder, remove } = temporaryFolder();
afterAll(remove);

const at = (name: string) => path.join(folder, name);
const models = at('models');
const kept = at('results.jsonl');

async function measure(): Promise<void> {
  const script = path.join(ROOT, 'scripts', 'samples', 'results.ts');
  const flags = ['--models', models, '--samples', SAMPLE, '--max-rows', '24', '--threads', '1'];
  const args = [script, ...flags, '--work', at('work'), '--keep', kept];
  const env = { ...process.env, FETTLE_HOME: at('home') };
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
}

it('measures each model of a folder, the smallest first, for the sample’s card', async () => {
  fs.mkdirSync(models);
  for (const [bundled, name] of [
    ['practice-model', 'Practice-4M'],
    ['tiny-model', 'Tiny'],
  ] as const)
    fs.symlinkSync(path.join(resourcesFolder(), bundled), path.join(models, name), 'junction');
  await measure();
  const results = await sampleResults(kept);
  expect(results.map(({ sample, model, rows }) => [sample, model, rows])).toEqual([
    [SAMPLE, 'Tiny', 24],
    [SAMPLE, 'Practice-4M', 24],
  ]);
  for (const { score, before, answers, costs } of results) {
    expect(score.low).toBeLessThanOrEqual(score.value);
    expect(before.low).toBeLessThanOrEqual(before.value);
    expect(answers).toHaveLength(3);
    expect(costs.training.seconds).toBeGreaterThan(0);
  }

  const samples = path.join(resourcesFolder(), 'samples');
  for (const name of fs.readdirSync(samples).filter((one) => one.startsWith(SAMPLE)))
    fs.copyFileSync(path.join(samples, name), at(name));
  const [set] = await sampleSets(folder);
  expect(set!.results.map(({ model }) => model)).toEqual(['Tiny', 'Practice-4M']);

  const before = fs.readFileSync(kept, 'utf8');
  await measure();
  expect(fs.readFileSync(kept, 'utf8')).toBe(before);
});
