/** What a reader of one file format is: from the bytes of a file to records with their places. */
import type { AppError } from '../../../../../common/errors.ts';
import type { Source } from './source.ts';

/** Something that was decided while reading and that a person should know. */
export interface DataNote {
  /** `data-encoding`, `data-sheet`, `data-schema`, … */
  readonly code: string;
  readonly message: string;
  /** Set where the file is as documented and nothing had to be guessed: worth a line, but no warning. */
  readonly expected?: true;
}

/** One record as it stands in the file, or what is wrong with it. */
export type RawRecord = {
  /** Its place: `rows.csv:12`, `book.xlsx, row 12`. */
  readonly where: string;
  /** Bytes of the file up to its end, or near it. */
  readonly doneBytes: number;
} & ({ readonly value: unknown; readonly error?: never } | { readonly error: AppError });

export interface ReadingContext {
  readonly signal?: AbortSignal | undefined;
  /** The sheet of workbooks by name; `auto` or left out: the likeliest. */
  readonly sheet?: string | undefined;
  /** How many of a sheet's records would be rows to train on. */
  usableRows?(records: readonly unknown[]): number;
  /** Told of the sheets with something in them, and of the one that is read. */
  onSheets?(sheets: readonly FoundSheet[], chosen: string): void;
  note(note: DataNote): void;
}

/** A sheet of a workbook; `rows` counts those with something in them. */
export interface FoundSheet {
  readonly name: string;
  readonly rows: number;
}

/** Records in order, a few at a time. Throws `AppError` for what is wrong with the file as a whole. */
export type Reader = (source: Source, context: ReadingContext) => AsyncGenerator<readonly RawRecord[]>;
