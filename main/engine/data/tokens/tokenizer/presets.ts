/**
 * The pre-tokenizers that model makers use, by the names that GGUF files give them (`tokenizer.ggml.pre`, a list kept
 * by llama.cpp). The patterns are those of the models' own tokenizer.json, which llama.cpp rewrites for its engine.
 */
import type { StageConfig } from './definition.ts';
import { GPT2_PATTERN } from './pre-tokenize.ts';

/** What a name implies. */
export interface Preset {
  readonly preTokenizer: StageConfig;
  readonly normalizer: StageConfig | null;
  /** Words of the vocabulary are taken whole even where merges would not build them. */
  readonly ignoreMerges: boolean;
  /** Whether BOS is put in front when the file does not say. */
  readonly addBos: boolean;
  /** Whether it is an encoder's, which puts tokens around every text. */
  readonly encloses: boolean;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const ENDING = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const WORDS = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
const SIGNS = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*';
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const LEAD = '[^\\r\\n\\p{L}\\p{N}]?';

const LLAMA3 = `${CONTRACTIONS}|${WORDS}|\\p{N}{1,3}|${SIGNS}|${ENDING}`;
const QWEN2 = `${CONTRACTIONS}|${WORDS}|\\p{N}|${SIGNS}|${ENDING}`;
const QWEN35 = `${CONTRACTIONS}|${LEAD}[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|${ENDING}`;
const TEKKEN = `${LEAD}${UPPER}*${LOWER}+|${LEAD}${UPPER}+${LOWER}*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${ENDING}`;
const GPT4O =
  `${LEAD}${UPPER}*${LOWER}+${CONTRACTIONS}?|${LEAD}${UPPER}+${LOWER}*${CONTRACTIONS}?|` +
  `\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${ENDING}`;

function preset(patterns: readonly string[], more: Partial<Preset> = {}): Preset {
  const splits = patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
  }));
  const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  const preTokenizer = { type: 'Sequence', pretokenizers: [...splits, bytes] };
  return { preTokenizer, normalizer: null, ignoreMerges: false, addBos: false, encloses: false, ...more };
}

const gpt2 = preset([GPT2_PATTERN]);
const digits = preset(['\\p{N}', GPT2_PATTERN]);
const llama3 = preset([LLAMA3], { ignoreMerges: true, addBos: true });
const llama3Merged = preset([LLAMA3]);
const qwen2 = preset([QWEN2], { normalizer: { type: 'NFC' } });
const gpt4o = preset([GPT4O]);
const tekken = preset([TEKKEN], { ignoreMerges: true, addBos: true });

/** Presets by GGUF name. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map([
  ['default', gpt2],
  ['gpt-2', gpt2],
  ['gpt2', gpt2],
  ['phi-2', gpt2],
  ['exaone4', gpt2],
  ['mellum', gpt2],
  ['granite-docling', gpt2],
  ['olmo', gpt2],
  ['mpt', gpt2],
  ['smollm', digits],
  ['starcoder', digits],
  ['refact', digits],
  ['command-r', digits],
  ['codeshell', digits],
  ['exaone', digits],
  ['mellum2', digits],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['llama-bpe', llama3],
  ['falcon3', llama3],
  ['falcon-h1', llama3],
  ['midm-2.0', llama3],
  ['lfm2', llama3],
  ['smaug-bpe', llama3Merged],
  ['dbrx', llama3Merged],
  ['glm4', llama3Merged],
  ['chatglm-bpe', llama3Merged],
  ['qwen2', qwen2],
  ['kormo', qwen2],
  ['megrez', qwen2],
  ['qwen35', preset([QWEN35], { normalizer: { type: 'NFC' } })],
  ['deepseek-r1-qwen', preset([QWEN2])],
  ['stablelm2', preset([QWEN2])],
  ['tekken', tekken],
  ['pixtral', tekken],
  ['gpt-4o', gpt4o],
  ['llama4', gpt4o],
  ['kanana2', gpt4o],
  ['roberta-bpe', preset([GPT2_PATTERN], { encloses: true })],
  ['modern-bert', preset([GPT2_PATTERN], { encloses: true, normalizer: { type: 'NFC' } })],
]);

/** Values of `tokenizer.ggml.token_type`. */
export const TOKEN_TYPE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** The metadata that gives the ids of special tokens. */
export const SPECIAL_ID_KEYS = {
  bos: 'tokenizer.ggml.bos_token_id',
  eos: 'tokenizer.ggml.eos_token_id',
  pad: 'tokenizer.ggml.padding_token_id',
  unk: 'tokenizer.ggml.unknown_token_id',
} as const;
