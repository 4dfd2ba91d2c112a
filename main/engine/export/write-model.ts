/** Writes a model as a Hugging Face folder: configuration, float32 safetensors, and the tokenizer it came with. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../io/atomic.ts';
import { type TensorToWrite, writeSafetensors } from '../io/safetensors.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { tokenizerPartsOf } from '../load/tokenizer.ts';
import { writeTokenizer } from './write-tokenizer.ts';

const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'generation_config.json',
];

/** Writes `values` as the parameters of `opened`'s model into `folder`; the configuration appears last. */
export async function writeModelFolder(
  folder: string,
  opened: OpenedModel,
  values: (parameter: string) => Promise<Float32Array>,
): Promise<void> {
  const tensors = [...opened.outline.parameters].map(
    ([name, { shape }]): TensorToWrite => ({
      name,
      dtype: 'f32',
      shape,
      data: async function* () {
        yield await values(name);
      },
    }),
  );
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  if (opened.kind === 'folder') await copyTokenizer(opened.path, folder);
  else await writeTokenizer(folder, await tokenizerPartsOf(opened));
  const { torch_dtype: _, ...config } = opened.config;
  await writeFileAtomic(
    path.join(folder, 'config.json'),
    `${JSON.stringify({ ...config, dtype: 'float32' }, null, 2)}\n`,
  );
}

async function copyTokenizer(from: string, to: string): Promise<void> {
  for (const name of TOKENIZER_FILES) {
    await fs.copyFile(path.join(from, name), path.join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
