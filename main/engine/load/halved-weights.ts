/**
 * The weights of a model of which those in 16 bits stay so. They are mapped where they lie, and no file is written, unless some are laid
 * out otherwise there (GGUF) or are neither 16 bits nor float32: those alone go into a cache.
 */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { asFloatType } from '../io/float-types.ts';
import type { TensorSource } from '../io/prepare-f32.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import type { OpenedModel } from './open-model.ts';

/** What tells a cache of what could not be mapped from one of the whole model; changed with what is in it. */
export const HALVED_MARK = 'h16-1';
/** The same for one in which all is float16, whatever the files hold. */
const MIXED_MARK = 'f16-1';

/** What tells the cache of the parameters that executors cannot map. */
export function halvedMark({ halves, sources, store }: OpenedModel): string {
  const isOwn = ([name, { stored }]: readonly [string, { stored: string }]) => {
    const { dtype } = store.tensors.get(stored)!;
    return !halves.has(name) || halves.get(name) === dtype;
  };
  return [...sources].every(isOwn) ? HALVED_MARK : MIXED_MARK;
}

/** The parameters that executors cannot map from the model's files; all of them where a cache would lie on another drive. */
export function unmappable(opened: OpenedModel, cacheFolder: string): string[] {
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
  { outline, halves }: OpenedModel,
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
      ...{ name, shape, dtype },
      async *read() {
        for await (const piece of pieces(name)) {
          if (dtype === 'f16') requireHalves(name, piece);
          yield asFloatType(dtype, piece);
        }
      },
    }));
}

const LARGEST_HALF = 65_504;

/** A weight beyond float16 would become infinite without a word. */
function requireHalves(name: string, values: Float32Array): void {
  const large = values.find((value) => Math.abs(value) > LARGEST_HALF);
  if (large === undefined) return;
  throw new AppError(
    'unsupported-model',
    `A weight of ${name} is ${large}, but float16 ends at ${LARGEST_HALF}.`,
    'Leave --precision f16 out.',
  );
}
