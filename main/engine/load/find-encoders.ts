/** Encoders on this computer, and how one is known again wherever it lies. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { ggufKindOf, isGguf } from '../../gguf-architecture.ts';
import { cachedSnapshots, huggingFaceCache } from '../../hugging-face.ts';
import { here, modelsFolder, resourcesFolder, type Surroundings } from '../../paths.ts';
import { ENCODER_ARCHITECTURES, hasScoreHead, MODULES, makesVectors } from '../models/registry.ts';
import { denseFiles } from './sentence-settings.ts';

/** Larger ones are no configuration. */
const MOST_CONFIG_BYTES = 4 * 2 ** 20;

/** The configuration in `folder`, an empty one where there is none. */
async function configIn(
  folder: string,
): Promise<{ readonly model_type?: unknown; readonly architectures?: unknown }> {
  const file = path.join(folder, 'config.json');
  const stats = await fs.stat(file).catch(() => null);
  if (!stats || stats.size > MOST_CONFIG_BYTES) return {};
  try {
    return Object(JSON.parse(await fs.readFile(file, 'utf8')));
  } catch {
    return {};
  }
}

export interface FoundEncoder {
  /** `owner/name` where it was downloaded, else the folder's name. */
  readonly name: string;
  readonly path: string;
  /** Of its weights. */
  readonly bytes: number;
  /** What stands before each text that is sorted, where the model's own files don't say so. */
  readonly prompt?: string;
}

/** The prompt that the catalog names for a model; nobody reads it out of the model's files. */
async function promptOf(name: string): Promise<Pick<FoundEncoder, 'prompt'>> {
  const catalog = await fs.readFile(path.join(resourcesFolder(), 'catalog.json'), 'utf8').catch(() => '{}');
  const { encoders = [] } = JSON.parse(catalog) as {
    readonly encoders?: readonly { readonly repo: string; readonly prompt?: string }[];
  };
  const prompt = encoders.find(({ repo }) => repo === name)?.prompt;
  return prompt === undefined ? {} : { prompt };
}

const isWeights = (name: string) => name.endsWith('.safetensors') && !name.startsWith('adapter_model');

/** The encoder at `folder`, a folder or a GGUF file, that makes vectors; null where there is none that Fettle computes, or it isn't whole. */
export async function encoderIn(folder: string): Promise<FoundEncoder | null> {
  if (isGguf(folder)) return await inGguf(folder, false);
  return hasScoreHead(await configIn(folder)) ? null : await readerIn(folder);
}

/** The same of one that reads two texts together and gives them a score. */
export async function rerankerIn(folder: string): Promise<FoundEncoder | null> {
  if (isGguf(folder)) return await inGguf(folder, true);
  return hasScoreHead(await configIn(folder)) ? await readerIn(folder) : null;
}

async function inGguf(file: string, ranks: boolean): Promise<FoundEncoder | null> {
  const kind = await ggufKindOf(file);
  if (kind?.ranks !== ranks || !ENCODER_ARCHITECTURES.includes(kind.architecture)) return null;
  const { size: bytes } = await fs.stat(file);
  return { name: path.basename(file).replace(/\.gguf$/i, ''), path: path.resolve(file), bytes };
}

async function readerIn(folder: string): Promise<FoundEncoder | null> {
  const names = await fs.readdir(folder).catch((): string[] => []);
  if (!makesVectors(await configIn(folder), names)) return null;
  const weights = names.filter(isWeights);
  const isWhole = weights.length > 0 && names.includes('tokenizer.json');
  if (!isWhole || names.some((name) => name.endsWith('.part'))) return null;
  const sizes = await Promise.all(
    weights.map((name) => fs.stat(path.join(folder, name)).then(({ size }) => size)),
  ).catch(() => null);
  if (sizes === null) return null;
  const name = nameOf(folder);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { name, path: path.resolve(folder), bytes, ...(await promptOf(name)) };
}

function nameOf(folder: string): string {
  const whole = path.resolve(folder);
  const [, owner, name] =
    /([^/\\]+?)--([^/\\]+)[/\\](?:snapshots[/\\][^/\\]+|[0-9a-f]{40})$/.exec(
      whole.replace(/([/\\])models--/, '$1'),
    ) ?? [];
  return owner === undefined ? path.basename(whole) : `${owner}/${name}`;
}

/** Those in Fettle's folder of models and in Hugging Face's cache, the smallest first. */
export const encodersHere = (at?: Surroundings): Promise<FoundEncoder[]> => readersHere(encoderIn, at);

/** The same of those that give two texts a score. */
export const rerankersHere = (at?: Surroundings): Promise<FoundEncoder[]> => readersHere(rerankerIn, at);

async function readersHere(readerAt: typeof encoderIn, at: Surroundings = here()): Promise<FoundEncoder[]> {
  const own = modelsFolder(at);
  const inside = async (folder: string) =>
    (await fs.readdir(folder).catch((): string[] => [])).map((name) => path.join(folder, name));
  const models = await inside(own);
  const revisions = (await Promise.all(models.map(inside))).flat();
  const cached = (await cachedSnapshots(huggingFaceCache(at)).catch(() => [])).map(({ folder }) => folder);
  const folders = [...models, ...revisions, ...cached];
  const ggufs = (await Promise.all(folders.map(inside))).flat().filter(isGguf);
  const found = await Promise.all([...new Set([...folders, ...ggufs])].map(readerAt));
  const byName = new Map(found.flatMap((one) => (one ? [[`${one.name} ${one.bytes}`, one] as const] : [])));
  return [...byName.values()].sort((a, b) => a.bytes - b.bytes || a.name.localeCompare(b.name));
}

/** Files of an encoder that decide what its vectors are, with what is in them. */
export interface EncoderFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What encoders have beside their weights, and what their vectors depend on. */
export const SMALL_FILES = [
  'config.json',
  'tokenizer.json',
  MODULES,
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
];

export async function encoderFiles(folder: string): Promise<EncoderFile[]> {
  const names = isGguf(folder)
    ? [path.basename(folder)]
    : [...SMALL_FILES, ...(await fs.readdir(folder)).filter(isWeights).sort(), ...(await denseFiles(folder))];
  const found = await Promise.all(
    names.map(async (name) => {
      const file = fileOf(folder, name);
      const stats = await fs.stat(file).catch(() => null);
      if (!stats?.isFile()) return [];
      return [{ name, bytes: stats.size, sha256: await hashOf(file) }];
    }),
  );
  return found.flat();
}

/** A file of an encoder; a GGUF file is all of one. */
const fileOf = (place: string, name: string) => (isGguf(place) ? place : path.join(place, name));

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}

/** What is known of an encoder that lies elsewhere, or no more. */
export interface KnownEncoder {
  readonly name: string;
  readonly files: readonly EncoderFile[];
  /** As of a FoundEncoder. */
  readonly prompt?: string;
}

/** The folder that has these very files: `first`, or any encoder on this computer. Throws an AppError where none has. */
export async function folderOf(
  { name, files }: KnownEncoder,
  first: string,
  others: () => Promise<readonly FoundEncoder[]> = encodersHere,
): Promise<string> {
  const isSame = async (folder: string) => {
    for (const { name: file, bytes } of files) {
      const stats = await fs.stat(fileOf(folder, file)).catch(() => null);
      if (stats?.size !== bytes) return false;
    }
    const own = new Map((await encoderFiles(folder)).map((file) => [file.name, file.sha256]));
    return own.size === files.length && files.every((file) => own.get(file.name) === file.sha256);
  };
  if (await isSame(first)) return first;
  for (const { path: folder } of await others()) if (await isSame(folder)) return folder;
  throw new AppError(
    'no-encoder',
    say`This sorter needs the encoder ${name}, which is no longer on this computer, or was changed.`,
    say`Download ${name} again.`,
  );
}
