/** Training of an encoder whose vectors find passages: what it is asked for, and what came of it. */

import type { Estimate, Forgot, Rival, RunEnergy, Score } from '../../protocol/protocol.ts';
import type { RankingScores } from '../../ranking.ts';

/** Something about the rows that a person should know; rows that teach nothing are left out. */
export interface VectorFinding {
  readonly code:
    | 'equal-texts'
    | 'repeated'
    | 'leaks'
    | 'known-passages'
    | 'several-answers'
    | 'wrong-negatives'
    | 'contradictions'
    | 'cut'
    | 'few';
  readonly rows: number;
  readonly message: string;
}

/** A question with the passages that answer it. */
export interface AskedPassages {
  readonly question: string;
  readonly passages: readonly string[];
}

/** Passages of each way of finding that a reranker reads: about 40 of them take a second. */
export const REREAD = 20;

/** What a training is likely to take, told before its first step. */
export interface TrainingPrice {
  /** Estimated from the speed of reading. */
  readonly seconds: number;
  /** The same of measuring afterwards how well test queries are answered. */
  readonly measuringSeconds: number;
  /** Most memory of the process: measured so far, and computed from the steps. */
  readonly bytes: number;
  /** Measured here: tokens of the rows that the encoder reads in a second. */
  readonly tokensPerSecond: number;
}

declare module '../../protocol/protocol.ts' {
  interface CallNews {
    readonly priced: { readonly priced: TrainingPrice };
  }
}

/** What it took, measured. */
export interface TrainingTook {
  readonly price: TrainingPrice;
  /** Of the steps alone. */
  readonly stepSeconds: number;
  readonly tokens: number;
  readonly secondsToFirstStep: number | null;
  readonly peakBytes: number;
  readonly energy: RunEnergy;
}

export interface VectorsTrained {
  readonly out: string;
  readonly bytes: number;
  readonly seconds: number;
  /** `ranked`: queries with their passages; `graded`: pairs with a score. */
  readonly kind: 'ranked' | 'graded';
  readonly rows: { readonly taught: number; readonly held: number; readonly unreadable: number };
  readonly findings: readonly VectorFinding[];
  /** Passages that were found to look right for a query and are not. */
  readonly mined: number;
  /** Taken, of those planned: fewer where it was stopped. */
  readonly steps: number;
  readonly plannedSteps: number;
  /** The mean loss of the first and the last tenth of the steps. */
  readonly losses: { readonly first: number; readonly last: number };
  readonly took: TrainingTook;
  /** Test queries, and the passages that each is asked of. */
  readonly asked: readonly AskedPassages[];
  readonly passages: readonly string[];
  /** Of graded test pairs: how far the order by cosine is that by score (Spearman), before and after. */
  readonly order: { readonly before: number; readonly after: number } | null;
  /** The same of everyday sentences that no row has, and what of it is lost. Null of rerankers, and where it was stopped. */
  readonly general: {
    readonly before: number;
    readonly after: number;
    readonly lost: Estimate;
    readonly forgot: Forgot;
  } | null;
}

/** Training of a reranker; `order` of graded pairs is that of its scores afterwards. */
export interface RerankerTrained extends VectorsTrained {
  /** Of queries and passages that it learned from. */
  readonly pairs: number;
}

/** How well each way finds the passages of a file with questions; `encoder` is null for counting words, or names a reranker. */
export interface FindJudged {
  readonly by: readonly (RankingScores & { readonly encoder: string | null; readonly isReranker?: true })[];
  /** Among which each question is asked. */
  readonly passages: number;
}

/** What was trained, and how well it finds beside the encoder before, counting words, and chance. */
export type Measured<Trained extends VectorsTrained = VectorsTrained> = Omit<
  Trained,
  'asked' | 'passages'
> & {
  readonly found: (FindJudged & { readonly chance: RankingScores }) | null;
  /** nDCG@10 afterwards, and the better of words and the encoder before beside it; null where nothing was asked. */
  readonly score: Score | null;
  readonly rival: Rival | null;
};

/** What trains which kind of model. */
export type Trainer = 'vectors' | 'reranker';
