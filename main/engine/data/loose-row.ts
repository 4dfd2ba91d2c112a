/**
 * What a record of a data file says before anything is checked. Readers and schema detection produce it, the doctor
 * looks for faults in it, and only then is it made into a training row: a fault that stopped the reading could be
 * neither counted nor mended.
 */

/** One turn as it stands in the file; the role may be wrong, the content empty. */
export interface LooseTurn {
  readonly role: string;
  readonly content: string;
}

export interface LooseRow {
  /** `completion`: [system,] user, assistant. `text`: one turn of the role `text`. */
  readonly kind: 'chat' | 'completion' | 'text';
  readonly turns: readonly LooseTurn[];
  /** Turns at the start that are never trained on. */
  readonly contextTurns?: number;
}

/** A row with its place: `where` is what a person finds it by (`rows.jsonl:12`, `book.xlsx, row 12`). */
export interface PlacedRow {
  readonly row: LooseRow;
  readonly where: string;
  /** Counted from 0 over all files, rows that could not be read included. */
  readonly index: number;
  /** Bytes of all files up to the end of this record, for progress. */
  readonly doneBytes: number;
}
