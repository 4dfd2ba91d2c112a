/**
 * Finds out what a person has pointed at: a model's folder, a file in it, a GGUF file, or something that looks like a model and
 * is none. Nothing is loaded here, so that a file that could run code is refused before anything reads it.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemError } from '../../errors.ts';
import { RECORD } from '../download/record.ts';
import { isPickle } from '../families.ts';

export interface Located {
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
      `There is nothing at ${given}.`,
      'Check the path, or choose it again.',
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
    `${name} is no file of a model.`,
    'Choose a folder with config.json and safetensors files, or a .gguf file.',
  );
}

/** A cache of downloads keeps contents under their hashes, with a link that has the name: then the link is the model's path. */
function gguf(given: string, real: string): Located {
  if (/-\d{5}-of-\d{5}\.gguf$/i.test(given))
    throw new AppError(
      'gguf-unsupported',
      `${path.basename(given)} is a part of a GGUF file that was cut into several.`,
      'Get the model as one GGUF file, or its folder with safetensors files.',
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
      `The download into ${folder} is not finished.`,
      'Resume the download; the model is then in the list by itself.',
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
      `${folder} holds ${ggufs.length} GGUF files.`,
      `Choose one of them, such as ${ggufs[0]}.`,
    );
  const pickle = names.find(isPickle);
  if (pickle) throw pickled(pickle);
  for (const [inner, words] of [
    ['model', 'the trained model'],
    ['adapter', 'an adapter'],
  ] as const)
    if (names.includes('run.json') && names.includes(inner))
      throw new AppError(
        'model-is-run',
        `${folder} is the folder of a run, which holds ${words}.`,
        inner === 'model'
          ? `Choose ${path.join(folder, inner)}.`
          : 'Choose the model that the run began with, or export the run as a full model.',
      );
  return { path: folder, kind: 'folder', name: folderName(folder) };
}

async function adapter(folder: string): Promise<AppError> {
  const text = await fs.readFile(path.join(folder, 'adapter_config.json'), 'utf8').catch(() => '');
  const base = /"base_model_name_or_path"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1];
  return new AppError(
    'model-is-adapter',
    `${folder} is an adapter: a small addition to another model, which does nothing alone.`,
    base ? `Add the model that it was made for: ${base}.` : 'Add the model that it was made for.',
  );
}

function pickled(name: string): AppError {
  return new AppError(
    'weights-pickled',
    `${name} is a Python pickle: it can run code while loading, any code that its author put inside. Fettle does not open it.`,
    'Get the same model in safetensors or GGUF format; most models on the Hugging Face Hub have it.',
  );
}

/** The folder's name; in the Hugging Face cache (`models--owner--name/snapshots/<commit>`) the model's. */
function folderName(folder: string): string {
  const cached = /models--([^/\\]+?)--([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(folder);
  return cached ? `${cached[1]}/${cached[2]}` : path.basename(folder);
}
