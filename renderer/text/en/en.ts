/** The English of the interface, every text by its page; and the shape that another language has to have. */
import type { GlossaryText } from '../page.ts';
import { chat } from './chat.ts';
import { common } from './common.ts';
import { frame } from './frame.ts';
import { glossaryText } from './glossary.ts';
import { goals } from './goals.ts';
import { help } from './help.ts';
import { compare, history } from './history.ts';
import { forgettingWords } from './learn/forgetting.ts';
import { learnPages, learnText } from './learn/learn.ts';
import { loraWords, pictureWords } from './learn/lora.ts';
import { memoryWords } from './learn/memory.ts';
import { timeWords } from './learn/time.ts';
import { modelsText } from './models.ts';
import { result } from './result.ts';
import { run } from './run.ts';
import { settingsText } from './settings.ts';
import { welcome } from './welcome.ts';
import { wizard } from './wizard.ts';
import { dataText } from './wizard-data.ts';
import { ifYouHadWords, plan } from './wizard-plan.ts';

export const EN = {
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
  modelsText,
  result,
  run,
  settingsText,
  welcome,
  wizard,
  dataText,
  ifYouHadWords,
  plan,
} as const;

/** The same texts, functions and lists in other words. */
export type Translated<Text> = Text extends string
  ? string
  : Text extends (...values: infer Values) => infer Said
    ? (...values: Values) => Translated<Said>
    : { readonly [Key in keyof Text]: Translated<Text[Key]> };

/** What names goals and figures beside its texts has a type of its own, which other languages share. */
type Typed = 'goals' | 'learnPages';

export type Catalogue = Translated<Omit<typeof EN, Typed | 'glossaryText'>> &
  Pick<typeof EN, Typed> & { readonly glossaryText: GlossaryText };
