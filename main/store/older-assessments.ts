/** Assessments of earlier versions, read as today's: their scores were accuracies alone, and simpler ways stood beside closed sets. */
import type { Accuracy, AssessResult, Rival, Score, Verdict } from '../../common/protocol/protocol.ts';

interface OlderVerdict extends Verdict {
  readonly accuracy?: Accuracy | null;
}

type OlderRival = Rival & { readonly accuracy?: Accuracy };

/** The figures of a verdict that the history shows. */
export function figuresOf({
  score,
  betterRival,
  rival,
}: Pick<Verdict, 'score' | 'betterRival' | 'rival'>): Required<
  Pick<Verdict, 'score' | 'betterRival' | 'rival'>
> {
  return {
    score: score ? scoreOf(score) : null,
    betterRival: betterRival ? rivalOf(betterRival) : null,
    rival: rival ? rivalOf(rival) : null,
  };
}

export function verdictOf(verdict: Verdict): Verdict {
  const { accuracy, betterRival, ...kept }: OlderVerdict = verdict;
  const score = kept.score ?? (accuracy as Score | null | undefined);
  return {
    ...kept,
    ...(score && { score: scoreOf(score) }),
    ...(betterRival !== undefined && { betterRival: betterRival && rivalOf(betterRival) }),
  };
}

export function assessmentOf(assessment: AssessResult): AssessResult {
  const { closed, rivals } = assessment;
  const { rivals: beside, ...figures } = (closed ?? {}) as NonNullable<typeof closed> &
    Pick<AssessResult, 'rivals'>;
  const all = rivals ?? beside;
  return {
    ...assessment,
    verdict: verdictOf(assessment.verdict),
    ...(closed && { closed: figures }),
    ...(all && { rivals: all.map(rivalOf) }),
  };
}

function rivalOf(rival: OlderRival): Rival {
  const { accuracy, ...kept } = rival;
  return { ...kept, score: scoreOf((kept.score ?? accuracy) as Score) };
}

/** An accuracy had no name. */
function scoreOf({ name = 'right', rows, value, low, high }: Partial<Score> & Omit<Score, 'name'>): Score {
  return { name, rows, value, low, high };
}
