/**
 * What is remembered of every row: hashes, a signature and a few small numbers, about 500 bytes however long the row is.
 * All checks that compare rows work on this, so the texts are never held together.
 */
import type { LooseRow } from '../rows/loose-row.ts';
import { GrowingU32 } from '../tokens/token-writer.ts';
import {
  answerKey,
  caseless,
  comparable,
  countWords,
  isCompleteWord,
  type LanguageGuess,
  numbersIn,
  questionKey,
  wordsIn,
} from './language.ts';
import { hash32, hash64, NO_HASH, Signatures, shinglesOf, writeSignature } from './minhash.ts';
import { answersOf, identityOf, questionAndAnswer, type RowMeasure, wholeText } from './row-parts.ts';

/** With fewer pieces than this, one other letter makes a large part of a text: such rows are only compared whole. */
const FEWEST_SHINGLES = 24;
/** In longer texts a number (a date, a counter) may differ and the row still says the same. */
const NUMBERS_MATTER_CHARS = 600;
/** Answers up to this length are values, in which marks count; of longer ones only the words. */
const SHORT_ANSWER_CHARS = 40;
/** Beyond this many rows signatures would take too much memory. */
export const MOST_SIGNED_ROWS = 1_000_000;

/** Two words for each row. */
class GrowingHashes {
  readonly low = new GrowingU32();
  readonly high = new GrowingU32();

  push({ low, high }: { low: number; high: number }): void {
    this.low.push(low);
    this.high.push(high);
  }

  toArrays(): Hashes {
    return { low: this.low.toArray(), high: this.high.toArray() };
  }
}

/** [rows] each; both 0 where the row has no such part. */
export interface Hashes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** The facts of all rows, by row number (unreadable rows have none). */
export interface Corpus {
  readonly rows: number;
  readonly content: Hashes;
  readonly question: Hashes;
  readonly answer: Hashes;
  /** Rows with different salts are never nearly equal: other numbers, other answers. */
  readonly salts: Uint32Array;
  /** Equal for rows with the same words in the same order. */
  readonly words: Uint32Array;
  readonly signatures: Signatures;
  /** Whether the row is long enough to be compared by its signature. */
  readonly comparable: Uint8Array;
  /** Words of the answer, at most 255; 0 for running text. */
  readonly answerWords: Uint8Array;
  /** Whether the answer is one word that is not an answer by itself. */
  readonly isBareWord: Uint8Array;
  readonly tokens: Uint32Array;
  /** Languages that a row may be in: up to three numbers of `languages`, 8 bits each, likeliest lowest. */
  readonly languageGuesses: Uint32Array;
  readonly labels: LabelTally;
  readonly characters: number;
  readonly textRows: number;
}

/** Collects a corpus row by row. */
export class CorpusBuilder {
  readonly #content = new GrowingHashes();
  readonly #question = new GrowingHashes();
  readonly #answer = new GrowingHashes();
  readonly #salts = new GrowingU32();
  readonly #words = new GrowingU32();
  readonly #marks = new GrowingU32();
  readonly #tokens = new GrowingU32();
  readonly #languages = new GrowingU32();
  readonly #signatures = new Signatures();
  readonly #labels = new LabelTally();
  readonly #guess: (row: LooseRow) => LanguageGuess;
  #characters = 0;
  #textRows = 0;

  constructor(guess: (row: LooseRow) => LanguageGuess) {
    this.#guess = guess;
  }

  get rows(): number {
    return this.#tokens.length;
  }

  add(row: LooseRow, { tokens, characters }: RowMeasure): void {
    const number = this.rows;
    const asked = questionAndAnswer(row);
    const answer = asked === null ? '' : answerKey(asked.answer);
    this.#content.push(hash64(identityOf(row)));
    this.#question.push(asked === null ? NO_HASH : hash64(questionKey(asked.question)));
    this.#answer.push(asked === null ? NO_HASH : hash64(answer));
    const words = asked === null ? 0 : countWords(asked.answer, 255);
    const bare = words === 1 && !isCompleteWord(answer);
    const isSigned = this.#sign(row, answer);
    this.#marks.push(words | (bare ? 0x100 : 0) | (isSigned ? 0x200 : 0));
    this.#tokens.push(tokens);
    this.#languages.push(this.#guess(row).packed);
    this.#characters += characters;
    if (row.kind === 'text') this.#textRows++;
    else if (asked !== null && answersOf(row).length === 1) this.#labels.add(number, asked.answer);
  }

  #sign(row: LooseRow, answer: string): boolean {
    const text = comparable(wholeText(row));
    const numbers = text.length < NUMBERS_MATTER_CHARS ? numbersIn(text) : '';
    const answered = answer.length <= SHORT_ANSWER_CHARS ? answer : wordsIn(comparable(answer));
    this.#salts.push(hash32(`${numbers}\u0000${answered}`));
    this.#words.push(hash32(`${numbersIn(text)}\u0000${wordsIn(text)}`));
    if (this.rows >= MOST_SIGNED_ROWS) return false;
    const shingles = shinglesOf(text);
    const lanes = this.#signatures.next();
    if (shingles.length < FEWEST_SHINGLES) return false;
    writeSignature(shingles, lanes);
    return true;
  }

  /** Everything collected; the builder must not be used afterwards. */
  finish(): Corpus {
    const marks = this.#marks.toArray();
    return {
      rows: this.rows,
      content: this.#content.toArrays(),
      question: this.#question.toArrays(),
      answer: this.#answer.toArrays(),
      salts: this.#salts.toArray(),
      words: this.#words.toArray(),
      signatures: this.#signatures,
      comparable: Uint8Array.from(marks, (mark) => (mark >> 9) & 1),
      answerWords: Uint8Array.from(marks, (mark) => mark & 0xff),
      isBareWord: Uint8Array.from(marks, (mark) => (mark >> 8) & 1),
      tokens: this.#tokens.toArray(),
      languageGuesses: this.#languages.toArray(),
      labels: this.#labels,
      characters: this.#characters,
      textRows: this.#textRows,
    };
  }
}

const MOST_VALUES = 200;
const LONGEST_LABEL = 80;
const KEPT_ROWS = 3;
/** With fewer rows nobody can say whether values repeat. */
const FEWEST_ROWS = 20;
/** A label comes on average at least this often. */
const ROWS_PER_LABEL = 10;

interface LabelCount {
  readonly value: string;
  rows: number;
  /** The first rows with it. */
  readonly examples: number[];
}

/** The values of one thing that answers say: the whole answer, or a field of it. */
export interface LabelTable {
  /** Name of the JSON field; null for the whole answer. */
  readonly field: string | null;
  /** Most rows first. */
  readonly values: readonly LabelCount[];
}

/** Values of one field; null once there are too many of them. */
type Tally = Map<string, LabelCount> | null;

class LabelTally {
  #rows = 0;
  #objects = 0;
  #whole: Tally = new Map();
  readonly #fields = new Map<string, Tally>();

  /** Counts the answer of `row`. */
  add(row: number, answer: string): void {
    this.#rows++;
    const text = answer.trim();
    this.#whole = counted(this.#whole, text, row);
    const fields = fieldsOf(text);
    if (fields === null) return;
    this.#objects++;
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'object' || this.#fields.size > MOST_VALUES) continue;
      const known = this.#fields.get(name);
      this.#fields.set(name, counted(known === undefined ? new Map() : known, String(value), row));
    }
  }

  /** What is labelled in these rows; empty for free text. */
  tables(): LabelTable[] {
    if (this.#rows < FEWEST_ROWS) return [];
    const named = this.#objects > 0.9 * this.#rows ? [...this.#fields] : [[null, this.#whole] as const];
    return named.flatMap(([field, tally]) => {
      if (tally === null || tally.size < 2) return [];
      const values = [...tally.values()].sort((a, b) => b.rows - a.rows);
      const rows = values.reduce((sum, value) => sum + value.rows, 0);
      return values.length <= Math.max(2, rows / ROWS_PER_LABEL) ? [{ field, values }] : [];
    });
  }
}

function counted(tally: Tally, value: string, row: number): Tally {
  if (tally === null || value.length > LONGEST_LABEL) return null;
  const key = caseless(value);
  const known = tally.get(key);
  if (known === undefined) {
    if (tally.size >= MOST_VALUES) return null;
    tally.set(key, { value, rows: 1, examples: [row] });
    return tally;
  }
  known.rows++;
  if (known.examples.length < KEPT_ROWS) known.examples.push(row);
  return tally;
}

function fieldsOf(text: string): Record<string, unknown> | null {
  if (!text.startsWith('{') || text.length > 4096) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
