/** The numbers of a run, one JSON line a step or evaluation, in `metrics.jsonl` of its folder. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../io/atomic.ts';
import type { EvalEvent, StepEvent } from '../protocol.ts';

const NAME = 'metrics.jsonl';

export type Metric = StepEvent | EvalEvent;

/** Appends one line. */
export async function appendMetric(folder: string, metric: Metric): Promise<void> {
  await fs.appendFile(path.join(folder, NAME), `${JSON.stringify(metric)}\n`);
}

/** Drops what lies beyond `step`, and a last line that was cut off: a resumed run takes those steps again. */
export async function truncateMetrics(folder: string, step: number): Promise<void> {
  const file = path.join(folder, NAME);
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => isUpTo(line, step));
  await writeFileAtomic(file, kept.map((line) => `${line}\n`).join(''));
}

function isUpTo(line: string, step: number): boolean {
  try {
    return line !== '' && (JSON.parse(line) as Metric).step <= step;
  } catch {
    return false;
  }
}
