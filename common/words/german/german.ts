/** German: sentences and nouns by their English. */

import { APP } from './app.ts';
import { ASSESS } from './assess.ts';
import { COMPUTER } from './computer.ts';
import { DATA } from './data.ts';
import { DESKTOP } from './desktop.ts';
import { DEVICES } from './devices.ts';
import { DOCTOR } from './doctor.ts';
import { EXPORT } from './export.ts';
import { FIGURES } from './figures.ts';
import { FILES } from './files.ts';
import { HARDWARE } from './hardware.ts';
import { HUB } from './hub.ts';
import { MODELS } from './models.ts';
import { REPORT } from './report.ts';
import { RUNS } from './runs.ts';
import { SETTINGS } from './settings.ts';
import { SOURCES } from './sources.ts';
import { STORE } from './store.ts';
import { TARGETS } from './targets.ts';
import { TRAINING } from './training.ts';

export const SENTENCES: Readonly<Record<string, string>> = {
  ...COMPUTER,
  ...APP,
  ...ASSESS,
  ...DATA,
  ...DESKTOP,
  ...DEVICES,
  ...DOCTOR,
  ...EXPORT,
  ...FIGURES,
  ...FILES,
  ...HARDWARE,
  ...HUB,
  ...MODELS,
  ...REPORT,
  ...RUNS,
  ...SETTINGS,
  ...SOURCES,
  ...STORE,
  ...TARGETS,
  ...TRAINING,
};

export { NOUNS } from './figures.ts';
