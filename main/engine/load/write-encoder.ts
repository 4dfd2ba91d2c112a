/** Writes an encoder whose parameters were trained as a folder of its own, as Transformers and sentence-transformers read it. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { systemError } from '../../../common/errors.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { readJsonIfPresent } from '../data/tokens/tokenizer/folder.ts';
import { tokenizerConfigJson, tokenizerJson } from '../data/tokens/tokenizer/tokenizer-json.ts';
import { type TensorToWrite, writeSafetensors } from '../io/safetensors-write.ts';
import { type PairHead, pairHeadOutline } from '../models/pair-heads.ts';
import { SMALL_FILES } from './find-encoders.ts';
import { type OpenedEncoder, openEncoder } from './open-encoder.ts';
import { parameterPieces } from './parameter-pieces.ts';
import { sentenceFiles } from './sentence-settings.ts';

type Values = ReadonlyMap<string, Float32Array>;

/** What tokenizers have beside tokenizer.json. */
const OF_TOKENIZERS = [
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'sentencepiece.bpe.model',
];

/** What a masked language model puts on its first token: nothing here is computed with it, and other programs look for it. */
const POOLER = /(?:^|\.)(pooler\.dense\.(?:weight|bias))$/;

/** The encoder in the folder `from`, with other `values` of some parameters, in the folder `to`. */
export async function writeEncoder(from: string, to: string, values: Values): Promise<void> {
  await withOpened(from, async (opened) => {
    if (opened.kind === 'gguf') await writeGgufFiles(opened, to, ALL_BUT_WEIGHTS);
    else await copyFiles(from, to, [...SMALL_FILES, ...OF_TOKENIZERS, ...denseSettings(opened)]);
    const tensors = encoderTensors(opened, values, (name) => name);
    for (const { path: own } of opened.encoder.dense ?? [])
      await writeWeights(path.join(to, own), denseTensors(opened, values, own));
    const poolers = new Map<string, TensorToWrite>();
    for (const [name, { shape }] of opened.store.tensors) {
      const own = POOLER.exec(name)?.[1];
      if (own !== undefined) poolers.set(own, tensorOf(own, shape, await opened.store.readF32(name)));
    }
    await writeWeights(to, [...tensors, ...poolers.values()]);
  });
}

/** A reranker as Transformers' class for sequence classification and sentence-transformers' CrossEncoder open it. */
export interface WrittenReranker {
  readonly head: PairHead;
  /** All of the head, and what else was trained. */
  readonly values: Values;
  /** Tokens of both texts. */
  readonly maxTokens: number;
}

/** The encoder in the folder `from` with a head of one score, in the folder `to`. */
export async function writeReranker(
  from: string,
  to: string,
  { head, values, maxTokens }: WrittenReranker,
): Promise<void> {
  const write = (name: string, fields: object) => writeJsonFile(path.join(to, name), fields);
  await withOpened(from, async (opened) => {
    if (opened.kind === 'gguf') await writeGgufFiles(opened, to, /^tokenizer/);
    else await copyFiles(from, to, ['tokenizer.json', ...OF_TOKENIZERS]);
    const labels = { id2label: { 0: LABEL }, label2id: { [LABEL]: 0 } };
    await write('config.json', { ...opened.config, architectures: [head.architecture], ...labels });
    const known = (await readJsonIfPresent(path.join(to, 'tokenizer_config.json'))) ?? {};
    await write('tokenizer_config.json', { ...Object(known), model_max_length: maxTokens });
    await writeWeights(to, [
      ...encoderTensors(opened, values, head.savedName),
      ...[...pairHeadOutline(head, opened.encoder.hiddenSize)].map(([name, { shape }]) =>
        tensorOf(head.savedName(name), shape, values.get(name)!),
      ),
    ]);
  });
}

const ALL_BUT_WEIGHTS = /(?<!\.safetensors)$/;
const WEIGHTS = 'model.safetensors';

/** Files whose names match, as a folder of an encoder has them, written out of its GGUF file. */
export async function writeGgufFiles(opened: OpenedEncoder, to: string, names: RegExp): Promise<void> {
  const { config, parts, encoder, sentences } = opened;
  const files: Readonly<Record<string, unknown>> = {
    'config.json': config,
    'tokenizer.json': tokenizerJson(parts.definition),
    'tokenizer_config.json': { ...tokenizerConfigJson(parts.special), model_max_length: encoder.maxTokens },
    ...sentenceFiles(sentences, encoder.hiddenSize),
  };
  for (const [name, value] of Object.entries(files))
    if (names.test(name)) await writeJsonFile(path.join(to, name), value);
  if (names.test(WEIGHTS))
    await writeWeights(
      to,
      encoderTensors(opened, new Map(), (name) => name),
    );
}

export async function writeJsonFile(file: string, value: unknown): Promise<void> {
  await fs.mkdir(path.dirname(file), { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** What Transformers calls the only label of a score. */
const LABEL = 'LABEL_0';

async function copyFiles(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await fs.mkdir(path.dirname(path.join(to, name)), { recursive: true });
    await fs.copyFile(path.join(from, name), path.join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw systemError(error, path.join(to, name));
    });
  }
}

async function withOpened(folder: string, work: (opened: OpenedEncoder) => Promise<void>): Promise<void> {
  const opened = await openEncoder(folder);
  try {
    await work(opened);
  } finally {
    await opened.store.close();
  }
}

const tensorOf = (name: string, shape: readonly number[], data: TensorToWrite['data']): TensorToWrite => ({
  name,
  shape,
  data,
  dtype: 'f32',
});

function encoderTensors(
  opened: OpenedEncoder,
  values: Values,
  nameOf: (parameter: string) => string,
): TensorToWrite[] {
  const isDense = (name: string) => opened.encoder.dense?.some(({ path: own }) => name.startsWith(`${own}.`));
  return tensorsOf(opened, values, (name) => (isDense(name) ? null : nameOf(name)));
}

const denseSettings = ({ encoder }: OpenedEncoder) =>
  (encoder.dense ?? []).map(({ path: own }) => `${own}/config.json`);

/** Those of a layer behind pooling, as its own file names them. */
function denseTensors(opened: OpenedEncoder, values: Values, own: string): TensorToWrite[] {
  return tensorsOf(opened, values, (name) =>
    name.startsWith(`${own}.`) ? name.slice(own.length + 1) : null,
  );
}

function tensorsOf(
  opened: OpenedEncoder,
  values: Values,
  nameOf: (parameter: string) => string | null,
): TensorToWrite[] {
  return [...opened.outline.parameters].flatMap(([name, { shape }]) => {
    const written = nameOf(name);
    if (written === null) return [];
    return [tensorOf(written, shape, values.get(name) ?? (() => parameterPieces(opened, name)))];
  });
}

const writeWeights = (folder: string, tensors: readonly TensorToWrite[]) =>
  writeSafetensors(path.join(folder, WEIGHTS), tensors, { format: 'pt' });
