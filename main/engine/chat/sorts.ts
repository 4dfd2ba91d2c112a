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
  close(): Promise<void>;
}
