/**
 * Tokenizers in Hugging Face folders. tokenizer.json is the whole tokenizer; the files beside it say which token is BOS or EOS, where a
 * generation ends, and hold the chat template, in one of three places depending on their age.
 */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../../../common/errors.ts';
import { isRecord } from '../../../../../common/values.ts';
import { say } from '../../../../../common/words/language.ts';
import {
  type AddedToken,
  badTokenizer,
  entryOf,
  isTokenId,
  parseAddedToken,
  parseDefinition,
  type TokenizerDefinition,
} from './definition.ts';
import type { SpecialRole, TokenizerParts } from './parts.ts';
import { PRESETS } from './presets.ts';

type Config = Readonly<Record<string, unknown>>;

const ROLES: readonly SpecialRole[] = ['bos', 'eos', 'pad', 'unk'];

/** Reads the tokenizer of a folder, or null when it holds none. Throws AppError for files that cannot be used. */
export async function readTokenizerFolder(folder: string): Promise<TokenizerParts | null> {
  const where = join(folder, 'tokenizer.json');
  const json = await readJsonIfPresent(where);
  const config = await readConfig(join(folder, 'tokenizer_config.json'));
  const definition =
    json === undefined ? await definitionFromVocabMerges(folder, config) : parseDefinition(json, where);
  if (definition === null) return await refuseSentencePiece(folder);
  const map = await readConfig(join(folder, 'special_tokens_map.json'));
  const generation = await readConfig(join(folder, 'generation_config.json'));
  return {
    definition: withConfigTokens(definition, config, join(folder, 'tokenizer_config.json')),
    special: specialNames(config, map, definition, [
      generation,
      await readConfig(join(folder, 'config.json')),
    ]),
    stopIds: idList(generation.eos_token_id),
    template: await readTemplate(folder, config),
    where,
  };
}

async function readConfig(path: string): Promise<Config> {
  const json = await readJsonIfPresent(path);
  return isRecord(json) ? json : {};
}

async function refuseSentencePiece(folder: string): Promise<null> {
  if ((await readTextIfPresent(join(folder, 'tokenizer.model'))) === null) return null;
  throw new AppError(
    'tokenizer.unsupported',
    say`${folder} has no tokenizer.json, only a SentencePiece model.`,
    say`Download tokenizer.json of the same model into the folder. Most models on the Hub have one.`,
  );
}

/** Transformers also knows the tokens that only tokenizer_config.json lists. */
function withConfigTokens(
  definition: TokenizerDefinition,
  config: Config,
  where: string,
): TokenizerDefinition {
  const listed = config.added_tokens_decoder;
  if (!isRecord(listed)) return definition;
  const known = new Set(definition.addedTokens.map((token) => token.id));
  const extra: AddedToken[] = [];
  for (const [id, entry] of Object.entries(listed)) {
    const token = parseAddedToken(entry, Number(id), `added token ${id}`, where);
    if (!known.has(token.id)) extra.push(token);
  }
  return extra.length === 0
    ? definition
    : { ...definition, addedTokens: [...definition.addedTokens, ...extra] };
}

/** The texts of special tokens; where the tokenizer's files are silent, the ids in the model's own configuration. */
function specialNames(
  config: Config,
  map: Config,
  definition: TokenizerDefinition,
  models: readonly Config[],
): TokenizerParts['special'] {
  const names: Partial<Record<SpecialRole, string>> = {};
  for (const role of ROLES) {
    const written = tokenText(config[`${role}_token`]) ?? tokenText(map[`${role}_token`]);
    const id = models.flatMap((model) => idList(model[`${role}_token_id`]))[0];
    const name = written ?? (id === undefined ? undefined : tokenOf(id, definition));
    if (name !== undefined && !(written === null && isNull(config, role))) names[role] = name;
  }
  return names;
}

/** Qwen says `"bos_token": null` in the tokenizer and still gives an id in the model: the tokenizer is right. */
function isNull(config: Config, role: SpecialRole): boolean {
  return Object.hasOwn(config, `${role}_token`) && config[`${role}_token`] === null;
}

function tokenOf(id: number, definition: TokenizerDefinition): string | undefined {
  return definition.addedTokens.find((token) => token.id === id)?.content ?? definition.model.tokens[id];
}

/** Special tokens are written as a string, or as an object with flags around it. */
function tokenText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isRecord(value) && typeof value.content === 'string' ? value.content : null;
}

function idList(value: unknown): number[] {
  return (Array.isArray(value) ? value : [value]).filter(isTokenId);
}

async function readTemplate(folder: string, config: Config): Promise<string | null> {
  const file = await readTextIfPresent(join(folder, 'chat_template.jinja'));
  if (file !== null) return file;
  const older = await readConfig(join(folder, 'chat_template.json'));
  return templateText(config.chat_template) ?? templateText(older.chat_template);
}

/** One template, or a list of named ones of which "default" is meant. */
function templateText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (isRecord(value) && typeof value.default === 'string') return value.default;
  if (!Array.isArray(value)) return null;
  const named = value.filter(isRecord);
  const chosen =
    named.find((entry) => entry.name === 'default') ?? (named.length === 1 ? named[0] : undefined);
  return typeof chosen?.template === 'string' ? chosen.template : null;
}

// Older folders hold vocab.json and merges.txt, which say nothing about the pre-tokenizer: the class named in
// tokenizer_config.json does.

const PRESET_OF_CLASS: Readonly<Record<string, string>> = {
  GPT2Tokenizer: 'gpt-2',
  GPT2TokenizerFast: 'gpt-2',
  Qwen2Tokenizer: 'qwen2',
  Qwen2TokenizerFast: 'qwen2',
};

/** The definition, or null when the folder has no vocab.json and merges.txt. `config` is tokenizer_config.json. */
async function definitionFromVocabMerges(
  folder: string,
  config: Readonly<Record<string, unknown>>,
): Promise<TokenizerDefinition | null> {
  const vocab = await readJsonIfPresent(join(folder, 'vocab.json'));
  const merges = await readTextIfPresent(join(folder, 'merges.txt'));
  if (vocab === undefined || merges === null) return null;
  const preset = presetFor(config.tokenizer_class ?? 'GPT2Tokenizer', folder);
  const json = {
    model: { type: 'BPE', vocab, merges: mergeLines(merges) },
    added_tokens: await addedTokens(folder, vocab, config),
    normalizer: preset.normalizer,
    pre_tokenizer: preset.preTokenizer,
    decoder: { type: 'ByteLevel' },
  };
  return parseDefinition(json, join(folder, 'vocab.json'));
}

function presetFor(className: unknown, folder: string) {
  const preset = PRESETS.get(entryOf(PRESET_OF_CLASS, String(className)) ?? '');
  if (preset !== undefined) return preset;
  throw new AppError(
    'tokenizer.unsupported',
    say`${folder} has a tokenizer of the class ${JSON.stringify(className)}, which Fettle doesn't know.`,
    say`Download tokenizer.json of the same model into the folder. Most models on the Hub have one.`,
  );
}

function mergeLines(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return lines[0]?.startsWith('#version') ? lines.slice(1) : lines;
}

/** added_tokens.json (text to id), and the special tokens that are entries of the vocabulary itself. */
async function addedTokens(folder: string, vocab: unknown, config: Readonly<Record<string, unknown>>) {
  const listed = await readJsonIfPresent(join(folder, 'added_tokens.json'));
  if (listed !== undefined && !isRecord(listed))
    throw badTokenizer(join(folder, 'added_tokens.json'), 'it should hold an object');
  const ids = new Map<string, unknown>(Object.entries(listed ?? {}));
  for (const name of ['bos_token', 'eos_token', 'unk_token', 'pad_token']) {
    const token = isRecord(config[name]) ? config[name].content : config[name];
    if (typeof token === 'string' && isRecord(vocab) && Object.hasOwn(vocab, token))
      ids.set(token, vocab[token]);
  }
  if (isRecord(vocab) && Object.hasOwn(vocab, '<|endoftext|>'))
    ids.set('<|endoftext|>', vocab['<|endoftext|>']);
  return [...ids].map(([content, id]) => ({ content, id, special: true, normalized: false }));
}

/** The largest tokenizer.json in use is about 35 MB. */
const MAX_BYTES = 128 * 2 ** 20;

/** The text of a file, or null when there is none. Throws AppError for one that is too large or cannot be read. */
async function readTextIfPresent(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      throw badTokenizer(path, `it has ${size} bytes, and at most ${MAX_BYTES} is plausible`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new AppError(
      'file.unreadable',
      say`${path} can't be read (${code ?? String(cause)}).`,
      say`Check that you may read the file.`,
      { cause },
    );
  }
}

/** The parsed JSON of a file, or undefined when there is none. */
export async function readJsonIfPresent(path: string): Promise<unknown> {
  const text = await readTextIfPresent(path);
  if (text === null) return undefined;
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw badTokenizer(path, `it is not valid JSON (${(cause as Error).message})`, { cause });
  }
}
