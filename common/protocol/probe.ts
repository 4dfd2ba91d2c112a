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
  /** A file that gets a trace of the steps; with it the figures hold a profile. */
  readonly trace?: string;
}

/** Where the time of a step goes: means over the steps that count, all figures of one step. */
export interface ProfileResult {
  /** Steps that count: the first one runs on new memory and does not. */
  readonly steps: number;
  readonly stepMs: number;
  readonly tokens: number;
  /** In graphs, and of that in their kernels; the rest of a step is batches, the update and copies. */
  readonly graphMs: number;
  readonly kernelMs: number;
  readonly rows: readonly ProfileRow[];
}

/** All nodes of one operation in one place of the model. */
export interface ProfileRow {
  /** Of the graph, such as `matmul`; empty for what the executor added. */
  readonly operation: string;
  /** Where in the model, without the number of the layer: `mlp.up_proj`. */
  readonly module: string;
  /** Counted from 0; null outside of the layers. */
  readonly layer: number | null;
  readonly pass: 'forward' | 'backward';
  /** The executor's names for what it computed. */
  readonly kernels: readonly string[];
  /** Nodes of the graph. */
  readonly count: number;
  readonly ms: number;
  readonly flops: number;
  /** Read and written, as if nothing stayed in a cache. */
  readonly bytes: number;
}

/** What a run took that was tried out. */
export interface ProbeFigures {
  /** Steps that were taken before and do not count. */
  readonly warmSteps: number;
  /** Seconds of each step that counts, in their order. */
  readonly stepSeconds: readonly number[];
  /** One evaluation; null where no rows are held out. */
  readonly evaluation: ProbedEvaluation | null;
  readonly profile?: ProfileResult;
}

export interface ProbedEvaluation {
  /** Of the whole evaluation, in seconds: what was measured, and for the rest as long a batch. */
  readonly seconds: number;
  /** Batches that were measured, and all there are. */
  readonly measuredBatches: number;
  readonly batches: number;
}
