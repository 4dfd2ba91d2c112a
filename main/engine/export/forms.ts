/**
 * The forms of an export: adapters (`--as peft`), merged models (`--as safetensors`), and GGUF (`--as gguf`), a whole model with a
 * Modelfile for Ollama beside it, or with `--adapter-only` the adapter.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import type { FloatType } from '../io/convert.ts';
import { openGguf } from '../io/gguf.ts';
import type { GgufEntry } from '../io/gguf-types.ts';
import { type GgufTensorToWrite, type GgufWriteType, writeGguf } from '../io/gguf-write.ts';
import { insideName, type LoraAdapter, readAdapter, writeAdapter } from '../io/peft.ts';
import { openSafetensors } from '../io/safetensors.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { loadAdapter } from '../load/adapter.ts';
import { type OpenedModel, openModel, tokenizerOf, tokenizerPartsOf } from '../load/open-model.ts';
import { isWrapped } from '../models/family.ts';
import { toGguf } from '../models/gguf-layout.ts';
import { familyOf, ggufArchitecture } from '../models/registry.ts';
import { SORTING_HEAD } from '../models/sorting.ts';
import { peftName, savedWholeName, tokenRowsName } from '../nn/parameters.ts';
import type { ExportJob, ExportType, Form, ModelFacts } from './export-job.ts';
import {
  addsBos,
  baseModelEntries,
  ggufTensors,
  tensorBytes,
  tokenizerEntries,
  writeGgufModel,
} from './gguf-tensors.ts';
import { checkedParameters, mergedParameters, type ParameterReader } from './merge.ts';
import { modelfile } from './modelfile.ts';
import { proveGguf, proveWithEngine, proveWithLlama, proveWritten, SCRATCH } from './prove.ts';
import { type ExpectedTensor, readBackFrom } from './read-back.ts';
import { writeModelFolder, writeTokenizerOf, writtenNames } from './write-model.ts';

export const adapterForm: Form = {
  diskBytes: ({ stored, type }) =>
    adapterWeights(stored!) * DTYPE_BYTES[type as FloatType] + exactBytes(stored!),
  async write({ stored, type, facts, opened }, folder) {
    const { config, tensors, newTokens, head } = stored!;
    // a name on the Hub is of use to others, a path on this computer only here
    const baseModel = facts.baseModel?.includes('/') ? facts.baseModel : config.baseModel;
    const inWrapper = isWrapped(opened.config);
    await writeAdapter(
      folder,
      { ...config, baseModel, inWrapper },
      tensors,
      type as FloatType,
      newTokens,
      head,
    );
    if (!newTokens) return [];
    await writeTokenizerOf(folder, opened);
    return [newTokensNote(opened)];
  },
  async prove(job, folder, trained, io) {
    const { opened, weights, stored, type } = job;
    await readAdapter(folder);
    const named = (module: string) => (isWrapped(opened.config) ? insideName(module) : module);
    const expected: ExpectedTensor[] = [...stored!.tensors].flatMap(([module, { a, b, magnitude }]) => [
      { name: peftName(named(module), 'A'), type: type as FloatType, pieces: () => [a] },
      { name: peftName(named(module), 'B'), type: type as FloatType, pieces: () => [b] },
      ...(magnitude
        ? [{ name: peftName(named(module), 'magnitude'), type: 'f32' as const, pieces: () => [magnitude] }]
        : []),
    ]);
    for (const [table, rows] of stored!.newTokens?.rows ?? [])
      expected.push({ name: tokenRowsName(`${named(table)}.weight`), type: 'f32', pieces: () => [rows] });
    const { head } = stored!;
    if (head)
      expected.push({ name: savedWholeName(SORTING_HEAD), type: 'f32', pieces: () => [head.weights] });
    const file = path.join(folder, 'adapter_model.safetensors');
    const tensors = await readBackFrom(openSafetensors(file), expected, io.stop);
    const adapter = await loadAdapter(folder, { opened, weights, executor: io.executor });
    const tokenizer = await tokenizerOf(opened);
    const found = await proveWithEngine({ opened, weights, adapter, tokenizer }, trained, io);
    return { proof: { ...found, tensors }, notes: [] };
  },
};

/** What a PEFT user has to do before the adapter is loaded. */
function newTokensNote({ added, model }: OpenedModel): string {
  const { texts, base } = added!;
  const count = plural(texts.length, 'new token');
  const larger = model.vocabSize > base.model.vocabSize;
  return larger
    ? say`It has ${count}. With PEFT, resize the base model's embeddings to ${model.vocabSize} before loading the adapter.`
    : say`It has ${count}, for which the base model has room.`;
}

/** Bytes of what stays float32: magnitudes, a head for categories, and the rows of new tokens. */
function exactBytes({ tensors, newTokens, head }: LoraAdapter): number {
  const magnitudes = [...tensors.values()].map(({ magnitude }) => magnitude);
  const exact = [...magnitudes, head?.weights, ...(newTokens?.rows.values() ?? [])];
  return exact.reduce((sum, values) => sum + (values?.byteLength ?? 0), 0);
}

function adapterWeights({ tensors }: LoraAdapter): number {
  return [...tensors.values()].reduce((sum, { a, b }) => sum + a.length + b.length, 0);
}

export const folderForm: Form = {
  // weights that are not float32 are converted for the proof
  diskBytes: ({ opened, type }) =>
    opened.outline.parameterCount * (DTYPE_BYTES[type as FloatType] + (type === 'f32' ? 0 : 4)),
  async write({ opened, stored, type }, folder, io) {
    const read = checkedParameters(mergedParameters(opened, stored), type, io.stop);
    const names = [...opened.outline.parameters.keys()];
    await writeModelFolder(
      folder,
      opened,
      (name) => {
        io.onProgress(say`writing weights`, names.indexOf(name) / names.length);
        return read(name);
      },
      { type: type as FloatType },
    );
    return [];
  },
  async prove({ opened, stored, type }, folder, trained, io) {
    const read = mergedParameters(opened, stored);
    const names = writtenNames(opened);
    const expected = [...opened.outline.parameters.keys()].map((name) => ({
      name: names(name),
      type: type as FloatType,
      pieces: () => read(name),
    }));
    const store = openModel(folder).then((written) => written.store);
    const tensors = await readBackFrom(store, expected, io.stop, io.onProgress);
    const found = await proveWritten(folder, path.join(folder, SCRATCH), trained, io);
    return { proof: { ...found, tensors }, notes: [] };
  },
};

/** Bytes of a token in the metadata, its merges included, generously. */
const TOKEN_BYTES = 64;

export const ggufForm: Form = {
  diskBytes: (job) =>
    tensorBytes(tensorsOf(job, mergedParameters(job.opened, job.stored))) +
    TOKEN_BYTES * job.opened.model.vocabSize,
  async write(job, folder, io) {
    const { opened, stored, tokenizer, type, facts, target } = job;
    const architecture = ggufArchitecture(opened);
    const read = checkedParameters(mergedParameters(opened, stored), type, io.stop);
    const tensors = tensorsOf(job, read).map((tensor, i, { length }) => ({
      ...tensor,
      pieces: () => {
        io.onProgress(say`writing weights`, i / length);
        return tensor.pieces();
      },
    }));
    const entries = tokenizerEntries(opened, await tokenizerPartsOf(opened), tokenizer);
    const written = { type: ggufType(type), facts };
    await writeGgufModel(path.join(folder, target.names.gguf), architecture, entries, tensors, written);
    const beside = { from: `./${target.names.gguf}`, system: job.system };
    const ollama = modelfile(tokenizer, { ...beside, addsBos: addsBos(entries) });
    await writeFileAtomic(path.join(folder, target.names.modelfile), ollama.text);
    return [...architecture.notes, ...typeNotes(type), ...ollama.notes];
  },
  async prove(job, folder, trained, io) {
    const file = path.join(folder, job.target.names.gguf);
    const expected = tensorsOf(job, mergedParameters(job.opened, job.stored));
    const tensors = await readBackFrom(openGguf(file), expected, io.stop, io.onProgress);
    const { found, notes } = await proveGguf(file, trained, io);
    return { proof: { ...found, tensors }, notes };
  },
};

function tensorsOf({ opened, type }: ExportJob, read: ParameterReader) {
  return ggufTensors(opened, read, ggufType(type), ggufArchitecture(opened).ropeTensors);
}

/** The type's name inside GGUF files: blocks are written in capitals. */
function ggufType(type: ExportType): GgufWriteType {
  return (type.startsWith('q') ? type.toUpperCase() : type) as GgufWriteType;
}

function typeNotes(type: ExportType): string[] {
  return /^q[45]/.test(type)
    ? [
        say`The embedding and the output layer keep 8 bits: with ${type}, their errors would reach every token.`,
      ]
    : [];
}

/** Above this the base model of the proof is float16: float32 would take more room than it tells. */
const EXACT_PARAMETERS = 1e9;

export const ggufAdapterForm: Form = {
  diskBytes: (job) =>
    adapterWeights(job.stored!) * DTYPE_BYTES[job.type as FloatType] + tensorBytes(baseTensors(job)),
  async write(job, folder) {
    const { opened, stored, type, facts, target, tokenizer } = job;
    const { name } = ggufArchitecture(opened);
    const tensors = adapterTensors(opened, stored!, type as FloatType);
    await writeGguf(path.join(folder, target.names.gguf), adapterMetadata(name, stored!, facts), tensors);
    const beside = { from: opened.path, adapter: `./${target.names.gguf}`, system: job.system };
    const entries = tokenizerEntries(opened, await tokenizerPartsOf(opened), tokenizer);
    const ollama = modelfile(tokenizer, { ...beside, addsBos: addsBos(entries) });
    await writeFileAtomic(path.join(folder, target.names.modelfile), ollama.text);
    return ollama.notes;
  },
  async prove(job, folder, trained, io) {
    const adapter = path.join(folder, job.target.names.gguf);
    const expected = adapterTensors(job.opened, job.stored!, job.type as FloatType);
    const tensors = await readBackFrom(openGguf(adapter), expected, io.stop);
    const file = await writeBase(job, path.join(folder, SCRATCH));
    const found = await proveWithLlama({ file, adapter }, trained, io).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'llama-missing') throw error;
      throw new AppError(
        error.code,
        error.message,
        say`Without it this adapter can't be checked. Save it for Hugging Face instead.`,
      );
    });
    return { proof: { ...found, tensors }, notes: [] };
  },
};

function baseTensors({ opened }: ExportJob) {
  const type = opened.outline.parameterCount <= EXACT_PARAMETERS ? 'f32' : 'f16';
  return ggufTensors(opened, mergedParameters(opened, null), type, ggufArchitecture(opened).ropeTensors);
}

async function writeBase(job: ExportJob, scratch: string): Promise<string> {
  const { opened, tokenizer, facts } = job;
  await fs.mkdir(scratch, { recursive: true });
  const file = path.join(scratch, 'base.gguf');
  const entries = tokenizerEntries(opened, await tokenizerPartsOf(opened), tokenizer);
  const written = { type: 'f32', facts } as const;
  await writeGgufModel(file, ggufArchitecture(opened), entries, baseTensors(job), written);
  return file;
}

/** The metadata of an adapter for a model of `architecture`. */
function adapterMetadata(
  architecture: string,
  { config }: LoraAdapter,
  facts: ModelFacts,
): ReadonlyMap<string, GgufEntry> {
  return new Map<string, GgufEntry>([
    ['general.architecture', { type: 'string', value: architecture }],
    ['general.type', { type: 'string', value: 'adapter' }],
    ['general.name', { type: 'string', value: facts.name }],
    ...baseModelEntries(facts),
    ['adapter.type', { type: 'string', value: 'lora' }],
    ['adapter.lora.alpha', { type: 'f32', value: config.loraAlpha }],
  ]);
}

/** A and B of every module; shapes [r,in] and [out,r]. */
function adapterTensors(
  { model }: OpenedModel,
  { config, tensors }: LoraAdapter,
  type: FloatType,
): GgufTensorToWrite[] {
  const { withoutAdapters = [] } = familyOf(model.modelType)!.gguf;
  const unread = [...tensors.keys()].find((module) => withoutAdapters.some((end) => module.endsWith(end)));
  if (unread !== undefined)
    throw new AppError(
      'export-unsupported',
      say`llama.cpp doesn't apply adapters to ${unread}.`,
      say`Save the whole model as GGUF instead, or train without that layer.`,
    );
  return [...tensors].flatMap(([module, { a, b, r, scale }]): GgufTensorToWrite[] => {
    const { name, transform, ...source } = model.ggufSource(`${module}.weight`);
    const parts = source.parts ?? [name];
    const outputs = b.length / r;
    const share = (scale * r) / config.loraAlpha;
    const inputs = a.length / r;
    const rows = ['unpermute', 'rows'].includes(transform.kind) ? toGguf(b, [outputs, r], transform) : b;
    const columns = transform.kind === 'columns' ? toGguf(a, [r, inputs], transform) : a;
    const scaled = share === 1 ? rows : rows.map((value) => value * share);
    const size = outputs / parts.length;
    return parts.flatMap((part, i): GgufTensorToWrite[] => [
      { name: `${part}.lora_a`, type, shape: [r, inputs], pieces: () => [columns] },
      {
        ...{ name: `${part}.lora_b`, type, shape: [size, r] },
        pieces: () => [scaled.subarray(i * size * r, (i + 1) * size * r)],
      },
    ]);
  });
}
