/** Opens an encoder, a Hugging Face folder: configuration, tokenizer, places of its weights, and how it makes a vector of a text. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { loadTokenizer } from '../data/tokens/tokenizer/load.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { openSafetensorsFolder } from '../io/safetensors-folder.ts';
import { readReader } from '../models/decoder-encoder.ts';
import { type Encoder, encoderOutline } from '../models/encoder.ts';
import { locateAll, type OpenedFiles, readConfig } from './open-model.ts';
import { readSentenceSettings, type SentenceSettings } from './sentence-settings.ts';

export interface OpenedEncoder extends OpenedFiles {
  readonly encoder: Encoder;
  readonly tokenizer: Tokenizer;
  readonly sentences: SentenceSettings;
}

/** Opens the encoder in `folder`; what is not supported is refused before any weight is looked at. Who asked for it closes its store. */
export async function openEncoder(folder: string): Promise<OpenedEncoder> {
  const config = await readConfig(path.join(folder, 'config.json'));
  const encoder = readReader(config, await fs.readdir(folder));
  const sentences = await readSentenceSettings(folder);
  const tokenizer = await loadTokenizer(folder);
  if (tokenizer.vocabSize > encoder.vocabSize)
    throw new AppError(
      'tokenizer.mismatch',
      say`The tokenizer has ${number(tokenizer.vocabSize)} tokens, but the model knows only ${number(encoder.vocabSize)}.`,
      say`Use the tokenizer that belongs to the model.`,
    );
  const store = await openSafetensorsFolder(folder);
  try {
    const opened = { path: folder, kind: 'folder', config, store } as const;
    return { ...locateAll(opened, encoderOutline(encoder), encoder), encoder, tokenizer, sentences };
  } catch (error) {
    await store.close();
    throw error;
  }
}
