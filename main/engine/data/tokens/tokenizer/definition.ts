/**
 * What a tokenizer is made of, checked: a downloaded tokenizer.json is not to be trusted. Types, id ranges and merges are verified here, so
 * that a bad file ends in a sentence and not in a crash in the middle of training.
 */

import { AppError } from '../../../../../common/errors.ts';
import { isRecord } from '../../../../../common/values.ts';
import { say } from '../../../../../common/words/language.ts';
import { LimitReached } from '../too-much.ts';

/** A token that is matched in the text before the model runs; flags as in tokenizer.json. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

export interface BpeDefinition {
  /** Token by id; holes are undefined. The position is the id. */
  readonly tokens: readonly (string | undefined)[];
  /** Pairs in order of priority. */
  readonly merges: readonly (readonly [string, string])[];
  readonly unkToken: string | null;
  readonly fuseUnk: boolean;
  readonly byteFallback: boolean;
  readonly ignoreMerges: boolean;
  readonly endOfWordSuffix: string | null;
}

/** One stage of the pipeline as written in tokenizer.json; `type` names it. */
export interface StageConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface TokenizerDefinition {
  readonly model: BpeDefinition;
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer: StageConfig | null;
  readonly preTokenizer: StageConfig | null;
  readonly postProcessor: StageConfig | null;
  readonly decoder: StageConfig | null;
}

/** Ids above this are refused: no vocabulary comes near, and a table by id must not be made gigabytes large. */
const MAX_TOKEN_ID = 4_194_303;

/** Real stages have at most six levels; the readers of stages recurse. */
const MAX_DEPTH = 24;
/** Real ones have at most some 30 parts; each part costs time for every text. */
const MAX_PARTS = 1000;
/** What a stage puts in is a character or a few; a long text would multiply every other. */
const MAX_CONTENT = 100;
/** Compatibility forms make up to 18 characters of one; what grows further is no spelling of a text any more. */
const MAX_GROWTH = 20;

const hint = () => say`Download the model again, or choose another copy of it.`;

/** The error for a tokenizer file that cannot be used; `where` is the file. */
export function badTokenizer(where: string, problem: string, options?: ErrorOptions): AppError {
  return new AppError(
    'tokenizer.invalid',
    say`The tokenizer in ${where} can't be used: ${problem}.`,
    hint(),
    options,
  );
}

/** Checks the parsed content of a tokenizer.json. Throws AppError `tokenizer.invalid` or `tokenizer.unsupported`. */
export function parseDefinition(json: unknown, where: string): TokenizerDefinition {
  if (!isRecord(json)) throw badTokenizer(where, `expected an object, got ${kindOf(json)}`);
  return {
    model: parseModel(json.model, where),
    addedTokens: parseAddedTokens(json.added_tokens ?? [], where),
    normalizer: stage(json.normalizer, 'normalizer', where),
    preTokenizer: stage(json.pre_tokenizer, 'pre_tokenizer', where),
    postProcessor: stage(json.post_processor, 'post_processor', where),
    decoder: stage(json.decoder, 'decoder', where),
  };
}

/** The entry of a table for a name from a file, which may be that of an object's own methods. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The JSON type of a value, for error messages. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** True for a usable token id. */
export function isTokenId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKEN_ID;
}

function stage(value: unknown, name: string, where: string): StageConfig | null {
  if (value === undefined || value === null) return null;
  if (isRecord(value) && typeof value.type === 'string') {
    if (isDeeperThan(value, MAX_DEPTH))
      throw badTokenizer(where, `"${name}" is nested more than ${MAX_DEPTH} levels deep`);
    if (countParts(value) > MAX_PARTS)
      throw badTokenizer(where, `"${name}" has more than ${MAX_PARTS} parts`);
    return value as StageConfig;
  }
  throw badTokenizer(where, `"${name}" should be an object with a "type", got ${kindOf(value)}`);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

function countParts(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part: unknown) => sum + countParts(part), 1);
}

/** The stages under `key` of a sequence; `what` names one of them in errors. */
export function stagesIn(config: StageConfig, key: string, what: string, where: string): StageConfig[] {
  const parts = config[key];
  if (!Array.isArray(parts)) throw badTokenizer(where, `its ${what} sequence has no list`);
  return parts.map((part: unknown) => {
    if (!isRecord(part) || typeof part.type !== 'string') throw badTokenizer(where, `a ${what} has no type`);
    return part as StageConfig;
  });
}

/** A text that a stage puts in, by its key. Throws AppError for a long one. */
export function contentOf(config: StageConfig, key: string, fallback: string, where: string): string {
  const content = String(config[key] ?? fallback);
  if (content.length <= MAX_CONTENT) return content;
  throw badTokenizer(where, `its "${config.type}" puts in a text of more than ${MAX_CONTENT} characters`);
}

/** Throws LimitReached where stages have made more of a text, or of tokens, of `before` characters than its spelling can need. */
export function checkGrowth(before: number, after: string | readonly string[]): void {
  const length = typeof after === 'string' ? after.length : lengthOf(after);
  if (length > 1000 + MAX_GROWTH * before) throw new LimitReached();
}

/** The characters of some texts. */
export function lengthOf(texts: readonly string[]): number {
  let length = 0;
  for (const text of texts) length += text.length;
  return length;
}

function parseModel(value: unknown, where: string): BpeDefinition {
  if (!isRecord(value)) throw badTokenizer(where, `"model" should be an object, got ${kindOf(value)}`);
  // Files from before 2020 leave the type out; only BPE has merges.
  const type = value.type ?? (Array.isArray(value.merges) ? 'BPE' : undefined);
  if (type !== 'BPE') {
    throw new AppError(
      'tokenizer.unsupported',
      say`The tokenizer in ${where} is of type ${JSON.stringify(type ?? null)}. Fettle reads byte-pair encoding (BPE).`,
      say`Choose a model of the catalogue: all of them have such a tokenizer.`,
    );
  }
  if (value.continuing_subword_prefix) {
    throw badTokenizer(where, 'it uses "continuing_subword_prefix", which Fettle does not support');
  }
  const tokens = parseVocab(value.vocab, where);
  const known = new Set(tokens);
  return {
    tokens,
    merges: parseMerges(value.merges, known, where),
    unkToken: optionalString(value.unk_token, 'unk_token', where),
    fuseUnk: value.fuse_unk === true,
    byteFallback: value.byte_fallback === true,
    ignoreMerges: value.ignore_merges === true,
    endOfWordSuffix: optionalString(value.end_of_word_suffix, 'end_of_word_suffix', where) || null,
  };
}

function parseVocab(value: unknown, where: string): (string | undefined)[] {
  if (!isRecord(value)) throw badTokenizer(where, `"model.vocab" should be an object, got ${kindOf(value)}`);
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of Object.entries(value)) {
    if (!isTokenId(id))
      throw badTokenizer(
        where,
        `the id of ${quote(token)} should be an integer from 0 to ${MAX_TOKEN_ID}, got ${quote(id)}`,
      );
    if (tokens[id] !== undefined)
      throw badTokenizer(where, `${quote(tokens[id])} and ${quote(token)} have the same id ${id}`);
    tokens[id] = token;
  }
  if (tokens.length === 0) throw badTokenizer(where, 'its vocabulary is empty');
  return tokens;
}

function parseMerges(
  value: unknown,
  known: ReadonlySet<string | undefined>,
  where: string,
): [string, string][] {
  if (!Array.isArray(value))
    throw badTokenizer(where, `"model.merges" should be an array, got ${kindOf(value)}`);
  return value.map((merge: unknown, i) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (
      !Array.isArray(pair) ||
      pair.length !== 2 ||
      typeof pair[0] !== 'string' ||
      typeof pair[1] !== 'string'
    ) {
      throw badTokenizer(where, `merge ${i} should be two tokens, got ${quote(merge)}`);
    }
    const [left, right] = pair;
    const missing = !known.has(left)
      ? left
      : !known.has(right)
        ? right
        : !known.has(left + right)
          ? left + right
          : null;
    if (missing !== null)
      throw badTokenizer(where, `merge ${i} names ${quote(missing)}, which is not in the vocabulary`);
    return [left, right];
  });
}

function parseAddedTokens(value: unknown, where: string): AddedToken[] {
  if (!Array.isArray(value))
    throw badTokenizer(where, `"added_tokens" should be an array, got ${kindOf(value)}`);
  return value.map((entry: unknown, i) =>
    parseAddedToken(entry, isRecord(entry) ? entry.id : undefined, `added token ${i}`, where),
  );
}

/** Checks one entry of `added_tokens`, or of `added_tokens_decoder`, where the id is the key. */
export function parseAddedToken(entry: unknown, id: unknown, name: string, where: string): AddedToken {
  if (!isRecord(entry) || typeof entry.content !== 'string' || !isTokenId(id)) {
    throw badTokenizer(
      where,
      `${name} should have a "content" and an id from 0 to ${MAX_TOKEN_ID}, got ${quote({ id, entry })}`,
    );
  }
  const special = entry.special === true;
  return {
    id,
    content: entry.content,
    singleWord: entry.single_word === true,
    lstrip: entry.lstrip === true,
    rstrip: entry.rstrip === true,
    normalized: typeof entry.normalized === 'boolean' ? entry.normalized : !special,
    special,
  };
}

function optionalString(value: unknown, name: string, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string')
    throw badTokenizer(where, `"${name}" should be a string, got ${kindOf(value)}`);
  return value;
}

function quote(value: unknown): string {
  // Deep values would exhaust the stack.
  if (isDeeperThan(value, 4)) return kindOf(value);
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
