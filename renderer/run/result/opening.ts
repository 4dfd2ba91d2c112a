/** How a result opens: one sentence from the codes of the verdict, what else counts, and one test row that shows the change. */
import type { AnsweredRow, AssessResult, Estimate, VariantScores } from '../../../common/api/contract.ts';
import { percent } from '../../../common/words/format.ts';
import { result } from '../../text/text.ts';
import type { Tone } from '../../ui/icon.ts';

const text = result.opening;

/** What the verdict's `no` hides: no difference, a worse model, or one that could do it before. */
type Outcome = 'yes' | 'partly' | 'same' | 'worse' | 'known' | 'unknown';

const TONES: Readonly<Record<Outcome, Tone>> = {
  yes: 'good',
  partly: 'warn',
  same: 'bad',
  worse: 'bad',
  known: 'neutral',
  unknown: 'neutral',
};

export interface Opening {
  readonly tone: Tone;
  readonly headline: string;
  /** A short sentence each. */
  readonly more: readonly string[];
  /** Index among the answered rows; null where none was asked. */
  readonly example: number | null;
}

export function openingOf(assessment: AssessResult): Opening {
  const { verdict, answers } = assessment;
  const outcome = outcomeOf(assessment);
  return {
    tone: TONES[outcome],
    headline: headline(assessment, outcome),
    more: [
      text.forgot[verdict.forgot],
      ...(verdict.promptingIsEnough ? [text.prompting] : []),
      ...(verdict.memorised ? [text.memorised] : []),
    ],
    example: answers && exampleOf(answers.answered, outcome),
  };
}

function outcomeOf({ verdict: { learned, lack }, answers, loss }: AssessResult): Outcome {
  if (learned !== 'no' && learned !== 'partly') return learned;
  // nothing is lacking where the base model could do it
  if (lack === null && answers?.score === 'right') return 'known';
  if (learned === 'partly') return 'partly';
  const gain = variantOf(answers, 'before')?.gain;
  const isWorse = gain ? gain.high < 0 : loss !== null && loss.change.low > 0;
  return isWorse ? 'worse' : 'same';
}

function headline({ answers, loss }: AssessResult, outcome: Outcome): string {
  if (outcome === 'unknown') {
    const rows = answers?.rows ?? loss?.rows ?? 0;
    if (rows === 0) return text.unknown.none;
    return rows < FEWEST_ROWS ? text.unknown.few(rows) : text.unknown.unasked;
  }
  const [before, after] = [scoreOf(answers, 'before'), scoreOf(answers, 'after')];
  if (answers?.score === 'right') return text.right[outcome](percent(before?.value), percent(after?.value));
  const kind = outcome === 'known' ? 'same' : outcome;
  return answers ? text.similar[kind](percent(before?.value), percent(after?.value)) : text.text[kind];
}

/** Fewer tell nothing: docs/verdict.md. */
const FEWEST_ROWS = 10;

type Answers = AssessResult['answers'];

function variantOf(answers: Answers, name: VariantScores['variant']): VariantScores | undefined {
  return answers?.variants.find(({ variant }) => variant === name);
}

function scoreOf(answers: Answers, name: VariantScores['variant']): Estimate | undefined {
  const scores = variantOf(answers, name);
  return answers?.score === 'chrf' ? scores?.chrf : scores?.right;
}

/** Where among the rows, from the largest gain to the largest loss, the example stands. */
const PLACES: Readonly<Record<Outcome, number>> = {
  yes: 0,
  partly: 0,
  same: 0.5,
  known: 0.5,
  unknown: 0.5,
  worse: 1,
};

/** Of the rows with the gain that stands for the outcome the shortest. */
function exampleOf(rows: readonly AnsweredRow[], outcome: Outcome): number | null {
  const gain = ({ scores }: AnsweredRow) => (scores.after ?? 0) - (scores.before ?? 0);
  const length = ({ prompt, answers }: AnsweredRow) =>
    prompt.length + (answers.before?.length ?? 0) + (answers.after?.length ?? 0);
  const gains = rows.map(gain).sort((a, b) => b - a);
  const wanted = gains[Math.floor(PLACES[outcome] * (rows.length - 1))];
  const fitting = [...rows.keys()].filter((index) => gain(rows[index]!) === wanted);
  return fitting.sort((a, b) => length(rows[a]!) - length(rows[b]!))[0] ?? null;
}
