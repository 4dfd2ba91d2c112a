/**
 * The catalogue: every text of the interface, in the language of the page. English decides what there is; another language has to have
 * the same texts, with the same values in them. A language is chosen before the page is drawn, and changed by loading it again.
 */
import type { GoalId } from '../../common/settings/suits.ts';
import { language } from '../locale.ts';
import * as english from './en/en.ts';
import type { GlossaryText, GoalText, Translated } from './page.ts';

/** What names goals and figures beside its texts has a type of its own, which the languages share. */
type Typed = 'goals' | 'learnPages';
type Catalogue = Translated<Omit<typeof english, Typed | 'glossaryText'>> &
  Pick<typeof english, Typed> & { readonly glossaryText: GlossaryText };

/** All of it; an extra takes its own from here. */
export const catalogue: Catalogue = language === 'de' ? await import('./de/de.ts') : english;

export const {
  bin,
  chat,
  common,
  frame,
  glossaryText,
  goals,
  help,
  compare,
  history,
  forgettingWords,
  learnPages,
  learnText,
  loraWords,
  pictureWords,
  memoryWords,
  timeWords,
  clusterWords,
  modelsText,
  result,
  run,
  settingsText,
  sorterText,
  welcome,
  wizard,
  dataText,
  ifYouHadWords,
  plan,
} = catalogue;

const goalsById = new Map(goals.map((goal) => [goal.id, goal]));

export function goalText(id: GoalId | undefined): GoalText | undefined {
  return id === undefined ? undefined : goalsById.get(id);
}
