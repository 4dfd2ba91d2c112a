/** What the ladder knows of a way to sort: what it learns from, what was measured of it, and vectors that are read once. */
import type { SorterRung } from '../../../../common/protocol/protocol.ts';
import type { FoundEncoder } from '../../load/find-encoders.ts';
import type { AnsweredText } from '../answered-text.ts';
import { rateDifference } from '../assess/statistics.ts';
import { accuracyOf } from '../classify/accuracy.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { placeIn } from '../classify/closed-set.ts';
import { setRights } from '../classify/sets.ts';
import type { TextVectors } from '../vectors/vectors.ts';
import type { MeasuredHead } from './head-file.ts';
import { type MeasuredCounter, rightsOf } from './rivals.ts';

/** What one column learns from and is asked. */
export interface LadderColumn {
  readonly answers: readonly string[];
  /** Their answers are among `answers`. */
  readonly taught: readonly AnsweredText[];
  readonly asked: readonly AnsweredText[];
  /** Where these are one of several categories of a text: what all of them are called. */
  readonly of?: string;
}

export interface LadderRows extends LadderColumn {
  readonly seed: number;
  /** Whether `asked` are learned, too, once they have judged: rows held out of the same files, not a test file of the person's. */
  readonly learnsAsked: boolean;
  /** What else is learned of the same texts: further columns. */
  readonly others?: readonly LadderColumn[];
}

/** All rows of a column that have an answer to learn. */
export function allOf({ answers, taught, asked }: LadderColumn): readonly AnsweredText[] {
  const place = placeIn(answers);
  return [...taught, ...asked.filter(({ answer }) => place(answer) >= 0)];
}

/** The columns, the first of which is the rows' own. */
export function columnsOf(rows: LadderRows): readonly LadderColumn[] {
  return [rows, ...(rows.others ?? [])];
}

interface Kept {
  /** Where what is kept has learned the test rows as well, once another one trained without them was judged by them. */
  readonly learnedAsked?: true;
}

/** `folder`: of its encoder; `values`: the parameters in which a trained one differs from that, those of the further columns, too. */
export type HeadSorter = {
  readonly method: 'vectors';
  readonly folder: string;
  readonly values?: ReadonlyMap<string, Float32Array>;
  /** Of further columns. */
  readonly others?: readonly HeadSorter[];
} & MeasuredHead &
  Kept;
type CounterSorter = {
  readonly method: 'words';
  readonly others?: readonly CounterSorter[];
} & MeasuredCounter &
  Kept;
export type MeasuredSorter = CounterSorter | HeadSorter;

export interface ReadingIo {
  readonly threads: number;
  readonly stop: AbortSignal;
  /** What is being done now. */
  phase(rung: Pick<SorterRung, 'method' | 'encoder' | 'trained'>, fraction?: number): void;
}

/** An encoder that has read the texts, and of each column the strengths of regression on its vectors, one for each part. */
export interface ReadBy {
  readonly open: TextVectors;
  readonly reader: Reader;
  readonly encoder: FoundEncoder;
  readonly strengths: readonly (readonly number[])[];
}

/** A way that was measured on rows that it has not seen. */
export interface Tried<Measured extends MeasuredSorter = MeasuredSorter> {
  readonly rung: SorterRung;
  /** Which answers are right, of all columns, one behind the other: the same rows whatever they are learned from. */
  readonly rights: readonly boolean[];
  /** What read the texts, where that was an encoder. */
  readonly read?: ReadBy;
  /** Trains it on all rows and asks the test rows; throws after `stop`. */
  finish(stop: AbortSignal): Promise<Measured>;
  close(): Promise<void>;
}

/** Vectors of texts, each read once. */
export class Reader {
  readonly #open: TextVectors;
  readonly #prompt: string | undefined;
  readonly #stop: AbortSignal;
  readonly #known = new Map<string, Float32Array>();

  constructor(open: TextVectors, prompt: string | undefined, stop: AbortSignal) {
    this.#open = open;
    this.#prompt = prompt;
    this.#stop = stop;
  }

  vectorOf(text: string): Float32Array {
    return this.#known.get(text)!;
  }

  async read(
    texts: readonly string[],
    onFraction: (fraction: number) => void = () => {},
    stop = this.#stop,
  ): Promise<void> {
    const missing = [...new Set(texts)].filter((text) => !this.#known.has(text));
    const vectors = await this.#open.of(missing, {
      ...(this.#prompt !== undefined && { prompt: this.#prompt }),
      stop,
      onProgress: (done, total) => onFraction(done / total),
    });
    for (const [i, text] of missing.entries()) this.#known.set(text, vectors[i]!);
  }
}

/** The sorter of the first column, with those of the others. */
export function withOthers<Sorter extends MeasuredSorter>([first, ...others]: readonly Sorter[]): Sorter {
  return others.length === 0 ? first! : { ...first!, others };
}

/** Columns that are learned as one answer: several categories of a text together, any other column alone. */
export function unitsOf<Column extends { readonly of?: string }>(
  columns: readonly Column[],
): readonly (readonly { readonly column: Column; readonly place: number }[])[] {
  const placed = columns.map((column, place) => ({ column, place }));
  return [...Map.groupBy(placed, ({ column, place }) => column.of ?? place).values()];
}

/** What was tried, of training rows of all columns that it has not seen. */
export function measured(
  way: Pick<SorterRung, 'method' | 'encoder' | 'trained'>,
  rows: LadderRows,
  crossed: readonly (readonly KnownRow[])[],
  before: Tried | null,
  started: number,
): Pick<Tried, 'rung' | 'rights'> {
  const rights = unitsOf(columnsOf(rows)).flatMap((unit) => {
    const known = unit.map(({ place }) => crossed[place]!);
    return unit[0]!.column.of === undefined ? rightsOf({ rows: known[0]! }) : setRights(known);
  });
  const rung = {
    ...way,
    accuracy: accuracyOf(null, rights),
    // all ways were asked the same rows
    gain: before && rateDifference(before.rights, rights),
    seconds: (performance.now() - started) / 1000,
  };
  return { rung, rights };
}
