/** What a model wrote of a passage: whether its quote stands there, and whether such a row is there already. */
import { z } from 'zod';
import type { LeftOut } from '../../../../common/protocol/protocol.ts';
import { LANES, NEAR, shinglesOf, similarity, writeSignature } from '../doctor/minhash.ts';
import { wordsOf } from './passages.ts';

const text = z.string().trim().min(1);
/** In this order it is written: what is said comes before what is asked of it. */
const Written = z.object({ quote: text, question: text, answer: text });
export type Written = z.output<typeof Written>;

const limited = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;

/** What llama.cpp holds the model to: a small one neither copies without a mistake nor ends by itself. */
export function writtenSchema(quotes: readonly string[]) {
  return {
    type: 'object',
    properties: { quote: { enum: quotes }, question: limited(200), answer: limited(300) },
    required: ['quote', 'question', 'answer'],
  };
}

/** Fewer words stand in any text. */
const LEAST_QUOTED = 3;
const MOST_QUOTED_CHARS = 300;
/** Share of an answer's longer words that the passage has, too. */
const LEAST_KNOWN = 0.6;
const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** The row in what the model wrote; null where there is none. */
export function written(json: string): Written | null {
  try {
    return Written.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** Sentences of a passage that can be quoted. */
export function quotable(passage: string): string[] {
  const found = passage
    .split('\n')
    .flatMap((line) => [...sentences.segment(line)].map(({ segment }) => segment.trim()));
  return [...new Set(found)].filter((one) => wordsOf(one) >= LEAST_QUOTED && one.length <= MOST_QUOTED_CHARS);
}

/** Why a row doesn't rest on its passage; null where it does. */
export function ungrounded({ quote, question, answer }: Written, passage: string): LeftOut | null {
  const quoted = plain(quote).replace(/^["'\s]+|["'\s.…]+$/g, '');
  if (wordsOf(quoted) < LEAST_QUOTED || !plain(passage).includes(quoted)) return 'unquoted';
  if (plain(question) === plain(answer)) return 'unwritten';
  const [numbers, stems] = [new Set(numbersOf(passage)), new Set(stemsOf(passage))];
  const said = stemsOf(answer);
  const known = said.filter((stem) => stems.has(stem)).length;
  const isKnown = numbersOf(`${question}\n${answer}`).every((number) => numbers.has(number));
  return isKnown && known >= LEAST_KNOWN * said.length ? null : 'foreign';
}

/** Beginnings of the words that carry meaning, which long words mostly do: `cleaning` is `cleaned`. */
function stemsOf(given: string): string[] {
  const long = plain(given).match(/\p{L}{4,}/gu) ?? [];
  return long.map((word) => word.slice(0, 5));
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
