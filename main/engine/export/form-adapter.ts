/** `--as peft`: the adapter alone, as PEFT reads it. */

import path from 'node:path';
import type { FloatType } from '../io/float-types.ts';
import { type LoraAdapter, readAdapter, writeAdapter } from '../io/peft.ts';
import { openSafetensors } from '../io/safetensors.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { loadAdapter } from '../load/adapter.ts';
import { tokenizerOf } from '../load/tokenizer.ts';
import { peftName } from '../nn/parameters.ts';
import type { Form } from './form.ts';
import { proveWithEngine } from './prove.ts';
import { readBack } from './read-back.ts';

export const adapterForm: Form = {
  diskBytes: ({ stored, type }) =>
    adapterWeights(stored!) * DTYPE_BYTES[type as FloatType] + magnitudeBytes(stored!),
  async write({ stored, type, facts }, folder) {
    const { config, tensors } = stored!;
    // a name on the Hub is of use to others, a path on this computer only here
    const baseModel = facts.baseModel?.includes('/') ? facts.baseModel : config.baseModel;
    await writeAdapter(folder, { ...config, baseModel }, tensors, type as FloatType);
    return [];
  },
  async prove(job, folder, trained, io) {
    const { opened, weights, stored, type } = job;
    await readAdapter(folder);
    const file = await openSafetensors(path.join(folder, 'adapter_model.safetensors'));
    let tensors: number;
    try {
      const expected = [...stored!.tensors].flatMap(([module, { a, b, magnitude }]) => [
        { name: peftName(module, 'A'), type: type as FloatType, pieces: () => [a] },
        { name: peftName(module, 'B'), type: type as FloatType, pieces: () => [b] },
        ...(magnitude
          ? [{ name: peftName(module, 'magnitude'), type: 'f32' as const, pieces: () => [magnitude] }]
          : []),
      ]);
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

function magnitudeBytes({ tensors }: LoraAdapter): number {
  return [...tensors.values()].reduce((sum, { magnitude }) => sum + (magnitude?.byteLength ?? 0), 0);
}

/** Weights of all A and B. */
export function adapterWeights({ tensors }: LoraAdapter): number {
  return [...tensors.values()].reduce((sum, { a, b }) => sum + a.length + b.length, 0);
}
