/**
 * The figures that a run tells of its steps and evaluations, a row each. Events, what another computer may send, store, curves, charts,
 * files and lines are made from this table (docs/recipes/add-a-step-figure.md).
 */

/** What a value is: how it is checked, written and drawn follows from it. */
export type Unit = 'count' | 'number' | 'nats' | 'share' | 'rate' | 'tokens/s' | 'bytes' | 'seconds' | 'ms';
type Moment = 'step' | 'eval';

/** How a page draws it. What is optional is drawn where a run has it. */
export interface Chart {
  /** Titles and labels are translated where they are shown. */
  readonly title: string;
  /** Label of the line over steps. */
  readonly line?: string;
  /** Label of the dots at evaluations. */
  readonly dots?: string;
  /** From step to step it jumps: a smoothed line lies over it, and its extremes stay where points are left out. */
  readonly noisy?: true;
  /** Across the page, before the others. */
  readonly wide?: true;
}

interface Row {
  readonly unit: Unit;
  readonly of: Moment | 'both';
  /** Runs of earlier versions, or of other tasks, lack it: every new figure is such. */
  readonly optional?: true;
  /** Null where it is not known yet. */
  readonly nullable?: true;
  /** A task's tally gives it; the others come from the step itself. */
  readonly task?: true;
  /** What to take in runs that lack it. */
  readonly otherwise?: string;
  /** It has a column of its own in the store; any other is kept as JSON. */
  readonly column?: true;
  /** What the lines of a log call it; those of a terminal too, where it is brief. */
  readonly said?: string;
  readonly brief?: true;
  readonly chart?: Chart;
}

/** A dot makes a field of an object: `preference.margin`. The order is that of charts, lines and columns of files. */
const ROWS = {
  /** Optimizer steps taken, counted from 1; 0 is an evaluation before training. */
  step: { unit: 'count', of: 'both', column: true },
  /** Of the whole run. */
  steps: { unit: 'count', of: 'step', column: true },
  /** Passes over the data so far, with a fraction. */
  epoch: { unit: 'number', of: 'step', column: true },
  /** Mean over labelled tokens, in nats; of pairs or sorted texts their mean. */
  loss: {
    unit: 'nats',
    of: 'both',
    task: true,
    column: true,
    said: 'loss',
    brief: true,
    chart: { title: 'Loss', line: 'Training', dots: 'Test rows', noisy: true, wide: true },
  },
  /** Of labelled tokens; of pairs that of the better answers. */
  perplexity: { unit: 'number', of: 'eval', task: true },
  /** Of texts that are sorted, the share in the right category. */
  accuracy: {
    unit: 'share',
    of: 'eval',
    optional: true,
    task: true,
    chart: { title: 'Right category', dots: 'Test rows' },
  },
  /** Share of pairs whose better answer has the larger reward; of rated answers those on the right side of none. */
  'preference.accuracy': {
    unit: 'share',
    of: 'both',
    optional: true,
    task: true,
    said: 'prefers',
    brief: true,
    chart: { title: 'Better answer preferred', dots: 'Pairs' },
  },
  /** Mean reward of the better answers less that of the others. */
  'preference.margin': {
    unit: 'number',
    of: 'both',
    optional: true,
    task: true,
    said: 'margin',
    chart: { title: 'Margin', dots: 'Pairs' },
  },
  /** Mean log-likelihood of a better answer and of a worse one, in nats. */
  'preference.chosen': { unit: 'nats', of: 'both', optional: true, task: true },
  'preference.rejected': { unit: 'nats', of: 'both', optional: true, task: true },
  /** Global L2 norm of the gradient before clipping. */
  gradNorm: { unit: 'number', of: 'step', column: true, said: 'gradient' },
  learningRate: {
    unit: 'rate',
    of: 'step',
    column: true,
    said: 'learning rate',
    chart: { title: 'Learning rate', line: 'Rate' },
  },
  /** Real tokens that went through the model in this step (prompts included, padding not). */
  tokens: { unit: 'count', of: 'step', column: true },
  /** The same per second, averaged over recent steps. */
  tokensPerSecond: {
    unit: 'tokens/s',
    of: 'step',
    column: true,
    said: '',
    chart: { title: 'Speed', line: 'Speed' },
  },
  stepMs: { unit: 'ms', of: 'step', column: true },
  /** Resident memory of the engine's process now. */
  rssBytes: { unit: 'bytes', of: 'step', column: true },
  /** The same with weights once that several programs have mapped: what a plan calls needed. */
  memoryBytes: {
    unit: 'bytes',
    of: 'step',
    optional: true,
    otherwise: 'rssBytes',
    chart: { title: 'Memory in use', line: 'Memory' },
  },
  /** Estimate for the rest of the training, evaluations included; null before it can be estimated. */
  secondsLeft: { unit: 'seconds', of: 'step', nullable: true, column: true },
  /** Estimate for the assessment after it; missing where there is none, or before it can be estimated. */
  assessmentSeconds: { unit: 'seconds', of: 'step', optional: true },
  labelledTokens: { unit: 'count', of: 'eval' },
} as const satisfies Readonly<Record<string, Row>>;

type Rows = typeof ROWS;
export type FigureKey = keyof Rows;
/** The keys of the rows that are like `Like`. */
type Keys<Like> = { [K in FigureKey]: Rows[K] extends Like ? K : never }[FigureKey];

type Field<K extends string> = Extract<K, `${string}.${string}`>;
type Whole<K extends string> = Exclude<K, `${string}.${string}`>;
type Group<K> = K extends `${infer G}.${string}` ? G : never;
type Optional = Keys<{ optional: true }>;
type Value<K extends FigureKey> = Rows[K] extends { nullable: true } ? number | null : number;

/** An object with the figures `K`, those with a dot as objects of their own. */
type Figures<K extends FigureKey> = {
  readonly [P in keyof Rows as P extends Whole<Exclude<K, Optional>> ? P : never]: Value<P>;
} & { readonly [P in keyof Rows as P extends Whole<Extract<K, Optional>> ? P : never]?: Value<P> } & {
  readonly [G in Group<Field<K>>]?: {
    readonly [P in Extract<K, `${G}.${string}`> as P extends `${G}.${infer Name}` ? Name : never]: number;
  };
};

export type StepFigures = Figures<Keys<{ of: 'step' | 'both' }>>;
export type EvalFigures = Figures<Keys<{ of: 'eval' | 'both' }>>;
interface FiguresIn {
  readonly step: StepFigures;
  readonly eval: EvalFigures;
}
/** What a task's tally gives. */
export type TaskFigures = Figures<Keys<{ task: true }>>;
/** What of that a step tells. */
export type TaskStepFigures = Figures<Keys<{ of: 'step' | 'both'; task: true }>>;
/** What only some steps tell. */
export type OptionalStepFigures = Figures<Keys<{ of: 'step' | 'both'; optional: true }>>;
/** Figures with a column in the store. */
export type ColumnKey = Keys<{ column: true }>;
/** Figures with a line over the steps, and the steps. */
export type CurveKey = 'step' | Keys<{ chart: { line: string } }>;

/** A column of values for each curve; one of an optional figure is missing where a run has none. */
export type Curves<Column> = Readonly<Record<Exclude<CurveKey, Optional>, Column>> &
  Readonly<Partial<Record<Extract<CurveKey, Optional>, Column>>>;

export interface StepFigure extends Row {
  readonly key: FigureKey;
}

const ALL = (Object.entries(ROWS) as [FigureKey, Row][]).map(([key, row]): StepFigure => ({ key, ...row }));

const isAt = (of: Moment) => (row: Row) => row.of === of || row.of === 'both';

/** The rows of what a step or an evaluation tells. */
export const FIGURES: Readonly<Record<Moment, readonly StepFigure[]>> = {
  step: ALL.filter(isAt('step')),
  eval: ALL.filter(isAt('eval')),
};
export const CHARTS = ALL.filter((row): row is StepFigure & { readonly chart: Chart } => !!row.chart);
export const COLUMNS = ALL.filter((row) => row.column) as readonly (StepFigure & {
  readonly key: ColumnKey;
})[];
export const CURVES = ALL.filter(
  ({ key, chart }) => key === 'step' || chart?.line,
) as readonly (StepFigure & {
  readonly key: CurveKey;
})[];

const nameOf = (key: string): string => key.split('.')[0]!;
const NAMES = {
  step: new Set(FIGURES.step.map(({ key }) => nameOf(key))),
  eval: new Set(FIGURES.eval.map(({ key }) => nameOf(key))),
};

/** Of what is known, the figures that belong in that event. */
export function figuresFor<Of extends Moment, Known extends object>(
  of: Of,
  known: Known,
): Pick<Known, keyof Known & keyof FiguresIn[Of]> {
  const fitting = Object.entries(known).filter(([name]) => NAMES[of].has(name));
  return Object.fromEntries(fitting) as Pick<Known, keyof Known & keyof FiguresIn[Of]>;
}

/** The figure in an event of either kind; undefined where it has none. */
export function figureIn(event: object, key: string): number | null | undefined {
  const found = key
    .split('.')
    .reduce<unknown>(
      (value, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name],
      event,
    );
  const { otherwise } = ROWS[key as FigureKey] as Row;
  if (found === undefined && otherwise !== undefined) return figureIn(event, otherwise);
  return found as number | null | undefined;
}
