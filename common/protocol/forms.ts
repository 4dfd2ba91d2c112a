/** What the engine tells the forms of the app: the settings that a run has, and rows as the model sees them. */

/** One setting of a run, for the switch "All settings": from the schema of run.json. */
export interface SettingInfo {
  /** With a dot for settings of LoRA: `lora.rank`. */
  readonly name: string;
  readonly about: string;
  readonly group: string;
  readonly kind: 'number' | 'integer' | 'boolean' | 'choice' | 'text';
  readonly choices: readonly string[];
  readonly min: number | null;
  readonly max: number | null;
  /** The default in words where it is not one value ("2e-4 for lora, 2e-5 for full"). */
  readonly fallback: string;
}

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
