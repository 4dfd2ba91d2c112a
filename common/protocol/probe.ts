/** A run that is tried out: a few real steps and a look at held-out rows, of which nothing is kept. */

/** How far a run is tried out. */
export interface ProbeLimits {
  /** Steps whose time counts. */
  readonly steps: number;
  /**
   * Before them steps are taken on memory that nobody has used yet, for so many seconds and at most so many steps; none where the first
   * one alone takes longer, which then is one of those that count.
   */
  readonly warmSeconds: number;
  readonly mostWarmSteps: number;
  /** After so many seconds no further batch of held-out rows is begun: batches are alike, so a part of them tells of all. */
  readonly evaluationSeconds: number;
}

/** What a run took that was tried out. */
export interface ProbeFigures {
  /** Steps that were taken before and do not count. */
  readonly warmSteps: number;
  /** Seconds of each step that counts, in their order. */
  readonly stepSeconds: readonly number[];
  /** One evaluation; null where no rows are held out. */
  readonly evaluation: ProbedEvaluation | null;
}

export interface ProbedEvaluation {
  /** Of the whole evaluation, in seconds: what was measured, and for the rest as long a batch. */
  readonly seconds: number;
  /** Batches that were measured, and all there are. */
  readonly measuredBatches: number;
  readonly batches: number;
}
