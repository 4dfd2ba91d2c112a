/** WordPiece in GGUF files, both ways: llama.cpp marks beginnings of words, where tokenizer.json marks what goes on with one. */
import type { GgufEntry } from '../../../io/gguf-types.ts';
import { badTokenizer, checkPieces, type StageConfig, type WordPieceDefinition } from './definition.ts';
import type { TokenizerParts } from './parts.ts';
import { TOKEN_TYPE } from './presets.ts';

type Entries = [string, GgufEntry][];

const BEGINNING = '\u2581';
/** What converted files were made from; the files don't say it. */
const PREFIX = '##';
const LONGEST_WORD = 100;

/** Keys that newer files have, by what BERT's normaliser calls them. */
const NORMALIZER_KEYS = {
  lowercase: 'tokenizer.ggml.normalizer.lowercase',
  strip_accents: 'tokenizer.ggml.normalizer.strip_accents',
} as const;

/** Tokens that every tokenizer of this kind has, by their role in the file. */
const ROLES: readonly (readonly [string, string])[] = [
  ['bos', '[CLS]'],
  ['cls', '[CLS]'],
  ['eos', '[SEP]'],
  ['seperator', '[SEP]'],
  ['padding', '[PAD]'],
  ['mask', '[MASK]'],
];

/** Entries of a tokenizer for a model with so many `rows` in its embedding; null where it is of another kind. */
export function wordPieceEntries({ definition }: TokenizerParts, rows: number): Entries | null {
  const { model, addedTokens, normalizer } = definition;
  if (model.kind !== 'wordpiece') return null;
  const control = new Map(addedTokens.map(({ id, content }) => [id, content]));
  const tokens = Array.from({ length: rows }, (_, id) => control.get(id) ?? model.tokens[id] ?? `[PAD${id}]`);
  const kinds = tokens.map((_, id) =>
    control.has(id) ? 'control' : model.tokens[id] === undefined ? 'unused' : 'normal',
  );
  const spelled = tokens.map((token, id) => (kinds[id] === 'normal' ? marked(token, model.prefix) : token));
  const roles = [...ROLES, ['unknown', model.unkToken] as const];
  return [
    ['tokenizer.ggml.model', { type: 'string', value: 'bert' }],
    ['tokenizer.ggml.tokens', { type: 'strings', value: spelled }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: kinds.map((kind) => TOKEN_TYPE[kind as 'normal']) }],
    ...normalizerEntries(normalizer),
    ...roles.flatMap(([role, token]): Entries => {
      const id = tokens.indexOf(token);
      return id < 0 ? [] : [[`tokenizer.ggml.${role}_token_id`, { type: 'u32', value: id }]];
    }),
  ];
}

function normalizerEntries(normalizer: StageConfig | null): Entries {
  if (normalizer?.type !== 'BertNormalizer') return [];
  const lowercase = normalizer.lowercase !== false;
  const strips = typeof normalizer.strip_accents === 'boolean' ? normalizer.strip_accents : lowercase;
  return [
    [NORMALIZER_KEYS.lowercase, { type: 'bool', value: lowercase }],
    [NORMALIZER_KEYS.strip_accents, { type: 'bool', value: strips }],
  ];
}

const marked = (token: string, prefix: string) =>
  token.startsWith(prefix) ? token.slice(prefix.length) : `${BEGINNING}${token}`;

// the mark alone is a character that goes on with a word
const unmarked = (token: string) =>
  token.startsWith(BEGINNING) && token !== BEGINNING ? token.slice(BEGINNING.length) : `${PREFIX}${token}`;

/** Tokens as tokenizer.json spells them; undefined where the vocabulary has none. */
export function plainWordPieces(
  tokens: readonly string[],
  types: readonly unknown[],
): readonly (string | undefined)[] {
  return tokens.map((token, id) => {
    if (types[id] === TOKEN_TYPE.unused) return undefined;
    return types[id] === TOKEN_TYPE.control || types[id] === TOKEN_TYPE.unknown ? token : unmarked(token);
  });
}

/** The model and the stages before it. Older files don't name the normaliser: the vocabulary tells what it leaves of a text. */
export function wordPieces(
  metadata: ReadonlyMap<string, unknown>,
  plain: readonly (string | undefined)[],
  unkToken: string,
  where: string,
): { readonly model: WordPieceDefinition; readonly normalizer: StageConfig } {
  if (!plain.includes(unkToken))
    throw badTokenizer(where, `its vocabulary lacks ${JSON.stringify(unkToken)}`);
  checkPieces(plain, where);
  const normal = plain.filter((token): token is string => token !== undefined && !/^\[.*\]$/.test(token));
  const flag = (key: keyof typeof NORMALIZER_KEYS, fallback: boolean) => {
    const value = metadata.get(NORMALIZER_KEYS[key]);
    return typeof value === 'boolean' ? value : fallback;
  };
  const lowercase = flag('lowercase', !normal.some((token) => token.toLowerCase() !== token));
  const hasAccents = normal.some((token) => /\p{Mn}/u.test(token.normalize('NFD')));
  return {
    model: { kind: 'wordpiece', tokens: plain, unkToken, prefix: PREFIX, longestWord: LONGEST_WORD },
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: flag('strip_accents', lowercase && !hasAccents),
      lowercase,
    },
  };
}
