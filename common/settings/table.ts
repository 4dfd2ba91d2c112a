/**
 * The table of settings: every setting of a training run, one row each, in the order of help, of the form and of run.json. What follows
 * from it are the types of a configuration and of a plan.
 */
import * as extraSettings from '../extras/settings.ts';
import { isRecord, ofRow, valuesOf } from '../values.ts';
import { EVALUATION, MACHINE } from './computing.ts';
import { COLUMNS, FILES, sheet } from './files.ts';
import { MEMORY } from './memory.ts';
import { METHOD } from './method.ts';
import { OBJECTIVE } from './objective.ts';
import { type Beside, type Elsewhere, type Setting, setting, type ValueOf } from './row.ts';
import { BATCHES } from './rows.ts';
import { MIXED_IN, STEPS, UPDATE } from './training.ts';

export const RUN_SETTINGS = [
  ...FILES,
  ...METHOD,
  ...OBJECTIVE,
  ...MIXED_IN,
  ...STEPS,
  ...MEMORY,
  ...valuesOf(extraSettings),
  ...UPDATE,
  ...COLUMNS,
  // always there: a saved run without it is an older one
  setting('sheet', 'Data', { ...sheet, settle: (value: string | undefined) => value ?? 'auto' }),
  ...BATCHES,
  ...EVALUATION,
  ...MACHINE,
] as const satisfies readonly (Setting & { readonly elsewhere: Elsewhere })[];

type Row = (typeof RUN_SETTINGS)[number];

type Rows = readonly Setting[];
type Simplify<T> = { [Key in keyof T]: T[Key] };

/** The value that a parsed configuration has; undefined among it where it may be left out. */
type SettledOf<R extends Setting> = R extends { settle(...args: never[]): infer Settled }
  ? Settled
  : R extends { default: unknown } | { required: true }
    ? ValueOf<R['type']>
    : ValueOf<R['type']> | undefined;

/** Rows by the names that stand at the top, or inside `Outer`. */
type Named<R extends Rows, Outer extends string> = {
  [One in R[number] as Outer extends ''
    ? One['name'] extends `${string}.${string}`
      ? never
      : One['name']
    : One['name'] extends `${Outer}.${infer Leaf}`
      ? Leaf
      : never]: One;
};

/** The values of rows; those that may be undefined may be left out. */
type Level<Of extends Record<string, Setting>> = Simplify<
  {
    [Key in keyof Of as undefined extends SettledOf<Of[Key]> ? never : Key]: SettledOf<Of[Key]>;
  } & {
    [Key in keyof Of as undefined extends SettledOf<Of[Key]> ? Key : never]?: SettledOf<Of[Key]>;
  }
>;

type Outers<R extends Rows> = R[number]['name'] extends infer Name
  ? Name extends `${infer Outer}.${string}`
    ? Outer
    : never
  : never;

/** Whether an object whose settings have no defaults can be left out as a whole. */
type IsOptional<Of> = { [Key in keyof Of]: Of[Key] extends { required: true } ? true : never }[keyof Of];

/** A parsed configuration of the settings `R`. */
export type ConfigOf<R extends Rows> = Simplify<
  Level<Named<R, ''>> & {
    [Outer in Outers<R> as [IsOptional<Named<R, Outer>>] extends [never] ? Outer : never]: Level<
      Named<R, Outer>
    >;
  } & {
    [Outer in Outers<R> as [IsOptional<Named<R, Outer>>] extends [never] ? never : Outer]?:
      | Level<Named<R, Outer>>
      | undefined;
  }
>;

/** A complete training configuration. `epochs` is absent exactly when `maxSteps` alone decides the length. */
export type RunConfig = ConfigOf<typeof RUN_SETTINGS>;

type PlannedRow = Extract<Row, { plan: object }>;
type FieldOf<R extends PlannedRow> = R['plan'] extends { field: infer Field extends string }
  ? Field
  : R['name'];
type Planned<R extends PlannedRow> = R['plan'] extends { values: readonly (infer Value)[] }
  ? Value
  : R['type'] extends { kind: 'number' | 'integer' }
    ? number | (R['plan'] extends { nullable: true } ? null : never)
    : string;

/** The settings that are proposed, complete; those that a person alone sets are there only where that is so. */
export type PlanSettings = Simplify<
  {
    readonly [R in PlannedRow as R['plan'] extends { isLimit: true } ? never : FieldOf<R>]: Planned<R>;
  } & {
    readonly [R in PlannedRow as R['plan'] extends { isLimit: true } ? FieldOf<R> : never]?: Planned<R>;
  }
>;

/** The rows of a plan's list; what a person alone sets is told in those of what it overrules. */
export type PlanField = keyof {
  [R in PlannedRow as R['plan'] extends { isLimit: true } ? never : FieldOf<R>]: R;
};

/** The reasons for values, by their keys: sentences of the numbers that they name. */
type Sentences = PlannedRow['plan'] extends infer Plan
  ? Plan extends { reasons: infer Reasons }
    ? Reasons
    : never
  : never;
type Joined<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
export type SettingReasons = Joined<Sentences>;

/** The rows without their exact types. */
export const ROWS: readonly Setting[] = RUN_SETTINGS;

/** The row of a setting by its name in run.json; undefined for others. */
export function settingOf(name: string): Setting | undefined {
  return ROWS.find((row) => row.name === name);
}

/** The value at a name with dots. */
export function valueAt(settings: unknown, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), settings);
}

const IMPLYING = ROWS.filter(({ implies }) => implies);

/** Settings with what their values decide of others. */
export function withImplied<Given extends object>(given: Given): Given & Beside {
  return Object.assign(
    {},
    given,
    ...IMPLYING.map(({ name, implies }) => ofRow(implies, valueAt(given, name))),
  );
}

const ORIGINS = ROWS.filter((row) => row.madeOf);

/** The folder of the run that one with these settings is made of, without training; null for a training. */
export function madeOf(config: object): string | null {
  const [folder] = ORIGINS.flatMap(({ name }) => (valueAt(config, name) as string | undefined) ?? []);
  return folder ?? null;
}

/** What makes a training of such a run: the objects of settings that say what it is made of, left out. */
export function trainedAgain(config: object): Readonly<Record<string, undefined>> {
  const said = ORIGINS.filter(({ name }) => valueAt(config, name) !== undefined);
  return Object.fromEntries(said.map(({ name }) => [name.split('.')[0]!, undefined]));
}

/** Whether a name is that of a setting, or of an object of settings, with a place of its own in a request and in the wizard. */
export function hasOwnPlace(name: string): boolean {
  return ROWS.some((row) => row.ownPlace && (row.name === name || row.name.startsWith(`${name}.`)));
}

/** Whether a run with these settings, or a wish for them, is for the processor alone. */
export function isForProcessor(settings: object): boolean {
  return ROWS.some(({ name, processorOnly }) =>
    processorOnly?.some((value) => value === valueAt(settings, name)),
  );
}

/** Whether what a run trains lies in the computer's memory, also where a card computes: it has no other update for it. */
export function keepsStateOnHost(settings: object): boolean {
  return ROWS.some(({ name, stateOnHost }) =>
    stateOnHost?.some((value) => value === valueAt(settings, name)),
  );
}

/** Settings that a resumed run must have as it began, by name with dots; those of no effect are left out. */
export function settingsOfResume(config: RunConfig): Record<string, unknown> {
  const entries = ROWS.flatMap(({ name, resumed }): [string, unknown][] => {
    const value = valueAt(config, name);
    if (value === undefined || resumed === undefined) return [];
    if (config.method === 'full' && name.startsWith('lora.')) return [];
    return resumed === true || ofRow(resumed, value) ? [[name, value]] : [];
  });
  return Object.fromEntries(entries);
}
