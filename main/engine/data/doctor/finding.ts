/**
 * What a check of the data doctor is made of. Each finding has the words that people read and the code that looks, beside others of its kind;
 * `table.ts` lists them by the harm they do.
 */
import type { DoctorFix } from '../../../../common/protocol/protocol.ts';
import type { LooseRow } from '../rows/loose-row.ts';
import { mix32 } from '../rows/rng.ts';
import { GrowingU32 } from '../tokens/token-writer.ts';
import type { Corpus, Hashes } from './corpus.ts';
import { NearIndex } from './minhash.ts';
import type { Measure } from './row-parts.ts';

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
interface SeenRow {
  readonly row: LooseRow;
  readonly where: string;
  /** Tokens of the whole row, and whether an answer reaches beyond the length limit. */
  readonly tokens: number;
  readonly isCut: boolean;
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
  readonly heldOut: number;
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
  #firstEqual: Uint32Array | undefined;
  #nearLeader: Uint32Array | undefined;

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
  get firstEqual(): Uint32Array {
    if (this.#firstEqual) return this.#firstEqual;
    const { rows, content } = this.corpus;
    const known = new FirstRows(content);
    const first = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) first[row] = this.gone[row] ? row : known.firstOf(row);
    this.#firstEqual = first;
    return first;
  }

  /**
   * [rows] the row that this one repeats, exactly or nearly; the row itself where it is the first of its kind. Rows that
   * repeat something are not compared with others, so a kept row is never nearly equal to another kept one.
   */
  get nearLeader(): Uint32Array {
    if (this.#nearLeader) return this.#nearLeader;
    const { rows, signatures, salts, comparable } = this.corpus;
    const index = new NearIndex(signatures, salts);
    const first = this.firstEqual;
    const leader = new Uint32Array(rows);
    for (let row = 0; row < rows; row++) {
      leader[row] = first[row] === row ? row : leader[first[row]!]!;
      if (leader[row] !== row || this.gone[row] || !comparable[row]) continue;
      const near = index.find(signatures.at(row), salts[row]!);
      if (near >= 0) leader[row] = near;
      else index.add(row);
    }
    this.#nearLeader = leader;
    return leader;
  }

  /** An index of the rows that are the first of their kind, to look rows of another file up in. */
  leaderIndex(): { find(of: Corpus, row: number): number } {
    const { rows, signatures, salts, comparable, content } = this.corpus;
    const near = new NearIndex(signatures, salts);
    const equal = new FirstRows(content);
    const leader = this.nearLeader;
    for (let row = 0; row < rows; row++) {
      equal.firstOf(row);
      if (leader[row] === row && comparable[row]) near.add(row);
    }
    return {
      find: (of, row) => {
        const same = equal.find(of.content.low[row]!, of.content.high[row]!);
        if (same >= 0 || !of.comparable[row]) return same;
        return near.find(of.signatures.at(row), of.salts[row]!);
      },
    };
  }
}

/** The numbers for which `keep` holds, ascending. */
export function rowsWhere(rows: number, keep: (row: number) => boolean): Uint32Array {
  const found = new GrowingU32();
  for (let row = 0; row < rows; row++) if (keep(row)) found.push(row);
  return found.toArray();
}

/** An open-addressing hash table from 64-bit hashes to the first row that has them; the hashes stay where they are. */
export class FirstRows {
  readonly #hashes: Hashes;
  /** Row number + 1; 0 is an empty slot. */
  readonly #row: Uint32Array;
  readonly #mask: number;

  constructor(hashes: Hashes) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, hashes.low.length * 1.5)));
    this.#hashes = hashes;
    this.#row = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  /** The row that had the hash of `row` first: `row` itself where it is new, and is remembered then. */
  firstOf(row: number): number {
    const slot = this.#slotOf(this.#hashes.low[row]!, this.#hashes.high[row]!);
    this.#row[slot] ||= row + 1;
    return this.#row[slot]! - 1;
  }

  /** The row that had this hash first, or -1. */
  find(low: number, high: number): number {
    return this.#row[this.#slotOf(low, high)]! - 1;
  }

  #slotOf(low: number, high: number): number {
    const { low: lows, high: highs } = this.#hashes;
    let slot = mix32(low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    for (let row = this.#row[slot]!; row !== 0; row = this.#row[slot]!) {
      if (lows[row - 1] === low && highs[row - 1] === high) break;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }
}
