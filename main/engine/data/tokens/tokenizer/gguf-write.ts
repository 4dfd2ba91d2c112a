/**
 * A tokenizer as the metadata of a GGUF file: the inverse of gguf-read.ts. Stages that a tokenizer.json spells out have only
 * names there, so the name is found by what the stages do to a few awkward texts and not by how they are written down.
 */

import { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import type { GgufEntry } from '../../../io/gguf-types.ts';
import { affixesOf } from './added-tokens.ts';
import { type BpeDefinition, type BpeTokenizer, isBpe, type TokenizerDefinition } from './definition.ts';
import { limiterOf } from './limits.ts';
import { createNormalizer } from './normalize.ts';
import { assembleTokenizer, type SpecialRole, type TokenizerParts } from './parts.ts';
import { createPreTokenizer } from './pre-tokenize.ts';
import { PRESETS, SPECIAL_ID_KEYS, TOKEN_TYPE } from './presets.ts';

type Entries = [string, GgufEntry][];

/**
 * The metadata of `parts` for a model with `rows` rows in its embedding; ids without a token are filled up as unused.
 * Throws AppError where llama.cpp has no name for what the tokenizer does.
 */
export function ggufTokenizer(parts: TokenizerParts, rows: number): Entries {
  const { definition, where } = parts;
  if (!isBpe(definition)) throw unnamed(where, say`a tokenizer of another kind`);
  const { names, types } = tokensOf({ ...parts, definition }, rows);
  const { byteLevel } = createPreTokenizer(definition.preTokenizer, where);
  const kind = byteLevel
    ? byteLevelEntries(definition, names, where)
    : sentencePieceEntries(definition, names, where);
  return [
    ['tokenizer.ggml.tokens', { type: 'strings', value: names }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: types }],
    ...kind,
    ...specialEntries(parts),
    ...templateEntries(parts.template),
  ];
}

/** The chat template as an entry, or none. */
function templateEntries(template: string | null): Entries {
  return template === null ? [] : [['tokenizer.chat_template', { type: 'string', value: template }]];
}

function tokensOf(
  { definition, special, where }: TokenizerParts & { readonly definition: BpeTokenizer },
  rows: number,
) {
  const { model, addedTokens } = definition;
  if (model.tokens.length > rows) {
    throw new AppError(
      'tokenizer.mismatch',
      say`The tokenizer in ${where} has ${model.tokens.length} tokens, but the model knows only ${rows}.`,
      say`Use the tokenizer that belongs to the model.`,
    );
  }
  const names = Array.from({ length: rows }, (_, id) => model.tokens[id] ?? `[PAD${id}]`);
  const types: number[] = names.map((name, id) => plainType(model, name, model.tokens[id] !== undefined));
  for (const { id, content, special: isSpecial } of addedTokens) {
    // a token that was added to the tokenizer alone has no row, so the model can neither read nor say it
    if (id >= rows) continue;
    names[id] = content;
    types[id] = isSpecial ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined;
    if (content === special.unk && model.byteFallback) types[id] = TOKEN_TYPE.unknown;
  }
  return { names, types };
}

function plainType(model: BpeDefinition, name: string, isToken: boolean): number {
  if (!isToken) return TOKEN_TYPE.unused;
  return model.byteFallback && /^<0x[0-9A-F]{2}>$/.test(name) ? TOKEN_TYPE.byte : TOKEN_TYPE.normal;
}

function byteLevelEntries(
  { model, ...stages }: BpeTokenizer,
  names: readonly string[],
  where: string,
): Entries {
  if (model.endOfWordSuffix !== null) throw unnamed(where, say`an end-of-word suffix`);
  const known = new Set(names);
  const merges = model.merges.filter((pair) => known.has(pair.join('')));
  return [
    ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { type: 'string', value: preTokenizerName(stages, model.ignoreMerges, where) }],
    mergesEntry(merges),
  ];
}

function mergesEntry(merges: BpeDefinition['merges']): [string, GgufEntry] {
  return ['tokenizer.ggml.merges', { type: 'strings', value: merges.map((pair) => pair.join(' ')) }];
}

/** Names in the order of preference where several do the same. */
const NAMES = [
  'gpt-2',
  'smollm',
  'llama-bpe',
  'qwen2',
  'tekken',
  'gpt-4o',
  'stablelm2',
  'smaug-bpe',
  'qwen35',
] as const;

type Stages = Pick<TokenizerDefinition, 'normalizer' | 'preTokenizer'>;

function preTokenizerName(stages: Stages, ignoreMerges: boolean, where: string): string {
  const wanted = JSON.stringify(cutProbes(stages, where));
  const name = NAMES.find((one) => {
    const preset = PRESETS.get(one)!;
    return preset.ignoreMerges === ignoreMerges && JSON.stringify(cutProbes(preset, where)) === wanted;
  });
  if (name === undefined) throw unnamed(where, say`a way of cutting text into words`);
  return name;
}

function cutProbes({ normalizer, preTokenizer }: Stages, where: string): readonly string[][] {
  const normalize = createNormalizer(normalizer, where);
  const { cut } = createPreTokenizer(preTokenizer, where);
  const limited = limiterOf([normalizer, preTokenizer], where);
  return limited(0, () =>
    AWKWARD_TEXTS.map((text) => [...cut(normalize === null ? text : normalize(text), true)]),
  );
}

function sentencePieceEntries(definition: BpeTokenizer, names: readonly string[], where: string): Entries {
  const { model, normalizer, preTokenizer } = definition;
  const mark = '\u2581';
  if (!model.byteFallback || !model.tokens.includes(mark))
    throw unnamed(where, say`a tokenizer of another kind`);
  const normalize = createNormalizer(normalizer, where);
  const preTokenize = createPreTokenizer(preTokenizer, where).cut;
  const limited = limiterOf([normalizer, preTokenizer], where);
  const cut = limited(0, () => preTokenize(normalize?.('a b') ?? 'a b', true)).join('');
  if (!cut.includes(`a${mark}b`)) throw unnamed(where, say`another way of marking spaces`);
  const isPrefixed = cut.startsWith(mark);
  if (!isPrefixed && !isInOrderOfScores(definition)) {
    const known = new Set(names);
    return [
      ['tokenizer.ggml.model', { type: 'string', value: 'gemma4' }],
      mergesEntry(model.merges.filter((pair) => known.has(pair.join('')))),
    ];
  }
  return [
    ['tokenizer.ggml.model', { type: 'string', value: 'llama' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'default' }],
    ['tokenizer.ggml.scores', { type: 'f32s', value: scoresOf(model, names) }],
    ['tokenizer.ggml.add_space_prefix', { type: 'bool', value: isPrefixed }],
  ];
}

/**
 * Whether one score for each token says in which order to merge, as SentencePiece has it: all merges that make a token follow each
 * other. What is cut out as an added token before merging doesn't count.
 */
function isInOrderOfScores({ model, addedTokens }: BpeTokenizer): boolean {
  const cutOut = new Set(addedTokens.map(({ content }) => content));
  const made = new Set<string>();
  let last = '';
  for (const pair of model.merges) {
    const token = pair.join('');
    if (token === last || cutOut.has(token)) continue;
    if (made.has(token)) return false;
    made.add(token);
    last = token;
  }
  return true;
}

/**
 * SentencePiece joins the pair whose result scores highest; merges are in order of priority. So a token scores minus the
 * number of merges before its own; what no merge makes comes last.
 */
function scoresOf(model: BpeDefinition, names: readonly string[]): number[] {
  const rank = new Map<string, number>();
  model.merges.forEach(([left, right], i) => {
    if (!rank.has(left + right)) rank.set(left + right, i);
  });
  const last = model.merges.length;
  return names.map((name) => -(rank.get(name) ?? last));
}

function specialEntries(parts: TokenizerParts): Entries {
  const { definition, where } = parts;
  const { special, stopIds } = assembleTokenizer(parts);
  const affixes = affixesOf(definition.postProcessor, where);
  // llama.cpp takes id 11 for roles that a file leaves out, and would end answers at an ordinary word
  const eos = special.eos ?? stopIds[0] ?? special.pad ?? special.bos;
  const ids = { ...special, eos, bos: special.bos ?? eos };
  const others = stopIds.filter((id) => id !== eos);
  const number = (key: string, id: number | null | undefined): Entries =>
    id === null || id === undefined ? [] : [[key, { type: 'u32', value: id }]];
  return [
    ...(Object.entries(SPECIAL_ID_KEYS) as [SpecialRole, string][]).flatMap(([role, key]) =>
      number(key, ids[role]),
    ),
    ...number('tokenizer.ggml.eot_token_id', others[0]),
    ...number('tokenizer.ggml.eom_token_id', others[1]),
    [
      'tokenizer.ggml.add_bos_token',
      { type: 'bool', value: special.bos !== null && affixes.before.includes(special.bos) },
    ],
    [
      'tokenizer.ggml.add_eos_token',
      { type: 'bool', value: special.eos !== null && affixes.after.includes(special.eos) },
    ],
  ];
}

function unnamed(where: string, what: string): AppError {
  return new AppError(
    'tokenizer.unsupported',
    say`The tokenizer in ${where} has ${what} that GGUF files don't support.`,
    say`Save the full model instead (safetensors).`,
  );
}

/** Lists whose numbers are not int32. */
const FLOATS: ReadonlySet<string> = new Set(['tokenizer.ggml.scores']);

/** What a new token has in the lists with an entry for each token: user-defined, and as unlikely as can be beside merges. */
const OF_NEW_TOKENS: Readonly<Record<string, number>> = {
  'tokenizer.ggml.token_type': TOKEN_TYPE.userDefined,
  'tokenizer.ggml.scores': -1000,
};

/** Texts that are tokens from the id `first` on. */
interface Added {
  readonly first: number;
  readonly texts: readonly string[];
}

/** Every entry of a tokenizer in `metadata`, each under the type that llama.cpp expects, with new tokens where some were added. */
export function copyGgufTokenizer(
  metadata: ReadonlyMap<string, unknown>,
  added: Added | undefined = undefined,
): Entries {
  return [...metadata].flatMap(([key, value]): Entries => {
    const whole = added && Array.isArray(value) ? withNew(key, value, added) : value;
    const entry = key.startsWith('tokenizer.') ? entryOf(key, whole) : null;
    return entry === null ? [] : [[key, entry]];
  });
}

function withNew(key: string, list: readonly unknown[], { first, texts }: Added): readonly unknown[] {
  const value = OF_NEW_TOKENS[key];
  if (key !== 'tokenizer.ggml.tokens' && value === undefined) return list;
  return list.toSpliced(first, texts.length, ...(value === undefined ? texts : texts.map(() => value)));
}

function entryOf(key: string, value: unknown): GgufEntry | null {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'number') return { type: 'u32', value };
  if (!Array.isArray(value)) return null;
  if (value.every((item) => typeof item === 'string')) return { type: 'strings', value };
  if (value.every((item) => typeof item === 'number'))
    return { type: FLOATS.has(key) ? 'f32s' : 'i32s', value };
  return null;
}

/**
 * Texts on which tokenizers part: contractions, digits, signs, marks, line ends, cases, scripts, white space. Two that cut
 * all of these alike are taken to be the same.
 */
export const AWKWARD_TEXTS: readonly string[] = [
  'Hello, world!',
  "I'll say it's HE'LL o'clock, don'T we've",
  'a1 12 123 1234 12345 3.14 x2y 007',
  '١٢٣ ½ ² ³ ① Ⅷ',
  ' two  spaces   three',
  'tab\t\ttabs \t mixed',
  'lines\n\nmore\r\n\r\nend\n',
  '   leading and trailing   ',
  'foo(bar)[0] += "baz"; // a/b\\c',
  '<tag attr="1"/> #hash_tag @at --- ... !!?',
  'camelCase PascalCase ABCdef aBC XMLHttpRequest',
  'naïve café résumé Ünïcödé Straße',
  'こんにちは世界 你好，世界！',
  '한국어 русский текст',
  'العربية हिन्दी में ไทย',
  'e\u0301 a\u0308o\u0302 q\u0307\u0323',
  '😀👍🏽 🇩🇪 👨‍👩‍👧',
  '\u00a0nbsp\u2003em\u200bzero',
  'word/\n/word\n!\n?/\n',
  '{"topic":"damage","urgent":false}',
];
