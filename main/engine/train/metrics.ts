/** The numbers of a run while it lasts: a JSON line for each step and evaluation in `metrics.jsonl`. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { EvalEvent, StepEvent } from '../../../common/protocol/protocol.ts';
import { writeFileAtomic } from '../io/atomic.ts';

const NAME = 'metrics.jsonl';

export type Metric = StepEvent | EvalEvent;

export async function appendMetric(folder: string, metric: Metric): Promise<void> {
  await fs.appendFile(path.join(folder, NAME), `${JSON.stringify(metric)}\n`);
}

/** All lines that are whole; none where there is no file. */
export async function readMetrics(folder: string): Promise<Metric[]> {
  const text = await fs.readFile(path.join(folder, NAME), 'utf8').catch(() => '');
  return text
    .split('\n')
    .map(parsed)
    .filter((metric) => metric !== null);
}

/**
 * Drops steps beyond `step`, evaluations beyond `evaluatedStep`, and a cut last line: a resumed run repeats
 * them.
 */
export async function truncateMetrics(
  folder: string,
  { step, evaluatedStep }: { readonly step: number; readonly evaluatedStep: number },
): Promise<void> {
  const file = path.join(folder, NAME);
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => {
    const metric = parsed(line);
    return metric !== null && metric.step <= (metric.event === 'eval' ? evaluatedStep : step);
  });
  await writeFileAtomic(file, kept.map((line) => `${line}\n`).join(''));
}

function parsed(line: string): Metric | null {
  try {
    return JSON.parse(line) as Metric;
  } catch {
    return null;
  }
}
