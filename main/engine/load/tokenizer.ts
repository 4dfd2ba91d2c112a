/** The tokenizer of a model that is open: a GGUF file's is made from the metadata that has been read already. */
import path from 'node:path';
import { ggufParts, readTokenizerParts } from '../data/tokens/tokenizer/load.ts';
import { assembleTokenizer, type TokenizerParts } from '../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { OpenedModel } from './open-model.ts';

/** The tokenizer that belongs to `opened`; throws like `loadTokenizer`. */
export async function tokenizerOf(opened: OpenedModel): Promise<Tokenizer> {
  return assembleTokenizer(await tokenizerPartsOf(opened));
}

/** What `tokenizerOf` makes the tokenizer from, for writing it elsewhere. */
export async function tokenizerPartsOf({
  kind,
  path: where,
  store,
  added,
}: OpenedModel): Promise<TokenizerParts> {
  if (added) return added.tokenizer;
  return kind === 'gguf' ? ggufParts(store.metadata, path.dirname(where), where) : readTokenizerParts(where);
}
