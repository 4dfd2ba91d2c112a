/** The way in: a tokenizer from a path, whatever kind of model lies there. */

import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import { openGguf } from '../../../io/gguf.ts';
import type { Tokenizer } from '../tokenizer-types.ts';
import { readTokenizerFolder } from './folder.ts';
import { partsFromGguf, templateOf, tokensInGguf } from './gguf-read.ts';
import { assembleTokenizer, type TokenizerParts } from './parts.ts';

/**
 * Loads the tokenizer of a model: a Hugging Face folder, a tokenizer.json, or a GGUF file. Throws AppError when there
 * is none, it is damaged, or it is of a kind that Fettle does not read.
 */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
  return assembleTokenizer(await readTokenizerParts(path));
}

/** What `loadTokenizer` makes the tokenizer from, for writing it elsewhere. */
export async function readTokenizerParts(path: string): Promise<TokenizerParts> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new AppError(
      'file.missing',
      say`There is no file or folder ${path}.`,
      say`Check the path of the model.`,
      { cause },
    );
  });
  if (info.isDirectory()) return await requireFolder(path);
  if (extname(path).toLowerCase() === '.gguf') return await loadGguf(path);
  if (basename(path) === 'tokenizer.json') return await requireFolder(dirname(path));
  throw new AppError(
    'tokenizer.missing',
    say`${path} is neither a model folder nor a GGUF file.`,
    say`Choose the folder of the model or its GGUF file.`,
  );
}

/** The tokenizer that a GGUF file's metadata describes; see `ggufParts`. */
export async function tokenizerFromGguf(
  metadata: ReadonlyMap<string, unknown>,
  besideFolder?: string,
  where = say`the GGUF file`,
): Promise<Tokenizer> {
  return assembleTokenizer(await ggufParts(metadata, besideFolder, where));
}

/**
 * What the tokenizer of a GGUF file is made from. A tokenizer.json in `besideFolder` wins over the metadata, and only the
 * chat template is then taken from there where the folder has none.
 */
export async function ggufParts(
  metadata: ReadonlyMap<string, unknown>,
  besideFolder: string | undefined,
  where: string,
): Promise<TokenizerParts> {
  const beside = besideFolder === undefined ? null : await readTokenizerFolder(besideFolder);
  if (beside === null) return partsFromGguf(metadata, where);
  checkSameVocabulary(beside, metadata, where);
  return { ...beside, template: beside.template ?? templateOf(metadata) };
}

async function loadGguf(path: string): Promise<TokenizerParts> {
  const file = await openGguf(path);
  try {
    return await ggufParts(file.metadata, dirname(path), path);
  } finally {
    await file.close();
  }
}

async function requireFolder(folder: string): Promise<TokenizerParts> {
  const parts = await readTokenizerFolder(folder);
  if (parts !== null) return parts;
  throw new AppError(
    'tokenizer.missing',
    say`${folder} has no tokenizer.`,
    say`Download tokenizer.json of the same model into the folder.`,
  );
}

/** A folder of downloads may hold the tokenizer of another model: then every id would mean something else. */
function checkSameVocabulary(
  parts: TokenizerParts,
  metadata: ReadonlyMap<string, unknown>,
  where: string,
): void {
  const tokens = tokensInGguf(metadata);
  if (tokens === null) return;
  const types = metadata.get('tokenizer.ggml.token_type') as readonly unknown[];
  const own = parts.definition.model.tokens;
  const differs = own.some((token, id) => token !== undefined && types[id] === 1 && tokens[id] !== token);
  if (!differs && own.length <= tokens.length) return;
  throw new AppError(
    'tokenizer.mismatch',
    say`${parts.where} is beside ${where} but belongs to another model: their vocabularies differ.`,
    say`Move the GGUF file into a folder of its own, or use the tokenizer.json of its model.`,
  );
}
