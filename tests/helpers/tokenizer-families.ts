/**
 * The golden tokenizers: expected values (tests/golden/data/tokenizers) and tokenizers (tests/fixtures/tokenizers) of six families, cut
 * down to what the tests need, and of four more built as newer families build theirs; and a tiny one to build odd cases with.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Message } from '../../main/rows/messages.ts';

/** The folder with a folder for each family. */
export const TOKENIZERS = path.join(import.meta.dirname, '..', 'fixtures', 'tokenizers');

export const FAMILIES = ['gpt2', 'llama3', 'qwen2_5', 'qwen3', 'mistral_nemo', 'mistral_v1'] as const;
/** Trained by tests/golden/make/make_styles.py. */
export const STYLES = ['gemma', 'o200k', 'qwen3_5', 'lfm2'] as const;
/** Trained by tests/golden/make/make_encoder_tokenizers.py. */
export const ENCODER_TOKENIZERS = ['bert', 'bert_cased', 'xlm_roberta'] as const;
export type EncoderTokenizer = (typeof ENCODER_TOKENIZERS)[number];
export type Style = (typeof STYLES)[number];
export type Family = (typeof FAMILIES)[number];

export interface GoldenText {
  readonly text: string;
  readonly ids: number[];
  readonly ids_special: number[];
  readonly decoded: string;
  readonly decoded_skip: string;
}

export interface GoldenChat {
  readonly chat: string;
  readonly add_generation_prompt: boolean;
  readonly options: Record<string, unknown>;
  readonly rendered?: string;
  readonly ids?: number[];
  readonly error?: string;
}

export interface Golden {
  readonly source: { readonly npm?: string; readonly sha256: Record<string, string> };
  readonly special_tokens: Record<string, string | null>;
  readonly messages: Record<string, Message[]>;
  readonly texts: GoldenText[];
  readonly lone_surrogates: { readonly text: string; readonly ids: number[] }[];
  readonly chats: GoldenChat[];
}

/** A file of tests/golden/data/tokenizers, parsed. */
export function readGolden<T = Golden>(name: string): T {
  return JSON.parse(
    readFileSync(new URL(`../golden/data/tokenizers/${name}.json`, import.meta.url), 'utf8'),
  ) as T;
}

/** The folder with tokenizer.json and tokenizer_config.json of a family. */
export function familyFolder(family: Family | Style | EncoderTokenizer): string {
  return path.join(TOKENIZERS, family);
}

/** The tokenizer.json of a family, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: the raw file, taken apart by tests
export function familyJson(family: Family | Style | EncoderTokenizer): any {
  return JSON.parse(readFileSync(`${familyFolder(family)}/tokenizer.json`, 'utf8'));
}

/** A byte-level tokenizer.json without merges: one token a byte, ids 0 to 255 in alphabet order, then `added`. */
export function byteTokenizerJson(added: readonly Record<string, unknown>[] = []): Record<string, unknown> {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  const vocab: Record<string, number> = {};
  for (let byte = 0; byte < 256; byte++) vocab[String.fromCharCode(printable(byte) ? byte : next++)] = byte;
  return {
    model: { type: 'BPE', vocab, merges: [] },
    added_tokens: added.map((token, i) => ({ id: 256 + i, special: true, normalized: false, ...token })),
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    decoder: { type: 'ByteLevel' },
  };
}
