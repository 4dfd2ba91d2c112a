/** What a run has to convert before it begins, predicted without reading a weight. */
import path from 'node:path';
import type { Preparation } from '../../../common/protocol/protocol.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { cacheFolder } from '../../paths.ts';
import { baseFormat, type RunConfig } from '../config/config.ts';
import { isPrepared, type PrepareF32Options, preparedBytes } from '../io/prepare-f32.ts';
import { freeBytes } from '../io/system.ts';
import { elementCount } from '../io/tensor-store.ts';
import type { ModelOutline } from '../models/model.ts';
import type { BaseFormat } from '../nn/parameters.ts';
import type { MatrixFormat } from '../nn/quantised.ts';
import { allHalved } from './halved-weights.ts';
import type { OpenedModel } from './open-model.ts';
import { keptBlocks, quantisedMatrices, quantisedShapes } from './quantised-weights.ts';
import { wantedCache } from './weights.ts';

type Settings = Pick<RunConfig, 'method' | 'bits' | 'quant' | 'doubleQuant' | 'precision'>;
type Wanted = Pick<PrepareF32Options, 'tensors' | 'file' | 'key'>;

/** Caches that models want, by their format: the files of an opened model do not change. */
const known = new WeakMap<OpenedModel['store'], Map<string, Promise<Wanted | null>>>();

/** What is converted before a run of `config`; null where that is done, or where nothing has to be. */
export async function preparationOf(config: Settings, opened: OpenedModel): Promise<Preparation | null> {
  const found = opened.added?.base ?? opened;
  const base = isMixed(config) ? { ...found, halves: allHalved(found.outline) } : found;
  const format = baseFormat(config);
  const folder = path.join(cacheFolder(), 'weights');
  const name = JSON.stringify([format, isMixed(config)]);
  const formats = known.get(found.store) ?? new Map<string, Promise<Wanted | null>>();
  known.set(found.store, formats);
  const asking = formats.get(name) ?? wantedCache(base, folder, format);
  formats.set(name, asking);
  const wanted = await asking;
  if (!wanted || (await isPrepared(wanted))) return null;
  const names = format === 16 ? wanted.tensors.map((tensor) => tensor.name) : base.outline.parameters.keys();
  const isKept: IsKept = (name, matrix) => keptBlocks(base, name, matrix) !== null;
  return {
    ...weightsOf(base.outline, format, names, isKept),
    writtenBytes: preparedBytes(wanted),
    freeBytes: await freeBytes(folder).catch(() => null),
    folder,
  };
}

/**
 * The same for a model that is not downloaded, from its config.json: its files will be safetensors, mapped in
 * float32 (but for GPT-2's transposed matrices) and in 16 bits where they stay so.
 */
export async function promisedPreparation(
  config: Settings,
  { model, outline, halves }: Pick<OpenedModel, 'model' | 'outline' | 'halves'>,
): Promise<Preparation | null> {
  const format = baseFormat(config);
  const isMapped = format === null ? halves.size === 0 && !model.transposedLinears : format === 16;
  if (isMapped) return null;
  const folder = path.join(cacheFolder(), 'weights');
  const tensors =
    format === null || format === 16
      ? [...outline.parameters].map(([name, { shape }]) => ({ name, shape }))
      : quantisedShapes(outline, format);
  return {
    ...weightsOf(outline, format, outline.parameters.keys(), () => false),
    ...{
      writtenBytes: preparedBytes({ tensors }),
      freeBytes: await freeBytes(folder).catch(() => null),
      folder,
    },
  };
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
