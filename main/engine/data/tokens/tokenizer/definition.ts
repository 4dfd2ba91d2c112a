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

export type ModelDefinition = BpeDefinition | WordPieceDefinition | UnigramDefinition;

export interface BpeDefinition {
  readonly kind: 'bpe';
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

/** BERT's: the longest known beginning of a word, then the longest of its rest with a prefix, and so on. */
export interface WordPieceDefinition {
  readonly kind: 'wordpiece';
  readonly tokens: readonly (string | undefined)[];
  /** What a word becomes that cannot be put together. */
  readonly unkToken: string;
  /** Stands before tokens that go on with a word. */
  readonly prefix: string;
  /** Characters of a word above which it is unknown. */
  readonly longestWord: number;
}

/** SentencePiece's: of all ways to put a word together the one with the largest sum of scores (XLM-RoBERTa). */
export interface UnigramDefinition {
  readonly kind: 'unigram';
  readonly tokens: readonly string[];
  /** [tokens] log-probabilities. */
  readonly scores: readonly number[];
  readonly unkId: number | null;
  readonly byteFallback: boolean;
}

/** One stage of the pipeline as written in tokenizer.json; `type` names it. */
export interface StageConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface TokenizerDefinition {
  readonly model: ModelDefinition;
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

function parseModel(value: unknown, where: string): ModelDefinition {
  if (!isRecord(value)) throw badTokenizer(where, `"model" should be an object, got ${kindOf(value)}`);
  const read = entryOf(MODELS, String(value.type ?? untypedModel(value)));
  if (read !== undefined) return read(value, where);
  throw new AppError(
    'tokenizer.unsupported',
    say`The tokenizer in ${where} is of type ${JSON.stringify(value.type ?? null)}. Fettle reads BPE, WordPiece and Unigram.`,
    say`Choose a model of the catalogue: all of them have such a tokenizer.`,
  );
}

/** Older files leave the type out: merges are of BPE, a list of scores of Unigram, and a prefix of WordPiece. */
function untypedModel(value: Readonly<Record<string, unknown>>): string | undefined {
  if (Array.isArray(value.merges)) return 'BPE';
  if (Array.isArray(value.vocab)) return 'Unigram';
  return value.max_input_chars_per_word === undefined ? undefined : 'WordPiece';
}

type ReadModel = (value: Readonly<Record<string, unknown>>, where: string) => ModelDefinition;

const MODELS: Readonly<Record<string, ReadModel>> = {
  BPE: parseBpe,
  WordPiece: parseWordPiece,
  Unigram: parseUnigram,
};

function parseBpe(value: Readonly<Record<string, unknown>>, where: string): BpeDefinition {
  if (value.continuing_subword_prefix) {
    throw badTokenizer(where, 'it uses "continuing_subword_prefix", which Fettle does not support');
  }
  const tokens = parseVocab(value.vocab, where);
  const known = new Set(tokens);
  return {
    kind: 'bpe',
    tokens,
    merges: parseMerges(value.merges, known, where),
    unkToken: optionalString(value.unk_token, 'unk_token', where),
    fuseUnk: value.fuse_unk === true,
    byteFallback: value.byte_fallback === true,
    ignoreMerges: value.ignore_merges === true,
    endOfWordSuffix: optionalString(value.end_of_word_suffix, 'end_of_word_suffix', where) || null,
  };
}

/** Real ones have some 30 characters. */
const MAX_PIECE = 300;
/** Real ones look at 100 characters of a word. */
const MAX_WORD = 1000;

function parseWordPiece(value: Readonly<Record<string, unknown>>, where: string): WordPieceDefinition {
  const tokens = parseVocab(value.vocab, where);
  checkPieces(tokens, where);
  const unkToken = optionalString(value.unk_token ?? '[UNK]', 'unk_token', where)!;
  if (!tokens.includes(unkToken)) throw badTokenizer(where, `its vocabulary lacks ${quote(unkToken)}`);
  const longestWord = Number(value.max_input_chars_per_word ?? 100);
  if (!Number.isInteger(longestWord) || longestWord < 0 || longestWord > MAX_WORD)
    throw badTokenizer(where, `"max_input_chars_per_word" should be at most ${MAX_WORD}`);
  const prefix = optionalString(value.continuing_subword_prefix ?? '##', 'continuing_subword_prefix', where)!;
  return { kind: 'wordpiece', tokens, unkToken, prefix, longestWord };
}

function parseUnigram(value: Readonly<Record<string, unknown>>, where: string): UnigramDefinition {
  const { vocab, unk_id: unk } = value;
  if (!Array.isArray(vocab) || vocab.length === 0 || vocab.length > MAX_TOKEN_ID)
    throw badTokenizer(where, `"model.vocab" should be a list of tokens with scores, got ${kindOf(vocab)}`);
  const entries = vocab.map((entry: unknown, i): [string, number] => {
    if (Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]))
      return [entry[0], entry[1] as number];
    throw badTokenizer(where, `token ${i} should be a text with a score, got ${quote(entry)}`);
  });
  const tokens = entries.map(([token]) => token);
  checkPieces(tokens, where);
  if (unk != null && !(isTokenId(unk) && unk < tokens.length))
    throw badTokenizer(where, `"unk_id" should be the id of a token, got ${quote(unk)}`);
  return {
    kind: 'unigram',
    tokens,
    scores: entries.map(([, score]) => score),
    unkId: unk == null ? null : (unk as number),
    byteFallback: value.byte_fallback === true,
  };
}

/** Every place of a word is compared with tokens of every length. */
export function checkPieces(tokens: readonly (string | undefined)[], where: string): void {
  if (tokens.some((token) => token !== undefined && token.length > MAX_PIECE))
    throw badTokenizer(where, 'its tokens are longer than those of any model');
}

/** A tokenizer by byte-pair encoding. */
export type BpeTokenizer = TokenizerDefinition & { readonly model: BpeDefinition };

export function isBpe(definition: TokenizerDefinition): definition is BpeTokenizer {
  return definition.model.kind === 'bpe';
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
