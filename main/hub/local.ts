/**
 * Models on this computer: what a person has pointed at, what the store remembers of it, the practice model
 * that comes with Fettle, and taking one away. Nothing is loaded here, so that a file that could run code is
 * refused before anything reads it.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { LocalModel } from '../../common/api/contract.ts';
import { AppError, internal, systemError } from '../../common/errors.ts';
import type { InspectResult } from '../../common/protocol/protocol.ts';
import { PRACTICE_ID } from '../../common/settings/suits.ts';
import { parsedJson } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import {
  ENCODER_ARCHITECTURES,
  hasScoreHead,
  isEncoder,
  MODEL_TYPES,
  makesVectors,
} from '../engine/models/registry.ts';
import { ggufKindOf, isGguf } from '../gguf-architecture.ts';
import type { Store } from '../store/store.ts';
import { FAMILY_WORDS, isPickle, type ModelKind } from './catalog.ts';
import { RECORD } from './download/record.ts';

/** Larger ones are no configuration. */
const MOST_CONFIG_BYTES = 4 * 2 ** 20;

/**
 * Whether `folder`, or the GGUF file of that name, holds an encoder, which makes vectors of texts and writes nothing; `unknown`: of a family that Fettle doesn't compute;
 * `scores`: it gives scores instead of vectors, as rerankers do.
 */
export async function encoderIn(folder: string): Promise<'known' | 'unknown' | 'scores' | null> {
  if (isGguf(folder)) {
    const { architecture = '', ranks = false } = (await ggufKindOf(folder)) ?? {};
    if (ENCODER_ARCHITECTURES.includes(architecture)) return ranks ? 'scores' : 'known';
    return isEncoder({ model_type: architecture }) ? 'unknown' : null;
  }
  const file = path.join(folder, 'config.json');
  const stats = await fs.stat(file).catch(() => null);
  if (!stats || stats.size > MOST_CONFIG_BYTES) return null;
  const config = Object(parsedJson(await fs.readFile(file, 'utf8').catch(() => ''))) as ModelKind & {
    readonly architectures?: unknown;
  };
  if (makesVectors(config, await fs.readdir(folder))) return hasScoreHead(config) ? 'scores' : 'known';
  return isEncoder(config) ? 'unknown' : null;
}

interface Located {
  /** Folder with safetensors, or a GGUF file; links are resolved. */
  readonly path: string;
  readonly kind: 'folder' | 'file';
  readonly name: string;
}

/** Throws an AppError with the reason where there is no model that Fettle opens. */
export async function locateModel(given: string): Promise<Located> {
  const real = await fs.realpath(given).catch(() => null);
  if (real === null)
    throw new AppError(
      'model-not-found',
      say`There is nothing at ${given}.`,
      say`Check the path, or choose it again.`,
    );
  const stats = await fs.stat(real);
  return stats.isDirectory() ? await inFolder(real) : await fromFile(path.resolve(given), real);
}

async function fromFile(given: string, real: string): Promise<Located> {
  const name = path.basename(given);
  if (/\.gguf$/i.test(name)) return gguf(given, real);
  if (isPickle(name)) throw pickled(name);
  if (/\.safetensors$/i.test(name) || name === 'config.json')
    return await inFolder(await fs.realpath(path.dirname(given)));
  throw new AppError(
    'model-unsupported',
    say`${name} is not a model.`,
    say`Choose a model folder (with config.json and safetensors files) or a .gguf file.`,
  );
}

/** A cache of downloads keeps contents under their hashes, with a link that has the name: then the link is the model's path. */
function gguf(given: string, real: string): Located {
  if (/-\d{5}-of-\d{5}\.gguf$/i.test(given))
    throw new AppError(
      'gguf-unsupported',
      say`${path.basename(given)} is one part of a GGUF file that was split.`,
      say`Get the model as one GGUF file, or its folder with safetensors files.`,
    );
  const isNamed = real.endsWith('.gguf');
  return { path: isNamed ? real : given, kind: 'file', name: path.basename(given).replace(/\.gguf$/i, '') };
}

async function inFolder(folder: string): Promise<Located> {
  const names = await fs.readdir(folder).catch((cause: unknown) => {
    throw systemError(cause, folder);
  });
  const has = (name: string) => names.includes(name);
  if (has(RECORD))
    throw new AppError(
      'model-incomplete',
      say`The download into ${folder} is not finished.`,
      say`Resume the download. The model then appears in the list.`,
    );
  const weights = names.some((name) => name.endsWith('.safetensors') && !name.startsWith('adapter_model'));
  if (!weights && has('adapter_config.json')) throw await adapter(folder);
  if (weights || names.length === 0) return { path: folder, kind: 'folder', name: folderName(folder) };
  return await withoutSafetensors(folder, names);
}

async function withoutSafetensors(folder: string, names: readonly string[]): Promise<Located> {
  const ggufs = names.filter((name) => /\.gguf$/i.test(name));
  if (ggufs.length === 1)
    return await fromFile(path.join(folder, ggufs[0]!), await fs.realpath(path.join(folder, ggufs[0]!)));
  if (ggufs.length > 1)
    throw new AppError(
      'model-ambiguous',
      say`${folder} has ${ggufs.length} GGUF files.`,
      say`Choose one of them, such as ${ggufs[0] ?? ''}.`,
    );
  const pickle = names.find(isPickle);
  if (pickle) throw pickled(pickle);
  for (const [inner, words] of [
    ['model', say`the trained model`],
    ['adapter', say`an adapter`],
  ] as const)
    if (names.includes('run.json') && names.includes(inner))
      throw new AppError(
        'model-is-run',
        say`${folder} is the folder of a run, with ${words} inside.`,
        inner === 'model'
          ? say`Choose ${path.join(folder, inner)}.`
          : say`Choose the base model of the run, or save the run as a full model.`,
      );
  return { path: folder, kind: 'folder', name: folderName(folder) };
}

async function adapter(folder: string): Promise<AppError> {
  const text = await fs.readFile(path.join(folder, 'adapter_config.json'), 'utf8').catch(() => '');
  const base = /"base_model_name_or_path"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1];
  return new AppError(
    'model-is-adapter',
    say`${folder} is an adapter: a small addition to another model.`,
    base ? say`Add the model it was made for: ${base}.` : say`Add the model it was made for.`,
  );
}

function pickled(name: string): AppError {
  return new AppError(
    'weights-pickled',
    say`${name} is a Python pickle, which can run any code while loading. Fettle doesn't open it.`,
    say`Get the same model in safetensors or GGUF format. Most models on the Hub have it.`,
  );
}

/** The folder's name; in the Hugging Face cache (`models--owner--name/snapshots/<commit>`) the model's. */
function folderName(folder: string): string {
  const cached = /models--([^/\\]+?)--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(folder);
  return cached ? `${cached[1]}/${cached[2]}` : path.basename(folder);
}

export interface Inspecting {
  inspect(model: string): Promise<InspectResult>;
}

/** What the engine cannot tell. */
type Origin = Pick<LocalModel, 'name' | 'source' | 'repo' | 'revision'> & {
  readonly licence?: string | null;
};

/** Looks at the model at `path`. Throws an AppError for one that Fettle can neither train nor read texts with, with the reason. */
export async function describeModel(engine: Inspecting, path: string, origin: Origin): Promise<LocalModel> {
  const found = await engine.inspect(path);
  refuse(found);
  const { name, source, repo, revision, licence } = origin;
  return {
    id: modelId(repo === null ? path : `${repo}@${revision}`),
    path,
    name,
    source,
    repo,
    revision,
    family: found.family,
    format: found.format,
    parameters: found.parameters,
    bytes: found.files.reduce((sum, { bytes }) => sum + bytes, 0),
    licence: licence ?? found.licence,
    hasChatTemplate: found.template !== null,
    skills: found.skills,
    ...(found.reads && { reads: true as const }),
    added: new Date().toISOString(),
    available: true,
  };
}

/** The same model gets the same id when it is added again. */
function modelId(key: string): string {
  return `m-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

function refuse({ family, reads, tokenizer, tokenizerProblem, path }: InspectResult): void {
  if (!reads && !MODEL_TYPES.includes(family))
    throw new AppError(
      'model-unsupported',
      say`${path} is a model of the family ${family}. Fettle trains ${FAMILY_WORDS}.`,
      say`Choose a model of one of these families.`,
    );
  if (tokenizer === null)
    throw new AppError(
      'tokenizer-missing',
      tokenizerProblem ?? say`${path} has no tokenizer, so it can't read text.`,
      say`Download the whole model, with its tokenizer.json.`,
    );
}

/** Brings the list up to date with the practice model in `resources`; the list says itself when its files are missing. */
export function keepPracticeModel(store: Store, resources: string): void {
  const folder = path.join(resources, 'practice-model');
  if (!existsSync(path.join(folder, 'model.safetensors'))) return;
  const known = store.models.find(PRACTICE_ID);
  store.models.save({ ...facts(folder), added: known?.added ?? new Date().toISOString() });
}

function facts(folder: string): Omit<LocalModel, 'added'> {
  const json = (name: string) =>
    JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>;
  const card = readFileSync(path.join(folder, 'README.md'), 'utf8');
  const weights = path.join(folder, 'model.safetensors');
  return {
    id: PRACTICE_ID,
    name: 'Practice model',
    family: String(json('config.json').model_type),
    format: 'safetensors',
    path: folder,
    parameters: weightsIn(weights),
    bytes: statSync(weights).size,
    licence: /^license:\s*(\S+)/m.exec(card)?.[1] ?? null,
    source: 'practice',
    repo: null,
    revision: null,
    hasChatTemplate: 'chat_template' in json('tokenizer_config.json'),
    skills: [],
    available: true,
  };
}

/** Counts the weights by the shapes in a safetensors file's header. */
function weightsIn(file: string): number {
  const handle = openSync(file, 'r');
  try {
    const size = Buffer.alloc(8);
    readSync(handle, size, 0, 8, 0);
    const header = Buffer.alloc(Number(size.readBigUInt64LE()));
    if (readSync(handle, header, 0, header.length, 8) < header.length)
      throw internal('the practice model is cut');
    const { __metadata__: _, ...tensors } = JSON.parse(header.toString('utf8')) as Record<
      string,
      { shape: number[] }
    >;
    return Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  } finally {
    closeSync(handle);
  }
}

/** Returns the bytes that were freed. */
export async function removeModel(
  store: Store,
  model: LocalModel,
  deleteFiles: boolean,
  ownFolder: string,
): Promise<number> {
  if (model.source === 'practice')
    throw new AppError(
      'model-bundled',
      say`The practice model comes with Fettle and can't be removed.`,
      say`It is small, and the first run needs it.`,
    );
  const folder = deleteFiles ? await downloadedFolder(model, ownFolder) : null;
  const freed = folder === null ? 0 : await deleteFolder(folder);
  store.models.remove(model.id);
  return freed;
}

/** The folder `<own>/<owner>--<name>/<commit>` in which the model lies, by its real place; null for every other place. */
async function downloadedFolder(
  { source, path: where }: LocalModel,
  ownFolder: string,
): Promise<string | null> {
  if (source !== 'hub') return null;
  const [own, real] = await Promise.all(
    [ownFolder, where].map((each) => fs.realpath(each).catch(() => null)),
  );
  if (!own || !real) return null;
  const parts = path.relative(own, real).split(path.sep);
  const isOwn =
    parts.length >= 2 && /^[\w.-]+$/.test(parts[0]!) && parts[0] !== '..' && /^[0-9a-f]{40}$/.test(parts[1]!);
  return isOwn ? path.join(own, parts[0]!, parts[1]!) : null;
}

async function deleteFolder(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await fs.readdir(folder)) bytes += (await fs.lstat(path.join(folder, name))).size;
  await fs.rm(folder, { recursive: true });
  await fs.rmdir(path.dirname(folder)).catch(() => {});
  return bytes;
}
