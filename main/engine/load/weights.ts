/**
 * Finds a model's weights as float32, in their own 16 bits, or quantised. What can be mapped is mapped where it lies; all else is converted
 * once into a cache file, found by the content of its source.
 */
import path from 'node:path';
import { internal } from '../../../common/errors.ts';
import type { Preparation } from '../../../common/protocol/protocol.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { freeBytes } from '../../folders.ts';
import { cacheFolder } from '../../paths.ts';
import { baseFormat, type RunConfig } from '../config/config.ts';
import type { WeightSource } from '../exec/executor.ts';
import {
  cacheKeyOf,
  isPrepared,
  type PrepareF32Options,
  preparedBytes,
  prepareF32,
  type TensorSource,
} from '../io/prepare-f32.ts';
import { elementCount, filesOf } from '../io/tensor-store.ts';
import type { ModelOutline } from '../models/model.ts';
import type { BaseFormat } from '../nn/parameters.ts';
import type { MatrixFormat } from '../nn/quantised.ts';
import { halvedFor, halvedMark, halvedTensors, unmappable } from './halved-weights.ts';
import type { OpenedFiles, OpenedModel } from './open-model.ts';
import { parameterPieces, readParameter, sourceOf } from './parameter-pieces.ts';
import {
  keptBlocks,
  quantisedMark,
  quantisedMatrices,
  quantisedShapes,
  quantisedTensors,
} from './quantised-weights.ts';

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

/** Weights of `opened` for the executors, in `format`; `onProgress` gets bytes done and in all while a cache is written. */
export async function prepareWeights(
  opened: OpenedFiles,
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
async function wantedCache(
  opened: OpenedFiles,
  cacheFolder: string,
  format: BaseFormat | null,
): Promise<Wanted | null> {
  const tensors = tensorsToWrite(opened, format, cacheFolder);
  if (tensors.length === 0) return null;
  const model = await cacheKeyOf(filesOf(opened.store));
  const mark = format === null ? '' : format === 16 ? `-${halvedMark(opened)}` : `-${quantisedMark(format)}`;
  const file = path.join(cacheFolder, `${model.slice(0, 32)}${mark}.safetensors`);
  return { tensors, file, key: `${model}${mark}` };
}

/** What goes into a cache; nothing where the model's own files are mapped. */
function tensorsToWrite(opened: OpenedFiles, format: BaseFormat | null, cacheFolder: string): TensorSource[] {
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

function isMappable({ sources, store }: OpenedFiles): boolean {
  return [...sources.values()].every(({ stored, transform }) => {
    const tensor = store.tensors.get(stored)!;
    return tensor.dtype === 'f32' && transform.kind === 'none' && tensor.offset % 4 === 0;
  });
}

/** Where they are kept of all models. */
export const weightsFolder = (): string => path.join(cacheFolder(), 'weights');

/** What a run has to convert before it begins, predicted without reading a weight. */

type Settings = Pick<RunConfig, 'method' | 'bits' | 'quant' | 'doubleQuant' | 'precision'>;
type Wanted = Pick<PrepareF32Options, 'tensors' | 'file' | 'key'>;

/** Caches that models want, by their format: the files of an opened model do not change. */
const known = new WeakMap<OpenedFiles['store'], Map<string, Promise<Wanted | null>>>();

/** What is converted before a run of `config`; null where that is done, or where nothing has to be. */
export async function preparationOf(config: Settings, opened: OpenedFiles): Promise<Preparation | null> {
  const base = halvedFor(config, opened.added?.base ?? opened);
  const format = baseFormat(config);
  const name = JSON.stringify([format, isMixed(config)]);
  const formats = known.get(base.store) ?? new Map<string, Promise<Wanted | null>>();
  known.set(base.store, formats);
  const asking = formats.get(name) ?? wantedCache(base, weightsFolder(), format);
  formats.set(name, asking);
  const wanted = await asking;
  if (!wanted || (await isPrepared(wanted))) return null;
  const names = format === 16 ? wanted.tensors.map((tensor) => tensor.name) : base.outline.parameters.keys();
  const isKept: IsKept = (name, matrix) => keptBlocks(base, name, matrix) !== null;
  return {
    ...weightsOf(base.outline, format, names, isKept),
    ...(await written(wanted)),
  };
}

/**
 * The same for a model that is not downloaded, from its config.json: its files will be safetensors, mapped in float32 (but for GPT-2's
 * transposed matrices) and in 16 bits where they stay so.
 */
export async function promisedPreparation(
  config: Settings,
  { model, outline, halves }: Pick<OpenedModel, 'model' | 'outline' | 'halves'>,
): Promise<Preparation | null> {
  const format = baseFormat(config);
  const isMapped = format === null ? halves.size === 0 && !model.transposedLinears : format === 16;
  if (isMapped) return null;
  const tensors =
    format === null || format === 16
      ? [...outline.parameters].map(([name, { shape }]) => ({ name, shape }))
      : quantisedShapes(outline, format);
  return {
    ...weightsOf(outline, format, outline.parameters.keys(), () => false),
    ...(await written({ tensors })),
  };
}

async function written(wanted: Parameters<typeof preparedBytes>[0]) {
  const folder = weightsFolder();
  const free = await freeBytes(folder).catch(() => null);
  return { writtenBytes: preparedBytes(wanted), freeBytes: free, folder };
}

type IsKept = (parameter: string, format: MatrixFormat) => boolean;

/** The weights of the named parameters by what is done to each: made float32, quantised evenly, or to NF4. */
function weightsOf(
  outline: ModelOutline,
  format: BaseFormat | null,
  names: Iterable<string>,
  isKept: IsKept,
): Pick<Preparation, 'convertedWeights' | 'integerWeights' | 'nf4Weights'> {
  const quantised = format === null || format === 16 ? new Map() : quantisedMatrices(outline, format);
  let [converted, evenly, closely] = [0, 0, 0];
  for (const parameter of names) {
    const size = elementCount(outline.parameters.get(parameter)!.shape);
    const matrix = quantised.get(parameter);
    if (!matrix || isKept(parameter, matrix.format)) converted += size;
    else if (matrix.format.type === 'nf4') closely += size;
    else evenly += size;
  }
  return { convertedWeights: converted, integerWeights: evenly, nf4Weights: closely };
}
