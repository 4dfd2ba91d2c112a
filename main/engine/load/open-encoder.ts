/** Opens an encoder, a Hugging Face folder or a GGUF file: configuration, tokenizer, places of its weights, and how it makes a vector of a text. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { isGguf } from '../../gguf-architecture.ts';
import { ggufParts, readTokenizerParts } from '../data/tokens/tokenizer/load.ts';
import { assembleTokenizer, type TokenizerParts } from '../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { openGguf } from '../io/gguf.ts';
import type { SafetensorsStore } from '../io/safetensors.ts';
import { JoinedStore, openSafetensorsFolder } from '../io/safetensors-folder.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import { type JsonObject, unsupported } from '../models/config-reader.ts';
import { readReader } from '../models/decoder-encoder.ts';
import { type Encoder, encoderOutline, withDense } from '../models/encoder.ts';
import { encoderInGguf } from '../models/encoder-gguf.ts';
import { readEncoder } from '../models/encoders.ts';
import { damagedFile, MODULES } from '../models/sentence-modules.ts';
import { locateAll, type OpenedFiles, readConfig } from './open-model.ts';
import { OF_GGUF, readSentenceSettings, type SentenceSettings } from './sentence-settings.ts';

export interface OpenedEncoder extends OpenedFiles {
  readonly encoder: Encoder;
  readonly tokenizer: Tokenizer;
  /** What the tokenizer is made of. */
  readonly parts: TokenizerParts;
  readonly sentences: SentenceSettings;
}

/** Opens the encoder at `place`; what is not supported is refused before any weight is looked at. Who asked for it closes its store. */
export async function openEncoder(place: string): Promise<OpenedEncoder> {
  return isGguf(place) ? await openGgufEncoder(place) : await openFolder(place);
}

async function openFolder(folder: string): Promise<OpenedEncoder> {
  const config = await readConfig(path.join(folder, 'config.json'));
  const sentences = await readSentenceSettings(folder);
  const encoder = await readerIn(folder, config, sentences);
  const tokenizer = tokenizerFor(encoder, await readTokenizerParts(folder));
  return await closedOnError(await encoderStore(folder, encoder), (store) => {
    const opened = { path: folder, kind: 'folder', config, store } as const;
    return { ...locateAll(opened, encoderOutline(encoder), encoder), encoder, ...tokenizer, sentences };
  });
}

/** The encoder in `folder`, with its layers behind pooling. */
export async function readerIn(
  folder: string,
  config: JsonObject,
  { dense = [] }: Pick<SentenceSettings, 'dense'>,
): Promise<Encoder> {
  const encoder = readReader(config, await fs.readdir(folder));
  const widths = [encoder.hiddenSize, ...dense.map(({ outputs }) => outputs)];
  if (dense.every(({ inputs }, i) => inputs === widths[i])) return withDense(encoder, dense);
  throw damagedFile(path.join(folder, MODULES));
}

/** Its weights, those of the layers behind pooling by the names of their folders. */
export async function encoderStore(folder: string, { dense = [] }: Encoder): Promise<SafetensorsStore> {
  const stores = new Map([['', await openSafetensorsFolder(folder)]]);
  try {
    for (const { path: own } of dense)
      stores.set(`${own}.`, await openSafetensorsFolder(path.join(folder, own)));
    return dense.length === 0 ? stores.get('')! : new JoinedStore(stores);
  } catch (error) {
    for (const store of stores.values()) await store.close();
    throw error;
  }
}

async function openGgufEncoder(file: string): Promise<OpenedEncoder> {
  return await closedOnError(await openGguf(file), async (store) => {
    const found = await encoderInGguf(store);
    if (!found) throw unsupported(`its GGUF file is of the architecture "${architectureIn(store)}"`);
    const { config, pooling, nameOf } = found;
    const encoder = readEncoder(config);
    const names = {
      ...encoder,
      ggufSource: (parameter: string) => ({ name: nameOf(parameter), transform: { kind: 'none' } as const }),
    };
    const tokenizer = tokenizerFor(encoder, await ggufParts(store.metadata, path.dirname(file), file));
    const opened = { path: file, kind: 'gguf', config, store } as const;
    const files = locateAll(opened, encoderOutline(encoder), names);
    return { ...files, encoder, ...tokenizer, sentences: { ...OF_GGUF, pooling } };
  });
}

const architectureIn = ({ metadata }: TensorStore) => String(metadata.get('general.architecture') ?? '');

async function closedOnError<Result>(
  store: TensorStore,
  read: (store: TensorStore) => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await read(store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

function tokenizerFor(encoder: Encoder, parts: TokenizerParts): Pick<OpenedEncoder, 'tokenizer' | 'parts'> {
  const tokenizer = assembleTokenizer(parts);
  if (tokenizer.vocabSize <= encoder.vocabSize) return { tokenizer, parts };
  throw new AppError(
    'tokenizer.mismatch',
    say`The tokenizer has ${number(tokenizer.vocabSize)} tokens, but the model knows only ${number(encoder.vocabSize)}.`,
    say`Use the tokenizer that belongs to the model.`,
  );
}
