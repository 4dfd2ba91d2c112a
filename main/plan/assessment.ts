/** What the assessment at the end of a run takes, in whatever unit its other parts are given in: seconds, or operations. */
import type { RunPrice } from '../../common/protocol/protocol.ts';

/**
 * The assessment asks as much as fits into what the training took, but never less than its floor nor more than there is to ask.
 * `evaluation`: all evaluations of the run, whose tokens are of the same work; `training`: all its steps.
 */
export function assessmentOf({ work }: RunPrice, evaluation: number, training: number): number {
  const tokens = work.evaluationTokens * work.evaluationBatches * work.evaluations;
  if (!work.assessmentTokens || tokens === 0) return 0;
  const [least, most] = work.assessmentTokens.map((count) => (count * evaluation) / tokens) as [
    number,
    number,
  ];
  return Math.min(most, Math.max(least, training));
}
