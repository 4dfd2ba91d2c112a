/** The settings of a planned run: a complete draft (the rules’ values, over them what the person has set, each with its reason), and their names in run.json. */
import type { PlanField, PlanMethod, PlanSettings, Why } from '../../common/api/contract.ts';
import { keepsUnasked } from '../../common/settings/lora.ts';
import { fieldsFrom, plannedRow, readInPlan } from '../../common/settings/plan.ts';
import type { PlanFacts, PlanRule } from '../../common/settings/row.ts';
import { valueAt, withImplied } from '../../common/settings/table.ts';
import { mayLook } from '../../common/settings/training.ts';
import { defined } from '../../common/values.ts';
import { USUAL_LENGTH } from './lengths.ts';
import {
  accumulation,
  batchRule,
  decayRule,
  epochsRule,
  heldOutRule,
  lengthRule,
  lookRule,
  microRule,
  NO_RANK,
  rankRule,
  rateRule,
  replayRule,
  stepsOf,
  type ValueWithWhy,
  warmupRule,
} from './rules.ts';
import type { PlanExecutor, Situation } from './situation.ts';

export type Whys = Readonly<Record<PlanField, Why>>;

/** Settings on their way to a proposal. */
export interface Draft {
  readonly settings: PlanSettings;
  readonly whys: Whys;
  /** Tokens of a step, which other micro-batches keep. */
  readonly batchTokens: number;
}

type Fields = { readonly [Field in PlanField]: ValueWithWhy<PlanSettings[Field]> };

/** Those that depend on the rows and on each other; the others have their rules in their rows. */
type NumberField =
  | 'method'
  | 'device'
  | 'executor'
  | 'rank'
  | 'maxLength'
  | 'epochs'
  | 'tokensPerMicroBatch'
  | 'gradientAccumulation'
  | 'learningRate'
  | 'look'
  | 'replay'
  | 'weightDecay'
  | 'warmupRatio'
  | 'heldOut';

const OWN: Why = { key: 'own', numbers: {} };

/** The settings that the rules give for a method, over them what the person has set. */
export function defaultsFor(
  method: PlanMethod,
  situation: Situation,
  { name: executor, device = 'cpu' }: PlanExecutor,
): Draft {
  const { model } = situation;
  const maxLength = own(situation, 'maxLength') ?? lengthWithin(situation);
  const epochs = own(situation, 'epochs') ?? epochsRule(method, situation);
  const run = { maxLength: maxLength.value, epochs: epochs.value };
  // a person's number of micro-batches is one of the usual size
  const batch = situation.own.gradientAccumulation ? Number.POSITIVE_INFINITY : batchRule(situation, run);
  const micro = own(situation, 'tokensPerMicroBatch') ?? microRule(maxLength.value, batch);
  const wanted = Math.max(micro.value, batch);
  const batchTokens = micro.value * (situation.own.gradientAccumulation ?? wanted / micro.value);
  const steps = stepsTaken(situation, run, batchTokens);
  const learningRate =
    own(situation, 'learningRate') ??
    rateRule(method, model.parameters, { objective: situation.own.objective, task: situation.task, steps });
  const numbers: Pick<Fields, NumberField> = {
    method: { value: method, why: OWN },
    device: own(situation, 'device') ?? { value: device, why: OWN },
    executor: own(situation, 'executor') ?? {
      value: executor,
      why: { key: 'executor-usual', numbers: {} },
    },
    rank: method === 'full' ? NO_RANK : (own(situation, 'rank') ?? rankRule(situation, maxLength.value)),
    maxLength,
    epochs,
    tokensPerMicroBatch: micro,
    gradientAccumulation:
      own(situation, 'gradientAccumulation') ?? accumulation(batchTokens, micro.value, steps),
    learningRate,
    replay:
      own(situation, 'replay') ??
      replayRule({
        method,
        steps,
        learningRate: learningRate.value,
        parameters: model.parameters,
        objective: situation.own.objective,
        task: situation.task,
        rows: situation.rows,
      }),
    look: lookOf(method, situation, steps, executor),
    weightDecay: own(situation, 'weightDecay') ?? decayRule(method, model.parameters),
    warmupRatio: warmup(situation, steps),
    heldOut: own(situation, 'heldOut') ?? heldOutRule(situation),
  };
  const { settings, whys } = split(withChoices(numbers, situation));
  const { warmupSteps, maxSteps, objective } = situation.own;
  return { settings: { ...settings, ...defined({ warmupSteps, maxSteps, objective }) }, whys, batchTokens };
}

/** Whether rates are tried first: what a person has said of it holds where it can be. */
function lookOf(
  method: PlanMethod,
  situation: Situation,
  steps: number,
  executor: string,
): ValueWithWhy<boolean> {
  if (!mayLook(withImplied({ ...situation.own, method, executor })))
    return { value: false, why: { key: 'look-cannot', numbers: {} } };
  return own(situation, 'look') ?? lookRule(method, situation, steps);
}

/** The share of the steps in which the rate rises; a number of them that the person has set wins over it, as in the engine. */
function warmup(situation: Situation, steps: number): ValueWithWhy<number> {
  const rule = own(situation, 'warmupRatio') ?? warmupRule(steps);
  return situation.own.warmupSteps === undefined ? rule : { ...rule, why: OWN };
}

/** What is one of a few values, by the rules of the rows; each sees what is settled before it. */
function withChoices(numbers: Pick<Fields, NumberField>, situation: Situation): Fields {
  const fields: Partial<Fields> = { ...numbers };
  for (const field of fieldsFrom()) {
    const { usual, fits } = plannedRow(field).plan;
    if (!usual) continue;
    const facts = factsOf(split(fields as Fields).settings, situation);
    const set = own(situation, field);
    const value = set && (fits?.(set.value, facts) ?? true) ? set : reasoned(usual(facts));
    Object.assign(fields, { [field]: value });
  }
  return fields as Fields;
}

/** What the rules of rows look at. */
export function factsOf(settings: PlanSettings, { model, int8Gain = null }: Situation): PlanFacts {
  return {
    method: settings.method,
    isHalved: model.isHalved ?? false,
    isWhole: model.isWhole,
    parameters: model.parameters,
    int8Gain,
    settings,
  };
}

function reasoned({ value, why, numbers = {} }: ReturnType<NonNullable<PlanRule['usual']>>) {
  return { value, why: { key: why, numbers } };
}

/** A draft with one field changed. */
export function changed<Field extends PlanField>(
  draft: Draft,
  field: Field,
  { value, why }: ValueWithWhy<PlanSettings[Field]>,
): Draft {
  return {
    ...draft,
    settings: { ...draft.settings, [field]: value },
    whys: { ...draft.whys, [field]: why },
  };
}

/** A draft with other micro-batches and, where the person left that open, the batch that it had. */
export function withMicroTokens(draft: Draft, situation: Situation, micro: ValueWithWhy<number>): Draft {
  const { batchTokens, settings } = draft;
  const smaller = changed(draft, 'tokensPerMicroBatch', micro);
  if (situation.own.gradientAccumulation !== undefined) return smaller;
  const steps = stepsTaken(situation, settings, batchTokens);
  return changed(smaller, 'gradientAccumulation', accumulation(batchTokens, micro.value, steps));
}

/** Steps of a run, which may end before its epochs do. */
function stepsTaken(situation: Situation, run: Parameters<typeof stepsOf>[1], batchTokens: number): number {
  return Math.min(stepsOf(situation, run, batchTokens), situation.own.maxSteps ?? Number.POSITIVE_INFINITY);
}

/** What the person has set, with that as its reason. */
function own<Field extends PlanField>(
  situation: Situation,
  field: Field,
): ValueWithWhy<PlanSettings[Field]> | null {
  const value = situation.own[field];
  return value === undefined ? null : { value: value as PlanSettings[Field], why: OWN };
}

/** A row must fit into a micro-batch, so a size of these that the person has set limits it. */
function lengthWithin(situation: Situation): ValueWithWhy<number> {
  const rule = lengthRule(situation);
  const most = situation.own.tokensPerMicroBatch ?? Number.POSITIVE_INFINITY;
  return rule.value <= most
    ? rule
    : { value: most, why: { key: 'length-usual', numbers: { maxLength: most } } };
}

function split(fields: Fields): Pick<Draft, 'settings' | 'whys'> {
  const entries = Object.entries(fields);
  return {
    settings: Object.fromEntries(
      entries.map(([name, { value }]) => [name, value]),
    ) as unknown as PlanSettings,
    whys: Object.fromEntries(entries.map(([name, { why }]) => [name, why])) as unknown as Whys,
  };
}

/**
 * What the rules settle by model and rows alone; the others depend on memory and devices, which a plan looks at. The held-out rows of a
 * terminal are a tenth: its other commands find them by that.
 */
const RULED = [
  ...([
    'learningRate',
    'epochs',
    'rank',
    'maxLength',
    'tokensPerMicroBatch',
    'gradientAccumulation',
  ] as const),
  ...(['weightDecay', 'warmupRatio', 'look', 'replay'] as const),
];

/** Their names in run.json. */
export function ruledNames(method: PlanMethod): string[] {
  const fields = RULED.filter((field) => field !== 'rank' || method !== 'full');
  return fields.map((field) => plannedRow(field).name);
}

/** Their values for a run that nobody plans; rows are as long as without the rules, since memory is not looked at. */
export function ruledSettings(method: PlanMethod, situation: Situation): Record<string, number | boolean> {
  const { own } = situation;
  const most = Math.min(USUAL_LENGTH, own.tokensPerMicroBatch ?? USUAL_LENGTH);
  const maxLength = own.maxLength ?? Math.min(lengthRule(situation).value, most);
  const within = { ...situation, own: { ...own, maxLength } };
  const { settings } = defaultsFor(method, within, situation.executors[0]);
  // sharing changes no number that a person sees: for it alone no row is looked at
  const entries = [...RULED, 'shareBeginnings' as const].map(
    (field) => [plannedRow(field).name, settings[field]] as const,
  );
  // what is not done is not named
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number | true] => entry[1] !== null && entry[1] !== false),
  );
}

type RunSettings = Readonly<Record<string, unknown>>;

const FIELDS = fieldsFrom(
  ...(['rank', 'maxLength', 'tokensPerMicroBatch', 'gradientAccumulation', 'epochs'] as const),
  ...([
    'learningRate',
    'look',
    'replay',
    'weightDecay',
    'warmupRatio',
    'warmupSteps',
    'maxSteps',
    'heldOut',
    'objective',
  ] as const),
  ...(['device', 'executor'] as const),
);

/** What a run is asked for: what else the person has set, and over it the settings of a plan. */
export function runSettingsOf(settings: PlanSettings, own: RunSettings = {}): Record<string, unknown> {
  const { method } = settings;
  const keeps = method !== 'full' && keepsUnasked((name) => own[name] ?? valueAt(own, name));
  return { ...own, ...asked(settings), ...(keeps && { keepActivations: true }), method };
}

/** What saves memory, where it is not as a run has it anyway. */
export function unusual(settings: Partial<PlanSettings>): Record<string, unknown> {
  return asked(
    Object.fromEntries(
      FIELDS.filter((field) => plannedRow(field).plan.anyway).map((field) => [field, settings[field]]),
    ),
  );
}

/** Values by the names of run.json, without what a run has anyway. */
function asked(settings: Partial<PlanSettings>): Record<string, unknown> {
  const entries = FIELDS.flatMap((field): [string, unknown][] => {
    const { name, plan } = plannedRow(field);
    const value = settings[field] ?? null;
    const anyway = typeof plan.anyway === 'function' ? plan.anyway(settings) : plan.anyway;
    return value === null || anyway?.includes(value) ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** The settings of a plan among those of a run, given flat or as a tree; what is no value there is for the engine to refuse. */
export function planSettingsOf(run: RunSettings): Partial<PlanSettings> {
  const entries = FIELDS.flatMap((field): [string, unknown][] => {
    const row = plannedRow(field);
    const value = readInPlan(row, run[row.name] ?? valueAt(run, row.name));
    const isChosen = field === 'device' && run.deviceWhy !== undefined;
    return value === undefined || isChosen ? [] : [[field, value]];
  });
  return Object.fromEntries(entries);
}

/** Whether a value names a method. */
export function isMethod(value: unknown): value is PlanMethod {
  return readInPlan(plannedRow('method'), value) !== undefined;
}
