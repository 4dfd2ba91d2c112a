/**
 * Tokenizers in Hugging Face folders. tokenizer.json is the whole tokenizer; the files beside it say which token is
 * BOS or EOS, where a generation ends, and hold the chat template, in one of three places depending on their age.
 */
import { join } from 'node:path';
import { AppError } from '../../../errors.ts';
import {
  type AddedToken,
  isRecord,
  isTokenId,
  parseAddedToken,
  parseDefinition,
  type TokenizerDefinition,
} from './definition.ts';
import type { SpecialRole, TokenizerParts } from './parts.ts';
import { readJsonIfPresent, readTextIfPresent } from './read-json.ts';
import { definitionFromVocabMerges } from './vocab-merges.ts';

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
    `${folder} has a SentencePiece model (tokenizer.model) but no tokenizer.json.`,
    'Download tokenizer.json of the same model into the folder; nearly every model on the Hub has one.',
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
