/**
 * The pieces of @huggingface/tokenizers that Fettle uses. The package's type files import each other without file
 * extensions, which TypeScript does not resolve for Node packages, so the few signatures are written down here once.
 */
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
