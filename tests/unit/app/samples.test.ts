/** Results of models on samples: read beside them, shown at their own sample, and nothing where nobody has measured. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { AssessResult, SampleResult } from '../../../common/api/contract.ts';
import { RESULTS_FILE, sampleResults, sampleSets } from '../../../main/app/samples.ts';
import { wizard } from '../../../renderer/text/text.ts';
import { modelsIn, resultOf } from '../../../scripts/samples/kept.ts';
import { fakeAssessment } from '../../helpers/fake-api/assessment.ts';
import { fakeWorld } from '../../helpers/fake-api/world.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const facts = {
  ...{ sample: 'tone', model: 'Tiny', file: 'Tiny.gguf', date: '2026-12-01', version: '0.1.0' },
  ...{ commit: 'abc', machine: { processor: 'x', threads: 1 }, flags: '--epochs 3', rows: 20 },
  costs: {
    training: { seconds: 9, processorSeconds: 8, load: [0, 0] },
    comparison: { seconds: 4, processorSeconds: 3, load: [0, 0] },
  },
} as const;
const run = fakeWorld({ still: true }).runs[1]!;
const assessment = (forgot: 'much' | 'nothing') => fakeAssessment({ ...run, learned: 'yes', forgot });

it('keeps what an assessment says, with the first three answers', () => {
  const result = resultOf(assessment('much'), facts);
  const { verdict, closed, answers, forgetting } = assessment('much');
  const { value, low, high } = closed!.known.before;
  expect(result).toMatchObject({ ...facts, score: verdict.score });
  expect(result.before).toEqual({ value, low, high });
  expect(result.quiz).toMatchObject({ items: forgetting!.quiz!.total.items });
  expect(result.fell).toEqual(['facts', 'arithmetic']);
  const [first] = answers!.answered;
  expect(result.answers).toHaveLength(3);
  expect(result.answers[0]).toEqual({
    ...{ prompt: first!.prompt, wanted: first!.wanted },
    ...{ before: first!.answers.before, after: first!.answers.after },
  });
  expect(resultOf(assessment('nothing'), facts).fell).toEqual([]);
});

it('refuses an assessment without a score', () => {
  const nothing: AssessResult = {
    ...assessment('much'),
    verdict: { ...assessment('much').verdict, score: null },
  };
  expect(() => resultOf(nothing, facts)).toThrow('nothing was scored');
});

it('shows results at their own sample', async () => {
  const kept: SampleResult = resultOf(assessment('much'), facts);
  for (const name of ['tone', 'other']) {
    for (const file of [`${name}.jsonl`, `${name}.held-out.jsonl`])
      fs.writeFileSync(path.join(folder, file), '{}\n');
    fs.writeFileSync(path.join(folder, `${name}.md`), `# ${name}\n`);
  }
  expect((await sampleSets(folder)).map(({ results }) => results)).toEqual([[], []]);
  fs.writeFileSync(path.join(folder, path.basename(RESULTS_FILE)), `${JSON.stringify(kept)}\n`);
  const sets = await sampleSets(folder);
  expect(sets.map(({ name, results }) => [name, results.length])).toEqual([
    ['other', 0],
    ['tone', 1],
  ]);
  expect(sets[1]!.results[0]).toEqual(JSON.parse(JSON.stringify(kept)));
});

it('has only complete results of samples that are there', async () => {
  const names = (await sampleSets()).map(({ name }) => name);
  for (const { sample, model, score, date, version, machine, costs } of await sampleResults(RESULTS_FILE)) {
    expect(names).toContain(sample);
    expect([model, version].every((text) => text.length > 0)).toBe(true);
    expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(score.low).toBeLessThanOrEqual(score.value);
    expect(Number(machine.threads)).toBeGreaterThan(0);
    expect(costs.training.seconds).toBeGreaterThan(0);
  }
});

it('names no verdict where too few test rows were there for one', () => {
  const { title } = wizard.samples.learned;
  const told = (['yes', 'no', 'unknown'] as const).map((learned) =>
    title('Tiny', learned, 'a minute', '66', '34'),
  );
  expect(told[0]).toBe('Tiny learned this in a minute: 66 → 34');
  expect(told[1]).toBe("Tiny didn't learn this in a minute: 66 → 34");
  expect(told[2]).toBe(
    'Tiny trained on this for a minute; too few test rows to tell what it learned: 66 → 34',
  );
});

it('finds the models of a folder, the smallest first', () => {
  const models = path.join(folder, 'models');
  fs.mkdirSync(path.join(models, 'Whole-1B'), { recursive: true });
  fs.writeFileSync(path.join(models, 'Whole-1B', 'config.json'), '{}');
  fs.writeFileSync(path.join(models, 'Whole-1B', 'model.safetensors'), Buffer.alloc(300));
  fs.writeFileSync(path.join(models, 'Large-2B-Q8_0.gguf'), Buffer.alloc(200));
  fs.writeFileSync(path.join(models, 'Small-135M-Instruct.Q4_1.gguf'), Buffer.alloc(100));
  fs.writeFileSync(path.join(models, 'notes.txt'), '');
  const names = (place: string) => modelsIn(place).map(({ name }) => name);
  expect(names(models)).toEqual(['Small-135M-Instruct', 'Large-2B', 'Whole-1B']);
  expect(names(path.join(models, 'Whole-1B'))).toEqual(['Whole-1B']);
  expect(names(path.join(models, 'Large-2B-Q8_0.gguf'))).toEqual(['Large-2B']);
});
