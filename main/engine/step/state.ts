/**
 * The state of training: parameters, gradients and moments, each a flat buffer of which parameters are views,
 * so that the update runs over equal chunks. On a device it lives there (device-state.ts); these are copies
 * then.
 */
import { setImmediate } from 'node:timers/promises';
import { internal } from '../../../common/errors.ts';
import type { DeviceTensor, Executor } from '../exec/executor.ts';
import type { Shape } from '../ir/shape.ts';
import { sumOfSquares } from '../nn/adamw.ts';
import type { Trainable } from '../nn/parameters.ts';
import { BUFFERS, type BufferName, DeviceState, refuseOnDevice } from './device-state.ts';
import { type AdamW, clipFactor, type Optimizer, type SavedPart, scalarsAt } from './moments.ts';
import { type GradientPart, StateLayout } from './state-layout.ts';
import { SharedValues, type Sharing } from './update-threads.ts';

/** Gradients of so many bytes in all are released after each step; fewer would stay with the allocator. */
export const GIVEN_BACK_BYTES = 32 * 2 ** 20;
/** Values between whose sums no message is heard: some 5 ms. */
const SUMMED_AT_ONCE = 1 << 22;

interface StateOptions extends Sharing {
  /** Whether `anchor` will be called, for `stayClose`. */
  readonly anchored?: boolean;
  readonly optimizer?: Optimizer;
}

export class TrainState {
  readonly #layout: StateLayout;
  readonly #values: SharedValues;
  /** null between an update and the next step. */
  #grad: Float32Array<ArrayBuffer> | null = null;
  /** Where the state lives if not in the buffers. */
  readonly #device: DeviceState | null;
  readonly #parameters: Readonly<Record<string, DeviceTensor>>;
  #accumulators: Readonly<Record<string, DeviceTensor>> | null = null;
  readonly #executor: Executor;
  updates = 0;

  private constructor(
    executor: Executor,
    layout: StateLayout,
    { anchored = false, optimizer = 'adamw', ...sharing }: StateOptions,
  ) {
    const { size, decayedEnd, isHalf, chunk } = layout;
    this.#executor = executor;
    this.#layout = layout;
    this.#values = new SharedValues({ size, decayedEnd, isHalf, chunk, optimizer, anchored }, sharing);
    const isElsewhere = executor.keeps === 'device';
    this.#device = isElsewhere ? new DeviceState(executor, this.trainables, anchored) : null;
    this.#parameters = this.#device?.tensors('param') ?? this.#views('');
  }

  /** The parts of the trained values as tensors, or those of their gradients. */
  #views(prefix: '' | 'grad.'): Record<string, DeviceTensor> {
    const gradients = prefix === '' ? null : this.#gradients;
    const whole = gradients && this.#executor.tensor('f32', [this.#layout.size], gradients);
    const tensorAt = (start: number, shape: Shape) =>
      whole?.view(start, shape) ?? this.#values.masters.tensor(this.#executor, start, shape);
    return Object.fromEntries(
      [...this.#layout.places].map(([name, { start, trainable }]) => [
        `${prefix}${name}`,
        tensorAt(start, trainable.shape),
      ]),
    );
  }

  /** The gradients; all zero where there are none yet. */
  get #gradients(): Float32Array {
    this.#grad ??= new Float32Array(this.#layout.size);
    return this.#grad;
  }

  #accumulating(): Readonly<Record<string, DeviceTensor>> {
    this.#accumulators ??= this.#device?.tensors('grad') ?? this.#views('grad.');
    return this.#accumulators;
  }

  /**
   * State for `trainables`, all zero; fill the parameters through `slice`, then call `anchor` if `anchored`.
   * Throws AppError where the executor has no such optimizer.
   */
  static create(
    executor: Executor,
    trainables: readonly Trainable[],
    options: StateOptions = {},
  ): TrainState {
    const { optimizer = 'adamw' } = options;
    const layout = new StateLayout(trainables, optimizer);
    if (executor.keeps !== 'device') return new TrainState(executor, layout, options);
    refuseOnDevice(executor, optimizer, layout.isHalf);
    return new TrainState(executor, layout, { ...options, threads: 1 });
  }

  get trainables(): readonly Trainable[] {
    return [...this.#layout.places.values()].map(({ trainable }) => trainable);
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
    return new Set([...this.#layout.places.keys()].map((name) => `grad.${name}`));
  }

  /** Brings the values of `slice` up to date; call it before they are read. */
  async fetch(buffers: readonly BufferName[] = BUFFERS): Promise<void> {
    for (const buffer of buffers) await this.#device?.read(buffer, (name) => this.slice(buffer, name));
  }

  /** Takes over what was written into the values of `slice`; call it after that. */
  async commit(buffers: readonly BufferName[] = BUFFERS): Promise<void> {
    for (const buffer of buffers) await this.#device?.write(buffer, (name) => this.slice(buffer, name));
    const { anchor } = this.#values;
    if (anchor) await this.#device?.write('anchor', (name) => anchor.read(this.#layout.rangeOf(name)));
  }

  async release(): Promise<void> {
    await this.#values.release();
    await this.#device?.release();
  }

  /** The values of one parameter in a buffer, sharing its memory; see `fetch` and `commit`. */
  slice(buffer: BufferName, name: string): Float32Array {
    if (buffer === 'param') {
      if (!this.#values.masters.floats) throw internal('trained values are not kept in float32');
      return this.#part(this.#values.masters.floats, name);
    }
    if (buffer === 'grad') return this.#part(this.#gradients, name);
    const { floats } = this.#values.moments;
    if (!floats) throw internal(`${buffer} is not kept in float32`);
    return this.#part(floats[buffer], name);
  }

  values(name: string): Float32Array {
    return this.#values.masters.read(this.#layout.rangeOf(name));
  }

  setValues(name: string, values: Float32Array): void {
    this.#values.masters.write(this.#layout.rangeOf(name)[0], values);
  }

  /** The values of one parameter as kept, sharing memory: float32 numbers, or the bits of float16 ones. */
  keptValues(name: string): Float32Array | Uint16Array {
    return this.#values.masters.kept(this.#layout.rangeOf(name));
  }

  /** What a checkpoint holds of a parameter besides its values, sharing memory; see `fetch` and `commit`. */
  moments(name: string): readonly SavedPart[] {
    return this.#values.moments.parts(this.#layout.rangeOf(name));
  }

  #part(buffer: Float32Array, name: string): Float32Array {
    return buffer.subarray(...this.#layout.rangeOf(name));
  }

  /** As it was created, before any update; the parameters are to be set again. */
  restart(): void {
    this.updates = 0;
    for (const name of this.#layout.places.keys()) for (const { data } of this.moments(name)) data.fill(0);
  }

  /** Takes the parameters as they are now for the place that `stayClose` pulls them back to. */
  anchor(): void {
    const { anchor } = this.#values;
    if (!anchor) return;
    for (const name of this.#layout.places.keys())
      anchor.kept(this.#layout.rangeOf(name)).set(this.keptValues(name));
  }

  clearGradients(): void {
    this.#device?.clearGradients();
    this.#giveBackGradients();
    this.#grad?.fill(0);
  }

  /**
   * Releases the memory of the gradients without waiting for the collector. Few ones stay and are cleared:
   * the holes that they leave would make the process grow.
   */
  #giveBackGradients(): void {
    if (this.#grad && this.#grad.byteLength < GIVEN_BACK_BYTES) return;
    this.#grad?.buffer.transfer(0);
    this.#grad = null;
    if (!this.#device) this.#accumulators = null;
  }

  /**
   * One clipped AdamW update from gradients of a loss summed over `count` labelled tokens: the mean's
   * gradient g is scaled by min(1, maxNorm / (norm + 1e-6)). Returns the norm of g; where it is not finite,
   * nothing changes.
   */
  async update(settings: AdamW, count: number): Promise<number> {
    const norm = Math.sqrt(await (this.#device?.sumOfSquares() ?? this.squaresOf(this.#gradients))) / count;
    if (!Number.isFinite(norm)) return norm;
    const scale = clipFactor(settings, norm) / count;
    this.beginUpdate();
    if (this.#device) await this.#updateDevice(this.#device, settings, scale);
    else {
      const update = { settings, scale, number: this.updates };
      await this.#values.updateAll([0, this.#layout.size], { grad: this.#gradients, gradFirst: 0 }, update);
      this.#giveBackGradients();
    }
    return norm;
  }

  beginUpdate(): void {
    this.updates++;
  }

  partOf(names: readonly string[]): GradientPart {
    return this.#layout.partOf(names);
  }

  /**
   * The update that has begun, for the parameters of `part`, whose gradients are `grad`, each multiplied by
   * `scale`. On the processor only.
   */
  async updatePart(
    { starts }: GradientPart,
    grad: Float32Array,
    settings: AdamW,
    scale: number,
  ): Promise<void> {
    for (const [name, at] of starts) {
      const range = this.#layout.alignedRangeOf(name);
      const update = { settings, scale, number: this.updates };
      await this.#values.updateAll(range, { grad, gradFirst: range[0] - at }, update);
    }
  }

  async #updateDevice(device: DeviceState, settings: AdamW, scale: number): Promise<void> {
    const { rate, weightDecay } = settings;
    const pull = this.#values.pull(settings);
    const shrinkBy = (decay: number) => 1 - rate * (decay + pull);
    const shrinks = { shrinkDecayed: shrinkBy(weightDecay), shrinkOther: shrinkBy(0) };
    await device.update(scale, { ...scalarsAt(settings, this.updates), ...shrinks, pull: rate * pull });
  }

  async squaresOf(values: Float32Array): Promise<number> {
    let sum = 0;
    let summed = 0;
    for (const range of this.#values.chunks([0, values.length])) {
      sum += sumOfSquares(values, range);
      summed += range[1] - range[0];
      if (summed % SUMMED_AT_ONCE === 0) await setImmediate();
    }
    return sum;
  }
}
