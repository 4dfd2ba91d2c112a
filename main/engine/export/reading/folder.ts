/** An encoder as a folder that sentence-transformers and Transformers open: its own files, and beside them how tokens become a vector. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../../atomic.ts';
import type { ReadingModel } from './reading.ts';

/** Files of an encoder that others read: weights, configuration, tokenizer, licence. */
const OWN_FILES =
  /^(config|tokenizer|tokenizer_config|special_tokens_map|vocab|added_tokens|modules|sentence_bert_config|config_sentence_transformers|model\.safetensors\.index)\.json$|^(vocab|merges)\.txt$|\.spiece$|^sentencepiece\.bpe\.model$|^(?!adapter_model).*\.safetensors$|^LICENSE/i;
/** Of the tokenizer and what the model is, without its weights. */
export const SMALL_FILES = /^(config|tokenizer|tokenizer_config|special_tokens_map)\.json$|^LICENSE/i;

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

export async function copyOwnFiles(from: string, to: string, names = OWN_FILES): Promise<void> {
  for (const name of await fs.readdir(from))
    if (names.test(name)) await fs.copyFile(path.join(from, name), path.join(to, name));
}

export async function writeSentenceFolder({ opened }: ReadingModel, folder: string): Promise<void> {
  const { path: from, sentences, encoder } = opened;
  await copyOwnFiles(from, folder);
  const names = await fs.readdir(folder);
  const pooling = '1_Pooling';
  const own = names.includes('modules.json');
  if (!own) {
    const types = ['Transformer', 'Pooling', ...(sentences.isUnit ? ['Normalize'] : [])];
    const modules = types.map((type, idx) => ({
      ...{ idx, name: String(idx), path: idx === 0 ? '' : `${idx}_${type}` },
      type: `sentence_transformers.models.${type}`,
    }));
    await writeFileAtomic(path.join(folder, 'modules.json'), json(modules));
  }
  const saved = await fs.readFile(path.join(from, pooling, 'config.json'), 'utf8').catch(() => null);
  await fs.mkdir(path.join(folder, pooling), { recursive: true });
  const mode = `pooling_mode_${MODES[sentences.pooling] ?? sentences.pooling}`;
  const made = json({
    word_embedding_dimension: encoder.hiddenSize,
    pooling_mode_mean_tokens: false,
    [mode]: true,
  });
  await writeFileAtomic(path.join(folder, pooling, 'config.json'), own && saved !== null ? saved : made);
  if (sentences.maxTokens !== null && !names.includes('sentence_bert_config.json'))
    await writeFileAtomic(
      path.join(folder, 'sentence_bert_config.json'),
      json({ max_seq_length: sentences.maxTokens, do_lower_case: sentences.isLowerCase }),
    );
}

/** sentence-transformers' names where they are longer. */
const MODES: Readonly<Record<string, string>> = {
  mean: 'mean_tokens',
  cls: 'cls_token',
  weightedmean: 'weightedmean_tokens',
};
