/** German: sentences and nouns by their English. */

import * as extras from '../../extras/german.ts';
import { APP } from './app.ts';
import { ASSESS } from './assess.ts';
import { COMPUTER } from './computer.ts';
import { DATA } from './data.ts';
import { DEVICES } from './devices.ts';
import { DOCTOR } from './doctor.ts';
import { FIGURES } from './figures.ts';
import { FILES } from './files.ts';
import { HARDWARE } from './hardware.ts';
import { HUB } from './hub.ts';
import { MODELS } from './models.ts';
import { RUNS } from './runs.ts';
import { SETTINGS } from './settings.ts';
import { TARGETS } from './targets.ts';
import { TRAINING } from './training.ts';

export const SENTENCES: Readonly<Record<string, string>> = {
  ...COMPUTER,
  ...APP,
  ...ASSESS,
  ...DATA,
  ...DEVICES,
  ...DOCTOR,
  ...FIGURES,
  ...FILES,
  ...HARDWARE,
  ...HUB,
  ...MODELS,
  ...RUNS,
  ...SETTINGS,
  ...TARGETS,
  ...TRAINING,
  ...Object.assign({}, ...Object.values(extras)),
};

export { NOUNS } from './figures.ts';
