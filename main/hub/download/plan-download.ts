/**
 * Decides, before a large download begins, which files of a model it fetches: its configuration, its
 * tokenizer, what must be read about it, and the weights in one safe format. What could not be trained
 * afterwards is refused here.
 */
import { AppError } from '../../../common/errors.ts';
import { parsedJson } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { isSentenceDecoder, MODULES, makesVectors, sentenceModules } from '../../engine/models/registry.ts';
import {
  GGUF_FORMATS,
  ggufFormat,
  isPart,
  isReadableGguf,
  type ModelKind,
  unsuitableFiles,
  unsuitableKind,
} from '../catalog.ts';
import type { Connection } from '../connection.ts';
import { damaged } from '../hub-errors.ts';
import { filesIn, matches, type RemoteFile, type RemoteModel, remoteModel } from '../remote.ts';

export interface Plan extends Pick<RemoteModel, 'repo' | 'revision' | 'licence'> {
  /** What is asked for as the model once all is here: a name in the folder, null for the folder itself. */
  readonly gguf: string | null;
  /** Small ones first. */
  readonly files: readonly RemoteFile[];
}

/** Asks the Hub about `repo`. Throws an AppError with the reason for a model that Fettle could not use. */
export async function planDownload(
  connection: Connection,
  repo: string,
  revision: string | undefined,
): Promise<Plan> {
  const model = await remoteModel(connection, repo, revision);
  const names = model.files.map(({ path }) => path);
  const reasonOf = (kind: ModelKind) => (makesVectors(kind, names) ? null : unsuitableKind(kind, names));
  refuse(model.repo, reasonOf(model.kind));
  const read = (file: RemoteFile) => readSmall(connection, model, file);
  const weights = await chooseWeights(model.repo, model.files, read);
  let pooling: readonly RemoteFile[] = [];
  const config = model.files.find(({ path }) => path === 'config.json');
  if (weights.format === 'safetensors') {
    if (!config)
      throw new AppError(
        'model-incomplete',
        say`${model.repo} is incomplete: it has no config.json.`,
        say`Choose another model.`,
      );
    const kind = (parsedJson(await read(config)) ?? {}) as ModelKind;
    refuse(model.repo, reasonOf(kind));
    if (makesVectors(kind, names)) pooling = await poolingFiles(connection, model, read);
    // decoders that make vectors are not read from GGUF files
  } else if (isSentenceDecoder(model.kind, names)) refuse(model.repo, unsuitableKind(model.kind, names));
  return {
    repo: model.repo,
    revision: model.revision,
    licence: model.licence,
    gguf: weights.format === 'gguf' ? weights.files[0].path : null,
    files: [...smallFiles(model.files, weights.format), ...pooling, ...weights.files],
  };
}

/** What says how an encoder makes a vector of a text: beside its weights, and in a folder that modules.json names. */
async function poolingFiles(
  connection: Connection,
  model: RemoteModel,
  read: (file: RemoteFile) => Promise<string>,
): Promise<RemoteFile[]> {
  const beside = model.files.filter(({ path }) => SENTENCES.has(path));
  const listed = beside.find(({ path }) => path === MODULES);
  if (!listed) return beside;
  const modules = sentenceModules(parsedJson(await read(listed)), MODULES);
  const inside: RemoteFile[] = [];
  for (const { kind, path: folder } of modules) {
    const names = OF_MODULES[kind];
    if (!names || folder === '') continue;
    const wanted = names.map((name) => `${folder}/${name}`);
    const found = (await filesIn(connection, model, folder)).filter(({ path }) => wanted.includes(path));
    if (kind === 'Dense' && found.length < wanted.length)
      refuse(model.repo, say`The folder ${folder} lacks its weights as safetensors.`);
    inside.push(...found);
  }
  return [...beside, ...inside].map(notTooLarge);
}

function refuse(repo: string, reason: string | null): void {
  if (reason !== null)
    throw new AppError(
      'model-unsupported',
      say`${repo} can't be trained. ${reason}`,
      say`Choose another model.`,
    );
}

/** A file's text, checked like every other file. */
async function readSmall(
  connection: Connection,
  { repo, revision }: RemoteModel,
  file: RemoteFile,
): Promise<string> {
  const url = connection.fileUrl(repo, revision, file.path);
  if (file.bytes > MOST_READ_BYTES)
    throw new AppError(
      'hub-model-unsafe',
      say`${file.path} of ${repo} is far too large.`,
      say`Choose another model.`,
    );
  const about = { what: say`Reading ${file.path} of ${repo}`, repo };
  const { bytes } = await connection.read(url, { 'accept-encoding': 'identity' }, about, MOST_READ_BYTES);
  if (matches(file, [bytes])) return bytes.toString('utf8');
  throw damaged(file.path, repo);
}

const MOST_READ_BYTES = 50_000_000;

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
/** Files of modules behind an encoder, in the folder of each. */
const OF_MODULES: Readonly<Record<string, readonly string[]>> = {
  Pooling: ['config.json'],
  Dense: ['config.json', 'model.safetensors'],
};
/** As sentence-transformers writes them. */
const SENTENCES = new Set([MODULES, 'sentence_bert_config.json', 'config_sentence_transformers.json']);
const READING = /^(README|LICEN[CS]E|NOTICE|USE_POLICY|COPYING)([._-][\w.-]*)?(\.(md|txt))?$/i;
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** Larger than any tokenizer that is known. */
const MOST_SMALL_BYTES = 100_000_000;

type Weights =
  | { readonly format: 'safetensors'; readonly files: readonly RemoteFile[] }
  | { readonly format: 'gguf'; readonly files: readonly [RemoteFile] };

/** Files beside the weights. */
export function smallFiles(files: readonly RemoteFile[], format: Weights['format']): RemoteFile[] {
  const chosen = files.filter(
    ({ path }) => READING.test(path) || (format === 'safetensors' && (NEEDED.has(path) || path === INDEX)),
  );
  chosen.forEach(notTooLarge);
  const single = files.some(({ path }) => path === SINGLE);
  return single ? chosen.filter(({ path }) => path !== INDEX) : chosen;
}

function notTooLarge(file: RemoteFile): RemoteFile {
  if (file.bytes <= MOST_SMALL_BYTES) return file;
  throw new AppError(
    'hub-model-unsafe',
    say`${file.path} has ${Math.round(file.bytes / 1e6)} MB, where a few are usual.`,
    say`Don't use this model, or tell its makers.`,
  );
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
  const index = parsedJson(text) as { weight_map?: Record<string, unknown> } | null | undefined;
  const names = new Set(Object.values(index?.weight_map ?? {}).map(String));
  const found = [...names].sort().map((name) => byName.get(name));
  if (found.length > 0 && found.every((file) => file?.path.endsWith('.safetensors')))
    return found as RemoteFile[];
  throw new AppError(
    'model-incomplete',
    say`${repo} lists weight files that it doesn't have.`,
    say`Choose another model, or an earlier version of this one.`,
  );
}

function unusable(repo: string, files: readonly RemoteFile[]): AppError {
  const reason = unsuitableFiles(files.map(({ path }) => path));
  const isPickled = reason?.includes('pickle') ?? false;
  return new AppError(
    isPickled ? 'weights-pickled' : 'model-weights-missing',
    say`${repo} can't be used. ${reason ?? say`It has no weights that Fettle can open.`}`,
    isPickled
      ? say`Search for the same model in safetensors format. Most models have it.`
      : say`Search for the original model with safetensors files.`,
  );
}
