/**
 * Which files of a model are needed: its configuration, its tokenizer, what must be read about it, and the weights in one safe
 * format. Everything else (other formats of the same weights, pictures, code) stays where it is.
 */
import { AppError } from '../../errors.ts';
import { GGUF_FORMATS, ggufFormat, isPart, isReadableGguf, unsuitableFiles } from '../families.ts';
import type { RemoteFile } from '../remote.ts';

const NEEDED = new Set([
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
  'chat_template.json',
]);
const READING = /^(README|LICEN[CS]E|NOTICE|USE_POLICY|COPYING)([._-][\w.-]*)?(\.(md|txt))?$/i;
const SINGLE = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';
/** Larger than any tokenizer that is known. */
const MOST_SMALL_BYTES = 100_000_000;

export type Weights =
  | { readonly format: 'safetensors'; readonly files: readonly RemoteFile[] }
  | { readonly format: 'gguf'; readonly files: readonly [RemoteFile] };

/** Files beside the weights. */
export function smallFiles(files: readonly RemoteFile[], format: Weights['format']): RemoteFile[] {
  const chosen = files.filter(
    ({ path }) => READING.test(path) || (format === 'safetensors' && (NEEDED.has(path) || path === INDEX)),
  );
  const large = chosen.find(({ bytes }) => bytes > MOST_SMALL_BYTES);
  if (large)
    throw new AppError(
      'hub-model-unsafe',
      `${large.path} has ${Math.round(large.bytes / 1e6)} MB, where a few are usual.`,
      'Do not use this model, or tell its makers.',
    );
  const single = files.some(({ path }) => path === SINGLE);
  return single ? chosen.filter(({ path }) => path !== INDEX) : chosen;
}

/** The weights. `readIndex` gives the text of the index where they are in several files. */
export async function chooseWeights(
  repo: string,
  files: readonly RemoteFile[],
  readIndex: (index: RemoteFile) => Promise<string>,
): Promise<Weights> {
  const named = (name: string) => files.find(({ path }) => path === name);
  const single = named(SINGLE);
  if (single) return { format: 'safetensors', files: [single] };
  const index = named(INDEX);
  if (index) return { format: 'safetensors', files: shards(repo, await readIndex(index), files) };
  const gguf = chooseGguf(files);
  if (gguf) return { format: 'gguf', files: [gguf] };
  throw unusable(repo, files);
}

/** Files without a format in the name come last: what is in them shows only when they are here. */
function chooseGguf(files: readonly RemoteFile[]): RemoteFile | undefined {
  const rank = ({ path }: RemoteFile) => {
    const place = (GGUF_FORMATS as readonly (string | null)[]).indexOf(ggufFormat(path));
    return place === -1 ? GGUF_FORMATS.length : place;
  };
  return files
    .filter(({ path }) => path.endsWith('.gguf') && !isPart(path) && isReadableGguf(path))
    .sort((a, b) => rank(a) - rank(b) || a.bytes - b.bytes)[0];
}

function shards(repo: string, text: string, files: readonly RemoteFile[]): RemoteFile[] {
  const byName = new Map(files.map((file) => [file.path, file]));
  const found = shardNames(text).map((name) => byName.get(name));
  if (found.length > 0 && found.every((file) => file?.path.endsWith('.safetensors')))
    return found as RemoteFile[];
  throw new AppError(
    'model-incomplete',
    `${repo} lists weight files in ${INDEX} that it does not have.`,
    'Choose another model, or an earlier version of this one.',
  );
}

function shardNames(text: string): string[] {
  try {
    const map = (JSON.parse(text) as { weight_map?: Record<string, unknown> }).weight_map ?? {};
    return [...new Set(Object.values(map).map(String))].sort();
  } catch {
    return [];
  }
}

function unusable(repo: string, files: readonly RemoteFile[]): AppError {
  const reason = unsuitableFiles(files.map(({ path }) => path));
  const isPickled = reason?.includes('pickle') ?? false;
  return new AppError(
    isPickled ? 'weights-pickled' : 'model-weights-missing',
    `${repo} cannot be used. ${reason ?? 'It has no weights in a form that Fettle opens.'}`,
    isPickled
      ? 'Search for the same model in safetensors format; most models have it.'
      : 'Search for the original model with safetensors files.',
  );
}
