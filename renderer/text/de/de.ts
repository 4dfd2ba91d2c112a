/** The German of the interface; what it lacks yet is said in English. */
import { type Catalogue, EN } from '../en/en.ts';
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

export const DE: Catalogue = {
  ...EN,
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
};
