/** An encoder as a folder that sentence-transformers and Transformers open: its own files, and beside them how tokens become a vector. */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { OpenedEncoder } from '../../load/open-encoder.ts';
import { denseFiles, POOLING_FILE, sentenceFiles } from '../../load/sentence-settings.ts';
import { writeGgufFiles, writeJsonFile } from '../../load/write-encoder.ts';
import { MODULES } from '../../models/sentence-modules.ts';
import type { ReadingModel } from './reading.ts';

/** Files of an encoder that others read: weights, configuration, tokenizer, licence. */
const OWN_FILES =
  /^(config|tokenizer|tokenizer_config|special_tokens_map|vocab|added_tokens|modules|sentence_bert_config|config_sentence_transformers|model\.safetensors\.index)\.json$|^(vocab|merges)\.txt$|\.spiece$|^sentencepiece\.bpe\.model$|^(?!adapter_model).*\.safetensors$|^LICENSE/i;
/** Of the tokenizer and what the model is, without its weights. */
export const SMALL_FILES = /^(config|tokenizer|tokenizer_config|special_tokens_map)\.json$|^LICENSE/i;

/** The files of `opened` of these names; what a GGUF file holds of them is written out, its weights too. */
export async function copyOwnFiles(opened: OpenedEncoder, to: string, names = OWN_FILES): Promise<void> {
  if (opened.kind === 'gguf') return await writeGgufFiles(opened, to, names);
  for (const name of await fs.readdir(opened.path))
    if (names.test(name)) await fs.copyFile(path.join(opened.path, name), path.join(to, name));
}

export async function writeSentenceFolder({ opened }: ReadingModel, folder: string): Promise<void> {
  const { sentences, encoder } = opened;
  await copyOwnFiles(opened, folder);
  const hasModules = (await fs.readdir(folder)).includes(MODULES);
  // settings of its own mean nothing without its list of modules
  if (hasModules)
    for (const name of [POOLING_FILE, ...(await denseFiles(opened.path))])
      await copyIfPresent(opened.path, folder, name);
  const made = Object.entries(sentenceFiles(sentences, encoder.hiddenSize));
  for (const [name, value] of made) {
    const file = path.join(folder, name);
    if (!(await exists(file))) await writeJsonFile(file, value);
  }
}

const exists = (file: string) => fs.stat(file).then(Boolean, () => false);

async function copyIfPresent(from: string, to: string, name: string): Promise<void> {
  if (!(await exists(path.join(from, name)))) return;
  await fs.mkdir(path.dirname(path.join(to, name)), { recursive: true });
  await fs.copyFile(path.join(from, name), path.join(to, name));
}
