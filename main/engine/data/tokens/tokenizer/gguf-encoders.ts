/** Tokenizers of encoders as metadata of a GGUF file: WordPiece, and RoBERTa's kind, whose pieces are Unigram or byte-level. */
import type { GgufEntry } from '../../../io/gguf-types.ts';
import { affixesOf } from './added-tokens.ts';
import { isBpe, type StageConfig, type UnigramDefinition } from './definition.ts';
import { wordPieceEntries } from './gguf-word-pieces.ts';
import { ggufTokenizer } from './gguf-write.ts';
import type { TokenizerParts } from './parts.ts';
import { TOKEN_TYPE } from './presets.ts';

type Entries = [string, GgufEntry][];

/** What llama.cpp's converter gives rows without a token. */
const NO_TOKEN = -10_000;
/** Both cut texts alike; the second also says that texts are enclosed. */
const [PLAIN, ENCLOSED] = ['gpt-2', 'roberta-bpe'];

/** Entries for a model with so many `rows` in its embedding; null where llama.cpp has no name for such a tokenizer. */
export function encoderTokenizerEntries(parts: TokenizerParts, rows: number): Entries | null {
  const { definition } = parts;
  if (definition.model.kind === 'wordpiece') return wordPieceEntries(parts, rows);
  const roles = roleEntries(parts);
  const pieces =
    definition.model.kind === 'unigram'
      ? unigramEntries(parts, definition.model, rows)
      : byteLevelEntries(parts, rows);
  return roles && pieces && [...pieces, ...roles];
}

function byteLevelEntries(parts: TokenizerParts, rows: number): Entries | null {
  if (!isBpe(parts.definition)) return null;
  const entries = ggufTokenizer({ ...parts, template: null }, rows);
  const pre = new Map(entries).get('tokenizer.ggml.pre')?.value;
  if (pre !== PLAIN) return null;
  return [...entries, ['tokenizer.ggml.pre', { type: 'string', value: ENCLOSED }]];
}

function unigramEntries(
  { definition, special }: TokenizerParts,
  model: UnigramDefinition,
  rows: number,
): Entries {
  const added = new Map(definition.addedTokens.map((token) => [token.id, token]));
  const tokens = Array.from(
    { length: rows },
    (_, id) => added.get(id)?.content ?? model.tokens[id] ?? `[PAD${id}]`,
  );
  const types = tokens.map((token, id) => {
    const own = added.get(id);
    if (id === model.unkId || token === special.unk) return TOKEN_TYPE.unknown;
    if (own) return own.special ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined;
    return model.tokens[id] === undefined ? TOKEN_TYPE.unused : TOKEN_TYPE.normal;
  });
  const table = stages(definition.normalizer).find(({ type }) => type === 'Precompiled');
  return [
    ['tokenizer.ggml.model', { type: 'string', value: 't5' }],
    ['tokenizer.ggml.pre', { type: 'string', value: 'default' }],
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens }],
    ['tokenizer.ggml.scores', { type: 'f32s', value: tokens.map((_, id) => model.scores[id] ?? NO_TOKEN) }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: types }],
    ['tokenizer.ggml.add_space_prefix', { type: 'bool', value: true }],
    ['tokenizer.ggml.remove_extra_whitespaces', { type: 'bool', value: true }],
    ...(table
      ? [['tokenizer.ggml.precompiled_charsmap', { type: 'bytes', value: bytesOf(table) }] as Entries[number]]
      : []),
  ];
}

const bytesOf = ({ precompiled_charsmap: table }: StageConfig) => Buffer.from(String(table), 'base64');

function stages(config: StageConfig | null): readonly StageConfig[] {
  if (config?.type !== 'Sequence') return config ? [config] : [];
  return (config.normalizers as readonly StageConfig[]).flatMap(stages);
}

/** The tokens around a text and those of other roles; null where a text isn't enclosed by one on each side. */
function roleEntries({ definition, special, where }: TokenizerParts): Entries | null {
  const { before, after } = affixesOf(definition.postProcessor, where);
  if (before.length !== 1 || after.length !== 1) return null;
  const idOf = (content: string | undefined) =>
    definition.addedTokens.find((token) => token.content === content)?.id;
  const mask = definition.addedTokens.find(({ content }) => /^[<[]mask[\]>]$/i.test(content))?.id;
  const ids = {
    bos: before[0],
    cls: before[0],
    eos: after[0],
    seperator: after[0],
    mask,
    padding: idOf(special.pad),
    unknown: idOf(special.unk),
  };
  return [
    ...Object.entries(ids).flatMap(
      ([role, id]): Entries =>
        id === undefined ? [] : [[`tokenizer.ggml.${role}_token_id`, { type: 'u32', value: id }]],
    ),
    ...['bos', 'eos', 'sep'].map((role): Entries[number] => [
      `tokenizer.ggml.add_${role}_token`,
      { type: 'bool', value: true },
    ]),
  ];
}
