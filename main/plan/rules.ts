/**
 * Rules for single values that depend on the method, the model and the rows, each with its reason. Where each is from stands in
 * docs/defaults.md. Nothing here looks at memory or time: search.ts does.
 */

import type { PlanMethod, Why } from '../../common/api/contract.ts';
import type { TaskKind } from '../../common/protocol/protocol.ts';
import {
  type ForgettingFacts,
  forgettingForecast,
  isFixedForm,
  PLANNED_REPLAY,
} from '../../common/settings/forgetting.ts';
import { stepsOfLook } from '../../common/settings/look.ts';
import { RANKS } from '../../common/settings/lora.ts';
import { isOverPairs } from '../../common/settings/objective.ts';
import { usualHeldOut } from '../../common/settings/rows.ts';
import { TINY } from '../../common/settings/sizes.ts';
import { lengthChoices, tokensWithin, USUAL_LENGTH } from './lengths.ts';
import { adapterParameters } from './shapes.ts';
import type { Situation } from './situation.ts';

export interface ValueWithWhy<Value> {
  readonly value: Value;
  readonly why: Why;
}

/** Below this many a model is small: its adapters learn at a rate that larger models don't bear. */
const SMALL = 500e6;

function isSmall({ parameters }: Situation['model']): boolean {
  return parameters >= TINY && parameters < SMALL;
}

interface Rates {
  readonly below: number;
  /** For adapters and for all weights, of rows with answers and of better and worse answers. */
  readonly adapter: number;
  readonly full: number;
  readonly pairs: { readonly adapter: number; readonly full: number };
  /** Of adapters where answers are of a fixed form, if another was measured to be better. */
  readonly fixed?: number;
}
const FIXED_FORM: ReadonlySet<TaskKind | undefined> = new Set<TaskKind>(['label', 'json']);
/** Highest learning rates by the number of weights (docs/defaults.md says where each is from). */
const RATES: readonly [Rates, ...Rates[]] = [
  { below: TINY, adapter: 1e-3, full: 2e-4, pairs: { adapter: 5e-4, full: 2e-5 } },
  { below: 200e6, adapter: 1e-3, full: 5e-5, pairs: { adapter: 5e-5, full: 2.5e-6 }, fixed: 2e-3 },
  { below: SMALL, adapter: 1e-3, full: 5e-5, pairs: { adapter: 5e-5, full: 2.5e-6 } },
  { below: 20e9, adapter: 2e-4, full: 2e-5, pairs: { adapter: 2e-5, full: 1e-6 } },
  { below: Number.POSITIVE_INFINITY, adapter: 1e-4, full: 1e-5, pairs: { adapter: 1e-5, full: 5e-7 } },
];

/**
 * Rate times steps, where all weights of a tiny model are trained: what a run forgets grows with it, and few steps at the rate for many
 * learn little. So the rate rises in short runs, up to a limit.
 */
const TINY_DOSE = 0.028;
const MOST_TINY = 6e-4;

/** Passes over the rows: few rows must be seen more often, many need it once. `small`: the same limit for a small model. */
const EPOCHS: readonly { readonly below: number; readonly small?: number; readonly epochs: number }[] = [
  { below: 200, small: 500, epochs: 5 },
  { below: 2_001, epochs: 3 },
  { below: 10_001, epochs: 2 },
  { below: Number.POSITIVE_INFINITY, epochs: 1 },
];
/** Passes after which a small model has learned such answers, from so many rows on and below so many. */
const ENOUGH_PASSES: readonly {
  readonly kind: TaskKind | 'pairs';
  readonly from: number;
  readonly below: number;
  readonly passes: number;
}[] = [
  { kind: 'label', from: 0, below: 100, passes: 10 },
  { kind: 'label', from: 200, below: 500, passes: 3 },
  { kind: 'pairs', from: 100, below: 10_001, passes: 2 },
  { kind: 'calls', from: 100, below: 10_001, passes: 2 },
  { kind: 'free', from: 200, below: 500, passes: 2 },
];
/** Passes more that a tiny model needs. */
const TINY_MORE = { full: 1, lora: 2, qlora: 2 } as const;

const USUAL_RANK = 16;
const KNOWLEDGE_RANK = 32;
const FEW_ROWS_FOR_RANK = 200;
/** An adapter holds about two bits a weight, and a token teaches at most about one. */
const BITS_PER_WEIGHT = 2;

const BATCH_TOKENS = [8192, 4096, 2048, 1024] as const;
/** Measured: small models learn more of few rows in more steps of fewer tokens, tiny ones as much in more time. */
const SMALL_BATCH_TOKENS = [...BATCH_TOKENS, 512] as const;
/** Of these answers even in steps of so few; of sentences not. */
const TERSE_BATCH_TOKENS = [...SMALL_BATCH_TOKENS, 256] as const;
const TERSE: readonly (TaskKind | undefined)[] = ['label', 'json'];
/** A run should take at least so many steps before batches become larger. */
const ENOUGH_STEPS = 150;
const USUAL_MICRO_TOKENS = 1024;

const WARMUP = 0.03;
const MOST_WARMUP = 0.1;
const WARMUP_STEPS = 5;

/** With fewer rows than this, a tenth is too little to measure on. */
const FEW_ROWS_TO_MEASURE = 100;
/** Tokens of a row where nobody has counted them. */
const GUESSED_ROW_TOKENS = 200;

/** The usual highest learning rate; of how many steps and for which answers, where that is known. */
export function rateRule(
  method: PlanMethod,
  parameters: number,
  run: {
    readonly objective?: string | undefined;
    readonly task?: TaskKind | undefined;
    readonly steps?: number;
  } = {},
): ValueWithWhy<number> {
  const { objective, task, steps = Number.POSITIVE_INFINITY } = run;
  const row = RATES.find(({ below }) => parameters < below) ?? RATES[0];
  const trained = method === 'full' ? 'full' : 'adapter';
  const isPreference = isOverPairs({ objective });
  const usual = (isPreference ? row.pairs : row)[trained];
  if (isPreference)
    return { value: usual, why: { key: 'rate-preference', numbers: { rate: usual, parameters } } };
  const rate = (trained === 'adapter' && FIXED_FORM.has(task) && row.fixed) || usual;
  if (parameters < TINY && trained === 'full') {
    const higher = Math.min(MOST_TINY, Number((TINY_DOSE / steps).toPrecision(2)));
    if (higher > rate)
      return { value: higher, why: { key: 'rate-tiny-few', numbers: { rate: higher, steps } } };
  }
  if (parameters < TINY) return { value: rate, why: { key: 'rate-tiny', numbers: { rate } } };
  return { value: rate, why: { key: `rate-${trained}`, numbers: { rate, parameters } } };
}

/**
 * Models and rows on which the usual rate was measured (docs/defaults.md). What is in no line is unsure, and rates are tried first. The
 * objectives over pairs have rates of their own, and their losses say little of what is learned.
 */
const MEASURED: readonly {
  readonly family: string;
  readonly from: number;
  readonly below: number;
  readonly methods: readonly PlanMethod[];
  /** All kinds of answers where it is left out. */
  readonly tasks?: readonly TaskKind[];
}[] = [
  { family: 'llama', from: 0, below: TINY, methods: ['full', 'lora', 'qlora'] },
  {
    family: 'llama',
    from: TINY,
    below: SMALL,
    methods: ['lora', 'qlora'],
    tasks: ['label', 'json', 'calls'],
  },
];

/** Fewer rows with categories learn less beside general ones. */
const ROWS_TO_REPLAY = 200;

/**
 * General rows mixed in where much would be lost without them. Measured for adapters and answers of a fixed form: others forget less, and
 * what general rows cost them is not known.
 */
export function replayRule(
  facts: Omit<ForgettingFacts, 'task'> & Pick<Situation, 'rows'> & { readonly task: TaskKind | undefined },
): ValueWithWhy<number> {
  const { method, task, rows, objective = 'answers' } = facts;
  const none = (key: 'replay-unmeasured' | 'replay-little' | 'replay-few') => ({
    value: 0,
    why: { key, numbers: {} },
  });
  // a head that sorts writes nothing, and pairs have two answers
  if (method === 'full' || !task || !isFixedForm(task) || objective !== 'answers')
    return none('replay-unmeasured');
  const { risk, lostShare } = forgettingForecast({ ...facts, task });
  if (risk !== 'high') return none('replay-little');
  if (task === 'label' && rows < ROWS_TO_REPLAY) return none('replay-few');
  return { value: PLANNED_REPLAY, why: { key: 'replay-forgets', numbers: { lost: lostShare } } };
}

/** Whether learning rates are tried before a run of so many steps. */
export function lookRule(method: PlanMethod, situation: Situation, steps: number): ValueWithWhy<boolean> {
  const { model, task, own } = situation;
  const not = (why: Why): ValueWithWhy<boolean> => ({ value: false, why });
  if (own.learningRate !== undefined) return not({ key: 'look-own', numbers: {} });
  // an example stands for any model
  if (model.family === undefined) return not({ key: 'look-measured', numbers: {} });
  const isMeasured = MEASURED.some(
    ({ family, from, below, methods, tasks }) =>
      family === model.family &&
      model.parameters >= from &&
      model.parameters < below &&
      methods.includes(method) &&
      (tasks === undefined || (task !== undefined && tasks.includes(task))),
  );
  if (isMeasured) return not({ key: 'look-measured', numbers: {} });
  if (stepsOfLook(steps) === 0) return not({ key: 'look-short', numbers: { steps } });
  return { value: true, why: { key: 'look-unsure', numbers: {} } };
}

/** The usual number of passes over the rows. */
export function epochsRule(
  method: PlanMethod,
  { rows, model, task, own }: Pick<Situation, 'rows' | 'model' | 'task'> & Partial<Pick<Situation, 'own'>>,
): ValueWithWhy<number> {
  const usual =
    EPOCHS.find(({ below, small = below }) => rows < (isSmall(model) ? small : below))?.epochs ?? 1;
  const known = isOverPairs(own ?? {}) ? 'pairs' : task;
  const enough = ENOUGH_PASSES.find(
    ({ kind, from, below }) => kind === known && rows >= from && rows < below,
  );
  if (isSmall(model) && enough)
    return { value: enough.passes, why: { key: 'epochs-enough', numbers: { epochs: enough.passes } } };
  const isTiny = model.parameters < TINY;
  const epochs = usual + (isTiny ? TINY_MORE[method] : 0);
  return { value: epochs, why: { key: isTiny ? 'epochs-tiny' : 'epochs-rows', numbers: { epochs, rows } } };
}

/** The rank of adapters that hold what the rows can teach. */
export function rankRule(situation: Situation, maxLength: number): ValueWithWhy<number> {
  const { goal, rows } = situation;
  const { labelled } = trainedTokens(situation, maxLength);
  if (rows < FEW_ROWS_FOR_RANK && goal !== 'knowledge')
    return { value: RANKS[0], why: { key: 'rank-few-rows', numbers: { rank: RANKS[0], rows } } };
  const least = goal === 'knowledge' ? KNOWLEDGE_RANK : USUAL_RANK;
  const candidates = RANKS.filter((rank) => rank >= least);
  const rank =
    candidates.find((one) => capacityTokens(situation.model.parameters, one) >= labelled) ??
    RANKS[RANKS.length - 1]!;
  if (rank > least)
    return { value: rank, why: { key: 'rank-holds', numbers: { rank, labelledTokens: labelled } } };
  return {
    value: rank,
    why: { key: goal === 'knowledge' ? 'rank-knowledge' : 'rank-usual', numbers: { rank } },
  };
}

/** Trained tokens whose content adapters of a rank can hold. */
export function capacityTokens(parameters: number, rank: number): number {
  return BITS_PER_WEIGHT * adapterParameters(parameters, rank);
}

/** Tokens of an epoch that are trained on, and those of them that the loss counts. */
export function trainedTokens(
  situation: Situation,
  maxLength: number,
): { readonly tokens: number; readonly labelled: number } {
  const { rows, profile, own: set } = situation;
  const within =
    profile === null
      ? { tokens: rows * GUESSED_ROW_TOKENS, labelled: rows * GUESSED_ROW_TOKENS }
      : tokensWithin(profile, maxLength);
  const held = situation.hasHeldOutFile ? 0 : (set.heldOut ?? heldOutRule(situation).value ?? 0);
  const share = held <= 0.9 ? 1 - held : Math.max(0, 1 - held / Math.max(1, rows));
  return { tokens: within.tokens * share, labelled: within.labelled * share };
}

/** The tokens of a step: the largest batch that leaves the run enough steps. */
export function batchRule(situation: Situation, run: Run): number {
  const { model, task } = situation;
  const small = TERSE.includes(task) ? TERSE_BATCH_TOKENS : SMALL_BATCH_TOKENS;
  const sizes = isSmall(model) ? small : BATCH_TOKENS;
  return sizes.find((tokens) => stepsOf(situation, run, tokens) >= ENOUGH_STEPS) ?? sizes.at(-1)!;
}

/** What decides how many tokens a run sees. */
export interface Run {
  readonly maxLength: number;
  readonly epochs: number;
}

/** Steps of a run, packed without loss. */
export function stepsOf(situation: Situation, { maxLength, epochs }: Run, batchTokens: number): number {
  return Math.max(1, Math.round((trainedTokens(situation, maxLength).tokens * epochs) / batchTokens));
}

/** The limit on the tokens of a row. */
export function lengthRule({ profile, model: { contextLength } }: Situation): ValueWithWhy<number> {
  if (profile !== null) {
    const { proposed, why } = lengthChoices(profile, contextLength);
    return { value: proposed, why };
  }
  const maxLength = Math.min(USUAL_LENGTH, contextLength ?? USUAL_LENGTH);
  return { value: maxLength, why: { key: 'length-usual', numbers: { maxLength } } };
}

/** Tokens at once: what is usual, no more than a step of `batchTokens` has, or a whole row where that is longer. */
export function microRule(maxLength: number, batchTokens: number): ValueWithWhy<number> {
  const usual = Math.min(USUAL_MICRO_TOKENS, batchTokens);
  if (maxLength > usual)
    return { value: maxLength, why: { key: 'micro-longest', numbers: { tokens: maxLength, maxLength } } };
  const key = usual < USUAL_MICRO_TOKENS ? 'micro-step' : 'micro-usual';
  return { value: usual, why: { key, numbers: { tokens: usual } } };
}

/** Micro-batches of a step that keep the batch at about `batchTokens`. */
export function accumulation(batchTokens: number, microTokens: number, steps: number): ValueWithWhy<number> {
  const value = Math.max(1, Math.round(batchTokens / microTokens));
  const numbers = { batchTokens: value * microTokens, steps };
  if (value === 1) return { value, why: { key: 'accumulation-one', numbers } };
  return { value, why: { key: 'accumulation-batch', numbers: { accumulation: value, ...numbers } } };
}

export function decayRule(method: PlanMethod, parameters: number): ValueWithWhy<number> {
  if (method === 'full') return { value: 0.01, why: { key: 'decay-full', numbers: { decay: 0.01 } } };
  if (parameters < TINY) return { value: 0.1, why: { key: 'decay-tiny', numbers: { decay: 0.1 } } };
  return { value: 0, why: { key: 'decay-adapter', numbers: { decay: 0 } } };
}

/** The share of the steps in which the rate rises: the usual one, or what a short run needs for five steps. */
export function warmupRule(steps: number): ValueWithWhy<number> {
  const needed = Math.round((WARMUP_STEPS / steps) * 100) / 100;
  const ratio = Math.min(MOST_WARMUP, Math.max(WARMUP, needed));
  return {
    value: ratio,
    why: { key: ratio > WARMUP ? 'warmup-short' : 'warmup-usual', numbers: { ratio, steps } },
  };
}

/** Rows to measure on: a share, or a number where there are very many. */
export function heldOutRule({
  hasHeldOutFile,
  rows,
}: Pick<Situation, 'hasHeldOutFile' | 'rows'>): ValueWithWhy<number | null> {
  if (hasHeldOutFile) return { value: null, why: { key: 'held-out-file', numbers: {} } };
  if (rows < FEW_ROWS_TO_MEASURE) return { value: 0.2, why: { key: 'held-out-fifth', numbers: { rows } } };
  const usual = usualHeldOut(rows);
  if (usual > 1) return { value: usual, why: { key: 'held-out-most', numbers: { rows: usual, of: rows } } };
  return { value: usual, why: { key: 'held-out-tenth', numbers: { rows } } };
}

export const NO_RANK: ValueWithWhy<null> = { value: null, why: { key: 'rank-none', numbers: {} } };
