/** Documents cut into passages that are long enough to ask about and short enough to read at once. */

import type { Block } from './block.ts';

export interface Passage {
  readonly text: string;
  /** The headings above it, the highest first; empty where there are none. */
  readonly heading: string;
  readonly page: number | null;
  readonly words: number;
}

/** A passage goes on over a heading until it has so many words, and has no more than so many. */
const LEAST_WORDS = 100;
export const MOST_WORDS = 400;
/** Less is the rest of something: a caption, a list of names. */
const FEW_WORDS = 15;

export const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** Words of a text; of scripts without spaces two characters count as one. */
export function wordsOf(text: string): number {
  const unspaced = text.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/gu)?.length ?? 0;
  const spaced = text
    .match(/[\p{L}\p{N}]+/gu)
    ?.filter((word) => !/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(word));
  return (spaced?.length ?? 0) + Math.ceil(unspaced / 2);
}

/** Passages of up to `most` words; what has fewer than `few` is left out. */
export function passagesOf(blocks: readonly Block[], most = MOST_WORDS, few = FEW_WORDS): Passage[] {
  const cutter = new Cutter(most, few);
  for (const block of blocks) cutter.take(block);
  return cutter.end();
}

class Cutter {
  readonly #most: number;
  readonly #least: number;
  readonly #few: number;
  readonly #done: Passage[] = [];
  #headings: { readonly level: number; readonly text: string }[] = [];
  #parts: string[] = [];
  #words = 0;
  #heading = '';
  #page: number | null = null;

  constructor(most: number, few: number) {
    this.#most = most;
    this.#few = few;
    this.#least = Math.min(LEAST_WORDS, most / 4);
  }

  take({ level, text, page }: Block): void {
    if (level > 0) {
      if (this.#words >= this.#least) this.#flush();
      this.#headings = [...this.#headings.filter((one) => one.level < level), { level, text }];
      // a short section goes on in the next one, whose heading then stands in the text
      if (this.#words > 0) this.#parts.push(text);
      return;
    }
    const words = wordsOf(text);
    if (this.#words + words > this.#most && this.#words >= this.#least) this.#flush();
    if (this.#words + words > this.#most) this.#addInPieces(text, page);
    else this.#add(text, words, page);
  }

  end(): Passage[] {
    this.#flush();
    return this.#done;
  }

  #add(text: string, words: number, page: number | undefined): void {
    if (this.#words === 0) {
      this.#heading = this.#headings.map((one) => one.text).join(' › ');
      this.#page = page ?? null;
    }
    this.#parts.push(text);
    this.#words += words;
  }

  /** A paragraph that is too long, by sentences; a sentence that is too long by words. */
  #addInPieces(text: string, page: number | undefined): void {
    let piece = '';
    let words = 0;
    const end = () => {
      if (words > 0) this.#add(piece.trim(), words, page);
      [piece, words] = ['', 0];
    };
    for (const { segment } of sentences.segment(text))
      for (const part of this.#pieces(segment)) {
        const more = wordsOf(part);
        if (this.#words + words + more > this.#most) {
          end();
          this.#flush();
        }
        piece += part;
        words += more;
      }
    end();
  }

  #pieces(sentence: string): string[] {
    if (wordsOf(sentence) <= this.#most) return [sentence];
    const half = sentence.lastIndexOf(' ', sentence.length / 2);
    const at = half > 0 ? half : Math.floor(sentence.length / 2);
    return [sentence.slice(0, at), sentence.slice(at)].flatMap((part) => this.#pieces(part));
  }

  #flush(): void {
    const text = this.#parts.join('\n');
    const passage = { text, heading: this.#heading, page: this.#page, words: this.#words };
    if (this.#words >= this.#few) this.#done.push(passage);
    [this.#parts, this.#words] = [[], 0];
  }
}
