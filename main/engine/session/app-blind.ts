/**
 * Blind comparisons for the application. A round is drawn from a run's assessment by its seed, so nothing has to be kept
 * between the questions and the choices, which a person may take an hour for.
 */
import { AppError } from '../../../common/errors.ts';
import type { CompareResult, EngineEvent } from '../../../common/protocol/protocol.ts';
import { parseCompareConfig } from '../config/config.ts';
import { readAssessment } from '../eval/assess/assess.ts';
import { type BlindChoice, blindPairs, tallyChoices, writeComparison } from '../eval/assess/blind.ts';
import { type BlindRound, blindRound } from './assess.ts';

/** What a round is drawn by. */
export interface Round {
  readonly run: string;
  /** Pairs at most. */
  readonly rows: number;
  readonly seed: number;
  /** Rows whose answers the person has seen with their labels. */
  readonly shown: readonly number[];
}

/** The pairs of a round, without a trace of which answer is whose; a run that was not assessed is assessed first. */
export async function blind(
  { shown, ...settings }: Round,
  io: { emit(event: EngineEvent): void; readonly stop: AbortSignal },
): Promise<Pick<BlindRound, 'pairs'>> {
  const { pairs } = await blindRound(parseCompareConfig(settings), io, shown);
  return { pairs };
}

/** The tally of the choices for the first pairs of a round, kept in the run's folder, and which answer was whose. */
export async function judge({
  run,
  rows,
  seed,
  shown,
  choices,
}: Round & { readonly choices: readonly BlindChoice[] }): Promise<
  Pick<CompareResult, 'judged' | 'after' | 'before' | 'equal' | 'bad' | 'sentence'> & {
    trained: ('first' | 'second')[];
  }
> {
  const pairs = blindPairs({ ...(await readAssessment(run)), run }, rows, seed, shown);
  if (choices.length > pairs.length)
    throw new AppError(
      'bad-choices',
      `There are ${pairs.length} pairs to judge; ${choices.length} choices came.`,
      'Begin a new round: the run has been assessed anew since this one began.',
    );
  const result = tallyChoices(run, seed, pairs, choices);
  await writeComparison(result);
  const { judged, after, before, equal, bad, sentence } = result;
  const trained = pairs
    .slice(0, choices.length)
    .map(({ firstIs }) => (firstIs === 'after' ? ('first' as const) : ('second' as const)));
  return { judged, after, before, equal, bad, sentence, trained };
}
