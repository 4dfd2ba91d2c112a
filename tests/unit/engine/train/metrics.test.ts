import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appendMetric, type Metric, truncateMetrics } from '../../../../main/engine/train/run-folder.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

let at: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  at = temporaryFolder();
});
afterEach(() => at.remove());

const step = (n: number) => ({ event: 'step', step: n, loss: 1 / n }) as Metric;
const evaluation = (n: number) => ({ event: 'eval', step: n, loss: n }) as Metric;
const lines = () => readFileSync(path.join(at.folder, 'metrics.jsonl'), 'utf8').split('\n');

it('keeps what a checkpoint knows of, and takes back what came after it', async () => {
  const metrics = [evaluation(0), step(1), step(2), evaluation(2), step(3), step(4), evaluation(4)];
  for (const metric of metrics) await appendMetric(at.folder, metric);
  await truncateMetrics(at.folder, { step: 3, evaluatedStep: 2 });
  expect(lines()).toEqual([...metrics.slice(0, 5).map((metric) => JSON.stringify(metric)), '']);
});

it('takes back an evaluation that a checkpoint of the same step was written before', async () => {
  for (const metric of [evaluation(0), step(1), step(2), evaluation(2)])
    await appendMetric(at.folder, metric);
  await truncateMetrics(at.folder, { step: 2, evaluatedStep: 0 });
  expect(
    lines()
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  ).toEqual([evaluation(0), step(1), step(2)]);
});

it('drops a line that was cut off, so that the next one is whole', async () => {
  await appendMetric(at.folder, step(1));
  appendFileSync(path.join(at.folder, 'metrics.jsonl'), '{"event":"step","step":1,"lo');
  await truncateMetrics(at.folder, { step: 1, evaluatedStep: -1 });
  await appendMetric(at.folder, step(2));
  expect(lines()).toEqual([JSON.stringify(step(1)), JSON.stringify(step(2)), '']);
});

it('makes an empty file where there is none', async () => {
  await truncateMetrics(at.folder, { step: -1, evaluatedStep: -1 });
  expect(lines()).toEqual(['']);
});
