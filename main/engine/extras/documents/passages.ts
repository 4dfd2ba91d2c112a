/** Documents cut into passages that are long enough to ask about and short enough to read at once. */

import { z } from 'zod';
import type { LeftOut } from '../../../../common/extras/documents/news.ts';
import { isUnspaced } from '../../../rows/doctor/language.ts';
import { LANES, NEAR, shinglesOf, similarity, writeSignature } from '../../../rows/doctor/minhash.ts';
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

const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** Words of a text; of scripts without spaces two characters count as one. */
export function wordsOf(text: string): number {
  const unspaced = text.match(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/gu)?.length ?? 0;
  const spaced = text
    .match(/[\p{L}\p{N}]+/gu)
    ?.filter((word) => !/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(word));
  return (spaced?.length ?? 0) + Math.ceil(unspaced / 2);
}

export function passagesOf(blocks: readonly Block[], most = MOST_WORDS): Passage[] {
  const cutter = new Cutter(most);
  for (const block of blocks) cutter.take(block);
  return cutter.end();
}

class Cutter {
  readonly #most: number;
  readonly #least: number;
  readonly #done: Passage[] = [];
  #headings: { readonly level: number; readonly text: string }[] = [];
  #parts: string[] = [];
  #words = 0;
  #heading = '';
  #page: number | null = null;

  constructor(most: number) {
    this.#most = most;
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
    if (this.#words >= FEW_WORDS) this.#done.push(passage);
    [this.#parts, this.#words] = [[], 0];
  }
}

/** What a model wrote of a passage: whether its quote stands there, and whether such a row is there already. */

const text = z.string().trim().min(1);
/** In this order it is written: what is said comes before what is asked of it. */
const Written = z.object({ quote: text, question: text, answer: text });
export type Written = z.output<typeof Written>;

const MOST_ANSWER_CHARS = 300;
const limited = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;

/** What llama.cpp holds the model to: a small one neither copies without a mistake nor ends by itself. */
export function writtenSchema(quotes: readonly string[]) {
  return {
    type: 'object',
    properties: { quote: { enum: quotes }, question: limited(200), answer: limited(MOST_ANSWER_CHARS) },
    required: ['quote', 'question', 'answer'],
  };
}

/** Fewer words stand in any text. */
const LEAST_QUOTED = 3;
const MOST_QUOTED_CHARS = 300;
/** Share of an answer's longer words that the passage has, too. */
const LEAST_KNOWN = 0.6;

/** The row in what the model wrote; null where there is none, or where it did not find an end. */
export function written(json: string): Written | null {
  try {
    const row = Written.parse(JSON.parse(json));
    const said = sentencesOf(row.answer).map(plain);
    const isEndless = row.answer.length > 0.95 * MOST_ANSWER_CHARS || new Set(said).size < said.length;
    return isEndless || plain(row.question) === plain(row.answer) ? null : row;
  } catch {
    return null;
  }
}

function sentencesOf(given: string): string[] {
  return [...sentences.segment(given)].map(({ segment }) => segment.trim());
}

/** Sentences of a passage that can be quoted. */
export function quotable(passage: string): string[] {
  const found = passage.split('\n').flatMap(sentencesOf);
  return [...new Set(found)].filter((one) => wordsOf(one) >= LEAST_QUOTED && one.length <= MOST_QUOTED_CHARS);
}

/** Why a row doesn't rest on its passage; null where it does. */
export function ungrounded({ quote, question, answer }: Written, passage: string): LeftOut | null {
  const quoted = plain(quote).replace(/^["'\s]+|["'\s.…]+$/g, '');
  if (wordsOf(quoted) < LEAST_QUOTED || !plain(passage).includes(quoted)) return 'unquoted';
  const [numbers, stems] = [new Set(numbersOf(passage)), new Set(stemsOf(passage))];
  const said = stemsOf(answer);
  const known = said.filter((stem) => stems.has(stem)).length;
  const isKnown = numbersOf(`${question}\n${answer}`).every((number) => numbers.has(number));
  const asksOfIt = stemsOf(question).some((stem) => stems.has(stem)) || stemsOf(question).length === 0;
  return isKnown && asksOfIt && known >= LEAST_KNOWN * said.length ? null : 'foreign';
}

/** Beginnings of the longer words, which mostly carry the meaning: `cleaning` is `cleaned`. Where no spaces are written, pairs of letters. */
function stemsOf(given: string): string[] {
  const letters = plain(given);
  if (!isUnspaced(letters)) return (letters.match(/\p{L}{4,}/gu) ?? []).map((word) => word.slice(0, 4));
  const runs = letters.match(/\p{L}+/gu) ?? [];
  return runs.flatMap((run) => Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2)));
}

/** One spelling of what may be written in several ways: quotes, dashes, white space, capitals. */
function plain(given: string): string {
  return given
    .normalize('NFKC')
    .replace(/\u00ad/g, '')
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’‚]/g, "'")
    .replace(/[‐-―−]/g, '-')
    .replace(/\s+/g, ' ')
    .toLowerCase()
    .trim();
}

function numbersOf(given: string): string[] {
  return given.normalize('NFKC').match(/\d+(?:[.,:]\d+)*/g) ?? [];
}

/** Rows that are kept, so that none comes twice or nearly so. */
export class Distinct {
  readonly #questions = new Set<string>();
  readonly #signatures: Uint16Array[] = [];

  /** Whether the row is new; then it is remembered. */
  add({ question, answer }: Pick<Written, 'question' | 'answer'>): boolean {
    const asked = plain(question).replace(/[?.!\s]+$/, '');
    const signature = new Uint16Array(LANES);
    writeSignature(shinglesOf(`${asked}\n${plain(answer)}`), signature);
    if (this.#questions.has(asked)) return false;
    if (this.#signatures.some((one) => similarity(one, signature) >= NEAR)) return false;
    this.#questions.add(asked);
    this.#signatures.push(signature);
    return true;
  }
}
