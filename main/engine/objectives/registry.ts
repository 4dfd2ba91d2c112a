/** The objectives by the setting that chooses them. */
import { isOverPairs } from '../../../common/settings/objective.ts';
import { nextToken, type Objective, type ObjectiveSettings } from './objective.ts';
import { overPairs } from './over-pairs.ts';
import { answersOfPairs, dpo, ipo, kto, leadOfBetter, orpo, simpo } from './pair-losses.ts';

const PAIR_LOSSES = { dpo, ipo, orpo, simpo, kto } as const;

/** What an assessment measures: the answers themselves, whatever the run compared. */
export function measuredBy(settings: ObjectiveSettings): Objective {
  return isOverPairs(settings) ? overPairs(answersOfPairs, settings) : objectiveOf(settings);
}

/** What tells of each pair how far its better answer is ahead; null where answers are not compared with each other. */
export function leadBy(settings: ObjectiveSettings): Objective | null {
  const compares = isOverPairs(settings) && settings.objective !== 'kto';
  return compares ? overPairs(leadOfBetter, settings) : null;
}

export function objectiveOf(settings: ObjectiveSettings): Objective {
  const { objective = 'answers', trainOn, thinking } = settings;
  return objective === 'answers' ? nextToken(trainOn, thinking) : overPairs(PAIR_LOSSES[objective], settings);
}
