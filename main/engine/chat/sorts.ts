/** Questions that a sorter was trained for, by their names. */
export interface Decisions {
  readonly questions: readonly DecidedQuestion[];
  /** For each question the probability of each of its options, and the tokens or words that were read once for all. */
  of(
    text: string,
    stop: AbortSignal,
  ): Promise<{ readonly probabilities: readonly (readonly number[])[]; readonly tokens: number }>;
}

export interface DecidedQuestion {
  readonly name: string;
  readonly type: 'choice' | 'score' | 'noul' | 'several';
  /** Of a score from the lowest to the highest; of a noul first yes, then no; of several categories all of them. */
  readonly options: readonly string[];
  /** Of several categories: from which probability on each is given. */
  readonly from?: readonly number[];
}

/** What sorts texts, whoever has opened it. */
export interface Sorts {
  readonly labels: readonly string[];
  /** How it sorts, and what its file takes. */
  readonly kind: string;
  readonly bytes: number;
  /** Of each text how likely each label is, calibrated, and the tokens or words read of all. */
  of(
    texts: readonly string[],
    stop: AbortSignal,
  ): Promise<{ readonly probabilities: readonly (readonly number[])[]; readonly tokens: number }>;
  /** Where a text can have several categories, which are the labels then: from which probability on each is given. */
  readonly from?: readonly number[];
  /** What it answers typed questions by, of each text; missing in a sorter of one kind of categories alone. */
  readonly decisions?: Decisions;
  close(): Promise<void>;
}
