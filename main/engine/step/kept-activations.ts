/**
 * What frozen layers put out for each row, computed once and kept on the disk while the run lasts: later passes skip those layers. A
 * resumed run computes it again from the same batches, so its numbers are those of a run without a pause.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { AppError, internal, systemError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { type Counts, countsUpTo } from '../../rows/compact.ts';
import { hasAdapter, type RunConfig } from '../config/config.ts';
import type { Batch } from '../data/batches/batch.ts';
import { BEGINNING, type SamplePlace } from '../data/batches/lay-out.ts';
import type { PackedEpoch } from '../data/batches/pack.ts';
import { RowOffsets } from '../data/tokens/token-store.ts';
import type { Executor, Program, WeightSource } from '../exec/executor.ts';
import { allocate, DTYPE_BYTES } from '../ir/dtype.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { type Model, mayContinue } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import { halfOfNumber } from '../ops/primitives/widen.ts';
import { type BatchShape, batchFeeds, type KeptType } from '../tasks/feeds.ts';
import type { Batching, MicroBatches } from './batching.ts';
import { KEPT, KEPT_UNIT } from './frozen-layers.ts';
import { adaptedModules, layerOf } from './method.ts';
import { frozenStep } from './step-graphs.ts';

/** The lowest layers that a run leaves as they are: none where it trains all. */
export function frozenLayers(
  config: Pick<RunConfig, 'method' | 'lora'>,
  { outline }: Pick<OpenedModel, 'outline'>,
): number {
  if (!hasAdapter(config) || config.lora.layers === undefined) return 0;
  return Math.min(...adaptedModules(config.lora, outline).map((module) => layerOf(module) ?? 0));
}

/** Where a run may keep what frozen layers put out: on these executors, numbers of 16 bits go in and come out. */
const EXECUTORS: ReadonlySet<string> = new Set(['ort', 'reference']);

/** Why what the frozen layers put out is not kept, as a sentence; null where it is, '' where nobody asked for it or no layer is frozen. */
export function whyNotKept(
  config: Pick<RunConfig, 'method' | 'lora' | 'keepActivations'>,
  opened: Pick<OpenedModel, 'model' | 'outline'>,
  { name, device }: Pick<Executor, 'name' | 'device'>,
  passes: number,
): string | null {
  if (!config.keepActivations || frozenLayers(config, opened) === 0) return '';
  const { model } = opened;
  if (!model.separateLayers) return say`upper layers of this model read more than the layer below them.`;
  if (!mayContinue({ ...model, attendsOnly: true }))
    return say`this model rotates tokens differently in longer rows.`;
  if (model.newTokens) return say`new tokens are trained below all layers.`;
  if (device !== 'cpu' || !EXECUTORS.has(name))
    return say`that works on the processor, without the speed pack.`;
  return passes > 1 ? null : say`this training reads no row twice.`;
}

/** Bytes that are kept for so many tokens. */
export const keptBytes = ({ hiddenSize }: Pick<Model, 'hiddenSize'>, tokens: number): number =>
  DTYPE_BYTES.f16 * hiddenSize * tokens;

export interface KeptOptions {
  readonly executor: Executor;
  readonly model: Model;
  readonly method: Method;
  readonly weights: WeightSource;
  /** Where the file lies. */
  readonly folder: string;
  /** Default f16. */
  readonly type?: KeptType;
  /** Zeros for all: what is only timed takes as long with any values. */
  readonly isAssumed?: boolean;
}

/** The micro-batches of `batching`, each with what the frozen layers put out. */
export class KeptBatches implements MicroBatches {
  readonly #batching: Batching;
  readonly #options: KeptOptions;
  readonly #type: KeptType;
  /** The batches of the first pass, in which values are computed whenever they are. */
  readonly #first: Batching;
  readonly #file: KeptFile;
  #homes: Homes | null = null;
  #program: Promise<Program> | null = null;

  constructor(batching: Batching, options: KeptOptions) {
    this.#batching = batching;
    this.#options = options;
    this.#type = options.type ?? 'f16';
    this.#first = batching.again();
    const width = options.model.hiddenSize * DTYPE_BYTES[this.#type];
    this.#file = new KeptFile(options.folder, width, batching);
  }

  get isSplit(): boolean {
    return this.#batching.isSplit;
  }

  plan(epoch: number): PackedEpoch {
    return this.#batching.plan(epoch);
  }

  shape(epoch: number): BatchShape {
    return { ...this.#batching.shape(epoch), kept: this.#type };
  }

  batches(epoch: number): number {
    return this.#batching.batches(epoch);
  }

  partsOf(epoch: number, first: number, end: number): readonly [first: number, end: number] {
    return this.#batching.partsOf(epoch, first, end);
  }

  async batch(epoch: number, part: number): Promise<Batch> {
    const batch = await this.#batching.batch(epoch, part);
    const kept = allocate(this.#type, batch.tokens.length * this.#options.model.hiddenSize);
    if (this.#options.isAssumed) return { ...batch, kept };
    const places = this.#batching.places(epoch, part);
    await this.#compute(places);
    for (const place of places) this.#file.read(place, bytesOf(kept));
    return { ...batch, kept };
  }

  async release(): Promise<void> {
    await this.#releaseProgram();
    this.#file.close();
  }

  /** Computes what is missing of `places`. */
  async #compute(places: readonly SamplePlace[]): Promise<void> {
    this.#homes ??= new Homes(this.#first);
    const homes = this.#homes;
    if (homes.missing === 0) return;
    const wanted = new Set(places.map(({ sample }) => homes.of(sample)).filter((part) => !homes.has(part)));
    for (const part of [...wanted].sort((a, b) => a - b)) {
      await this.#computePart(part);
      homes.add(part);
    }
    if (homes.missing === 0) await this.#releaseProgram();
  }

  async #computePart(part: number): Promise<void> {
    const { model } = this.#options;
    const program = await this.#compiled();
    const { outputs } = await program.run(batchFeeds(model, await this.#first.batch(0, part)));
    const hidden = outputs[KEPT] as Float32Array;
    const values = this.#type === 'f16' ? halvesOf(hidden) : hidden;
    for (const place of this.#first.places(0, part)) {
      // the beginning is the same in all parts, but for its last bits
      if (place.sample === BEGINNING && part > 0) continue;
      this.#file.write(place, bytesOf(values));
    }
  }

  #compiled(): Promise<Program> {
    const { executor, model, method, weights } = this.#options;
    this.#program ??= executor.compile(frozenStep(model, method, this.#first.shape(0)), {
      weights,
    });
    return this.#program;
  }

  async #releaseProgram(): Promise<void> {
    await (await this.#program)?.release();
    this.#program = null;
  }
}

/** The micro-batches of a run that are fed what frozen layers put out. */
export interface KeptActivations {
  readonly training: KeptBatches;
  readonly heldOut: KeptBatches | null;
  /** What they take on the disk at most. */
  readonly bytes: number;
  release(): Promise<void>;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Exponent bits of a float16, all of which are 1 in what is not finite. */
const EXPONENT = 0x7c00;

/** As float16, made here because onnxruntime-node writes no output of 16 bits. */
function halvesOf(values: Float32Array): Uint16Array {
  const halves = Uint16Array.from(values, (value) => halfOfNumber(value / KEPT_UNIT));
  if (halves.every((bits) => (bits & EXPONENT) !== EXPONENT)) return halves;
  throw new AppError(
    'diverged',
    say`The hidden values of this model are too large to be kept in 16 bits.`,
    say`Start a new run without kept activations.`,
  );
}

/** The part of the first pass that each row lies in, and which of them are computed. */
class Homes {
  readonly #parts: Counts;
  readonly #known: Uint8Array;
  missing: number;

  constructor(first: Batching) {
    const parts = first.parts(0);
    this.#parts = countsUpTo(parts, first.lengths.length);
    this.#known = new Uint8Array(parts);
    this.missing = parts;
    for (let part = 0; part < parts; part++)
      for (const { sample } of first.places(0, part)) if (sample !== BEGINNING) this.#parts[sample] = part;
  }

  of(sample: number): number {
    return sample === BEGINNING ? 0 : this.#parts[sample]!;
  }

  has(part: number): boolean {
    return this.#known[part] === 1;
  }

  add(part: number): void {
    this.#known[part] = 1;
    this.missing--;
  }
}

/** Values of all tokens, row after row, behind those of the beginning. It has no name where the system allows that. */
class KeptFile {
  readonly #folder: string;
  readonly #width: number;
  readonly #shared: number;
  readonly #offsets: RowOffsets;
  #open: { readonly descriptor: number; readonly file: string } | null = null;

  /** `width`: bytes of a token. */
  constructor(folder: string, width: number, batching: Pick<Batching, 'lengths' | 'shape'>) {
    this.#folder = folder;
    this.#width = width;
    this.#shared = batching.shape(0).shared ?? 0;
    this.#offsets = new RowOffsets(batching.lengths);
  }

  /** Writes the values of `place` from those of its micro-batch. */
  write(place: SamplePlace, values: Uint8Array): void {
    try {
      this.#open ??= this.#create();
      const bytes = this.#within(place, values);
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#open.descriptor, bytes, done, bytes.length - done, this.#start(place) + done);
    } catch (error) {
      throw systemError(error, this.#folder);
    }
  }

  /** Reads the values of `place` into those of its micro-batch. */
  read(place: SamplePlace, values: Uint8Array): void {
    const bytes = this.#within(place, values);
    for (let done = 0; done < bytes.length; ) {
      const start = this.#start(place) + done;
      const read = readSync(this.#open!.descriptor, bytes, done, bytes.length - done, start);
      if (read === 0) throw internal(`kept activations end ${bytes.length - done} bytes early`);
      done += read;
    }
  }

  close(): void {
    if (!this.#open) return;
    closeSync(this.#open.descriptor);
    rmSync(this.#open.file, { force: true });
    this.#open = null;
  }

  #within({ at, count }: SamplePlace, values: Uint8Array): Uint8Array {
    return values.subarray(at * this.#width, (at + count) * this.#width);
  }

  #start({ sample, from }: SamplePlace): number {
    const token = sample === BEGINNING ? from : this.#shared + this.#offsets.of(sample) + from;
    return token * this.#width;
  }

  #create() {
    const file = path.join(this.#folder, `.kept-${randomUUID()}.tmp`);
    const descriptor = openSync(file, 'wx+', 0o600);
    try {
      // an open file without a name is gone with the process; elsewhere closing deletes it
      rmSync(file);
    } catch {}
    return { descriptor, file };
  }
}
