/** The German of the interface; what it lacks yet is said in English. */
import { type Catalogue, EN } from '../en/en.ts';
import { common } from './common.ts';
import { frame } from './frame.ts';
import { help } from './help.ts';
import { compare, history } from './history.ts';
import { modelsText } from './models.ts';
import { settingsText } from './settings.ts';
import { dataText } from './wizard-data.ts';

export const DE: Catalogue = {
  ...EN,
  common,
  compare,
  dataText,
  frame,
  help,
  history,
  modelsText,
  settingsText,
};
