/** A BERT encoder as a GGUF file, whose vectors llama.cpp computes: its names, and WordPiece as its tokenizer spells it. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { readTokenizerParts } from '../../data/tokens/tokenizer/load.ts';
import type { TokenizerParts } from '../../data/tokens/tokenizer/parts.ts';
import { TOKEN_TYPE } from '../../data/tokens/tokenizer/presets.ts';
import type { GgufEntry } from '../../io/gguf-types.ts';
import type { GgufTensorToWrite, GgufWriteType } from '../../io/gguf-write.ts';
import type { Pooling } from '../../nn/pooling.ts';
import type { ModelFacts } from '../export-job.ts';
import { ggufTensorType, writeGgufModel } from '../gguf-tensors.ts';
import type { ReadingModel } from './reading.ts';

type Entries = [string, GgufEntry][];

/** llama.cpp's numbers of the ways to pool. */
const POOLING_TYPES: Readonly<Partial<Record<Pooling, number>>> = { mean: 1, cls: 2, lasttoken: 3 };

/** Writes the file. Throws an AppError where llama.cpp doesn't compute such an encoder. */
export async function writeEncoderGguf(
  file: string,
  { opened, weights }: ReadingModel,
  type: GgufWriteType,
  facts: ModelFacts,
): Promise<void> {
  const { config, outline, encoder, sentences } = opened;
  const size = (key: string, fallback: number) => Number(config[key] ?? fallback);
  const pooling = POOLING_TYPES[sentences.pooling];
  if (encoder.modelType !== 'bert') throw refused(say`models of the type "${encoder.modelType}"`);
  if ((config.hidden_act ?? 'gelu') !== 'gelu')
    throw refused(say`the activation function "${String(config.hidden_act)}"`);
  if (pooling === undefined) throw refused(say`pooling by "${sentences.pooling}"`);
  const number = (key: string, value: number): Entries[number] => [`bert.${key}`, { type: 'u32', value }];
  const entries: Entries = [
    number('block_count', encoder.layers),
    // as many as there are positions: llama.cpp asks for so many rows
    number('context_length', encoder.maxTokens),
    number('embedding_length', encoder.hiddenSize),
    number('feed_forward_length', size('intermediate_size', 3072)),
    number('attention.head_count', size('num_attention_heads', 12)),
    ['bert.attention.layer_norm_epsilon', { type: 'f32', value: size('layer_norm_eps', 1e-12) }],
    ['bert.attention.causal', { type: 'bool', value: false }],
    number('pooling_type', pooling),
    ['tokenizer.ggml.token_type_count', { type: 'u32', value: size('type_vocab_size', 2) }],
  ];
  const tensors = [...outline.parameters].map(([parameter, { shape }]): GgufTensorToWrite => {
    const name = ggufName(parameter);
    // llama.cpp adds a row of it to all tokens, in float32 alone
    const written = name === 'token_types.weight' ? 'f32' : ggufTensorType(name, shape, type);
    return {
      name,
      type: written,
      shape,
      pieces: async function* () {
        yield await weights.read(parameter);
      },
    };
  });
  const tokenizer = wordPieceEntries(await readTokenizerParts(opened.path), encoder.vocabSize);
  await writeGgufModel(
    file,
    { name: 'bert', entries, ropeTensors: new Map(), notes: [] },
    tokenizer,
    tensors,
    { type, facts },
  );
}

function refused(what: string): AppError {
  return new AppError(
    'bad-usage',
    say`llama.cpp doesn't compute this encoder: ${what}.`,
    say`Save it as ONNX, or for sentence-transformers.`,
  );
}

/** Names of modules, the longest first: what stands within another comes later. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^embeddings\.word_embeddings/, 'token_embd'],
  [/^embeddings\.token_type_embeddings/, 'token_types'],
  [/^embeddings\.position_embeddings/, 'position_embd'],
  [/^embeddings\.LayerNorm/, 'token_embd_norm'],
  [/^encoder\.layer\.(\d+)\.attention\.self\.query/, 'blk.$1.attn_q'],
  [/^encoder\.layer\.(\d+)\.attention\.self\.key/, 'blk.$1.attn_k'],
  [/^encoder\.layer\.(\d+)\.attention\.self\.value/, 'blk.$1.attn_v'],
  [/^encoder\.layer\.(\d+)\.attention\.output\.dense/, 'blk.$1.attn_output'],
  [/^encoder\.layer\.(\d+)\.attention\.output\.LayerNorm/, 'blk.$1.attn_output_norm'],
  [/^encoder\.layer\.(\d+)\.intermediate\.dense/, 'blk.$1.ffn_up'],
  [/^encoder\.layer\.(\d+)\.output\.dense/, 'blk.$1.ffn_down'],
  [/^encoder\.layer\.(\d+)\.output\.LayerNorm/, 'blk.$1.layer_output_norm'],
];

function ggufName(parameter: string): string {
  const [from, to] = NAMES.find(([pattern]) => pattern.test(parameter))!;
  return parameter.replace(from, to);
}

/** llama.cpp marks beginnings of words, where WordPiece marks what goes on with one. */
const BEGINNING = '\u2581';

function wordPieceEntries({ definition }: TokenizerParts, rows: number): Entries {
  const { model, addedTokens } = definition;
  if (model.kind !== 'wordpiece') throw refused(say`its tokenizer is not WordPiece`);
  const control = new Set(addedTokens.map(({ id }) => id));
  const tokens = Array.from({ length: rows }, (_, id) => model.tokens[id] ?? `[PAD${id}]`);
  for (const { id, content } of addedTokens) if (id < rows) tokens[id] = content;
  const spelled = tokens.map((token, id) => {
    if (control.has(id) || model.tokens[id] === undefined) return token;
    return token.startsWith(model.prefix) ? token.slice(model.prefix.length) : `${BEGINNING}${token}`;
  });
  const types = tokens.map((_, id) =>
    control.has(id)
      ? TOKEN_TYPE.control
      : model.tokens[id] === undefined
        ? TOKEN_TYPE.unused
        : TOKEN_TYPE.normal,
  );
  const idOf = (token: string): number | null => {
    const id = tokens.indexOf(token);
    return id < 0 ? null : id;
  };
  const roles: readonly (readonly [string, string])[] = [
    ['bos', '[CLS]'],
    ['cls', '[CLS]'],
    ['eos', '[SEP]'],
    ['seperator', '[SEP]'],
    ['unknown', model.unkToken],
    ['padding', '[PAD]'],
    ['mask', '[MASK]'],
  ];
  return [
    ['tokenizer.ggml.model', { type: 'string', value: 'bert' }],
    ['tokenizer.ggml.tokens', { type: 'strings', value: spelled }],
    ['tokenizer.ggml.token_type', { type: 'i32s', value: types }],
    ...roles.flatMap(([role, token]): Entries => {
      const id = idOf(token);
      return id === null ? [] : [[`tokenizer.ggml.${role}_token_id`, { type: 'u32', value: id }]];
    }),
  ];
}
