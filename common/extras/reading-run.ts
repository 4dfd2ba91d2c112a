/** Runs of an extra whose models read and don't write. */

export interface KnownRun {
  readonly method: string;
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface ReadingRuns {
  readonly methods: readonly string[];
  /** Lines for a terminal: how it is used, and how it is trained again. */
  next(run: KnownRun): readonly string[];
}
