/**
 * The tokenizer inside a GGUF file. Its metadata only names what a tokenizer.json spells out (pattern, normaliser, prefix space);
 * here it is spelled out again, so that everything downstream is one path.
 */

import { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import {
  type AddedToken,
  badTokenizer,
  checkPieces,
  entryOf,
  isTokenId,
  type StageConfig,
  type TokenizerDefinition,
} from './definition.ts';
import { plainWordPieces, wordPieces } from './gguf-word-pieces.ts';
import type { SpecialRole, TokenizerParts } from './parts.ts';
import { PRESETS, type Preset, SPECIAL_ID_KEYS, TOKEN_TYPE } from './presets.ts';

type Metadata = ReadonlyMap<string, unknown>;

// Every token is split at each of its characters; a vocabulary of 260,000 tokens adds up to some 20 million.
const MAX_SPLITTING = 1_000_000_000;

const beside = () => say`Put the tokenizer.json of the original model into the folder of the GGUF file.`;
const STOP_KEYS = [
  'tokenizer.ggml.eot_token_id',
  'tokenizer.ggml.eom_token_id',
  'tokenizer.ggml.eog_token_ids',
];

/** Reads the tokenizer of a GGUF file. Throws AppError for a kind or a pre-tokenizer that Fettle does not know. */
export function partsFromGguf(metadata: Metadata, where: string): TokenizerParts {
  const kind = metadata.get('tokenizer.ggml.model');
  const tokens = stringList(metadata, 'tokenizer.ggml.tokens', where);
  const read = entryOf(KINDS, String(kind));
  if (typeof kind !== 'string' || read === undefined) {
    throw unsupported(
      where,
      say`a tokenizer of the kind ${JSON.stringify(kind ?? null)}; Fettle reads ${Object.keys(KINDS).join(' and ')}`,
    );
  }
  const special = specialNames(metadata, tokens);
  return {
    definition: read({ metadata, tokens, special, where }),
    special,
    stopIds: STOP_KEYS.flatMap((key) => [metadata.get(key)].flat()).filter(isTokenId),
    template: templateOf(metadata),
    where,
  };
}

/** The tokens of a file as a tokenizer.json spells them; undefined where there are none, or where the vocabulary has a hole. */
export function tokensInGguf(metadata: Metadata): readonly (string | undefined)[] | null {
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const types = metadata.get('tokenizer.ggml.token_type');
  if (!Array.isArray(tokens) || !Array.isArray(types)) return null;
  return metadata.get('tokenizer.ggml.model') === 'bert'
    ? plainWordPieces(tokens.map(String), types)
    : tokens;
}

/** The chat template in the metadata, or null. */
export function templateOf(metadata: Metadata): string | null {
  const template = metadata.get('tokenizer.chat_template');
  return typeof template === 'string' ? template : null;
}

interface Source {
  readonly metadata: Metadata;
  readonly tokens: readonly string[];
  readonly special: TokenizerParts['special'];
  readonly where: string;
}

const KINDS: Readonly<Record<string, (source: Source) => TokenizerDefinition>> = {
  gpt2: byteLevel,
  llama: (source) => {
    const prefix = source.metadata.get('tokenizer.ggml.add_space_prefix') !== false;
    return sentencePiece(source, scoredMerges(source), prefix);
  },
  // SentencePiece's alphabet with merges instead of scores, as Gemma 4 has it
  gemma4: (source) => sentencePiece(source, listedMerges(source), false),
  // those of encoders
  bert: wordPiece,
  t5: unigram,
};

function byteLevel(source: Source): TokenizerDefinition {
  const { metadata, tokens, where } = source;
  const preset = presetOf(metadata, where);
  return {
    model: { ...PLAIN_MODEL, tokens, merges: listedMerges(source), ignoreMerges: preset.ignoreMerges },
    addedTokens: addedTokens(source),
    normalizer: preset.normalizer,
    preTokenizer: preset.preTokenizer,
    postProcessor: preset.encloses ? enclosed(source) : affixes(source, preset.addBos),
    decoder: { type: 'ByteLevel' },
  };
}

function wordPiece(source: Source): TokenizerDefinition {
  const { metadata, tokens, special, where } = source;
  const types = typesIn(source);
  const plain = plainWordPieces(tokens, types);
  return {
    ...wordPieces(metadata, plain, special.unk ?? '[UNK]', where),
    addedTokens: addedTokens(source).map((token) => ({ ...token, content: plain[token.id]! })),
    preTokenizer: { type: 'BertPreTokenizer' },
    postProcessor: enclosed(source, '[CLS]', '[SEP]'),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  };
}

/** XLM-RoBERTa's: words begin with a mark, behind SentencePiece's table of characters. */
function unigram(source: Source): TokenizerDefinition {
  const { metadata, tokens, special, where } = source;
  checkPieces(tokens, where);
  const table = metadata.get('tokenizer.ggml.precompiled_charsmap');
  const marks = { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always', split: true };
  const unk = tokens.indexOf(special.unk ?? '<unk>');
  const types = typesIn(source);
  const listed = numberList(metadata, 'tokenizer.ggml.scores', tokens.length, where);
  // rows without a token score -10,000 there, and what is unknown costs more than the least likely token
  const least = listed.reduce(
    (low, score, id) => (types[id] === TOKEN_TYPE.unused ? low : Math.min(low, score)),
    0,
  );
  return {
    model: {
      kind: 'unigram',
      tokens,
      scores: listed.map((score) => Math.max(score, least)),
      unkId: unk < 0 ? null : unk,
      byteFallback: types.includes(TOKEN_TYPE.byte),
    },
    addedTokens: addedTokens(source),
    normalizer: Array.isArray(table)
      ? { type: 'Precompiled', precompiled_charsmap: Buffer.from(table as number[]).toString('base64') }
      : null,
    preTokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, marks] },
    postProcessor: enclosed(source, '<s>', '</s>'),
    decoder: marks,
  };
}

/** What encoders put around a text; `first` and `last` where the file names none. */
function enclosed({ metadata, tokens }: Source, first?: string, last?: string): StageConfig {
  const named = (roles: readonly string[], fallback: string | undefined) => {
    const id = roles.map((role) => metadata.get(`tokenizer.ggml.${role}_token_id`)).find(isTokenId);
    const token = id === undefined ? fallback : tokens[id];
    return token === undefined || !tokens.includes(token) ? [] : [token];
  };
  const adds = (key: string) => metadata.get(`tokenizer.ggml.add_${key}_token`) !== false;
  const before = adds('bos') ? named(['bos', 'cls'], first) : [];
  const after = adds('eos') || adds('sep') ? named(['seperator', 'eos'], last) : [];
  const alone = template(tokens, before, after);
  // RoBERTa's kind ends the first of two texts twice, all others tell them apart by types
  const [twice, type] = isRoberta(metadata) ? [after, 0] : [[], 1];
  const of = (id: 'A' | 'B') => ({ Sequence: { id, type_id: id === 'A' ? 0 : type } });
  const item = (type_id: number) => (id: string) => ({ SpecialToken: { id, type_id } });
  return {
    ...alone,
    pair: [
      ...[...before.map(item(0)), of('A'), ...[...after, ...twice].map(item(0))],
      ...[of('B'), ...after.map(item(type))],
    ],
  };
}

const isRoberta = (metadata: Metadata) =>
  metadata.get('tokenizer.ggml.model') === 't5' || metadata.get('tokenizer.ggml.pre') === 'roberta-bpe';

function listedMerges({ metadata, tokens, where }: Source): [string, string][] {
  const known = new Set(tokens);
  // a tokenizer of single bytes has none
  const listed = metadata.get('tokenizer.ggml.merges');
  const isEmpty = Array.isArray(listed) && listed.length === 0;
  return (isEmpty ? [] : stringList(metadata, 'tokenizer.ggml.merges', where)).map((merge, i) => {
    const at = merge.indexOf(' ', 1);
    const pair: [string, string] = [merge.slice(0, at), merge.slice(at + 1)];
    if (at < 0 || !known.has(pair[0]) || !known.has(pair[1]) || !known.has(pair[0] + pair[1])) {
      throw badTokenizer(
        where,
        `merge ${i} (${JSON.stringify(merge.slice(0, 60))}) does not fit the vocabulary`,
      );
    }
    return pair;
  });
}

function scoredMerges({ metadata, tokens, where }: Source): [string, string][] {
  const scores = numberList(metadata, 'tokenizer.ggml.scores', tokens.length, where);
  if (tokens.reduce((sum, token) => sum + token.length ** 2, 0) > MAX_SPLITTING)
    throw badTokenizer(where, 'its tokens are longer than those of any model');
  return mergesFromScores(tokens, scores);
}

function sentencePiece(
  source: Source,
  merges: readonly (readonly [string, string])[],
  prefix: boolean,
): TokenizerDefinition {
  const { tokens, special } = source;
  const mark = { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' };
  const unmark = { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' };
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  const back: StageConfig[] = [unmark, { type: 'ByteFallback' }, { type: 'Fuse' }];
  return {
    model: {
      ...PLAIN_MODEL,
      tokens,
      merges,
      unkToken: special.unk ?? null,
      fuseUnk: true,
      byteFallback: true,
    },
    addedTokens: addedTokens(source).flatMap(withMark),
    normalizer: {
      type: 'Sequence',
      normalizers: prefix ? [{ type: 'Prepend', prepend: '\u2581' }, mark] : [mark],
    },
    preTokenizer: null,
    postProcessor: affixes(source, true),
    decoder: { type: 'Sequence', decoders: prefix ? [...back, strip] : back },
  };
}

/** llama.cpp's converter writes the space marks of added tokens as spaces: the model's own tokenizer finds them as marks in a text, too. */
function withMark(token: AddedToken): AddedToken[] {
  const content = token.content.replaceAll(' ', '\u2581');
  return content === token.content ? [token] : [token, { ...token, content }];
}

const PLAIN_MODEL = {
  kind: 'bpe',
  unkToken: null,
  fuseUnk: false,
  byteFallback: false,
  ignoreMerges: false,
  endOfWordSuffix: null,
} as const;

function presetOf(metadata: Metadata, where: string): Preset {
  const name =
    metadata.get('tokenizer.ggml.pre') ??
    (metadata.get('general.architecture') === 'gpt2' ? 'gpt-2' : undefined);
  if (name === undefined) throw unsupported(where, say`a tokenizer of an older kind`);
  const preset = PRESETS.get(String(name));
  if (preset === undefined)
    throw unsupported(
      where,
      say`a tokenizer with the pre-tokenizer ${JSON.stringify(name)}, which Fettle doesn't know`,
    );
  return preset;
}

/** Control and user-defined tokens are matched in the text; unused and byte tokens are reached by id only. */
function addedTokens(source: Source): AddedToken[] {
  const { metadata, tokens } = source;
  const types = typesIn(source);
  const mask = tokens[Number(metadata.get('tokenizer.ggml.mask_token_id'))];
  const added: AddedToken[] = [];
  tokens.forEach((content, id) => {
    const type = types[id];
    const special = type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown;
    if (!special && type !== TOKEN_TYPE.userDefined) return;
    // encoders of RoBERTa's kind take the space before what is to be guessed
    const lstrip = content === mask && metadata.get('tokenizer.ggml.model') !== 'bert';
    added.push({ id, content, special, singleWord: false, lstrip, rstrip: false, normalized: false });
  });
  return added;
}

function typesIn({ metadata, tokens, where }: Source): readonly number[] {
  return numberList(metadata, 'tokenizer.ggml.token_type', tokens.length, where);
}

function affixes({ metadata, special, tokens }: Source, bosByDefault: boolean): StageConfig {
  const flag = (key: string, fallback: boolean) => {
    const value = metadata.get(key);
    return typeof value === 'boolean' ? value : fallback;
  };
  const isAdded = (role: 'bos' | 'eos', fallback: boolean) =>
    flag(`tokenizer.ggml.add_${role}_token`, fallback);
  const of = (token: string | undefined) => (token === undefined ? [] : [token]);
  return template(
    tokens,
    isAdded('bos', bosByDefault) ? of(special.bos) : [],
    isAdded('eos', false) ? of(special.eos) : [],
  );
}

/** The tokens that stand before a text and behind it. */
function template(
  tokens: readonly string[],
  before: readonly string[],
  after: readonly string[],
): StageConfig {
  const item = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  const table = Object.fromEntries(
    [...before, ...after].map((name) => [name, { id: name, ids: [tokens.indexOf(name)], tokens: [name] }]),
  );
  return {
    type: 'TemplateProcessing',
    single: [...before.map(item), { Sequence: { id: 'A', type_id: 0 } }, ...after.map(item)],
    special_tokens: table,
  };
}

function specialNames(metadata: Metadata, tokens: readonly string[]): TokenizerParts['special'] {
  const names: Partial<Record<SpecialRole, string>> = {};
  for (const [role, key] of Object.entries(SPECIAL_ID_KEYS) as [SpecialRole, string][]) {
    const id = metadata.get(key);
    const name = isTokenId(id) ? tokens[id] : undefined;
    if (name !== undefined) names[role] = name;
  }
  return names;
}

function stringList(metadata: Metadata, key: string, where: string): readonly string[] {
  const list = metadata.get(key);
  if (Array.isArray(list) && list.length > 0 && list.every((item) => typeof item === 'string')) return list;
  throw badTokenizer(where, `"${key}" should be a list of strings`);
}

function numberList(metadata: Metadata, key: string, length: number, where: string): readonly number[] {
  const list = metadata.get(key);
  if (Array.isArray(list) && list.length === length && list.every((item) => typeof item === 'number'))
    return list;
  throw badTokenizer(where, `"${key}" should be a list of ${length} numbers, one for each token`);
}

function unsupported(where: string, what: string): AppError {
  return new AppError('tokenizer.unsupported', say`${where} has ${what}.`, beside());
}

// SentencePiece has scores and no merges. Merging the best-scored result first is byte-pair encoding in that order;
// ties are ordered as in converted tokenizer.json files: by id of the result, then of the parts.

/** All splits of tokens into two other tokens, in the order in which they are to be merged. */
export function mergesFromScores(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (!ids.has(token)) ids.set(token, id);
  });
  const byScore = [...ids].sort(([, a], [, b]) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  return byScore.flatMap(([token]) => splits(token, ids));
}

/** The splits of one token whose halves are tokens, in order of their ids. */
function splits(token: string, ids: ReadonlyMap<string, number>): [string, string][] {
  const found: { pair: [string, string]; left: number; right: number }[] = [];
  let at = 0;
  for (const char of token) {
    at += char.length;
    const pair: [string, string] = [token.slice(0, at), token.slice(at)];
    const [left, right] = [ids.get(pair[0]), ids.get(pair[1])];
    if (left !== undefined && right !== undefined) found.push({ pair, left, right });
  }
  return found.sort((a, b) => a.left - b.left || a.right - b.right).map(({ pair }) => pair);
}
