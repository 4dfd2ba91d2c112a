/**
 * The mean of two states of one training, tensor by tensor. The state before a last stage knows some things better and the one
 * after it others; their mean lies lower than both (weights averaged along one trajectory: Izmailov et al., 2018).
 */
import fs from 'node:fs';
import path from 'node:path';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';

const WEIGHTS = 'model.safetensors';

/** Writes `(1 - share) * before + share * after` as a model folder to `out`, with the other files of `after`. */
export async function blend(before: string, after: string, share: number, out: string): Promise<void> {
  fs.cpSync(after, out, { recursive: true, filter: (file) => path.basename(file) !== WEIGHTS });
  const [first, second] = await Promise.all(
    [before, after].map((folder) => openSafetensors(path.join(folder, WEIGHTS))),
  );
  const tensors = [...first!.tensors.values()].map(({ name, shape }) => ({
    name,
    dtype: 'f32' as const,
    shape,
    data: async function* () {
      const [a, b] = [await first!.readF32(name), await second!.readF32(name)];
      const mean = a.map((value, i) => (1 - share) * value + share * b[i]!);
      yield new Uint8Array(mean.buffer);
    },
  }));
  await writeSafetensors(path.join(out, WEIGHTS), tensors, { format: 'pt' });
  await Promise.all([first!.close(), second!.close()]);
}
