/**
 * The state of training: parameters, gradients and AdamW's two moments, each one flat buffer. Each parameter is a view
 * into them, so the gradient step sees tensors while the update runs over equal chunks of all of them.
 */
import { setImmediate } from 'node:timers/promises';
import { internal } from '../../errors.ts';
import type { DeviceTensor, Executor } from '../exec/executor.ts';
import { sizeOf, sizeOfAll } from '../ir/shape.ts';
import { adamw, sumOfSquares, UPDATE_CHUNK } from '../nn/adamw.ts';
import { isDecayed, type Trainable } from '../nn/parameters.ts';

/** Chunks between which no message is heard: some 30 ms. */
const CHUNKS_AT_ONCE = 16;

export interface AdamW {
  readonly rate: number;
  readonly weightDecay: number;
  /** Decay towards the anchor, where the state has one. */
  readonly stayClose?: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Largest L2 norm of all gradients together; Infinity for none. */
  readonly maxNorm: number;
}

export const BUFFERS = ['param', 'grad', 'm', 'v'] as const;
export type BufferName = (typeof BUFFERS)[number];

interface Place {
  readonly trainable: Trainable;
  readonly start: number;
  readonly size: number;
}

export class TrainState {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #buffers: Readonly<Record<BufferName, Float32Array>>;
  readonly #tensors: Readonly<Record<BufferName, DeviceTensor>>;
  readonly #parameters: Readonly<Record<string, DeviceTensor>>;
  readonly #accumulators: Readonly<Record<string, DeviceTensor>>;
  readonly #chunk: number;
  readonly #decayedEnd: number;
  /** Where the parameters began, flat like them; null where nothing pulls them back there. */
  readonly #anchor: Float32Array | null;
  /** Updates made so far. */
  updates = 0;

  private constructor(parts: {
    places: Map<string, Place>;
    buffers: Record<BufferName, Float32Array>;
    executor: Executor;
    chunk: number;
    decayedEnd: number;
    anchored: boolean;
  }) {
    this.#places = parts.places;
    this.#buffers = parts.buffers;
    const size = parts.buffers.param.length;
    const tensor = (name: BufferName) => parts.executor.tensor('f32', [size], parts.buffers[name]);
    this.#tensors = { param: tensor('param'), grad: tensor('grad'), m: tensor('m'), v: tensor('v') };
    const views = (buffer: BufferName, prefix: string) =>
      Object.fromEntries(
        [...parts.places].map(([name, { start, trainable }]) => [
          `${prefix}${name}`,
          this.#tensors[buffer].view(start, trainable.shape),
        ]),
      );
    this.#parameters = views('param', '');
    this.#accumulators = views('grad', 'grad.');
    this.#chunk = parts.chunk;
    this.#decayedEnd = parts.decayedEnd;
    this.#anchor = parts.anchored ? new Float32Array(size) : null;
  }

  /**
   * State for `trainables` with everything zero; fill the parameters through `slice`. With `anchored`, call `anchor` once
   * the parameters are those that the run began with.
   */
  static create(executor: Executor, trainables: readonly Trainable[], anchored = false): TrainState {
    const chunk = Math.min(UPDATE_CHUNK, Math.max(1, sizeOfAll(trainables)));
    const places = new Map<string, Place>();
    let end = 0;
    const place = (decayed: boolean) => {
      for (const trainable of trainables.filter(({ kind }) => isDecayed(kind) === decayed)) {
        places.set(trainable.name, { trainable, start: end, size: sizeOf(trainable.shape) });
        end += sizeOf(trainable.shape);
      }
      end = Math.ceil(end / chunk) * chunk;
      return end;
    };
    const decayedEnd = place(true);
    const size = place(false);
    const buffer = () => new Float32Array(size);
    const buffers = { param: buffer(), grad: buffer(), m: buffer(), v: buffer() };
    return new TrainState({ places, buffers, executor, chunk, decayedEnd, anchored });
  }

  get trainables(): readonly Trainable[] {
    return [...this.#places.values()].map(({ trainable }) => trainable);
  }

  /** Inputs of a gradient or evaluation step: every parameter, and the accumulators where asked. */
  feeds(withGradients: boolean): Readonly<Record<string, DeviceTensor>> {
    return withGradients ? { ...this.#parameters, ...this.#accumulators } : this.#parameters;
  }

  /** The accumulators as outputs of a gradient step: the very tensors of `feeds(true)`. */
  gradientTargets(): Readonly<Record<string, DeviceTensor>> {
    return this.#accumulators;
  }

  /** The values of one parameter in a buffer, sharing its memory. */
  slice(buffer: BufferName, name: string): Float32Array {
    const place = this.#places.get(name);
    if (!place) throw internal(`no trained parameter is called ${name}`);
    return this.#buffers[buffer].subarray(place.start, place.start + place.size);
  }

  /** Takes the parameters as they are now for the place that `stayClose` pulls them back to. */
  anchor(): void {
    this.#anchor?.set(this.#buffers.param);
  }

  clearGradients(): void {
    this.#buffers.grad.fill(0);
  }

  /** L2 norm of the decayed or the undecayed parameters. */
  parameterNorm(decayed: boolean): number {
    const part = decayed
      ? this.#buffers.param.subarray(0, this.#decayedEnd)
      : this.#buffers.param.subarray(this.#decayedEnd);
    let sum = 0;
    for (let i = 0; i < part.length; i++) sum += part[i]! ** 2;
    return Math.sqrt(sum);
  }

  /**
   * One clipped AdamW update from gradients of a loss summed over `count` labelled tokens: the mean's gradient g is
   * scaled by min(1, maxNorm / (norm + 1e-6)). Returns the norm of g before clipping.
   */
  async update(settings: AdamW, count: number): Promise<number> {
    const norm = Math.sqrt(await this.#sumOfSquares()) / count;
    const clip = Math.min(1, settings.maxNorm / (norm + 1e-6));
    const t = ++this.updates;
    const pull = this.#anchor ? (settings.stayClose ?? 0) : 0;
    const { rate, beta1, beta2, eps } = settings;
    const scalars = {
      ...{ scale: clip / count, rate, beta1, beta2, eps, pull: rate * pull },
      unbias1: 1 / (1 - beta1 ** t),
      unbias2: 1 / Math.sqrt(1 - beta2 ** t),
    };
    for await (const range of this.#chunks()) {
      const decay = range[0] < this.#decayedEnd ? settings.weightDecay : 0;
      adamw(this.#buffers, this.#anchor, range, { ...scalars, shrink: 1 - rate * (decay + pull) });
    }
    return norm;
  }

  async #sumOfSquares(): Promise<number> {
    let sum = 0;
    for await (const range of this.#chunks()) sum += sumOfSquares(this.#buffers.grad, range);
    return sum;
  }

  /** Start and end of each chunk; now and then messages get their turn. */
  async *#chunks(): AsyncGenerator<readonly [start: number, end: number]> {
    const size = this.#buffers.param.length;
    for (let start = 0, n = 1; start < size; start += this.#chunk, n++) {
      yield [start, start + this.#chunk];
      if (n % CHUNKS_AT_ONCE === 0) await setImmediate();
    }
  }
}
