/** Runs side by side: settings and test rows that differ, curves, and what each said to the same prompts in the end. */

import path from 'node:path';
import type { RunComparison, RunDetails, RunSample } from '../../common/api/contract.ts';
import { flattened } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import type { Store } from '../store/store.ts';

/** Where a run lies differs always and says nothing; why it was computed where it was is no setting. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['out', 'deviceWhy']);

interface Difference {
  readonly name: string;
  /** One for each run, in words. */
  readonly values: readonly string[];
}

/** Settings that are not the same in all of `configs`, by name with a dot for inner ones. */
export function differences(configs: readonly Readonly<Record<string, unknown>>[]): Difference[] {
  const flat = configs.map((config) => flattened(config));
  const names = [...new Set(flat.flatMap((settings) => Object.keys(settings)))];
  return names
    .filter((name) => !NOT_COMPARED.has(name))
    .map((name) => ({ name, values: flat.map((settings) => valueText(settings[name])) }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Whether runs were measured on different rows, so that their losses and verdicts cannot be set side by side. */
export function testRowsDiffer(runs: readonly Pick<RunDetails, 'start'>[]): boolean {
  const known = runs.map(({ start }) => start?.testRows).filter((rows) => rows !== undefined);
  return new Set(known).size > 1;
}

/** A setting as a person reads it. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return say`not set`;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return String(value);
}

/** As many points as a plot of that width can show. */
const POINTS = 1000;
/** Names of the person's own that are shown in a place of their own. */
const NOT_SETTINGS: ReadonlySet<string> = new Set(['samplePrompts']);
const PATHS = ['model', 'data', 'evalData', 'replayData', 'blend.of', 'blend.with'];

export function comparison(store: Store, ids: readonly string[]): RunComparison {
  const runs = ids.map((id) => store.runs.get(id));
  return {
    runs,
    differences: differences(runs.map(({ config }) => config))
      .filter(({ name }) => !NOT_SETTINGS.has(name))
      .map(({ name, values }) => ({ name, values: PATHS.includes(name) ? shortPaths(values) : values })),
    testRowsDiffer: testRowsDiffer(runs),
    curves: ids.map((id) => store.events.curves(id, POINTS)),
    samples: sharedSamples(runs.map((run) => lastAnswers(run, store.events.samples(run.id)))),
  };
}

/** The names alone where they tell the files apart. */
function shortPaths(values: readonly string[]): readonly string[] {
  const short = values.map((value) =>
    value
      .split(', ')
      .map((one) => path.basename(one))
      .join(', '),
  );
  return new Set(short).size === new Set(values).size ? short : values;
}

/** The newest answer to each prompt. */
function lastAnswers(
  { prompts }: RunDetails,
  samples: readonly RunSample[],
): ReadonlyMap<string, string | null> {
  const answers = new Map<string, string | null>(prompts.map((prompt) => [prompt, null]));
  for (const { prompt, text } of [...samples].sort((a, b) => a.step - b.step)) answers.set(prompt, text);
  return answers;
}

/** Prompts that at least two of the runs were asked, in the order in which they are met. */
function sharedSamples(runs: readonly ReadonlyMap<string, string | null>[]): RunComparison['samples'] {
  const prompts = [...new Set(runs.flatMap((answers) => [...answers.keys()]))];
  return prompts
    .filter((prompt) => runs.filter((answers) => answers.has(prompt)).length > 1)
    .map((prompt) => ({ prompt, answers: runs.map((answers) => answers.get(prompt) ?? null) }));
}
