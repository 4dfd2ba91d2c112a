/** German: sentences and nouns by their English. */
import { COMPUTER } from './computer.ts';
import { DATA } from './data.ts';
import { DESKTOP } from './desktop.ts';
import { DOCTOR } from './doctor.ts';
import { FIGURES } from './figures.ts';
import { FILES } from './files.ts';
import { MODELS } from './models.ts';
import { REPORT } from './report.ts';
import { RUNS } from './runs.ts';
import { SETTINGS } from './settings.ts';
import { SOURCES } from './sources.ts';

export const SENTENCES: Readonly<Record<string, string>> = {
  ...COMPUTER,
  ...DATA,
  ...DESKTOP,
  ...DOCTOR,
  ...FIGURES,
  ...FILES,
  ...MODELS,
  ...REPORT,
  ...RUNS,
  ...SETTINGS,
  ...SOURCES,
};

export { NOUNS } from './figures.ts';
