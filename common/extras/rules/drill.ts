/** Learning from a rule, as its pages and files name it: what a model said, and what came of each round. */
import type { Judgement } from './rules.ts';

/** An answer of a model to a row, and what the rules say of it. */
export interface JudgedAnswer extends Judgement {
  readonly row: number;
  /** Which of several answers. */
  readonly sample: number;
  readonly text: string;
}

declare module '../../protocol/protocol.ts' {
  interface CallNews {
    readonly judged: { readonly judged: JudgedAnswer };
  }
}

/** Right answers are learned, or right ones beside wrong ones. */
export type RoundKind = 'answers' | 'pairs';

/** How a share was counted. */
export interface Passed {
  readonly passed: number;
  readonly of: number;
}

export interface DrillRound {
  readonly number: number;
  readonly kind: RoundKind;
  /** Answers while it practised, and their mean score; nothing in a round of pairs. */
  readonly practised: Passed & { readonly score: number };
  /** Rows that were learned; null until then. */
  readonly rows: number | null;
  /** Where the run is: its folder, or its id; null until it is trained. */
  readonly run: string | null;
  /** Of the test questions by the model of this round; null until all are asked. */
  readonly test: Passed | null;
}

export interface DrillState {
  /** Of the test questions before any training; null until all are asked. */
  readonly before: Passed | null;
  readonly rounds: readonly DrillRound[];
  /** The number of the round with the highest share; 0: none was better than before. */
  readonly best: number;
  readonly isDone: boolean;
  /** Where it is done and no round was better: why, and what to do. */
  readonly advice: string | null;
}
