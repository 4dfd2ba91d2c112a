/** Which of the scores of an answer decides, and how sure it is. */
import type {
  AnsweredRow,
  AnswerFigures,
  ClosedFigures,
  Estimate,
  ScoreName,
  VariantScores,
  Verdict,
} from './protocol/protocol.ts';

const DECIDING = { right: 'right', fields: 'fieldsRight', chrf: 'chrf', sari: 'sari' } as const;

/** The score that the verdict uses, of one variant. */
export function decidingOf(
  { score }: Pick<AnswerFigures, 'score'>,
  scores: VariantScores,
): Estimate | undefined {
  return scores[DECIDING[score]];
}

const GRADUAL = ['chrf', 'sari', 'similarity', 'changes'] as const;

/** Whether a score finds an answer more or less similar to the wanted one, and neither right nor wrong. */
export function isGradual<S extends AnswerFigures['score'] | ScoreName>(
  score: S,
): score is Extract<S, (typeof GRADUAL)[number]> {
  return GRADUAL.some((one) => one === score);
}

/** Whether both models were asked: of the base model a few answers may have been enough. */
export function isByBoth({ answers }: Pick<AnsweredRow, 'answers'>): boolean {
  return answers.before !== undefined && answers.after !== undefined;
}

/** How much better the trained model's answer is; 0 where it can't be told. */
export function gainOf(row: AnsweredRow): number {
  return isByBoth(row) ? (row.scores.after ?? 0) - (row.scores.before ?? 0) : 0;
}

/** An interval that is no wider says enough. */
export const NARROW = 0.1;

/** How many rows would make an interval over `rows` narrow: it narrows with the root of their number. */
export function rowsToNarrow({ low, high }: Estimate, rows: number): number {
  return Math.ceil(rows * ((high - low) / NARROW) ** 2);
}

/** Whether the best prompt does what the training was for, so that it is shown to be copied. */
export function isPromptEnough({ promptingIsEnough, betterRival }: Verdict): boolean {
  return promptingIsEnough || betterRival?.name === 'prompt';
}

/** Whether the form of answers says anything: one that was always right does not, nor that of a head, which writes none. */
export function tellsForm({ form }: ClosedFigures): boolean {
  return Math.min(form.before.value, form.after.value) < 1;
}
