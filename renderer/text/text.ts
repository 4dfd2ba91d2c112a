/** Every text of the interface, in the language of the page. It is chosen before the page is drawn, and changed by loading it again. */
import type { GoalId } from '../../common/settings/suits.ts';
import { goals } from './goals.ts';
import type { GoalText } from './page.ts';

export { chat } from './chat.ts';
export { common, frame } from './common.ts';
export { glossaryPage, glossaryText } from './glossary-text.ts';
export { goals } from './goals.ts';
export { help, welcome } from './help.ts';
export { bin, compare, history } from './history.ts';
export { modelsText } from './models.ts';
export { result } from './result.ts';
export { run } from './run.ts';
export { settingsText } from './settings.ts';
export { sorterText } from './sorter.ts';
export { wizard } from './wizard.ts';
export { dataText } from './wizard-data.ts';
export { ifYouHadWords, plan } from './wizard-plan.ts';

const goalsById = new Map(goals.map((goal) => [goal.id, goal]));

export function goalText(id: GoalId | undefined): GoalText | undefined {
  return id === undefined ? undefined : goalsById.get(id);
}
