/** Where trained parameters lie in the flat buffers: those with weight decay first. */
import { internal } from '../../../common/errors.ts';
import { sizeOf, sizeOfAll } from '../ir/shape.ts';
import { type Range, UPDATE_CHUNK } from '../nn/adamw.ts';
import { isDecayed, type Trainable } from '../nn/parameters.ts';
import { FLOAT16_BLOCK } from '../nn/small-floats.ts';
import { alignmentOf, type Optimizer } from './moments.ts';

/** Gradients of some parameters in one buffer of so many values, each parameter's from its start on. */
export interface GradientPart {
  readonly starts: ReadonlyMap<string, number>;
  readonly size: number;
}

interface Place {
  readonly trainable: Trainable;
  readonly start: number;
  readonly size: number;
}

export class StateLayout {
  readonly places: ReadonlyMap<string, Place>;
  readonly size: number;
  /** What lies before it has weight decay. */
  readonly decayedEnd: number;
  /** Whether values before `decayedEnd` are kept in 16 bits. */
  readonly isHalf: boolean;
  /** Values that are updated at once. No chunk lies across `decayedEnd`. */
  readonly chunk: number;
  /** Parameters begin at multiples of it. */
  readonly #alignment: number;

  constructor(trainables: readonly Trainable[], optimizer: Optimizer) {
    this.isHalf = trainables.some(({ dtype }) => dtype === 'f16');
    this.#alignment = Math.max(alignmentOf(optimizer), this.isHalf ? FLOAT16_BLOCK : 1);
    this.chunk = roundUp(Math.min(UPDATE_CHUNK, Math.max(1, sizeOfAll(trainables))), this.#alignment);
    const places = new Map<string, Place>();
    let end = 0;
    const place = (decayed: boolean) => {
      for (const trainable of trainables.filter(({ kind }) => isDecayed(kind) === decayed)) {
        const size = sizeOf(trainable.shape);
        places.set(trainable.name, { trainable, start: end, size });
        end = roundUp(end + size, this.#alignment);
      }
      end = roundUp(end, this.chunk);
      return end;
    };
    this.decayedEnd = place(true);
    this.size = place(false);
    this.places = places;
  }

  rangeOf(name: string): Range {
    const { start, size } = this.#placeOf(name);
    return [start, start + size];
  }

  /** The range of a parameter up to the next one. */
  alignedRangeOf(name: string): Range {
    const { start, size } = this.#placeOf(name);
    return [start, start + roundUp(size, this.#alignment)];
  }

  /** Where the gradients of some parameters lie in a buffer of their own, and how large that is. */
  partOf(names: readonly string[]): GradientPart {
    const starts = new Map<string, number>();
    let size = 0;
    for (const name of names) {
      starts.set(name, size);
      size = roundUp(size + this.#placeOf(name).size, this.#alignment);
    }
    return { starts, size };
  }

  #placeOf(name: string): Place {
    const place = this.places.get(name);
    if (!place) throw internal(`no trained parameter is called ${name}`);
    return place;
  }
}

function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}
