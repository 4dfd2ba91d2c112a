/** Writes an encoder whose parameters were trained as a folder of its own, as Transformers and sentence-transformers read it. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { systemError } from '../../../common/errors.ts';
import { writeSafetensors } from '../io/safetensors-write.ts';
import { SMALL_FILES } from './find-encoders.ts';
import { openEncoder } from './open-encoder.ts';
import { parameterPieces } from './parameter-pieces.ts';

/** What tokenizers have beside tokenizer.json. */
const OF_TOKENIZERS = [
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'sentencepiece.bpe.model',
];

/** The encoder in the folder `from`, with other `values` of some parameters, in the folder `to`. */
export async function writeEncoder(
  from: string,
  to: string,
  values: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  for (const name of [...SMALL_FILES, ...OF_TOKENIZERS]) {
    await fs.mkdir(path.dirname(path.join(to, name)), { recursive: true });
    await fs.copyFile(path.join(from, name), path.join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw systemError(error, path.join(to, name));
    });
  }
  const opened = await openEncoder(from);
  try {
    const tensors = [...opened.outline.parameters].map(([name, { shape }]) => ({
      ...{ name, shape, dtype: 'f32' as const },
      data: values.get(name) ?? (() => parameterPieces(opened, name)),
    }));
    await writeSafetensors(path.join(to, 'model.safetensors'), tensors, { format: 'pt' });
  } finally {
    await opened.store.close();
  }
}
