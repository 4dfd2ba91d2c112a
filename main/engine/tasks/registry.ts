/** The tasks by the setting that chooses them. */
import { isOverPairs } from '../../../common/settings/objective.ts';
import { sortTexts } from './categories.ts';
import { answersOfPairs, dpo, ipo, kto, leadOfBetter, orpo, simpo } from './pair-losses.ts';
import { overPairs } from './preferences.ts';
import { rightAnswers } from './right-answers.ts';
import type { Task, TaskSettings } from './task.ts';

const PAIR_LOSSES = { dpo, ipo, orpo, simpo, kto } as const;

/** What an assessment measures: the answers themselves, whatever the run compared. */
export function measuredBy(settings: TaskSettings): Task {
  return isOverPairs(settings) ? overPairs(answersOfPairs, settings) : taskOf(settings);
}

/** What tells of each pair how far its better answer is ahead; null where answers are not compared with each other. */
export function leadBy(settings: TaskSettings): Task | null {
  const compares = isOverPairs(settings) && settings.objective !== 'kto';
  return compares ? overPairs(leadOfBetter, settings) : null;
}

export function taskOf(settings: TaskSettings): Task {
  const { objective = 'answers', trainOn = 'answers', thinking } = settings;
  if (objective === 'sort') return sortTexts;
  return objective === 'answers'
    ? rightAnswers(trainOn, thinking)
    : overPairs(PAIR_LOSSES[objective], settings);
}
