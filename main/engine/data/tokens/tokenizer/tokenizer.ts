/**
 * A checked definition becomes encode and decode: the stages in the order of the Rust tokenizers, around @huggingface/tokenizers. The ids
 * of words seen before are kept, which makes ordinary text several times faster than the library.
 */
import type { ChatTemplate, SpecialTokens, Tokenizer } from '../tokenizer-types.ts';
import { addedTokenSplitter, affixesOf, NO_AFFIXES } from './added-tokens.ts';
import { createDecoder } from './decode.ts';
import type { AddedToken, BpeDefinition, ModelDefinition, TokenizerDefinition } from './definition.ts';
import { BPE, type BpeModel, toByteAlphabet } from './library.ts';
import { checkTokens, limiterOf } from './limits.ts';
import { createNormalizer } from './normalize.ts';
import { createPreTokenizer } from './pre-tokenize.ts';
import { unigramEncoder, type WordEncoder, wordPieceEncoder } from './word-models.ts';

/** What comes from beside the definition: roles of tokens and the chat template. */
interface TokenizerRoles {
  readonly special: SpecialTokens;
  readonly stopIds: readonly number[];
  readonly chat: ChatTemplate | null;
}

/** Words kept with their ids; the whole map is dropped when full, which costs less than keeping it in order of use. */
const CACHE_WORDS = 1 << 16;
const CACHE_WORD_LENGTH = 128;
const SPACE_MARK = '\u2581';

/**
 * Makes a tokenizer. `where` names the file in errors. Throws AppError for stages that Fettle does not know; encoding and decoding throw
 * TOO_MUCH where a stage goes beyond its limits.
 */
export function createTokenizer(
  definition: TokenizerDefinition,
  roles: TokenizerRoles,
  where: string,
): Tokenizer {
  checkTokens(definition.model.tokens, definition.addedTokens, where);
  const names = tokenNames(definition);
  const ids = idTable(definition);
  const limited = limiterOf([definition.decoder], where);
  const specialIds = new Set(
    definition.addedTokens.filter((token) => token.special).map((token) => token.id),
  );
  const decodeTokens = createDecoder(definition.decoder, where);
  const affixes = affixesOf(definition.postProcessor, where);
  const encodeText = createEncoder(definition, where);

  return {
    vocabSize: names.length,
    longestToken: names.reduce((most, token) => Math.max(most, token?.length ?? 0), 1),
    special: roles.special,
    stopIds: roles.stopIds,
    chat: roles.chat,
    encode(text, options) {
      const addSpecial = options?.addSpecial === true;
      const { before, after } = addSpecial ? affixes : NO_AFFIXES;
      const out: number[] = [...before];
      encodeText(text.toWellFormed(), out);
      const room = (options?.atMost ?? Number.POSITIVE_INFINITY) - after.length;
      if (out.length > room) out.length = Math.max(before.length, room);
      out.push(...after);
      return out;
    },
    decode(tokenIds, options) {
      const skip = options?.skipSpecial === true;
      const tokens: string[] = [];
      for (const id of tokenIds) {
        const name = names[id];
        if (name !== undefined && !(skip && specialIds.has(id))) tokens.push(name);
      }
      return limited(tokens.length, () => decodeTokens(tokens));
    },
    idOf: (token) => ids.get(token),
  };
}

/** Appends the ids of `text` to `out`: added tokens first, then normalisation, then words. */
function createEncoder(
  definition: TokenizerDefinition,
  where: string,
): (text: string, out: number[]) => void {
  const limited = limiterOf([definition.normalizer, definition.preTokenizer], where);
  const normalize = createNormalizer(definition.normalizer, where);
  const encodeWords = createWordEncoder(definition, where);
  const raw = (token: AddedToken) => !token.normalized || normalize === null;
  const splitRaw = addedTokenSplitter(definition.addedTokens.filter(raw));
  const normalizedTokens = definition.addedTokens.filter((token) => !raw(token));
  const splitNormalized = addedTokenSplitter(normalizedTokens, ({ content }) =>
    normalize === null ? content : limited(content.length, () => normalize(content)),
  );

  const encode = (text: string, out: number[]) => {
    for (const section of splitRaw(text)) {
      if (section.id !== null) {
        out.push(section.id);
        continue;
      }
      const normal = normalize === null ? section.text : normalize(section.text);
      for (const part of splitNormalized(normal)) {
        if (part.id !== null) out.push(part.id);
        else encodeWords(part.text, section.start === 0 && part.start === 0, out);
      }
    }
  };
  return (text, out) => limited(text.length, () => encode(text, out));
}

function createWordEncoder(definition: TokenizerDefinition, where: string) {
  const { model } = definition;
  const { cut, byteLevel } = createPreTokenizer(definition.preTokenizer, where);
  const starts = byteLevel || model.kind !== 'bpe' ? null : wordStarts(model);
  const encode = encoderOf(model, byteLevel);
  const cache = new Map<string, readonly number[]>();

  const encodeWord = (word: string): readonly number[] => {
    const ids = encode(word);
    if (word.length <= CACHE_WORD_LENGTH) {
      if (cache.size >= CACHE_WORDS) cache.clear();
      cache.set(detach(word), ids);
    }
    return ids;
  };
  return (text: string, first: boolean, out: number[]): void => {
    for (const piece of cut(text, first)) {
      for (const word of starts === null ? [piece] : piece.split(starts)) {
        for (const id of cache.get(word) ?? encodeWord(word)) out.push(id);
      }
    }
  };
}

function encoderOf(model: ModelDefinition, byteLevel: boolean): WordEncoder {
  const encode =
    model.kind === 'bpe'
      ? bpeEncoder(model)
      : model.kind === 'wordpiece'
        ? wordPieceEncoder(model)
        : unigramEncoder(model);
  return byteLevel ? (word) => encode(toByteAlphabet(word)) : encode;
}

function bpeEncoder(definition: BpeDefinition): WordEncoder {
  const model = createModel(definition);
  const unkId = definition.unkToken === null ? undefined : model.tokens_to_ids.get(definition.unkToken);
  return (word) =>
    model([word]).flatMap((token) => {
      const id = model.tokens_to_ids.get(token) ?? unkId;
      return id === undefined ? [] : [id];
    });
}

/** Characters that may stand before a mark within a token; more would make the cutting slower than what it saves. */
const MAX_CROSSINGS = 100;

/**
 * Where a text of a SentencePiece vocabulary can be cut into words: before a space mark, unless a token has the mark after that very
 * character (Gemma's `>\u2581</`). No merge crosses there, so cutting changes nothing but the time. Null where it would.
 */
function wordStarts({ tokens }: BpeDefinition): RegExp | null {
  if (!tokens.includes(SPACE_MARK)) return null;
  const crossing = new Set<string>();
  for (const token of tokens)
    for (const [, before] of token?.matchAll(/([^\u2581])(?=\u2581)/gu) ?? []) crossing.add(before!);
  if (crossing.size > MAX_CROSSINGS) return null;
  const codes = [...crossing].map((char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
  return new RegExp(`(?<=[^\u2581${codes.join('')}])(?=\u2581)`, 'u');
}

function createModel(model: BpeDefinition): BpeModel {
  const vocab: Record<string, number> = Object.create(null);
  model.tokens.forEach((token, id) => {
    if (token !== undefined) vocab[token] ??= id;
  });
  return new BPE({
    type: 'BPE',
    vocab,
    merges: model.merges,
    unk_token: model.unkToken,
    fuse_unk: model.fuseUnk,
    byte_fallback: model.byteFallback,
    ignore_merges: model.ignoreMerges,
    end_of_word_suffix: model.endOfWordSuffix,
  });
}

/** A copy that does not keep the text it was cut from alive. */
function detach(word: string): string {
  return Buffer.from(word, 'utf16le').toString('utf16le');
}

function tokenNames(definition: TokenizerDefinition): (string | undefined)[] {
  const names = [...definition.model.tokens];
  for (const token of definition.addedTokens) names[token.id] = token.content;
  return names;
}

function idTable(definition: TokenizerDefinition): Map<string, number> {
  const ids = new Map<string, number>();
  definition.model.tokens.forEach((token, id) => {
    if (token !== undefined && !ids.has(token)) ids.set(token, id);
  });
  for (const token of definition.addedTokens) ids.set(token.content, token.id);
  return ids;
}
