/**
 * Finds a model's weights as float32, in their own 16 bits, or quantised. What can be mapped is mapped where
 * it lies; all else is converted once into a cache file, found by the content of its source.
 */
import path from 'node:path';
import { internal } from '../../../common/errors.ts';
import type { WeightSource } from '../exec/executor.ts';
import { cacheKeyOf, type PrepareF32Options, prepareF32, type TensorSource } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import type { BaseFormat } from '../nn/parameters.ts';
import { halvedMark, halvedTensors, unmappable } from './halved-weights.ts';
import type { OpenedModel } from './open-model.ts';
import { parameterPieces, readParameter, sourceOf } from './parameter-pieces.ts';
import { quantisedMark, quantisedTensors } from './quantised-weights.ts';

export interface Weights {
  readonly source: WeightSource;
  /** How matrices are quantised; 16: what the files hold in 16 bits stays so; null: all is float32. */
  readonly format: BaseFormat | null;
  /** The cache file, or null where the model's own files are mapped. */
  readonly cacheFile: string | null;
  /** Reads one parameter whole, for training it. */
  read(parameter: string): Promise<Float32Array>;
}

/** `weights`, with those of `named` from memory. */
export function withNamed(weights: Weights, named: ReadonlyMap<string, Float32Array>): Weights {
  const source: WeightSource = (name) => {
    const data = named.get(name);
    return data ? { kind: 'memory', data } : weights.source(name);
  };
  return { ...weights, source };
}

/**
 * Weights of `opened` for the executors, in `format`; `onProgress` gets bytes done and in all while a cache
 * is written.
 */
export async function prepareWeights(
  opened: OpenedModel,
  cacheFolder: string,
  onProgress?: (done: number, total: number) => void,
  format: BaseFormat | null = null,
): Promise<Weights> {
  const read = (parameter: string) => readParameter(opened, parameter);
  const here: WeightSource = (name) => fileLocation(opened.store.tensors.get(sourceOf(opened, name).stored)!);
  const wanted = await wantedCache(opened, cacheFolder, format);
  if (!wanted) return { source: here, format, cacheFile: null, read };
  const cacheFile = wanted.file;
  const cache = await prepareF32({ ...wanted, ...(onProgress && { onProgress }) });
  await cache.close();
  const source: WeightSource = (name) => {
    const cached = cache.tensors.get(name);
    return cached ? fileLocation(cached) : format === 16 ? here(name) : missing(name);
  };
  return { source, format, cacheFile, read };
}

/** The cache that `prepareWeights` reuses or writes; null where the model's own files are mapped. */
export async function wantedCache(
  opened: OpenedModel,
  cacheFolder: string,
  format: BaseFormat | null,
): Promise<Pick<PrepareF32Options, 'tensors' | 'file' | 'key'> | null> {
  const tensors = tensorsToWrite(opened, format, cacheFolder);
  if (tensors.length === 0) return null;
  const model = await cacheKeyOf(filesOf(opened.store));
  const mark = format === null ? '' : format === 16 ? `-${halvedMark(opened)}` : `-${quantisedMark(format)}`;
  const file = path.join(cacheFolder, `${model.slice(0, 32)}${mark}.safetensors`);
  return { tensors, file, key: `${model}${mark}` };
}

/** What goes into a cache; nothing where the model's own files are mapped. */
function tensorsToWrite(opened: OpenedModel, format: BaseFormat | null, cacheFolder: string): TensorSource[] {
  const pieces = (name: string) => parameterPieces(opened, name);
  if (format === 16) return halvedTensors(opened, unmappable(opened, cacheFolder), pieces);
  if (format !== null) return quantisedTensors(opened, format, pieces);
  if (isMappable(opened)) return [];
  return [...opened.outline.parameters].map(([name, { shape }]) => ({
    name,
    shape,
    read: () => pieces(name),
  }));
}

function missing(name: string): never {
  throw internal(`the cache has no weight ${name}`);
}

function fileLocation({ file, offset, bytes }: { file: string; offset: number; bytes: number }) {
  return { kind: 'file' as const, file, offset, bytes };
}

function isMappable({ sources, store }: OpenedModel): boolean {
  return [...sources.values()].every(({ stored, transform }) => {
    const tensor = store.tensors.get(stored)!;
    return tensor.dtype === 'f32' && transform.kind === 'none' && tensor.offset % 4 === 0;
  });
}
