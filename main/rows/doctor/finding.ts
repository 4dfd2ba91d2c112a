/**
 * What a check of the data doctor is made of. Each finding has the words that people read and the code that looks, beside others of its kind;
 * `table.ts` lists them by the harm they do.
 */
import type { DoctorFix } from '../../../common/protocol/protocol.ts';
import { AllBut, release } from '../compact.ts';
import type { LooseRow } from '../loose-row.ts';
import { mix32 } from '../rng.ts';
import { WordFile } from '../word-file.ts';
import type { Corpus } from './corpus.ts';
import { alikeInABand, NearIndex } from './minhash.ts';
import type { Measure, RowMeasure } from './row-parts.ts';

/** `harm`: training fails or learns something wrong. `warning`: it learns less than it could. `note`: good to know. */
export type Severity = 'harm' | 'warning' | 'note';

export interface FindingKind {
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** Why it harms, in plain words. */
  readonly why: string;
  /** What exactly counts, with the thresholds and their reasons. */
  readonly rule: string;
  readonly fix: DoctorFix | null;
}

/** A row of the first pass, with what other checks have said of it. */
interface SeenRow extends Omit<RowMeasure, 'characters'> {
  readonly row: LooseRow;
  readonly where: string;
  /** Codes of the findings so far that this row belongs to. */
  readonly codes: readonly string[];
}

/** A fault, as a text and a place in it. */
export interface Fault {
  readonly text: string;
  readonly at: number;
}

/** A check that needs one row at a time. */
export interface RowCheck {
  readonly kind: FindingKind;
  find(seen: SeenRow): Fault | null;
  /** The row without the fault; null where it has to be left out. */
  repair?(row: LooseRow, measure: Measure): LooseRow | null;
}

/** A row to show, and the one that it is to be compared with. */
export interface Pair {
  readonly row: number;
  readonly beside?: { readonly row: number; readonly of: 'data' | 'eval' };
}

export interface Conclusion {
  readonly rows: number;
  readonly examples: readonly Pair[];
  /** Rows that the fix leaves out, ascending. */
  readonly drop?: Uint32Array;
  /** The facts of this file in one or two sentences. */
  readonly detail?: string;
  /** Where this file is a milder or a worse case than usual. */
  readonly severity?: Severity;
}

/** A check that needs all rows together. */
export interface CorpusCheck {
  readonly kind: FindingKind;
  conclude(study: Study): Conclusion | null;
}

export type Check = RowCheck | CorpusCheck;

export function isCorpusCheck(check: Check): check is CorpusCheck {
  return 'conclude' in check;
}

/** The check of texts one by one: `find` gives the place of the fault or -1, `clean` takes all faults out. */
export function textCheck(
  kind: FindingKind,
  { find, clean }: { find(text: string, row: LooseRow): number; clean?(text: string, row: LooseRow): string },
): RowCheck {
  return {
    kind,
    find: ({ row }) => {
      for (const { content } of row.turns) {
        const at = find(content, row);
        if (at >= 0) return { text: content, at };
      }
      return null;
    },
    ...(clean && {
      repair: (row: LooseRow) => {
        const turns = row.turns.map((turn) => {
          const content = clean(turn.content, row);
          return content === turn.content ? turn : { ...turn, content };
        });
        return turns.some((turn, i) => turn !== row.turns[i]) ? { ...row, turns } : row;
      },
    }),
  };
}

// What follows from the facts of all rows: which are equal, which nearly so. Computed when the first check asks and kept for the others.
// A study can leave rows out, to see what a file would be like after a fix.

/** What the checks need to know besides the rows. */
export interface StudySettings {
  readonly maxLength: number;
  readonly heldOut: number | undefined;
  readonly seed: number;
  readonly languages: readonly string[];
  readonly minutes?: number;
  readonly tokensPerSecond?: number;
  readonly epochs: number;
}

export class Study {
  readonly corpus: Corpus;
  /** The rows of --eval-data, where it is given. */
  readonly evaluation: Study | null;
  readonly settings: StudySettings;
  /** [rows] 1 for a row that is left out. */
  readonly gone: Uint8Array;
  #firstEqual: WordFile | undefined;
  #leaders: Uint32Array | undefined;

  constructor(
    corpus: Corpus,
    settings: StudySettings,
    evaluation: Study | null = null,
    gone: Uint8Array = new Uint8Array(corpus.rows),
  ) {
    this.corpus = corpus;
    this.settings = settings;
    this.evaluation = evaluation;
    this.gone = gone;
  }

  /** The same rows with those of `gone` left out. */
  without(gone: Uint8Array): Study {
    return new Study(this.corpus, this.settings, this.evaluation, gone);
  }

  /** [rows] the first row with the same content; the row itself where it is the first. */
  get firstEqual(): WordFile {
    this.#firstEqual ??= firstRows(this.corpus.content, (row) => this.gone[row] === 1);
    return this.#firstEqual;
  }

  /**
   * The row that `row` repeats, exactly or nearly; itself where it is the first of its kind. Rows that repeat something are not compared
   * with others, so a kept row is never nearly equal to another kept one.
   */
  leaderOf(row: number): number {
    this.#leaders ??= this.#findLeaders();
    const first = this.firstEqual.at(row);
    return this.#leaders[first] ?? first;
  }

  /** The leaders of the rows that are the first with their content, as far as rows have signatures. */
  #findLeaders(): Uint32Array {
    const { signatures, salts } = this.corpus;
    const first = this.firstEqual;
    const leaders = new AllBut(signatures.length).slice();
    const compared = leaders.filter((row) => first.at(row) === row && !this.gone[row] && signatures.has(row));
    const alike = alikeInABand(signatures, salts, compared);
    release(compared);
    const index = new NearIndex(signatures, salts, alike.length);
    for (const row of alike) {
      const near = index.find(signatures.at(row).slice(), salts.at(row)!);
      if (near >= 0) leaders[row] = near;
      else index.add(row);
    }
    index.close();
    return leaders;
  }

  /** An index of the rows that are the first of their kind, to look rows of another file up in. */
  leaderIndex(): { find(of: Corpus, row: number): number } {
    const { rows, signatures, salts, content } = this.corpus;
    const near = new NearIndex(signatures, salts, signatures.length);
    const equal = new FirstRows(rows);
    for (let row = 0; row < rows; row++) {
      equal.firstOf(content.at(2 * row), content.at(2 * row + 1), row);
      if (signatures.has(row) && this.leaderOf(row) === row) near.add(row);
    }
    return {
      find: (of, row) => {
        const same = equal.find(of.content.at(2 * row), of.content.at(2 * row + 1));
        if (same >= 0 || !of.signatures.has(row)) return same;
        return near.find(of.signatures.at(row), of.salts.at(row)!);
      },
    };
  }
}

/** The numbers for which `keep` holds, ascending. */
export function rowsWhere(rows: number, keep: (row: number) => boolean): Uint32Array {
  let count = 0;
  for (let row = 0; row < rows; row++) if (keep(row)) count++;
  const found = new Uint32Array(count);
  for (let row = 0, filled = 0; filled < count; row++) if (keep(row)) found[filled++] = row;
  return found;
}

/** Hashes that are compared at once: those that begin alike, of many rows. A table of 2^20 slots has room for them. */
const HASHED_AT_ONCE = 600_000;

/** [rows] the first row with the same hash (low and high word of each row in `hashes`); the row itself where it is the first, or `isOut`. */
export function firstRows(hashes: WordFile, isOut: (row: number, low: number) => boolean): WordFile {
  const count = Math.max(1, Math.ceil(hashes.length / 2 / HASHED_AT_ONCE));
  const sizes = new Uint32Array(count);
  for (const words of hashes) for (let i = 0; i < words.length; i += 2) sizes[words[i]! % count]!++;
  const known = new FirstRows(Math.max(...sizes));
  const parts = Array.from(sizes, () => new WordFile());
  for (const [part, first] of parts.entries()) {
    known.clear();
    let row = 0;
    for (const words of hashes) {
      for (let i = 0; i < words.length; i += 2, row++) {
        const [low, high] = [words[i]!, words[i + 1]!];
        if (low % count === part) first.push(isOut(row, low) ? row : known.firstOf(low, high, row));
      }
    }
  }
  known.close();
  const first = new WordFile();
  const read = new Uint32Array(count);
  for (const words of hashes) {
    for (let i = 0; i < words.length; i += 2) {
      const part = words[i]! % count;
      first.push(parts[part]!.at(read[part]!++));
    }
  }
  for (const part of parts) part.close();
  return first;
}

/** Words of a slot: the hash, and 1 + the row; 0 is an empty one. */
const SLOT = 3;

/** An open-addressing hash table from 64-bit hashes to the first row that has them, with room for `most` of them. */
class FirstRows {
  readonly #slots: Uint32Array;
  readonly #mask: number;

  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, most * 1.5)));
    this.#slots = new Uint32Array(SLOT * slots);
    this.#mask = slots - 1;
  }

  clear(): void {
    this.#slots.fill(0);
  }

  close(): void {
    release(this.#slots);
  }

  /** The row that had this hash first: `row` itself where it is new, and is remembered then. */
  firstOf(low: number, high: number, row: number): number {
    const at = this.#placeOf(low, high);
    if (this.#slots[at + 2] === 0) {
      this.#slots[at] = low;
      this.#slots[at + 1] = high;
      this.#slots[at + 2] = row + 1;
    }
    return this.#slots[at + 2]! - 1;
  }

  /** The row that had this hash first, or -1. */
  find(low: number, high: number): number {
    return this.#slots[this.#placeOf(low, high) + 2]! - 1;
  }

  #placeOf(low: number, high: number): number {
    let slot = mix32(low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    for (let at = SLOT * slot; ; at = SLOT * slot) {
      const isEmpty = this.#slots[at + 2] === 0;
      if (isEmpty || (this.#slots[at] === low && this.#slots[at + 1] === high)) return at;
      slot = (slot + 1) & this.#mask;
    }
  }
}
