/**
 * The state of training on a device: parameters, gradients and moments are tensors there. In a step only sums
 * of squares come back; the rest for a checkpoint or the result.
 */
import { AppError, internal } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { DeviceTensor, Executor, Program } from '../exec/executor.ts';
import { sizeOf } from '../ir/shape.ts';
import { squaresGraph, type UpdateInput, type UpdateScalars, updateGraph } from '../nn/adamw.ts';
import type { Trainable } from '../nn/parameters.ts';
import type { Optimizer } from './moments.ts';

/** What is kept of each trained parameter: its values, their gradients, and AdamW's two moments. */
export const BUFFERS = ['param', 'grad', 'm', 'v'] as const;
export type BufferName = (typeof BUFFERS)[number];

/** Elements that are updated in one run: their new values lie beside the old ones for a moment. */
export const GROUP_ELEMENTS = 1 << 24;

const PREFIX: Readonly<Record<BufferName | 'anchor', string>> = {
  param: '',
  grad: 'grad.',
  m: 'm.',
  v: 'v.',
  anchor: 'anchor.',
};

interface Update {
  readonly names: readonly string[];
  open(): Promise<Program>;
  /** Called after each run. */
  close(program: Program): Promise<void>;
}

interface Programs {
  readonly squares: Program;
  readonly updates: readonly Update[];
  release(): Promise<void>;
}

/** What differs from parameter to parameter in an update: those with decay shrink by another factor. */
interface DeviceScalars extends Omit<UpdateScalars, 'shrink' | 'scale'> {
  readonly shrinkDecayed: number;
  readonly shrinkOther: number;
  /** What the anchor is multiplied with, where there is one. */
  readonly pull: number;
}

export class DeviceState {
  readonly #executor: Executor;
  readonly #trainables: readonly Trainable[];
  readonly #isAnchored: boolean;
  readonly #groupElements: number;
  /** By `<prefix><name>`, as graphs call them. */
  readonly #tensors = new Map<string, DeviceTensor>();
  #programs: Promise<Programs> | null = null;
  #areCleared = true;

  constructor(
    executor: Executor,
    trainables: readonly Trainable[],
    isAnchored: boolean,
    groupElements = GROUP_ELEMENTS,
  ) {
    this.#executor = executor;
    this.#trainables = trainables;
    this.#isAnchored = isAnchored;
    this.#groupElements = groupElements;
    const buffers = Object.keys(PREFIX) as (BufferName | 'anchor')[];
    for (const buffer of isAnchored ? buffers : buffers.filter((name) => name !== 'anchor'))
      for (const { name, shape } of trainables)
        this.#tensors.set(PREFIX[buffer] + name, executor.tensor('f32', shape));
  }

  tensors(buffer: BufferName): Readonly<Record<string, DeviceTensor>> {
    const names = this.#trainables.map(({ name }) => PREFIX[buffer] + name);
    return this.#pick(names);
  }

  /** The accumulators, about to be written. */
  targets(): Readonly<Record<string, DeviceTensor>> {
    this.#areCleared = false;
    return this.tensors('grad');
  }

  clearGradients(): void {
    if (this.#areCleared) return;
    for (const tensor of Object.values(this.tensors('grad'))) tensor.clear();
    this.#areCleared = true;
  }

  async write(buffer: BufferName | 'anchor', slice: (name: string) => Float32Array): Promise<void> {
    if (buffer === 'grad') this.#areCleared = false;
    for (const { name } of this.#trainables) await this.#tensor(PREFIX[buffer] + name).write(slice(name));
  }

  async read(buffer: BufferName, slice: (name: string) => Float32Array): Promise<void> {
    for (const { name } of this.#trainables)
      slice(name).set((await this.#tensor(PREFIX[buffer] + name).read()) as Float32Array);
  }

  /** Sum of the squares of all gradients; the sums of single parameters are added up in double precision. */
  async sumOfSquares(): Promise<number> {
    const { squares } = await this.#compiled();
    const { outputs } = await squares.run(this.tensors('grad'));
    return (outputs.squares as Float32Array).reduce((sum, x) => sum + x, 0);
  }

  /** One update; gradients are zero afterwards. `scale`: what each gradient is multiplied with. */
  async update(scale: number, { rate, unbias1, beta1, beta2, ...rest }: DeviceScalars): Promise<void> {
    const numbers: Record<UpdateInput, number> = {
      scale,
      step: rate * unbias1,
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      ...rest,
    };
    const feeds = Object.fromEntries(
      Object.entries(numbers).map(([name, value]) => [name, Float32Array.of(value)]),
    );
    for (const { names, open, close } of (await this.#compiled()).updates) {
      const tensors = this.#pick(this.#allOf(names, true));
      const program = await open();
      await program.run({ ...feeds, ...tensors }, this.#pick(this.#allOf(names, false)));
      await close(program);
    }
    this.#areCleared = true;
  }

  async release(): Promise<void> {
    await (await this.#programs?.catch(() => null))?.release();
    for (const tensor of this.#tensors.values()) tensor.release();
  }

  #compiled(): Promise<Programs> {
    this.#programs ??= this.#compile();
    return this.#programs;
  }

  async #compile(): Promise<Programs> {
    const squares = await this.#executor.compile(squaresGraph(this.#trainables));
    const groups = grouped(this.#trainables, this.#groupElements);
    // one that keeps its memory goes before the next one has any
    const isOnce = this.#executor.writesBack === true && groups.length > 1;
    const kept: Program[] = [];
    const updates: Update[] = [];
    for (const group of groups) {
      const names = group.map(({ name }) => name);
      const compile = () =>
        this.#executor.compile(updateGraph(group, this.#isAnchored), {
          kept: new Set(this.#allOf(names, false)),
        });
      if (isOnce) updates.push({ names, open: compile, close: (program) => program.release() });
      else {
        const program = await compile();
        kept.push(program);
        updates.push({ names, open: async () => program, close: async () => {} });
      }
    }
    const release = async () => {
      for (const program of [squares, ...kept]) await program.release();
    };
    return { squares, updates, release };
  }

  /** Names of the tensors of an update: those that it reads, or those that it writes. */
  #allOf(names: readonly string[], isInput: boolean): string[] {
    const { param, grad, m, v, anchor } = PREFIX;
    const prefixes = isInput && this.#isAnchored ? [param, grad, m, v, anchor] : [param, grad, m, v];
    return names.flatMap((name) => prefixes.map((prefix) => prefix + name));
  }

  #pick(names: readonly string[]): Record<string, DeviceTensor> {
    return Object.fromEntries(names.map((name) => [name, this.#tensor(name)]));
  }

  #tensor(name: string): DeviceTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw internal(`no trained tensor is called ${name}`);
    return tensor;
  }
}

function grouped(trainables: readonly Trainable[], most: number): Trainable[][] {
  const groups: Trainable[][] = [];
  let elements = Number.POSITIVE_INFINITY;
  for (const trainable of trainables) {
    const size = sizeOf(trainable.shape);
    if (elements + size > most) {
      groups.push([]);
      elements = 0;
    }
    groups.at(-1)!.push(trainable);
    elements += size;
  }
  return groups;
}

export function refuseOnDevice(executor: Executor, optimizer: Optimizer, isHalf: boolean): void {
  if (optimizer !== 'adamw') throw notOnDevice(optimizer, executor);
  if (isHalf) throw halfOnDevice(executor);
}

function halfOnDevice({ name, device }: Executor): AppError {
  return new AppError(
    'bad-config',
    say`Master weights of 16 bits work only on the processor, but ${name} computes on ${device}.`,
    say`Leave that setting as it is, or train on the processor.`,
  );
}

function notOnDevice(optimizer: Optimizer, { name }: Executor): AppError {
  return new AppError(
    'bad-config',
    say`The optimizer ${optimizer} needs main memory, but ${name} keeps everything on the graphics card.`,
    say`Choose the optimizer AdamW, or train on the processor.`,
  );
}
