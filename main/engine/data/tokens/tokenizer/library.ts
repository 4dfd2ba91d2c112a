/** What the stages of a tokenizer share: the pieces of @huggingface/tokenizers that Fettle uses, and the byte alphabet. */
import * as library from '@huggingface/tokenizers';

/** Byte-pair encoding: pieces in, tokens out. */
export interface BpeModel {
  (pieces: readonly string[]): string[];
  readonly tokens_to_ids: ReadonlyMap<string, number>;
}

interface Library {
  readonly BPE: new (config: Readonly<Record<string, unknown>>) => BpeModel;
  readonly SequenceNormalizer: new (config: {
    type: 'Sequence';
    normalizers: readonly unknown[];
  }) => { normalize(text: string): string };
  readonly SequenceDecoder: new (config: {
    type: 'Sequence';
    decoders: readonly unknown[];
  }) => { decode_chain(tokens: string[]): string[] };
  readonly SplitPreTokenizer: new (config: {
    type: 'Split';
    pattern: unknown;
    behavior: 'Isolated';
    invert: false;
  }) => { readonly pattern: RegExp | null };
}

export const { BPE, SequenceNormalizer, SequenceDecoder, SplitPreTokenizer } = library as unknown as Library;

/**
 * The byte alphabet of GPT-2, for encoding and decoding: byte-level vocabularies spell each byte as one printable character.
 * Bytes that print stand for themselves, the other 68 follow in order from U+0100.
 */
const CHAR_OF_BYTE: readonly string[] = buildAlphabet();
const BYTE_OF_CHAR: ReadonlyMap<string, number> = new Map(CHAR_OF_BYTE.map((char, byte) => [char, byte]));

const encoder = new TextEncoder();

function buildAlphabet(): string[] {
  const prints = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(prints(byte) ? byte : next++));
}

/** The UTF-8 bytes of `text`, each as its character of the byte alphabet. */
export function toByteAlphabet(text: string): string {
  let out = '';
  for (const byte of encoder.encode(text)) out += CHAR_OF_BYTE[byte];
  return out;
}

/** The bytes that a vocabulary entry stands for; one with characters outside the alphabet stands for its own UTF-8. */
export function fromByteAlphabet(token: string): number[] | Uint8Array {
  const bytes: number[] = [];
  for (const char of token) {
    const byte = BYTE_OF_CHAR.get(char);
    if (byte === undefined) return encoder.encode(token);
    bytes.push(byte);
  }
  return bytes;
}
