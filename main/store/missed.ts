/**
 * Steps and evaluations that a run's folder has and the store has not: an engine writes them itself, and whoever records what it
 * says may be killed before it has heard or written them.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { NumberedEvent } from '../../preload/contract.ts';
import type { EvalEvent, StepEvent } from '../engine/protocol.ts';
import type { toBundledPath } from '../paths.ts';

type Metric = StepEvent | EvalEvent;

/** What the store knows of a run. */
export interface Known {
  readonly lastStep: number;
  readonly lastEval: number;
  readonly lastNumber: number;
}

/** What the folder of a run has beyond `known`, up to step `upTo`, numbered on. */
export function missedIn(folder: string, known: Known, upTo: number): NumberedEvent[] {
  const { lastStep, lastEval, lastNumber } = known;
  const file = path.join(folder, 'metrics.jsonl');
  const at = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (at === undefined) return [];
  return readLines(file)
    .filter((metric) => metric.step > (metric.event === 'eval' ? lastEval : lastStep) && metric.step <= upTo)
    .map((event, i) => ({ number: lastNumber + 1 + i, at: Math.round(at), event }));
}

function readLines(file: string): Metric[] {
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const metric = parsed<Metric>(line);
      return metric && (metric.event === 'step' || metric.event === 'eval') ? [metric] : [];
    });
}

/** An object, or null for what is none: a file may have been cut off. */
export function parsed<T extends object>(text: string, reviver?: typeof toBundledPath): T | null {
  try {
    const value: unknown = JSON.parse(text, reviver);
    return typeof value === 'object' && value !== null ? (value as T) : null;
  } catch {
    return null;
  }
}
