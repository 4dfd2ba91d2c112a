/**
 * Learns a byte-level BPE vocabulary from texts: Fettle reads tokenizers but had no reason to train one until the
 * practice model. Words are counted once, so the time depends on distinct words and not on the length of the corpus.
 */

/** GPT-2's division of text into words (Radford et al. 2019): contractions, letters, digits, signs, spaces. */
const WORDS = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The printable character that byte-level tokenizers write for each byte: itself, or the next one from U+0100 on. */
export function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

interface Word {
  symbols: string[];
  readonly count: number;
}

/**
 * The merges, in order, that bring the vocabulary to `size` tokens beside `reserved` special ones (Sennrich et al. 2016).
 * Digits are never merged: numbers stay sequences of digits, which a small model computes with more easily.
 */
export function learnMerges(texts: Iterable<string>, size: number, reserved: number): [string, string][] {
  const words = countWords(texts);
  const merges: [string, string][] = [];
  const pairs = new Pairs(words);
  while (reserved + 256 + merges.length < size) {
    const best = pairs.best();
    if (!best) break;
    merges.push(best);
    pairs.merge(best);
  }
  return merges;
}

function countWords(texts: Iterable<string>): Word[] {
  const characters = byteCharacters();
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const [word] of text.matchAll(WORDS)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => ({
    symbols: [...Buffer.from(word, 'utf8')].map((byte) => characters[byte]!),
    count,
  }));
}

/** Neighbouring symbols with how often they occur and in which words. */
class Pairs {
  readonly #words: readonly Word[];
  readonly #counts = new Map<string, number>();
  readonly #places = new Map<string, Set<number>>();

  constructor(words: readonly Word[]) {
    this.#words = words;
    words.forEach((_, index) => {
      this.#count(index, 1);
    });
  }

  /** The commonest pair; of equally common ones the first in code point order, so that the result is always the same. */
  best(): [string, string] | null {
    let best: string | null = null;
    let most = 1;
    for (const [pair, count] of this.#counts)
      if (count > most || (count === most && best !== null && pair < best)) [best, most] = [pair, count];
    return best === null ? null : (best.split(' ') as [string, string]);
  }

  merge([left, right]: [string, string]): void {
    for (const index of this.#places.get(`${left} ${right}`) ?? []) {
      this.#count(index, -1);
      const word = this.#words[index]!;
      word.symbols = joined(word.symbols, left, right);
      this.#count(index, 1);
    }
    this.#counts.delete(`${left} ${right}`);
    this.#places.delete(`${left} ${right}`);
  }

  #count(index: number, sign: 1 | -1): void {
    const { symbols, count } = this.#words[index]!;
    for (let i = 1; i < symbols.length; i++) {
      if (/\d/.test(symbols[i - 1]! + symbols[i]!)) continue;
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + sign * count);
      if (sign < 0) continue;
      const places = this.#places.get(pair) ?? new Set();
      this.#places.set(pair, places.add(index));
    }
  }
}

function joined(symbols: readonly string[], left: string, right: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const isPair = symbols[i] === left && symbols[i + 1] === right;
    result.push(isPair ? left + right : symbols[i]!);
    if (isPair) i++;
  }
  return result;
}
