/** The practice model before it has learned anything, as a Hugging Face folder. */
import fs from 'node:fs';
import path from 'node:path';
import { writeSafetensors } from '../../main/engine/io/safetensors-write.ts';
import { learnMerges } from './bpe.ts';
import * as model from './model-files.ts';

/** Learns the vocabulary from `texts` and writes configuration, tokenizer and random float32 weights into `folder`. */
export async function writeFreshModel(folder: string, texts: Iterable<string>): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown) =>
    fs.writeFileSync(path.join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  write('config.json', model.CONFIG);
  write('tokenizer.json', model.tokenizerJson(learnMerges(texts, model.VOCABULARY, model.RESERVED)));
  write('tokenizer_config.json', model.TOKENIZER_CONFIG);
  write('generation_config.json', model.GENERATION_CONFIG);
  await writeSafetensors(path.join(folder, 'model.safetensors'), model.randomWeights(11), { format: 'pt' });
}
