/** What a model wrote of a passage: whether its quote stands there, and whether such a row is there already. */
import { z } from 'zod';
import type { LeftOut } from '../../../../common/extras/documents/news.ts';
import { isUnspaced } from '../../../rows/doctor/language.ts';
import { LANES, NEAR, shinglesOf, similarity, writeSignature } from '../../../rows/doctor/minhash.ts';
import { sentences, wordsOf } from '../../../rows/documents/passages.ts';

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
