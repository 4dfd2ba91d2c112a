/**
 * What a plan proposes, from the rows that have a part in it: its fields in the order of each list, their words, the controls with which a
 * person sets them, and the ladder of what takes less memory.
 */

import { ofRow } from '../values.ts';
import { said } from '../words/language.ts';
import { marks } from '../words/marks.ts';
import type { Why } from './reasons.ts';
import type { Lighter, PlanRule, PlanValue, Setting } from './row.ts';
import { type PlanField, type PlanSettings, ROWS } from './table.ts';

type Field = keyof PlanSettings;
type PlannedRow = Setting & { readonly plan: PlanRule };

const BY_FIELD = new Map(
  ROWS.filter((row): row is PlannedRow => row.plan !== undefined).map((row) => [
    (row.plan.field ?? row.name) as Field,
    row,
  ]),
);

/** The row of a plan's field. */
export function plannedRow(field: Field): PlannedRow {
  return BY_FIELD.get(field)!;
}

/** Choices that stand together in every list of a plan. */
const CHOICES = ['recompute', 'optimizer', 'bits', 'quant', 'precision'] as const;

/** Fields in the order of a list: the `first` ones, the choices, and behind them those that nobody names, as in the table. */
export function fieldsFrom<Named extends Field = never>(...first: readonly Named[]): (Named | PlanField)[] {
  const named: readonly Field[] = [...first, ...CHOICES, 'method'];
  const others = [...BY_FIELD].filter(([field, { plan }]) => !plan.isLimit && !named.includes(field));
  return [...first, ...CHOICES, ...others.map(([field]) => field as PlanField)];
}

/** Whether a plan has such a setting: full fine-tuning has no adapters, and QLoRA alone has codes. */
export function hasField(field: PlanField, settings: PlanSettings): boolean {
  return plannedRow(field).plan.has?.(settings) ?? true;
}

/** A proposed value as people read it; `steps` of the run, where they are known. */
export function fieldWords(field: PlanField, settings: PlanSettings, steps?: number): string {
  const { plan, words } = plannedRow(field);
  const value = settings[field];
  if (words?.write && typeof value === 'number') return words.write(value);
  return (
    ofRow(plan.text, value, { ...settings, steps }) ?? said(words?.values?.[String(value)] ?? String(value))
  );
}

/** What a value of run.json is in a plan; undefined where it is none. */
export function readInPlan({ plan }: PlannedRow, given: unknown): PlanValue | undefined {
  if (given === undefined || given === null) return undefined;
  if (plan.read) return plan.read(given);
  if (plan.values) return plan.values.find((value) => value === given);
  return typeof given === 'number' ? given : undefined;
}

/** A number that a person may set in the list of what is proposed, by its name in run.json. */
interface Changeable {
  readonly name: string;
  readonly range: {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly whole: boolean;
  };
}

export function numberOf(field: PlanField): Changeable | null {
  const { name, type, plan } = plannedRow(field);
  if (!plan.control || !('step' in plan.control) || !('min' in type)) return null;
  const { min, max, kind } = type;
  return { name, range: { min, max, step: plan.control.step, whole: kind === 'integer' } };
}

/** A setting that is one of a few values. */
export interface Choosable {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** The option that holds now. */
  readonly value: string;
  readonly hint: string | undefined;
  /** The option that a setting of the person's is, which may be newer than what holds; what holds where there is none. */
  readonly optionOf: (own: unknown) => string;
  /** What an option is in run.json. */
  readonly setting: (option: string) => string | number | boolean;
  /** Settings of the person's that do not go with an option, by the names of run.json. */
  readonly without: (option: string) => readonly string[];
}

/** The choice that a setting is with the others as they are; null where there is none to make. */
export function choiceOf(field: PlanField, settings: PlanSettings): Choosable | null {
  const row = plannedRow(field);
  const { control } = row.plan;
  if (!control || !('options' in control) || control.open?.(settings) === false) return null;
  const options = control.options
    .filter(({ when }) => when?.(settings) ?? true)
    .map(({ value, label, key = String(value) }) => ({ key, label, value }));
  const holds = options.find(({ value }) => readInPlan(row, value) === settings[field]);
  const now = holds?.key ?? String(settings[field]);
  return {
    options: options.map(({ key, label }) => ({ value: key, label: said(label) })),
    value: now,
    hint: control.hint && said(control.hint),
    optionOf: (own) => options.find(({ value }) => value === own)?.key ?? now,
    setting: (option) => options.find(({ key }) => key === option)!.value,
    without: (option) => control.without?.[option] ?? [],
  };
}

/** Bytes that the settings save of each weight, by their rules of thumb. */
export function savedBytes(settings: PlanSettings): number {
  return [...BY_FIELD].reduce(
    (sum, [field, { plan }]) => sum + (ofRow(plan.savedBytes, settings[field]) ?? 0),
    0,
  );
}

/** A rung of the search, with the field that it changes. */
export interface Rung extends Lighter {
  readonly field: PlanField;
}

/** What takes less memory, in the order in which it is given up. */
export const LADDER: readonly Rung[] = [...BY_FIELD]
  .flatMap(([field, { plan }]) =>
    (plan.lighter ?? []).map((one): Rung => ({ ...one, field: field as PlanField })),
  )
  .toSorted((a, b) => a.rung - b.rung);

const SHORT = new Map<string, string>(
  LADDER.flatMap(({ degrees }) => degrees.map(({ why, short }) => [why, short] as const)),
);

/** Which settings were made lighter so that a run fits, in the order of the ladder: its reasons, which are given for nothing else. */
export function lighterThanUsual(whys: Readonly<Record<PlanField, Why>>): Why[] {
  const fields = LADDER.map(({ field }) => field);
  const last = fields.filter((field, i) => fields.lastIndexOf(field) === i);
  return last.map((field) => whys[field]).filter(({ key }) => SHORT.has(key));
}

/** `fewer tokens at once, computes values again`; empty where nothing was given up. */
export function lighterWords(lighter: readonly Why[]): string {
  return lighter.map(({ key }) => said(SHORT.get(key) ?? key)).join(marks().comma);
}

/** The methods from the one that needs least memory, and gives up most for it, to the one that needs most. */
export const LIGHTEST_FIRST: readonly PlanSettings['method'][] = ['qlora', 'lora', 'full'];

/**
 * By how much a leaner method must be quicker to take the place of one: so many times as fast, and so many seconds saved. QLoRA comes within
 * 2% of LoRA's loss; adapters instead of all weights cost more. Two estimates, each off by 1.4, differ by less than 2 times for nothing.
 */
const MUCH_QUICKER: Readonly<
  Record<PlanSettings['method'], { readonly times: number; readonly saved: number }>
> = {
  qlora: { times: Number.POSITIVE_INFINITY, saved: Number.POSITIVE_INFINITY },
  lora: { times: 3, saved: 3600 },
  full: { times: 10, saved: 24 * 3600 },
};

interface Timed {
  readonly method: PlanSettings['method'];
  /** Of the whole run; null where no speed is known. */
  readonly seconds: number | null;
  /** Whether it ends in time only with less training. */
  readonly isShortened?: boolean;
}

/** The first of the methods, the best before others, beside which no leaner one is so much quicker that what it costs is worth it. */
export function worthTheirTime<Method extends Timed>(methods: readonly Method[]): Method | undefined {
  return methods.find((one) => !methods.some((other) => isWorthTaking(other, one)));
}

/** Whether a leaner method should be taken instead of `one`; its small cost is also less than that of a training cut short. */
function isWorthTaking(leaner: Timed, one: Timed): boolean {
  if (LIGHTEST_FIRST.indexOf(leaner.method) >= LIGHTEST_FIRST.indexOf(one.method)) return false;
  if (one.method === 'lora' && one.isShortened && !leaner.isShortened) return true;
  if (one.seconds === null || leaner.seconds === null) return false;
  const { times, saved } = MUCH_QUICKER[one.method];
  return one.seconds >= times * leaner.seconds && one.seconds - leaner.seconds >= saved;
}
