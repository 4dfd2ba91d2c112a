/** The forms of Hugging Face's libraries: adapters (`--as peft`) and merged models (`--as safetensors`). */
import path from 'node:path';
import { plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { FloatType } from '../io/convert.ts';
import { insideName, type LoraAdapter, readAdapter, writeAdapter } from '../io/peft.ts';
import { openSafetensors } from '../io/safetensors.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { loadAdapter } from '../load/adapter.ts';
import { type OpenedModel, openModel, tokenizerOf } from '../load/open-model.ts';
import { isWrapped } from '../models/wrapper.ts';
import { peftName, tokenRowsName } from '../nn/parameters.ts';
import type { Form } from './export-job.ts';
import { checkedParameters, mergedParameters } from './merge.ts';
import { proveWithEngine, proveWritten, SCRATCH } from './prove.ts';
import { type ExpectedTensor, readBackFrom } from './read-back.ts';
import { writeModelFolder, writeTokenizerOf, writtenNames } from './write-model.ts';

export const adapterForm: Form = {
  diskBytes: ({ stored, type }) =>
    adapterWeights(stored!) * DTYPE_BYTES[type as FloatType] + exactBytes(stored!),
  async write({ stored, type, facts, opened }, folder) {
    const { config, tensors, newTokens } = stored!;
    // a name on the Hub is of use to others, a path on this computer only here
    const baseModel = facts.baseModel?.includes('/') ? facts.baseModel : config.baseModel;
    const inWrapper = isWrapped(opened.config);
    await writeAdapter(folder, { ...config, baseModel, inWrapper }, tensors, type as FloatType, newTokens);
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

/** Bytes of what stays float32: magnitudes, and the rows of new tokens. */
function exactBytes({ tensors, newTokens }: LoraAdapter): number {
  const magnitudes = [...tensors.values()].map(({ magnitude }) => magnitude);
  const exact = [...magnitudes, ...(newTokens?.rows.values() ?? [])];
  return exact.reduce((sum, values) => sum + (values?.byteLength ?? 0), 0);
}

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
