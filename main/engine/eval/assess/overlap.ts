/** Memorisation: whether a model says training answers back word by word, more than it could know them. */
import type { Estimate, MemorisationFigures, TaskKind } from '../../../../common/protocol/protocol.ts';
import { mean, rate } from './statistics.ts';
import { longestSharedRun, normalised, wordsOf } from './text.ts';

/** Answers beside the wanted ones. */
export interface Said {
  readonly said: readonly string[];
  readonly wanted: readonly string[];
}

/** Kinds of task in which repeating a training answer is the task itself. */
const REPEATING: ReadonlySet<TaskKind> = new Set(['label', 'json']);

/** Whether verbatim overlap says anything about a task of `kind`. */
export function overlapMeansSomething(kind: TaskKind): boolean {
  return !REPEATING.has(kind) && kind !== 'text';
}

/** What answers to training prompts and to held-out prompts share with the wanted answers. */
export function overlapOf(
  training: Said,
  heldOut: Said,
  seed: number,
): NonNullable<MemorisationFigures['overlap']> {
  return {
    rows: training.said.length,
    exactTraining: exactShare(training),
    exactHeldOut: exactShare(heldOut),
    runTraining: runShare(training, seed),
    runHeldOut: runShare(heldOut, seed),
  };
}

/** Share by which exact answers to training prompts must exceed those to held-out ones to count as reciting. */
const RECITED = 0.1;
/** A loss on training rows below this share of the held-out loss counts as knowing rows by heart. */
const BY_HEART = 0.5;

/**
 * Whether rows were memorised: clearly more exact answers, or clearly longer runs, on training prompts than on held-out
 * ones; for running text a loss on training rows below half of that on held-out rows. Null where it cannot be told.
 */
export function isMemorised(
  kind: TaskKind,
  losses: Pick<MemorisationFigures, 'trainingLoss' | 'heldOutLoss'>,
  overlap: MemorisationFigures['overlap'],
): boolean | null {
  if (kind === 'text') return losses.trainingLoss.high < BY_HEART * losses.heldOutLoss.low;
  if (!overlap) return null;
  const exceeds = (training: Estimate, heldOut: Estimate) =>
    training.low > heldOut.high && training.value - heldOut.value > RECITED;
  return (
    exceeds(overlap.exactTraining, overlap.exactHeldOut) || exceeds(overlap.runTraining, overlap.runHeldOut)
  );
}

/** What is to be said beside the figures. */
export function memorisationNote(kind: TaskKind): string {
  if (REPEATING.has(kind))
    return 'Overlap with training answers means nothing here: the right answers are the training answers. Compare the losses.';
  if (kind === 'text')
    return 'Running text has no answers to compare; the losses on seen and unseen rows are.';
  return 'Answers to training prompts are compared with training answers, beside the same for held-out prompts.';
}

function exactShare({ said, wanted }: Said): Estimate {
  const exact = said.filter((text, i) => normalised(text) === normalised(wanted[i]!));
  return rate(exact.length, said.length);
}

function runShare({ said, wanted }: Said, seed: number): Estimate {
  const shares = said.map((text, i) => {
    const words = wordsOf(wanted[i]!).length;
    return words === 0 ? 0 : longestSharedRun(text, wanted[i]!) / words;
  });
  return mean(shares, seed, [0, 1]);
}
