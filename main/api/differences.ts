/** In what runs side by side differ: settings, and the rows they were measured on. */
import type { RunDetails } from '../../common/api/contract.ts';

/** Where a run lies differs always and says nothing; why it was computed where it was is no setting. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['out', 'deviceWhy']);

export interface Difference {
  readonly name: string;
  /** One for each run, in words. */
  readonly values: readonly string[];
}

/** Settings that are not the same in all of `configs`, by name with a dot for inner ones. */
export function differences(configs: readonly Readonly<Record<string, unknown>>[]): Difference[] {
  const flat = configs.map((config) => flatSettings(config));
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

/** `{lora: {rank: 8}}` -> `{'lora.rank': 8}`. */
export function flatSettings(
  settings: Readonly<Record<string, unknown>>,
  prefix = '',
): Record<string, unknown> {
  const entries = Object.entries(settings).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(flatSettings(value as Record<string, unknown>, `${prefix}${name}.`))
      : [[prefix + name, value]],
  );
  return Object.fromEntries(entries);
}

/** A setting as a person reads it. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return String(value);
}
