/** The nine goals of the wizard: meaning, example, rows, and when something simpler serves better. */

import english from '../../words/en/pages/goals.json' with { type: 'json' };
import type { GoalText } from './page.ts';
import { texts } from './texts.ts';

export const goals = texts('goals', english, {}).goals as readonly GoalText[];
