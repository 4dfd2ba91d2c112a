/**
 * The tokenizer inside a GGUF file. Its metadata only names what a tokenizer.json spells out (pattern, normaliser, prefix space);
 * here it is spelled out again, so that everything downstream is one path.
 */

import { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import {
  type AddedToken,
  badTokenizer,
  entryOf,
  isTokenId,
  type StageConfig,
  type TokenizerDefinition,
} from './definition.ts';
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
};

function byteLevel(source: Source): TokenizerDefinition {
  const { metadata, tokens, where } = source;
  const preset = presetOf(metadata, where);
  return {
    model: { ...PLAIN_MODEL, tokens, merges: listedMerges(source), ignoreMerges: preset.ignoreMerges },
    addedTokens: addedTokens(source),
    normalizer: preset.normalizer,
    preTokenizer: preset.preTokenizer,
    postProcessor: affixes(source, preset.addBos),
    decoder: { type: 'ByteLevel' },
  };
}

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
function addedTokens({ metadata, tokens, where }: Source): AddedToken[] {
  const types = numberList(metadata, 'tokenizer.ggml.token_type', tokens.length, where);
  const added: AddedToken[] = [];
  tokens.forEach((content, id) => {
    const type = types[id];
    const special = type === TOKEN_TYPE.control || type === TOKEN_TYPE.unknown;
    if (!special && type !== TOKEN_TYPE.userDefined) return;
    added.push({ id, content, special, singleWord: false, lstrip: false, rstrip: false, normalized: false });
  });
  return added;
}

function affixes({ metadata, special, tokens }: Source, bosByDefault: boolean): StageConfig {
  const flag = (key: string, fallback: boolean) => {
    const value = metadata.get(key);
    return typeof value === 'boolean' ? value : fallback;
  };
  const item = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  const single: object[] = [{ Sequence: { id: 'A', type_id: 0 } }];
  if (special.bos !== undefined && flag('tokenizer.ggml.add_bos_token', bosByDefault))
    single.unshift(item(special.bos));
  if (special.eos !== undefined && flag('tokenizer.ggml.add_eos_token', false))
    single.push(item(special.eos));
  const names = [special.bos, special.eos].filter((name) => name !== undefined);
  const table = Object.fromEntries(
    names.map((name) => [name, { id: name, ids: [tokens.indexOf(name)], tokens: [name] }]),
  );
  return { type: 'TemplateProcessing', single, special_tokens: table };
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
