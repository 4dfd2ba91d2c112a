/** The trained values with the optimizer's moments and the anchor, flat: what an update changes, in any thread that shares them. */

import { type ParameterSlice, pullBack, type Range } from '../nn/adamw.ts';
import { type Allocate, floatMasters, halfMasters, type Masters } from './masters.ts';
import { type AdamW, type Moments, newMoments, type Optimizer, scalarsAt } from './moments.ts';

export interface ValuesPlan {
  readonly size: number;
  /** What lies before it has weight decay, and 16 bits where `isHalf`. */
  readonly decayedEnd: number;
  readonly isHalf: boolean;
  /** Values that are updated at once; no chunk lies across `decayedEnd`. */
  readonly chunk: number;
  readonly optimizer: Optimizer;
  readonly anchored: boolean;
}

/** An update of some values: its settings, what each gradient is multiplied with, and its number, from 1. */
export interface Update {
  readonly settings: AdamW;
  readonly scale: number;
  readonly number: number;
}

/** Gradients, of which the first one is that of value `gradFirst`. */
export type Gradients = Required<Pick<ParameterSlice, 'grad' | 'gradFirst'>>;

export class TrainedValues {
  readonly masters: Masters;
  readonly moments: Moments;
  /** Where the values began; null where nothing pulls them back there. */
  readonly anchor: Masters | null;
  readonly #plan: ValuesPlan;

  constructor(plan: ValuesPlan, allocate: Allocate) {
    const { size, decayedEnd, isHalf, optimizer, anchored } = plan;
    const newMasters = () =>
      isHalf ? halfMasters(size, decayedEnd, allocate) : floatMasters(size, allocate);
    this.#plan = plan;
    this.moments = newMoments(optimizer, size, allocate);
    this.masters = newMasters();
    this.anchor = anchored ? newMasters() : null;
  }

  /** Start and end of each chunk of `range`. */
  *chunks([from, end]: Range): Generator<Range> {
    for (let start = from; start < end; start += this.#plan.chunk)
      yield [start, Math.min(end, start + this.#plan.chunk)];
  }

  pull({ stayClose = 0 }: AdamW): number {
    return this.anchor ? stayClose : 0;
  }

  update(range: Range, gradients: Gradients, update: Update): void {
    for (const chunk of this.chunks(range)) this.#updateChunk(chunk, gradients, update);
  }

  #updateChunk(range: Range, gradients: Gradients, { settings, scale, number }: Update): void {
    const pull = this.pull(settings);
    const decay = range[0] < this.#plan.decayedEnd ? settings.weightDecay : 0;
    const { rate } = settings;
    const all = { ...scalarsAt(settings, number), scale, shrink: 1 - rate * (decay + pull) };
    const start = this.anchor?.read(range);
    this.masters.update(range, number, ({ param, first }) => {
      this.moments.update({ param, first, ...gradients }, range, all, number);
      if (start) pullBack(param.subarray(range[0] - first, range[1] - first), start, rate * pull);
    });
  }
}
