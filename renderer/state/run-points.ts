/**
 * The curves of a run as they grow: what the store has, and after it every step as it comes. A resumed run repeats steps, and
 * then the later figures hold. More points than a plot can show are thinned to half.
 */
import type { RunCurves, StepEvent } from '../../common/api/contract.ts';

/** Columns of equal length; a figure that is no number is null. */
export interface Columns {
  readonly step: readonly number[];
  readonly loss: readonly (number | null)[];
  readonly learningRate: readonly (number | null)[];
  readonly tokensPerSecond: readonly (number | null)[];
  readonly memoryBytes: readonly (number | null)[];
}

type Name = keyof Columns;

const NAMES: readonly Name[] = ['step', 'loss', 'learningRate', 'tokensPerSecond', 'memoryBytes'];
const MOST = 4000;

export const NO_POINTS: Columns = {
  step: [],
  loss: [],
  learningRate: [],
  tokensPerSecond: [],
  memoryBytes: [],
};

export class RunPoints {
  readonly #most: number;
  #columns: Record<Name, number[]> = empty();

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Starts anew with what the store has. */
  fill(curves: RunCurves): void {
    this.#columns = empty();
    for (const name of NAMES) this.#columns[name] = [...curves[name]];
  }

  add(event: StepEvent): void {
    this.#rewind(event.step);
    const figures = { ...event, memoryBytes: event.memoryBytes ?? event.rssBytes };
    for (const name of NAMES) this.#columns[name].push(figures[name]);
    if (this.#columns.step.length > this.#most) this.#thin();
  }

  /** The points so far, as a copy. */
  columns(): Columns {
    const { step, ...others } = this.#columns;
    const [loss, learningRate, tokensPerSecond, memoryBytes] = [
      others.loss,
      others.learningRate,
      others.tokensPerSecond,
      others.memoryBytes,
    ].map((values) => values.map(finite));
    return { step: [...step], loss, learningRate, tokensPerSecond, memoryBytes } as Columns;
  }

  #rewind(step: number): void {
    const steps = this.#columns.step;
    let kept = steps.length;
    while (kept > 0 && steps[kept - 1]! >= step) kept -= 1;
    if (kept < steps.length) for (const name of NAMES) this.#columns[name].length = kept;
  }

  /** Every second point goes; the newest one stays. */
  #thin(): void {
    const odd = (this.#columns.step.length - 1) % 2;
    for (const name of NAMES)
      this.#columns[name] = this.#columns[name].filter((_, index) => index % 2 === odd || index === 0);
  }
}

function empty(): Record<Name, number[]> {
  return { step: [], loss: [], learningRate: [], tokensPerSecond: [], memoryBytes: [] };
}

/** What is not a number cannot be drawn; a store without the value gives null. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
