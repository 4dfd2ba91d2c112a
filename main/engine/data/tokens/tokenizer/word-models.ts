/** The models of tokenizers that are no byte-pair encoding, from a word to ids: WordPiece (BERT) and Unigram (XLM-RoBERTa). */
import type { UnigramDefinition, WordPieceDefinition } from './definition.ts';

export type WordEncoder = (word: string) => number[];

/** Longest match first; a word that cannot be put together is one unknown token. */
export function wordPieceEncoder(model: WordPieceDefinition): WordEncoder {
  const ids = idsOf(model.tokens);
  const longest = longestIn(model.tokens);
  const unknown = [ids.get(model.unkToken)!];
  return (word) => {
    // a character is at most two units
    if (word.length > model.longestWord && [...word].length > model.longestWord) return unknown;
    const out: number[] = [];
    for (let start = 0; start < word.length; ) {
      const prefix = start === 0 ? '' : model.prefix;
      let end = Math.min(word.length, start + longest);
      let id = ids.get(prefix + word.slice(start, end));
      while (id === undefined && end > start + 1) id = ids.get(prefix + word.slice(start, --end));
      if (id === undefined) return unknown;
      out.push(id);
      start = end;
    }
    return out;
  };
}

/** What an unknown character costs beyond the least likely token. */
const UNKNOWN_PENALTY = 10;

/**
 * The way with the largest sum of scores (Viterbi); of equal ones that whose last token is longest. Neighbouring unknown characters are one
 * token, or their bytes where the vocabulary has those.
 */
export function unigramEncoder(model: UnigramDefinition): WordEncoder {
  const { tokens, scores, unkId, byteFallback } = model;
  const ids = idsOf(tokens);
  const longest = longestIn(tokens);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  const unknown = (text: string): number[] => {
    const bytes = byteFallback ? bytesOf(text).map((byte) => ids.get(byte)) : [];
    if (bytes.length > 0 && bytes.every((id) => id !== undefined)) return bytes;
    return unkId === null ? [] : [unkId];
  };
  return (word) => {
    const size = word.length;
    const best = new Float64Array(size + 1);
    const starts = new Int32Array(size + 1).fill(-1);
    const chosen = new Int32Array(size + 1).fill(-1);
    const offer = (start: number, end: number, score: number, id: number) => {
      if (starts[end]! >= 0 && score <= best[end]!) return;
      [best[end], starts[end], chosen[end]] = [score, start, id];
    };
    for (let start = 0; start < size; ) {
      const next = start + (word.codePointAt(start)! > 0xffff ? 2 : 1);
      let isKnown = false;
      for (let end = next; end <= Math.min(size, start + longest); end++) {
        const id = ids.get(word.slice(start, end));
        if (id === undefined) continue;
        isKnown ||= end === next;
        offer(start, end, best[start]! + scores[id]!, id);
      }
      if (!isKnown) offer(start, next, best[start]! + unknownScore, -1);
      start = next;
    }
    const out: number[][] = [];
    for (let end = size; end > 0; ) {
      let start = starts[end]!;
      // the id of the unknown token may be chosen as a word of its own; it counts as unknown, too
      const isUnknown = (at: number) => chosen[at] === -1 || chosen[at] === unkId;
      if (isUnknown(end)) {
        while (start > 0 && isUnknown(start)) start = starts[start]!;
        out.push(
          ids.has(word.slice(start, end))
            ? [ids.get(word.slice(start, end))!]
            : unknown(word.slice(start, end)),
        );
      } else out.push([chosen[end]!]);
      end = start;
    }
    return out.reverse().flat();
  };
}

function idsOf(tokens: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (token !== undefined && token !== '') ids.set(token, id);
  });
  return ids;
}

function longestIn(tokens: readonly (string | undefined)[]): number {
  return tokens.reduce((most, token) => Math.max(most, token?.length ?? 0), 1);
}

const encoder = new TextEncoder();

/** The bytes of `text` as SentencePiece spells them. */
function bytesOf(text: string): string[] {
  return Array.from(
    encoder.encode(text),
    (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
}
