/** What a model that writes rows about documents tells and gives. */

/** What comes of documents while a model writes rows of them: a row, and how many passages are done. */
export type DocumentNews =
  | { readonly proposed: ProposedRow }
  | { readonly passages: { readonly done: number; readonly all: number } };

declare module '../../protocol/protocol.ts' {
  interface CallNews {
    readonly documents: DocumentNews;
  }
}

/** A row that a model wrote of a passage of a document; the quote stands in the passage word for word. */
export interface ProposedRow {
  readonly question: string;
  readonly answer: string;
  readonly quote: string;
  readonly passage: string;
  /** The file, and where in it: `manual.pdf, page 3, Cleaning`. */
  readonly source: string;
}

/**
 * Why a proposed row was left out: its quote is not in the passage, its answer says what is not there, there is such a row already, or
 * the model did not write one.
 */
export type LeftOut = 'unquoted' | 'foreign' | 'repeated' | 'unwritten';

/** The result of `fettle rows`. */
export interface RowsResult {
  readonly documents: number;
  readonly passages: number;
  readonly rows: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  readonly out: string | null;
  readonly seconds: number;
}
