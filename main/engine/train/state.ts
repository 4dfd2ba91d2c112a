/**
 * The state of training: parameters, gradients and AdamW's two moments, each one flat buffer (moments.ts). Each parameter is a view
 * into them, so the gradient step sees tensors while the update runs over equal chunks of all of them. The gradients' buffer, where it is large, is new in each
 * step: its pages come as a step writes them, when the values that it keeps for the way back are already fewer. Where the executor keeps its
 * tensors on a device, the state lives there (device-state.ts), and these buffers are copies for checkpoints and results.
 */
import { setImmediate } from 'node:timers/promises';
import { AppError, internal } from '../../errors.ts';
import type { DeviceTensor, Executor } from '../exec/executor.ts';
import { sizeOf, sizeOfAll } from '../ir/shape.ts';
import { pullBack, sumOfSquares, UPDATE_CHUNK } from '../nn/adamw.ts';
import { FLOAT16_BLOCK } from '../nn/float16.ts';
import { isDecayed, type Trainable } from '../nn/parameters.ts';
import { BUFFERS, type BufferName } from './buffer-names.ts';
import { DeviceState } from './device-state.ts';
import { floatMasters, halfMasters, type Masters } from './masters.ts';
import { alignmentOf, type Moments, newMoments, type Optimizer, type SavedPart } from './moments.ts';

/** Gradients of so many bytes in all are given back after each step; fewer would stay with the allocator (exec/ort/heap.ts). */
export const GIVEN_BACK_BYTES = 32 * 2 ** 20;
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

export { BUFFERS, type BufferName };

/** What is kept beside parameters and gradients. */
export interface StateOptions {
  /** Whether `anchor` will be called, for `stayClose`. */
  readonly anchored?: boolean;
  readonly optimizer?: Optimizer;
}

/** Gradients of some parameters in one buffer of so many values, each parameter's from its start on. */
export interface GradientPart {
  readonly starts: ReadonlyMap<string, number>;
  readonly size: number;
}

/** What a gradient of that norm is multiplied with so that it is no longer than `maxNorm`. */
export function clipFactor({ maxNorm }: Pick<AdamW, 'maxNorm'>, norm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}

function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}

interface Place {
  readonly trainable: Trainable;
  readonly start: number;
  readonly size: number;
}

export class TrainState {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #masters: Masters;
  readonly #size: number;
  /** null between an update and the next step. */
  #grad: Float32Array<ArrayBuffer> | null = null;
  readonly #moments: Moments;
  /** Where the state lives if not in the buffers. */
  readonly #device: DeviceState | null;
  readonly #parameters: Readonly<Record<string, DeviceTensor>>;
  #accumulators: Readonly<Record<string, DeviceTensor>> | null = null;
  readonly #executor: Executor;
  readonly #chunk: number;
  /** Parameters begin at multiples of it. */
  readonly #alignment: number;
  readonly #decayedEnd: number;
  /** Where the parameters began, flat like them; null where nothing pulls them back there. */
  readonly #anchor: Masters | null;
  /** Updates made so far. */
  updates = 0;

  private constructor(parts: {
    places: Map<string, Place>;
    masters: Masters;
    size: number;
    moments: Moments;
    executor: Executor;
    alignment: number;
    chunk: number;
    decayedEnd: number;
    anchor: Masters | null;
  }) {
    this.#places = parts.places;
    this.#masters = parts.masters;
    this.#size = parts.size;
    this.#moments = parts.moments;
    const { executor } = parts;
    this.#executor = executor;
    const isElsewhere = executor.keeps === 'device';
    this.#device = isElsewhere ? new DeviceState(executor, this.trainables, parts.anchor !== null) : null;
    this.#parameters = this.#device?.tensors('param') ?? this.#views('');
    this.#alignment = parts.alignment;
    this.#chunk = parts.chunk;
    this.#decayedEnd = parts.decayedEnd;
    this.#anchor = parts.anchor;
  }

  /** The parts of the trained values as tensors, or those of their gradients. */
  #views(prefix: '' | 'grad.'): Record<string, DeviceTensor> {
    const gradients = prefix === '' ? null : this.#gradients;
    const whole = gradients && this.#executor.tensor('f32', [this.#size], gradients);
    return Object.fromEntries(
      [...this.#places].map(
        ([
          name,
          {
            start,
            trainable: { shape },
          },
        ]) => [
          `${prefix}${name}`,
          whole?.view(start, shape) ?? this.#masters.tensor(this.#executor, start, shape),
        ],
      ),
    );
  }

  /** The gradients; all zero where there are none yet. */
  get #gradients(): Float32Array {
    this.#grad ??= new Float32Array(this.#size);
    return this.#grad;
  }

  #accumulating(): Readonly<Record<string, DeviceTensor>> {
    this.#accumulators ??= this.#device?.tensors('grad') ?? this.#views('grad.');
    return this.#accumulators;
  }

  /**
   * State for `trainables` with everything zero; fill the parameters through `slice`. With `anchored`, call `anchor` once
   * the parameters are those that the run began with. An AppError where the executor has no such optimizer.
   */
  static create(
    executor: Executor,
    trainables: readonly Trainable[],
    { anchored = false, optimizer = 'adamw' }: StateOptions = {},
  ): TrainState {
    if (optimizer !== 'adamw' && executor.keeps === 'device') throw notOnDevice(optimizer, executor);
    if (executor.keeps === 'device' && trainables.some(({ dtype }) => dtype === 'f16'))
      throw halfOnDevice(executor);
    const isHalf = trainables.some(({ dtype }) => dtype === 'f16');
    const alignment = Math.max(alignmentOf(optimizer), isHalf ? FLOAT16_BLOCK : 1);
    const chunk = roundUp(Math.min(UPDATE_CHUNK, Math.max(1, sizeOfAll(trainables))), alignment);
    const places = new Map<string, Place>();
    let end = 0;
    const place = (decayed: boolean) => {
      for (const trainable of trainables.filter(({ kind }) => isDecayed(kind) === decayed)) {
        const size = sizeOf(trainable.shape);
        places.set(trainable.name, { trainable, start: end, size });
        end = roundUp(end + size, alignment);
      }
      end = roundUp(end, chunk);
      return end;
    };
    const decayedEnd = place(true);
    const size = place(false);
    const moments = newMoments(optimizer, size);
    const newMasters = () => (isHalf ? halfMasters(size, decayedEnd) : floatMasters(size));
    const [masters, anchor] = [newMasters(), anchored ? newMasters() : null];
    return new TrainState({
      ...{ places, masters, size, moments, executor },
      ...{ alignment, chunk, decayedEnd, anchor },
    });
  }

  get trainables(): readonly Trainable[] {
    return [...this.#places.values()].map(({ trainable }) => trainable);
  }

  /** Inputs of a gradient or evaluation step: every parameter, and the accumulators where asked. */
  feeds(withGradients: boolean): Readonly<Record<string, DeviceTensor>> {
    return withGradients ? { ...this.#parameters, ...this.#accumulating() } : this.#parameters;
  }

  /** The accumulators as outputs of a gradient step: the very tensors of `feeds(true)`. */
  gradientTargets(): Readonly<Record<string, DeviceTensor>> {
    return this.#device?.targets() ?? this.#accumulating();
  }

  /** What a gradient step writes into the state: `CompileOptions.kept`. */
  get kept(): ReadonlySet<string> {
    return new Set([...this.#places.keys()].map((name) => `grad.${name}`));
  }

  /** Brings the values of `slice` up to date; call it before they are read. */
  async fetch(buffers: readonly BufferName[] = BUFFERS): Promise<void> {
    for (const buffer of buffers) await this.#device?.read(buffer, (name) => this.slice(buffer, name));
  }

  /** Takes over what was written into the values of `slice`; call it after that. */
  async commit(buffers: readonly BufferName[] = BUFFERS): Promise<void> {
    for (const buffer of buffers) await this.#device?.write(buffer, (name) => this.slice(buffer, name));
    const anchor = this.#anchor;
    if (anchor) await this.#device?.write('anchor', (name) => anchor.read(this.#rangeOf(name)));
  }

  async release(): Promise<void> {
    await this.#device?.release();
  }

  /** The values of one parameter in a buffer, sharing its memory; see `fetch` and `commit`. */
  slice(buffer: BufferName, name: string): Float32Array {
    if (buffer === 'param') {
      if (!this.#masters.floats) throw internal('trained values are not kept in float32');
      return this.#part(this.#masters.floats, name);
    }
    if (buffer === 'grad') return this.#part(this.#gradients, name);
    const { floats } = this.#moments;
    if (!floats) throw internal(`${buffer} is not kept in float32`);
    return this.#part(floats[buffer], name);
  }

  /** The values of one parameter in float32; see `fetch`. */
  values(name: string): Float32Array {
    return this.#masters.read(this.#rangeOf(name));
  }

  /** Replaces the values of one parameter; see `commit`. */
  setValues(name: string, values: Float32Array): void {
    this.#masters.write(this.#rangeOf(name)[0], values);
  }

  /** The values of one parameter as they are kept, sharing the state's memory: float32 numbers, or the bits of float16 ones. */
  keptValues(name: string): Float32Array | Uint16Array {
    return this.#masters.kept(this.#rangeOf(name));
  }

  /** What a checkpoint holds of one parameter besides its values, sharing the state's memory; see `fetch` and `commit`. */
  moments(name: string): readonly SavedPart[] {
    return this.#moments.parts(this.#rangeOf(name));
  }

  #part(buffer: Float32Array, name: string): Float32Array {
    return buffer.subarray(...this.#rangeOf(name));
  }

  #rangeOf(name: string): readonly [start: number, end: number] {
    const { start, size } = this.#placeOf(name);
    return [start, start + size];
  }

  #placeOf(name: string): Place {
    const place = this.#places.get(name);
    if (!place) throw internal(`no trained parameter is called ${name}`);
    return place;
  }

  /** Takes the parameters as they are now for the place that `stayClose` pulls them back to. */
  anchor(): void {
    if (!this.#anchor) return;
    for (const name of this.#places.keys()) this.#anchor.kept(this.#rangeOf(name)).set(this.keptValues(name));
  }

  clearGradients(): void {
    this.#device?.clearGradients();
    this.#giveBackGradients();
    this.#grad?.fill(0);
  }

  /**
   * Gives the memory of the gradients back at once, without waiting for the collector. Where they are few it stays for the next step, which
   * clears it: the system would not get it anyway, and what is put into such a hole meanwhile makes the process grow from step to step.
   */
  #giveBackGradients(): void {
    if (this.#grad && this.#grad.byteLength < GIVEN_BACK_BYTES) return;
    this.#grad?.buffer.transfer(0);
    this.#grad = null;
    if (!this.#device) this.#accumulators = null;
  }

  /** L2 norm of the decayed or the undecayed parameters. */
  parameterNorm(decayed: boolean): number {
    let sum = 0;
    for (const { trainable, start, size } of this.#places.values())
      if (isDecayed(trainable.kind) === decayed)
        for (const value of this.#masters.read([start, start + size])) sum += value ** 2;
    return Math.sqrt(sum);
  }

  /**
   * One clipped AdamW update from gradients of a loss summed over `count` labelled tokens: the mean's gradient g is
   * scaled by min(1, maxNorm / (norm + 1e-6)). The gradients are given up. Returns the norm of g before clipping; where that is not
   * finite, nothing is updated.
   */
  async update(settings: AdamW, count: number): Promise<number> {
    const norm = Math.sqrt(await this.#sumOfSquares()) / count;
    if (!Number.isFinite(norm)) return norm;
    const scale = clipFactor(settings, norm) / count;
    this.beginUpdate();
    if (this.#device) await this.#updateDevice(this.#device, settings, scale);
    else {
      for await (const range of this.#chunks())
        this.#updateRange(range, { grad: this.#gradients, gradFirst: 0 }, settings, scale);
      this.#giveBackGradients();
    }
    return norm;
  }

  /** Begins an update whose parts come one after the other, by `updatePart`. */
  beginUpdate(): void {
    this.updates++;
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

  /**
   * The update that has begun, for the parameters of `part` alone, whose gradients are `grad`, zero between them. `scale`: what each gradient
   * is multiplied with. On the processor only.
   */
  async updatePart(
    { starts }: GradientPart,
    grad: Float32Array,
    settings: AdamW,
    scale: number,
  ): Promise<void> {
    for (const [name, at] of starts) {
      const { start, size } = this.#placeOf(name);
      const end = start + roundUp(size, this.#alignment);
      for await (const range of this.#chunks(start, end))
        this.#updateRange(range, { grad, gradFirst: start - at }, settings, scale);
    }
  }

  #updateRange(
    range: readonly [start: number, end: number],
    gradients: { readonly grad: Float32Array; readonly gradFirst: number },
    settings: AdamW,
    scale: number,
  ): void {
    const pull = this.#pull(settings);
    const decay = range[0] < this.#decayedEnd ? settings.weightDecay : 0;
    const { rate } = settings;
    const all = { ...this.#scalars(settings), scale, shrink: 1 - rate * (decay + pull) };
    const start = this.#anchor?.read(range);
    this.#masters.update(range, this.updates, ({ param, first }) => {
      this.#moments.update({ param, first, ...gradients }, range, all, this.updates);
      if (start) pullBack(param.subarray(range[0] - first, range[1] - first), start, rate * pull);
    });
  }

  async #updateDevice(device: DeviceState, settings: AdamW, scale: number): Promise<void> {
    const { rate, weightDecay } = settings;
    const pull = this.#pull(settings);
    const shrinkBy = (decay: number) => 1 - rate * (decay + pull);
    const shrinks = { shrinkDecayed: shrinkBy(weightDecay), shrinkOther: shrinkBy(0) };
    await device.update(scale, { ...this.#scalars(settings), ...shrinks, pull: rate * pull });
  }

  #pull({ stayClose = 0 }: AdamW): number {
    return this.#anchor ? stayClose : 0;
  }

  #scalars({ rate, beta1, beta2, eps }: AdamW) {
    const t = this.updates;
    return {
      ...{ rate, beta1, beta2, eps },
      unbias1: 1 / (1 - beta1 ** t),
      unbias2: 1 / Math.sqrt(1 - beta2 ** t),
    };
  }

  async #sumOfSquares(): Promise<number> {
    return await (this.#device?.sumOfSquares() ?? this.squaresOf(this.#gradients));
  }

  /** Sum of the squares of `values`. */
  async squaresOf(values: Float32Array): Promise<number> {
    let sum = 0;
    for await (const range of this.#chunks(0, values.length)) sum += sumOfSquares(values, range);
    return sum;
  }

  /** Start and end of each chunk of the values from `from` to `end`; now and then messages get their turn. */
  async *#chunks(from = 0, end = this.#size): AsyncGenerator<readonly [start: number, end: number]> {
    for (let start = from, n = 1; start < end; start += this.#chunk, n++) {
      yield [start, Math.min(end, start + this.#chunk)];
      if (n % CHUNKS_AT_ONCE === 0) await setImmediate();
    }
  }
}

function halfOnDevice({ name, device }: Executor): AppError {
  return new AppError(
    'bad-config',
    `--master-bits 16 is for the processor, but ${name} computes on ${device}.`,
    'Leave --master-bits out, or take --device cpu.',
  );
}

function notOnDevice(optimizer: Optimizer, { name }: Executor): AppError {
  return new AppError(
    'bad-config',
    `--optimizer ${optimizer} keeps its moments in main memory, but the executor ${name} keeps what is trained on its device.`,
    'Take --optimizer adamw, or another --executor.',
  );
}
