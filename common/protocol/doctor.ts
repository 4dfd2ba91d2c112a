/** What the data doctor found and did. */

/** A place in the data and what stands there: one line, secrets masked. */
export interface DoctorExample {
  /** What a person finds the row by, such as `rows.jsonl:12`. */
  readonly where: string;
  readonly text: string;
  /** The row that this one is to be compared with: its copy, its other answer. */
  readonly beside?: { readonly where: string; readonly text: string };
}

/** What a fix would do to one row; `after` is null where the row is left out. */
export interface DoctorPreview {
  readonly where: string;
  readonly before: string;
  readonly after: string | null;
}

/** One thing that is wrong with the data. */
export interface DoctorFinding {
  readonly code: string;
  readonly title: string;
  readonly severity: 'harm' | 'warning' | 'note';
  readonly rows: number;
  /** `rows` over all readable rows (over all rows for unreadable ones). */
  readonly share: number;
  readonly why: string;
  /** The facts of this file in a sentence or two; empty where there are none. */
  readonly detail: string;
  readonly examples: readonly DoctorExample[];
  readonly fix: (DoctorFix & { readonly preview: readonly DoctorPreview[] }) | null;
}

/** What a person can have done about a finding. */
export interface DoctorFix {
  /** What `--fix` calls it: the finding's code. */
  readonly name: string;
  readonly does: string;
  /** Whether `--fix all` includes it: nothing that a person may want to keep is lost. */
  readonly safe: boolean;
  /** Another fix of the same finding, a row of its own in the table of fixes; never part of `all`. */
  readonly instead?: { readonly name: string; readonly does: string };
}

/** What fixes have done, or with `--preview` would do. */
export interface DoctorRepair {
  /** The new file and the file that undoes it; null for a preview. */
  readonly out: string | null;
  readonly undo: string | null;
  /** Rows of the new file, those of them that were changed, and rows that were left out (unreadable ones not counted). */
  readonly keptRows: number;
  readonly changedRows: number;
  readonly droppedRows: number;
  readonly unreadableRows: number;
  readonly fixes: readonly { readonly name: string; readonly changed: number; readonly dropped: number }[];
}

/** What `fettle data check` prints: the findings, worst first, and what was seen of the rows. */
export interface DoctorReport {
  readonly files: readonly string[];
  readonly rows: number;
  readonly unreadable: number;
  readonly findings: readonly DoctorFinding[];
  /** What the reader decided: encodings, the meaning of columns. */
  readonly notes: readonly string[];
  readonly lengths: {
    /** Whether a model's tokenizer counted the tokens, or they are estimated from the characters. */
    readonly counted: boolean;
    readonly tokens: number;
    readonly median: number;
    readonly most: number;
    /** Rows with at most `upTo` tokens and more than the entry before. */
    readonly histogram: readonly { readonly upTo: number; readonly rows: number }[];
  };
  /** Values of answers that are labels, by field (null: the whole answer), most rows first. */
  readonly labels: readonly {
    readonly field: string | null;
    readonly values: readonly { readonly value: string; readonly rows: number }[];
  }[];
  readonly repair: DoctorRepair | null;
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** What `fettle data undo` has put back. */
export interface DoctorUndo {
  readonly out: string;
  /** Rows of the restored file, and those of them that the fixes had changed or left out. */
  readonly rows: number;
  readonly restoredRows: number;
  /** Rows that could not be read, which only the original file has. */
  readonly unreadableRows: number;
}
