/** Which runs have a model that writes, and what comes after those of extras, whose models read. */
import type { KnownRun, ReadingRuns } from '../extras/reading-run.ts';
import * as extraRuns from '../extras/reading-runs.ts';
import { isSorter } from './sorters.ts';

const all = Object.values<ReadingRuns>(extraRuns);
const readingRuns = (method: string) => all.find(({ methods }) => methods.includes(method));

/** Whether the run is of a model that is asked and answers. */
export function writes({ method }: Pick<KnownRun, 'method'>): boolean {
  return !isSorter({ method }) && readingRuns(method) === undefined;
}

/** What comes next with a run of an extra; null for others. */
export function nextWithReader(run: KnownRun): readonly string[] | null {
  return readingRuns(run.method)?.next(run) ?? null;
}
