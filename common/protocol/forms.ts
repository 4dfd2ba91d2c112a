/** What the engine tells the forms of the app: rows as the model sees them, and as they stand in a file. */

/** A row exactly as the model sees it: pieces of its text in order, each a run of tokens with one fate. */
export interface RowPreview {
  readonly where: string;
  readonly tokens: number;
  readonly trainedTokens: number;
  /** Tokens that the length limit cuts off. */
  readonly cutTokens: number;
  readonly pieces: readonly {
    readonly text: string;
    /** Whether the loss counts it. */
    readonly trained: boolean;
    readonly cut: boolean;
    readonly tokens: readonly { readonly id: number; readonly text: string }[];
  }[];
}

/** The table as it is in a file: the first rows before anything is read into them. */
export interface RawTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
