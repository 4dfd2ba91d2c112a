/** `--as safetensors`: a Hugging Face folder with the adapter merged in. */
import path from 'node:path';
import type { FloatType } from '../io/float-types.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { openModel } from '../load/open-model.ts';
import { checkedParameters } from './checked.ts';
import type { Form } from './form.ts';
import { mergedParameters } from './merge.ts';
import { proveWritten, SCRATCH } from './prove.ts';
import { readBack } from './read-back.ts';
import { writeModelFolder } from './write-model.ts';

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
