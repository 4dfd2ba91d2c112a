/** Training of an encoder whose vectors find passages: what it is asked for, and what came of it. */

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
  /** Test queries, and the passages that each is asked of. */
  readonly asked: readonly AskedPassages[];
  readonly passages: readonly string[];
  /** Of graded test pairs: how far the order by cosine is that by score (Spearman), before and after. */
  readonly order: { readonly before: number; readonly after: number } | null;
  /** The same of everyday sentences that no row has: less is what it forgot. Null of rerankers, and where it was stopped. */
  readonly general: { readonly before: number; readonly after: number } | null;
}

/** Training of a reranker; `order` of graded pairs is that of its scores afterwards. */
export interface RerankerTrained extends VectorsTrained {
  /** Of queries and passages that it learned from. */
  readonly pairs: number;
}
