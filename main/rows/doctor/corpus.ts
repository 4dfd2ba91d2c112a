/**
 * What is remembered of every row: hashes, a signature and a few small numbers, on the disk where there are many rows.
 * All checks that compare rows work on this, so the texts are never held together.
 */

import { isUnconfirmed } from '../about.ts';
import { GrowingCounts } from '../compact.ts';
import { type LooseRow, type LooseTurn, sharedTurns, turnText } from '../loose-row.ts';
import { splitHash } from '../split.ts';
import { WordFile } from '../word-file.ts';
import {
  answerKey,
  caseless,
  comparable,
  countWords,
  isCompleteWord,
  type LanguageGuess,
  numbersIn,
  questionKey,
  UsualLanguage,
  wordsIn,
} from './language.ts';
import { type Hash64, hash32, hash64, NO_HASH, Signatures, shinglesOf, writeSignature } from './minhash.ts';
import {
  answersOf,
  betterAndWorse,
  identityOf,
  questionAndAnswer,
  type RowMeasure,
  wholeText,
} from './row-parts.ts';

/** With fewer pieces than this, one other letter makes a large part of a text: such rows are only compared whole. */
const FEWEST_SHINGLES = 24;
/** In longer texts a number (a date, a counter) may differ and the row still says the same. */
const NUMBERS_MATTER_CHARS = 600;
/** Answers up to this length are values, in which marks count; of longer ones only the words. */
const SHORT_ANSWER_CHARS = 40;
/** Beyond this many rows signatures would take too much disk, and their index too much memory. */
export const MOST_SIGNED_ROWS = 1_000_000;

// The facts of one row, as they come from whoever examined it: words of 32 bits in this order.

const CONTENT = 0;
const QUESTION = 2;
const ANSWER = 4;
const SALT = 6;
const WORDS = 7;
const MARKS = 8;
const TOKENS = 9;
const CHARACTERS = 10;
/** How many they are. */
export const ROW_FACTS = 11;

const BARE_WORD = 0x100;
const SIGNED = 0x200;
const CUT = 0x400;
const JOINED = 0x800;
const UNCONFIRMED = 0x1000;

/** Writes the facts of `row` to `into` [ROW_FACTS] and its signature to `lanes` [LANES], null for a row without one. */
export function rowFacts(
  row: LooseRow,
  { tokens, characters, isCut, joinsBorder }: RowMeasure,
  lanes: Uint16Array | null,
  into: Uint32Array,
): void {
  const asked = questionAndAnswer(row);
  const answer = asked === null ? '' : answerKey(asked.answer);
  setHash(into, CONTENT, hash64(identityOf(row)));
  setHash(into, QUESTION, asked === null ? NO_HASH : hash64(questionKey(asked.question)));
  // answers that are compared or rated may differ as they like
  const isJudged = row.rejected !== undefined || row.rated !== undefined;
  setHash(into, ANSWER, asked === null || isJudged ? NO_HASH : hash64(answer));
  const text = comparable(wholeText(row));
  const numbers = numbersIn(text);
  const answered = answer.length <= SHORT_ANSWER_CHARS ? answer : wordsIn(comparable(answer));
  into[SALT] = hash32(`${text.length < NUMBERS_MATTER_CHARS ? numbers : ''}\u0000${answered}`);
  into[WORDS] = hash32(`${numbers}\u0000${wordsIn(text)}`);
  const words = asked === null ? 0 : countWords(asked.answer, 255);
  const isBare = words === 1 && !isCompleteWord(answer);
  const isSigned = lanes !== null && sign(text, lanes);
  const marks = (isBare ? BARE_WORD : 0) | (isSigned ? SIGNED : 0) | (isCut ? CUT : 0);
  into[MARKS] = words | marks | (joinsBorder ? JOINED : 0) | (isUnconfirmed(row) ? UNCONFIRMED : 0);
  into[TOKENS] = tokens;
  into[CHARACTERS] = characters;
}

function setHash(into: Uint32Array, at: number, { low, high }: Hash64): void {
  into[at] = low;
  into[at + 1] = high;
}

function sign(text: string, lanes: Uint16Array): boolean {
  const shingles = shinglesOf(text);
  if (shingles.length < FEWEST_SHINGLES) return false;
  writeSignature(shingles, lanes);
  return true;
}

/** How long the row of these facts is. */
export function measureIn(facts: Uint32Array): RowMeasure {
  const has = (mark: number) => (facts[MARKS]! & mark) !== 0;
  return {
    tokens: facts[TOKENS]!,
    characters: facts[CHARACTERS]!,
    isCut: has(CUT),
    joinsBorder: has(JOINED),
  };
}

/** The facts of all rows, by row number (unreadable rows have none). */
export class Corpus {
  /** [2 * rows] each: low and high word of a hash, both 0 where the row has no such part. */
  readonly content = new WordFile();
  readonly question = new WordFile();
  readonly answer = new WordFile();
  readonly tokens = new WordFile();
  /** Languages that a row may be in: up to three numbers of `languages`, 8 bits each, likeliest lowest. */
  readonly languageGuesses = new WordFile();
  /** Of the first million rows, as are salts and words. */
  readonly signatures = new Signatures();
  /** Rows with different salts are never nearly equal: other numbers, other answers. */
  readonly salts = new GrowingCounts();
  /** Equal for rows with the same words in the same order. */
  readonly words = new GrowingCounts();
  readonly labels = new LabelTally();
  readonly pairs = new PairTally();
  characters = 0;
  textRows = 0;
  readonly #marks = new WordFile();
  readonly #usual = new UsualLanguage();
  #hasUnconfirmed = false;

  get rows(): number {
    return this.#marks.length;
  }

  /** Words of the answer of a row, at most 255; 0 for running text. */
  answerWords(row: number): number {
    return this.#marks.at(row) & 0xff;
  }

  /** Whether the answer is one word that is not an answer by itself. */
  isBareWord(row: number): boolean {
    return (this.#marks.at(row) & BARE_WORD) !== 0;
  }

  /** Whether nobody has confirmed the answer of a row, which a model gave. */
  isUnconfirmed(row: number): boolean {
    return (this.#marks.at(row) & UNCONFIRMED) !== 0;
  }

  /** [2 * rows] as a training splits them. */
  get splitHashes(): Iterable<Uint32Array> {
    const { content, rows } = this;
    const marked = (row: number) =>
      Uint32Array.from(splitHash([content.at(2 * row), content.at(2 * row + 1)], this.isUnconfirmed(row)));
    function* all() {
      for (let row = 0; row < rows; row++) yield marked(row);
    }
    return this.#hasUnconfirmed ? { [Symbol.iterator]: all } : content;
  }

  /** Adds the next row with its facts, its signature and its language. */
  add(row: LooseRow, facts: Uint32Array, signature: Uint16Array, guess: LanguageGuess): void {
    const number = this.rows;
    this.content.append(facts.subarray(CONTENT, CONTENT + 2));
    this.question.append(facts.subarray(QUESTION, QUESTION + 2));
    this.answer.append(facts.subarray(ANSWER, ANSWER + 2));
    this.tokens.push(facts[TOKENS]!);
    this.languageGuesses.push(this.#usual.remembered(guess));
    this.#marks.push(facts[MARKS]!);
    if (facts[MARKS]! & UNCONFIRMED) this.#hasUnconfirmed = true;
    if (number < MOST_SIGNED_ROWS) {
      this.signatures.add(facts[MARKS]! & SIGNED ? signature : null);
      this.salts.push(facts[SALT]!);
      this.words.push(facts[WORDS]!);
    }
    this.characters += facts[CHARACTERS]!;
    this.pairs.add(number, row);
    if (row.kind === 'text') this.textRows++;
    else if (answersOf(row).length === 1 && row.turns[0]!.role !== 'assistant')
      this.labels.add(number, turnText(row.turns.findLast(({ role }) => role === 'assistant')!));
  }

  /** Gives the disk back. */
  close(): void {
    const { content, question, answer, tokens, languageGuesses, signatures } = this;
    for (const one of [content, question, answer, tokens, languageGuesses, signatures, this.#marks])
      one.close();
  }
}

/** Pairs of which is remembered which answer was found better; about 100 bytes each. */
const MOST_PAIRS = 200_000;
/** A better answer of so many times the characters is shown as an example. */
const MUCH_LONGER = 2;

/** Pairs of a better and a worse answer: their lengths, and those that say the opposite of an earlier one. */
class PairTally {
  count = 0;
  longer = 0;
  betterCharacters = 0;
  worseCharacters = 0;
  /** The first rows whose better answer is much longer. */
  readonly longest: number[] = [];
  readonly contradictions: [first: number, second: number][] = [];
  readonly #known = new Map<string, { readonly row: number; readonly isFirstBetter: boolean }>();

  /** Counts row `number` where it is a pair. */
  add(number: number, row: LooseRow): void {
    const answers = betterAndWorse(row);
    if (!answers) return;
    const { better, worse } = answers;
    this.count++;
    this.betterCharacters += better.length;
    this.worseCharacters += worse.length;
    if (better.length > worse.length) this.longer++;
    if (better.length > MUCH_LONGER * worse.length && this.longest.length < KEPT_ROWS)
      this.longest.push(number);
    this.#compare(number, sharedTurns(row), better.trim(), worse.trim());
  }

  #compare(row: number, question: readonly LooseTurn[], better: string, worse: string): void {
    if (better === worse || this.#known.size >= MOST_PAIRS) return;
    const isFirstBetter = better < worse;
    const texts = [...question.map((turn) => turnText(turn).trim()), ...[better, worse].sort()];
    const { low, high } = hash64(JSON.stringify(texts));
    const key = `${low} ${high}`;
    const before = this.#known.get(key);
    if (!before) this.#known.set(key, { row, isFirstBetter });
    else if (before.isFirstBetter !== isFirstBetter) this.contradictions.push([before.row, row]);
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

  /** Fields, or whole answers, that have the same value wherever they stand. */
  constants(): LabelTable[] {
    return this.#named().flatMap(([field, tally]) => {
      const values = tally?.size === 1 ? [...tally.values()] : [];
      return (values[0]?.rows ?? 0) < FEWEST_ROWS ? [] : [{ field, values }];
    });
  }

  /** What is labelled in these rows; empty for free text. */
  tables(): LabelTable[] {
    return this.#named().flatMap(([field, tally]) => {
      if (tally === null || tally.size < 2) return [];
      const values = [...tally.values()].sort((a, b) => b.rows - a.rows);
      const rows = values.reduce((sum, value) => sum + value.rows, 0);
      return values.length <= Math.max(2, rows / ROWS_PER_LABEL) ? [{ field, values }] : [];
    });
  }

  #named(): (readonly [field: string | null, tally: Tally])[] {
    if (this.#rows < FEWEST_ROWS) return [];
    return this.#objects > 0.9 * this.#rows ? [...this.#fields] : [[null, this.#whole]];
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
