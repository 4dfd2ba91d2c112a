/** Weights in 16 bits: which of a model's are, and which cannot be mapped where they lie. */

import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { say } from '../../../common/words/language.ts';
import { asFloatType, LARGEST_HALF } from '../io/convert.ts';
import type { TensorSource } from '../io/prepare-f32.ts';
import { elementCount, type TensorStore } from '../io/tensor-store.ts';
import { DTYPE_BYTES, type HalfType } from '../ir/dtype.ts';
import type { JsonObject } from '../models/config-reader.ts';
import type { ModelOutline } from '../models/model.ts';
import type { Halves } from '../nn/parameters.ts';
import type { OpenedFiles } from './open-model.ts';

interface Stored {
  readonly store: Pick<TensorStore, 'tensors'>;
  /** Where each parameter is stored. */
  readonly sources: ReadonlyMap<string, { readonly stored: string }>;
}

/** All parameters as float16, for products in mixed precision, whatever the files hold. */
export function allHalved({ parameters }: Pick<ModelOutline, 'parameters'>): Halves {
  return new Map([...parameters.keys()].map((name) => [name, 'f16']));
}

/** `opened` as a run of that precision keeps it. */
export function halvedFor<T extends OpenedFiles>(config: Parameters<typeof isMixed>[0], opened: T): T {
  return isMixed(config) ? { ...opened, halves: allHalved(opened.outline) } : opened;
}

/** Whether most of the weights of a model rest in 16 bits. */
export function isMostlyHalved({ outline, halves }: { outline: ModelOutline; halves: Halves }): boolean {
  const sizes = [...outline.parameters].map(([name, { shape }]) =>
    halves.has(name) ? elementCount(shape) : 0,
  );
  return 2 * sizes.reduce((sum, size) => sum + size, 0) > outline.parameterCount;
}

const WHOLE = new Set<string>(['f32', 'f16', 'bf16']);

/** Whether most weights lie in the files as they were trained, in 16 or 32 bits, and not quantised. */
export function isMostlyWhole({
  outline,
  sources,
  store,
}: Stored & { readonly outline: ModelOutline }): boolean {
  let size = 0;
  for (const [name, { shape }] of outline.parameters) {
    const source = sources.get(name);
    const tensor = source && store.tensors.get(source.stored);
    if (tensor && WHOLE.has(tensor.dtype)) size += elementCount(shape);
  }
  return 2 * size > outline.parameterCount;
}

const TYPES: Readonly<Record<string, HalfType>> = { float16: 'f16', bfloat16: 'bf16' };

/** What the files will hold by config.json (`torch_dtype`, newer `dtype`): all parameters or none. */
export function halvesPromised(config: JsonObject, { parameters }: ModelOutline): Halves {
  const type = TYPES[String(config.dtype ?? config.torch_dtype)];
  return new Map(type ? [...parameters.keys()].map((name) => [name, type]) : []);
}

/** What tells a cache of what could not be mapped from one of the whole model; changed with what is in it. */
const HALVED_MARK = 'h16-1';
/** The same for one in which all is float16, whatever the files hold. */
const MIXED_MARK = 'f16-1';

/** What tells the cache of the parameters that executors cannot map. */
export function halvedMark({ halves, sources, store }: OpenedFiles): string {
  const isOwn = ([name, { stored }]: readonly [string, { stored: string }]) => {
    const { dtype } = store.tensors.get(stored)!;
    return !halves.has(name) || halves.get(name) === dtype;
  };
  return [...sources].every(isOwn) ? HALVED_MARK : MIXED_MARK;
}

/** The parameters that cannot be mapped from the model's files; all where a cache is on another drive. */
export function unmappable(opened: OpenedFiles, cacheFolder: string): string[] {
  const { sources, store, halves } = opened;
  const names = [...sources].flatMap(([name, { stored, transform }]) => {
    const { dtype, offset } = store.tensors.get(stored)!;
    const isAsked = dtype === (halves.get(name) ?? 'f32');
    return isAsked && transform.kind === 'none' && offset % DTYPE_BYTES[dtype] === 0 ? [] : [name];
  });
  const driveOf = (file: string) => path.parse(path.resolve(file)).root;
  const isApart = driveOf(opened.path) !== driveOf(cacheFolder);
  return names.length > 0 && isApart ? [...sources.keys()] : names;
}

/** What to write of `names`: in their 16 bits, or in float32. */
export function halvedTensors(
  { outline, halves }: OpenedFiles,
  names: readonly string[],
  pieces: (parameter: string) => AsyncIterable<Float32Array>,
): TensorSource[] {
  const all = names.map((name) => ({
    name,
    shape: outline.parameters.get(name)!.shape,
    dtype: halves.get(name) ?? ('f32' as const),
  }));
  // the file has no room between tensors, so the wider ones come first
  return all
    .sort((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype])
    .map(({ name, shape, dtype }) => ({
      name,
      shape,
      dtype,
      async *read() {
        for await (const piece of pieces(name)) {
          if (dtype === 'f16') requireHalves(name, piece);
          yield asFloatType(dtype, piece);
        }
      },
    }));
}

/** A weight beyond float16 would become infinite without a word. */
function requireHalves(name: string, values: Float32Array): void {
  const large = values.find((value) => Math.abs(value) > LARGEST_HALF);
  if (large === undefined) return;
  throw new AppError(
    'unsupported-model',
    say`A weight of ${name} is ${large}, too large for half precision (at most ${LARGEST_HALF}).`,
    say`Use full precision (float32).`,
  );
}
