/** Describes a model from its headers: family, sizes, dtypes, tensors, tokenizer, template and licence. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { InspectResult, RoundingError } from '../../../common/protocol/protocol.ts';
import { ggufArchitectureOf, isGguf } from '../../gguf-architecture.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { elementCount, filesOf } from '../io/tensor-store.ts';
import { encoderKeysNotKnown } from '../models/encoders.ts';
import {
  ENCODER_ARCHITECTURES,
  isSentenceDecoder,
  keysNotKnown,
  MODULES,
  makesVectors,
} from '../models/registry.ts';
import { type MatrixFormat, type QuantisedFormat, unpackedRows } from '../nn/quantised.ts';
import { MAIN_ROPE } from '../nn/rope.ts';
import { openEncoder } from './open-encoder.ts';
import { type OpenedFiles, type OpenedModel, readConfig, tokenizerOf, withOpened } from './open-model.ts';
import { quantiseRows } from './quantise-rows.ts';
import { keptPieces, quantisedMatrices, rowPieces } from './quantised-weights.ts';

/**
 * The facts of the model at `modelPath`; with `rounding` also the quantisation error of its weights, which
 * are read for it. Throws AppError for a model that Fettle cannot read.
 */
export async function inspectModel(modelPath: string, rounding = false): Promise<InspectResult> {
  if (await isReadEncoder(modelPath)) return await inspectEncoder(modelPath, rounding);
  return await withOpened(modelPath, async (opened) => {
    const { tokenizer, problem } = await usableTokenizer(opened);
    return {
      ...(await ofFiles(opened, rounding)),
      path: modelPath,
      family: opened.model.family,
      config: configFacts(opened),
      tokenizer: tokenizer && tokenizerFacts(tokenizer),
      ...(problem !== null && { tokenizerProblem: problem }),
      template: tokenizer?.chat?.source ?? null,
      skills: tokenizer?.chat?.skills() ?? [],
    };
  });
}

async function ofFiles(opened: OpenedFiles, rounding: boolean) {
  return {
    format: opened.store.kind,
    parameters: opened.outline.parameterCount,
    dtypes: dtypesOf(opened),
    files: await fileSizes(opened),
    tensors: [...opened.store.tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    licence: await licenceOf(opened),
    ...(rounding && { rounding: await roundingErrors(opened) }),
  };
}

/** Whether `folder`, or the GGUF file of that name, holds a model that makes vectors here. */
async function isReadEncoder(folder: string): Promise<boolean> {
  if (isGguf(folder)) return ENCODER_ARCHITECTURES.includes((await ggufArchitectureOf(folder)) ?? '');
  const stats = await fs.stat(folder).catch(() => null);
  if (!stats?.isDirectory()) return false;
  const config = await readConfig(path.join(folder, 'config.json')).catch(() => null);
  return config !== null && makesVectors(config, await fs.readdir(folder));
}

/** The same of an encoder; it is opened as it is for vectors, so that what cannot be used is found here. */
async function inspectEncoder(folder: string, rounding: boolean): Promise<InspectResult> {
  const opened = await openEncoder(folder);
  try {
    const { encoder, sentences, tokenizer, unused } = opened;
    const isDecoder = isSentenceDecoder(opened.config, [MODULES]);
    const unknown = (isDecoder ? keysNotKnown : encoderKeysNotKnown)(opened.config);
    return {
      ...(await ofFiles(opened, rounding)),
      path: folder,
      family: encoder.modelType,
      reads: true,
      config: {
        layers: encoder.layers,
        'hidden size': encoder.hiddenSize,
        vocabulary: encoder.vocabSize,
        'longest text (tokens)': Math.min(encoder.maxTokens, sentences.maxTokens ?? encoder.maxTokens),
        pooling: sentences.pooling,
        ...(encoder.dense && { 'layers behind pooling': encoder.dense.length }),
        'vectors of length one': sentences.isUnit,
        'put before a text': sentences.prompt || null,
        ...(unknown.length > 0 && { 'settings not known': unknown.join(', ').slice(0, 300) }),
        ...(unused.length > 0 && { 'tensors not used': unused.join(', ').slice(0, 300) }),
      },
      tokenizer: tokenizerFacts(tokenizer),
      template: null,
      skills: [],
    };
  } finally {
    await opened.store.close();
  }
}

/** The tokenizer; one that is there and cannot be used does not keep the rest from being shown. */
async function usableTokenizer(
  opened: OpenedModel,
): Promise<{ tokenizer: Tokenizer | null; problem: string | null }> {
  try {
    return { tokenizer: await tokenizerOf(opened), problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { tokenizer: null, problem: error.code === 'tokenizer.missing' ? null : error.message };
  }
}

function configFacts({ model, unused, config }: OpenedModel): InspectResult['config'] {
  const unknown = keysNotKnown(config);
  const rope = model.ropes.get(MAIN_ROPE);
  return {
    layers: model.layers,
    'hidden size': model.hiddenSize,
    heads: model.heads,
    'key-value heads': model.kvHeads,
    'head dimension': model.headDim,
    vocabulary: model.vocabSize,
    'longest text (tokens)': model.maxPositions,
    'rotary base': rope?.theta ?? null,
    'rotary scaling': rope?.scaling.type ?? null,
    'head tied to embedding': model.tiedHead,
    ...(unknown.length > 0 && { 'settings not known': unknown.join(', ').slice(0, 300) }),
    ...(unused.length > 0 && { 'tensors not used': unused.join(', ').slice(0, 300) }),
  };
}

function dtypesOf({ store }: OpenedFiles): InspectResult['dtypes'] {
  const sums = new Map<string, { tensors: number; parameters: number; bytes: number }>();
  for (const { dtype, shape, bytes } of store.tensors.values()) {
    const sum = sums.get(dtype) ?? { tensors: 0, parameters: 0, bytes: 0 };
    sum.tensors++;
    sum.parameters += elementCount(shape);
    sum.bytes += bytes;
    sums.set(dtype, sum);
  }
  return [...sums].map(([dtype, sum]) => ({ dtype, ...sum })).sort((a, b) => b.bytes - a.bytes);
}

function fileSizes({ store }: OpenedFiles): Promise<InspectResult['files']> {
  return Promise.all(filesOf(store).map(async (file) => ({ path: file, bytes: (await fs.stat(file)).size })));
}

function tokenizerFacts(tokenizer: Tokenizer): InspectResult['tokenizer'] {
  const { bos, eos } = tokenizer.special;
  const text = (id: number | null) => (id === null ? null : tokenizer.decode([id]));
  return { kind: 'byte-pair encoding', vocabSize: tokenizer.vocabSize, bos: text(bos), eos: text(eos) };
}

/** The licence that a GGUF file or the model card's front matter names. */
export async function licenceOf({ store, kind, path: where, config }: OpenedFiles): Promise<string | null> {
  const inFile = store.metadata.get('general.license') ?? config.license;
  if (typeof inFile === 'string') return inFile;
  if (kind === 'gguf') return null;
  const card = await fs.readFile(path.join(where, 'README.md'), 'utf8').catch(() => '');
  const front = /^---\n([\s\S]*?)\n---/.exec(card)?.[1] ?? '';
  return /^license:\s*(\S+)/m.exec(front)?.[1] ?? null;
}

/** The relative error of each quantised matrix in 8 and 4 bits; some megabytes are in memory at a time. */
async function roundingErrors(opened: OpenedFiles): Promise<RoundingError[]> {
  const matrices = (format: QuantisedFormat) => quantisedMatrices(opened.outline, format);
  const [eight, four, nf4] = [matrices('int8-dq'), matrices('int4-dq'), matrices('nf4-dq')];
  const errors: RoundingError[] = [];
  for (const [name, { shape, format }] of eight) {
    // tables are kept in 8 bits beside layers of 4 bits
    const ofLayer = (found: typeof four) => {
      const own = found.get(name)?.format;
      return own && own.type !== 'int8' ? own : null;
    };
    const [bits8, bits4, inNf4] = await relativeErrors(opened, name, [format, ofLayer(four), ofLayer(nf4)]);
    const weights = shape.reduce((size, dim) => size * dim, 1);
    errors.push({ name, weights, bits8: bits8!, bits4: bits4!, nf4: inNf4! });
  }
  return errors;
}

/** The root of sum((w - w')^2) / sum(w^2) in each of `formats`; the matrix is read once. Null for none. */
async function relativeErrors(
  opened: OpenedFiles,
  name: string,
  formats: readonly (MatrixFormat | null)[],
): Promise<(number | null)[]> {
  const columns = opened.outline.parameters.get(name)!.shape[1]!;
  const kept = formats.map((format) => format && keptPieces(opened, name, format));
  const sums = formats.map(() => 0);
  let all = 0;
  for await (const piece of rowPieces(opened, name)) {
    all += squares(piece);
    for (const [i, format] of formats.entries()) {
      if (!format) continue;
      const quantised = kept[i] ? (await kept[i].next()).value! : quantiseRows(piece, columns, format);
      sums[i]! += squaredDistance(piece, unpackedRows(quantised, columns, format));
    }
  }
  for (const pieces of kept) await pieces?.return(undefined);
  return formats.map((format, i) => format && (all > 0 ? Math.sqrt(sums[i]! / all) : 0));
}

function squares(a: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!;
  return sum;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}
