/** What a model wrote of a passage: whether its quote stands there, and whether such a row is there already. */
import { z } from 'zod';
import type { LeftOut } from '../../../../common/protocol/protocol.ts';
import { LANES, NEAR, shinglesOf, similarity, writeSignature } from '../doctor/minhash.ts';
import { wordsOf } from './passages.ts';

const text = z.string().trim().min(1);
/** In this order it is written: what is said comes before what is asked of it. */
const Written = z.object({ quote: text, question: text, answer: text });
export type Written = z.output<typeof Written>;

/** What llama.cpp holds the model to. */
export const WRITTEN_SCHEMA = {
  type: 'object',
  properties: { quote: { type: 'string' }, question: { type: 'string' }, answer: { type: 'string' } },
  required: ['quote', 'question', 'answer'],
} as const;

/** Fewer words stand in any text. */
const LEAST_QUOTED = 3;

/** The row in what the model wrote; null where there is none. */
export function written(json: string): Written | null {
  try {
    return Written.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** Why a row doesn't rest on its passage; null where it does. */
export function ungrounded({ quote, question, answer }: Written, passage: string): LeftOut | null {
  const quoted = plain(quote).replace(/^["'\s]+|["'\s.…]+$/g, '');
  if (wordsOf(quoted) < LEAST_QUOTED || !plain(passage).includes(quoted)) return 'unquoted';
  const known = new Set(numbersOf(passage));
  return numbersOf(`${question}\n${answer}`).every((number) => known.has(number)) ? null : 'foreignNumber';
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
