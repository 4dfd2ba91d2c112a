/** The numbers of a run while it lasts: one JSON line a step or evaluation in `metrics.jsonl` of its folder, and how fast the last steps were. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { EvalEvent, StepEvent } from '../../../common/protocol/protocol.ts';
import { writeFileAtomic } from '../io/atomic.ts';

const NAME = 'metrics.jsonl';
/** Steps that tell how fast a run is. */
const RECENT_STEPS = 20;

export type Metric = StepEvent | EvalEvent;

/** Appends one line. */
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
 * Drops steps beyond `step`, evaluations beyond `evaluatedStep`, and a last line that was cut off: a resumed run does
 * all those again.
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

export class Pace {
  readonly #recent: { readonly tokens: number; readonly seconds: number }[] = [];

  /** Notes a step of `tokens` that took `seconds`. */
  add(tokens: number, seconds: number): void {
    this.#recent.push({ tokens, seconds });
    if (this.#recent.length > RECENT_STEPS) this.#recent.shift();
  }

  /** Over the steps noted last; there must be one. */
  tokensPerSecond(): number {
    const sums = this.#recent.reduce((a, b) => ({
      tokens: a.tokens + b.tokens,
      seconds: a.seconds + b.seconds,
    }));
    return sums.tokens / sums.seconds;
  }

  /** The median of the steps noted last, the first one left out where there are others; null where there is none. */
  medianStepSeconds(): number | null {
    const steps = this.#recent.map(({ seconds }) => seconds);
    const usual = (steps.length > 1 ? steps.slice(1) : steps).sort((a, b) => a - b);
    return usual[Math.floor(usual.length / 2)] ?? null;
  }

  /** Seconds that a step takes; null until there is a second one. */
  secondsPerStep(): number | null {
    if (this.#recent.length < 2) return null;
    // the first step pays for memory that the others find in place
    const usual = this.#recent.slice(1);
    return usual.reduce((sum, { seconds }) => sum + seconds, 0) / usual.length;
  }
}
