/**
 * The progress and the curves of a run, as a pure fold of its events: a page that was just opened shows the same as one that watched from the
 * beginning.
 */
import type {
  CheckpointEvent,
  DoneEvent,
  EngineEvent,
  ErrorEvent,
  LookEvent,
  NumberedEvent,
  PhaseEvent,
  RescueEvent,
  RunCurves,
  RunSample,
  StartEvent,
  StepEvent,
  StoppedEvent,
} from '../../common/api/contract.ts';
import { type CHARTS, CURVES, type CurveKey, figureIn } from '../../common/step-figures.ts';

export type EvalPoint = RunCurves['evals'][number];

interface Warning {
  readonly code: string;
  readonly message: string;
}

export interface Progress {
  /** The learning rates that were tried before the run; null where none were. */
  readonly look: LookEvent | null;
  readonly start: StartEvent | null;
  readonly step: StepEvent | null;
  /** Whether the learning rate was still rising at the last step. */
  readonly warmingUp: boolean;
  /** What goes on between steps; null while steps are taken. */
  readonly phase: PhaseEvent | null;
  readonly evals: readonly EvalPoint[];
  readonly samples: readonly RunSample[];
  readonly checkpoint: CheckpointEvent | null;
  readonly warnings: readonly Warning[];
  /** How often it went on by itself after a failure, and with what settings. */
  readonly rescues: readonly RescueEvent[];
  readonly end: DoneEvent | StoppedEvent | ErrorEvent | null;
}

export const NO_PROGRESS: Progress = {
  look: null,
  start: null,
  step: null,
  warmingUp: false,
  phase: null,
  evals: [],
  samples: [],
  checkpoint: null,
  warnings: [],
  rescues: [],
  end: null,
};

type Fold<Kind extends EngineEvent['event']> = (
  progress: Progress,
  event: Extract<EngineEvent, { event: Kind }>,
  isNew: boolean,
) => Partial<Progress>;

const FOLDS: { readonly [Kind in EngineEvent['event']]: Fold<Kind> } = {
  phase: (_, phase) => ({ phase }),
  look: (_, look) => ({ look }),
  // steps after the checkpoint that a run resumes from have yet to be taken again
  start: ({ step }, start) => ({
    start,
    step: step !== null && step.step > start.stepsDone ? null : step,
    end: null,
    phase: null,
  }),
  step: ({ step }, next) => ({
    step: next,
    warmingUp: step !== null && next.step > step.step && next.learningRate > step.learningRate,
    phase: null,
  }),
  eval: ({ evals }, { event: _, ...point }, isNew) =>
    isNew ? { evals: withLater(evals, point), phase: null } : { phase: null },
  sample: ({ samples }, { step, prompt, text }, isNew) =>
    isNew ? { samples: withSample(samples, { step, prompt, text }) } : {},
  checkpoint: (_, checkpoint) => ({ checkpoint, phase: null }),
  rescue: ({ rescues }, rescue) => ({ rescues: [...rescues, rescue], phase: null, end: null }),
  warning: ({ warnings }, { code, message }) => ({ warnings: withWarning(warnings, { code, message }) }),
  assessment: () => ({ phase: null }),
  stopped: (_, end) => ({ end, phase: null }),
  done: (_, end) => ({ end, phase: null }),
  error: (_, end) => ({ end, phase: null }),
};

/**
 * The progress after these events. Evaluations and samples up to number `covered` are there already, read
 * from the store: of those events only the rest is taken.
 */
export function advance(progress: Progress, events: readonly NumberedEvent[], covered = 0): Progress {
  let now = progress;
  for (const { number, event } of events) now = { ...now, ...folded(now, event, number > covered) };
  return now;
}

function folded(progress: Progress, event: EngineEvent, isNew: boolean): Partial<Progress> {
  const fold = FOLDS[event.event] as Fold<EngineEvent['event']> | undefined;
  return fold?.(progress, event, isNew) ?? {};
}

/** A resumed run does what came after its checkpoint again: the later one of two records holds. */
function withLater(evals: readonly EvalPoint[], next: EvalPoint): EvalPoint[] {
  return [...evals.filter(({ step }) => step < next.step), next];
}

function withSample(samples: readonly RunSample[], next: RunSample): RunSample[] {
  const others = samples.filter(
    ({ step, prompt }) => step < next.step || (step === next.step && prompt !== next.prompt),
  );
  return [...others, next];
}

function withWarning(warnings: readonly Warning[], next: Warning): readonly Warning[] {
  return warnings.some(({ message }) => message === next.message) ? warnings : [...warnings, next];
}

/** The answers to one prompt: the one before training, and those after it, the newest first. */
interface PromptAnswers {
  readonly prompt: string;
  readonly before: RunSample | null;
  readonly later: readonly RunSample[];
}

/** Samples by prompt, in the order in which the prompts came. */
export function byPrompt(samples: readonly RunSample[]): PromptAnswers[] {
  const prompts = [...new Set(samples.map(({ prompt }) => prompt))];
  return prompts.map((prompt) => {
    const own = samples.filter((sample) => sample.prompt === prompt);
    return {
      prompt,
      before: own.find(({ step }) => step === 0) ?? null,
      later: own.filter(({ step }) => step > 0).toSorted((a, b) => b.step - a.step),
    };
  });
}

/** Which time a run goes through its rows, and how often in all; null where a number of steps ends it. */
export function passOf(
  { epoch, step, steps }: Pick<StepEvent, 'epoch' | 'step' | 'steps'>,
  { epochs, maxSteps }: Readonly<Record<string, unknown>>,
): { readonly pass: number; readonly passes: number | null } | null {
  if (step === 0) return null;
  const isCut = typeof maxSteps === 'number' && steps >= maxSteps;
  const passes = typeof epochs === 'number' && !isCut ? Math.max(1, Math.ceil(epochs)) : null;
  return { pass: Math.min(Math.max(1, Math.ceil(epoch)), passes ?? Number.POSITIVE_INFINITY), passes };
}

const KEYS = CURVES.map(({ key }) => key);
const MOST = 4000;

/** Columns of equal length; a figure that is no number is null. */
export type Columns = { readonly step: readonly number[] } & Readonly<
  Record<Exclude<CurveKey, 'step'>, readonly (number | null)[]>
>;

export const NO_POINTS: Columns = columnsOf(() => []);

/** A column for each curve. */
function columnsOf<Value>(of: (key: CurveKey) => Value[]): Record<CurveKey, Value[]> {
  return Object.fromEntries(KEYS.map((key) => [key, of(key)])) as Record<CurveKey, Value[]>;
}

export class RunPoints {
  readonly #most: number;
  #columns = columnsOf<number | null>(() => []);

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Starts over with what the store has. */
  fill(curves: RunCurves): void {
    this.#columns = columnsOf((key) => [...(curves[key] ?? curves.step.map(() => null))]);
  }

  add(event: StepEvent): void {
    this.#rewind(event.step);
    for (const key of KEYS) this.#columns[key].push(figureIn(event, key) ?? null);
    if (this.#columns.step.length > this.#most) this.#thin();
  }

  /** The points so far, as a copy. */
  columns(): Columns {
    return { ...columnsOf((key) => this.#columns[key].map(finite)), step: [...this.#steps] };
  }

  get #steps(): readonly number[] {
    return this.#columns.step as readonly number[];
  }

  #rewind(step: number): void {
    const steps = this.#steps;
    let kept = steps.length;
    while (kept > 0 && steps[kept - 1]! >= step) kept -= 1;
    if (kept < steps.length) for (const key of KEYS) this.#columns[key].length = kept;
  }

  /** Every second point goes; the newest one stays. */
  #thin(): void {
    const odd = (this.#columns.step.length - 1) % 2;
    for (const key of KEYS)
      this.#columns[key] = this.#columns[key].filter((_, index) => index % 2 === odd || index === 0);
  }
}

/** What is not a number cannot be drawn; a store without the value gives null. */
function finite(value: number | null | undefined): number | null {
  return value != null && Number.isFinite(value) ? value : null;
}

interface Drawn {
  readonly xs: readonly number[];
  readonly line: readonly (number | null)[];
  readonly dots: readonly (number | null)[];
}

/** A figure over the steps that have it, from curves, evaluations or both; each of them is sorted by step. */
export function drawn(
  { key, chart }: (typeof CHARTS)[number],
  curves: Columns,
  evals: readonly EvalPoint[],
): Drawn {
  const steps = chart.line === undefined ? [] : curves.step;
  const values = curves[key as CurveKey];
  const measured =
    chart.dots === undefined ? [] : evals.filter((point) => figureIn(point, key) !== undefined);
  const xs: number[] = [];
  const line: (number | null)[] = [];
  const dots: (number | null)[] = [];
  let [point, evaluation] = [0, 0];
  while (point < steps.length || evaluation < measured.length) {
    const nextPoint = steps[point] ?? Number.POSITIVE_INFINITY;
    const nextEval = measured[evaluation]?.step ?? Number.POSITIVE_INFINITY;
    xs.push(Math.min(nextPoint, nextEval));
    line.push(nextPoint <= nextEval ? (values[point++] ?? null) : null);
    dots.push(nextEval <= nextPoint ? finite(figureIn(measured[evaluation++]!, key)) : null);
  }
  return { xs, line, dots };
}
