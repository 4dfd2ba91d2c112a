/**
 * The forms of Hugging Face's libraries: an adapter (`--as peft`), and a merged model (`--as safetensors`).
 */
import path from 'node:path';
import type { FloatType } from '../io/convert.ts';
import { type LoraAdapter, readAdapter, writeAdapter } from '../io/peft.ts';
import { openSafetensors } from '../io/safetensors.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { loadAdapter } from '../load/adapter.ts';
import { type OpenedModel, openModel, tokenizerOf } from '../load/open-model.ts';
import { peftName, tokenRowsName } from '../nn/parameters.ts';
import type { Form } from './export-job.ts';
import { checkedParameters, mergedParameters } from './merge.ts';
import { proveWithEngine, proveWritten, SCRATCH } from './prove.ts';
import { type ExpectedTensor, readBack } from './read-back.ts';
import { writeModelFolder, writeTokenizerOf } from './write-model.ts';

export const adapterForm: Form = {
  diskBytes: ({ stored, type }) =>
    adapterWeights(stored!) * DTYPE_BYTES[type as FloatType] + magnitudeBytes(stored!) + rowBytes(stored!),
  async write({ stored, type, facts, opened }, folder) {
    const { config, tensors, newTokens } = stored!;
    // a name on the Hub is of use to others, a path on this computer only here
    const baseModel = facts.baseModel?.includes('/') ? facts.baseModel : config.baseModel;
    await writeAdapter(folder, { ...config, baseModel }, tensors, type as FloatType, newTokens);
    if (!newTokens) return [];
    await writeTokenizerOf(folder, opened);
    return [newTokensNote(opened)];
  },
  async prove(job, folder, trained, io) {
    const { opened, weights, stored, type } = job;
    await readAdapter(folder);
    const file = await openSafetensors(path.join(folder, 'adapter_model.safetensors'));
    let tensors: number;
    try {
      const expected: ExpectedTensor[] = [...stored!.tensors].flatMap(([module, { a, b, magnitude }]) => [
        { name: peftName(module, 'A'), type: type as FloatType, pieces: () => [a] },
        { name: peftName(module, 'B'), type: type as FloatType, pieces: () => [b] },
        ...(magnitude
          ? [{ name: peftName(module, 'magnitude'), type: 'f32' as const, pieces: () => [magnitude] }]
          : []),
      ]);
      for (const [table, rows] of stored!.newTokens?.rows ?? [])
        expected.push({ name: tokenRowsName(`${table}.weight`), type: 'f32', pieces: () => [rows] });
      tensors = await readBack(file, expected, { stop: io.stop });
    } finally {
      await file.close();
    }
    const adapter = await loadAdapter(folder, { opened, weights, executor: io.executor });
    const tokenizer = await tokenizerOf(opened);
    const found = await proveWithEngine({ opened, weights, adapter, tokenizer }, trained, io);
    return { proof: { ...found, tensors }, notes: [] };
  },
};

/** What a PEFT user has to do before the adapter is loaded. */
function newTokensNote({ added, model }: OpenedModel): string {
  const { texts, base } = added!;
  const count = texts.length === 1 ? '1 new token' : `${texts.length} new tokens`;
  const larger = model.vocabSize > base.model.vocabSize;
  return larger
    ? `It brings along ${count}: with PEFT, call resize_token_embeddings(${model.vocabSize}) on the base model before the adapter is loaded. The tokenizer beside it knows them.`
    : `It brings along ${count}, for which the base model has unused rows. The tokenizer beside it knows them.`;
}

function rowBytes({ newTokens }: LoraAdapter): number {
  return [...(newTokens?.rows.values() ?? [])].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function magnitudeBytes({ tensors }: LoraAdapter): number {
  return [...tensors.values()].reduce((sum, { magnitude }) => sum + (magnitude?.byteLength ?? 0), 0);
}

/** Weights of all A and B. */
export function adapterWeights({ tensors }: LoraAdapter): number {
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
        io.onProgress('writing weights', names.indexOf(name) / names.length);
        return read(name);
      },
      { type: type as FloatType },
    );
    return [];
  },
  async prove({ opened, stored, type }, folder, trained, io) {
    const read = mergedParameters(opened, stored);
    const written = await openModel(folder);
    let tensors: number;
    try {
      const expected = [...opened.outline.parameters.keys()].map((name) => ({
        name,
        type: type as FloatType,
        pieces: () => read(name),
      }));
      const onProgress = (fraction: number) => io.onProgress('reading it back', fraction);
      tensors = await readBack(written.store, expected, { stop: io.stop, onProgress });
    } finally {
      await written.store.close();
    }
    const found = await proveWritten(folder, path.join(folder, SCRATCH), trained, io);
    return { proof: { ...found, tensors }, notes: [] };
  },
};
