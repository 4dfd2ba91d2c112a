/** Sentences of tables, which are translated where they are shown. */
import { REFUSALS } from '../../common/errors.ts';
import { CHARTS, FIGURES } from '../../common/step-figures.ts';
import { ABILITIES, TOPICS } from '../../common/words/abilities.ts';
import { PHASES, REMEDIES } from '../../common/words/run.ts';
import { MEASURES, RIGHT, RIVALS, SCORES } from '../../common/words/scores.ts';
import { WHY_ENDED } from '../../main/cli/progress.ts';
import { VARIANT_NAMES } from '../../main/engine/eval/assess/report/html.ts';
import { FORGOT, LEARNED, TRAINED } from '../../main/engine/eval/assess/report/report.ts';
import { SHORT_NAMES } from '../../main/engine/eval/assess/report/sections.ts';
import { FORGOT as FORGOT_WORDS } from '../../main/engine/eval/assess/verdict.ts';
import { LEARNED as LEARNED_WORDS } from '../../main/engine/eval/assess/verdict-figures.ts';
import { PROMPTED } from '../../main/engine/eval/assess/verdict-rivals.ts';
import { describedProvider, PROVIDED_DEVICES } from '../../main/engine/exec/ort/providers.ts';
import { SOURCES } from '../../main/engine/export/prove.ts';
import { readCatalog, readEncoders } from '../../main/hub/catalog.ts';
import { WORDS as CONNECTION_WORDS } from '../../main/hub/hub-errors.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { CHECKS } from '../../main/rows/doctor/table.ts';
import { KIND_WORDS } from '../../main/rows/mapping.ts';
import { FORMATS, READ_FORMATS, REFUSED, REFUSED_ZIPS } from '../../main/rows/readers/formats.ts';
import { FOREIGN_FIELDS } from '../../main/rows/shapes.ts';
import { FAILED } from '../../main/runs/rescue.ts';
import * as extras from '../../tests/extras/sentences.ts';
import { settingTexts } from '../../tests/helpers/setting-texts.ts';

export const TABLES: Readonly<Record<string, readonly string[]>> = {
  ...extras,
  phases: Object.values(PHASES),
  figures: CHARTS.flatMap(({ chart: { title, line, dots } }) =>
    [title, line, dots].filter((one) => one !== undefined),
  ),
  terminal: [
    ...Object.values(WHY_ENDED),
    ...[...FIGURES.step, ...FIGURES.eval].map(({ said = '' }) => said),
  ].filter((one) => one !== ''),
  settings: settingTexts(),
  catalog: [...(await readCatalog(resourcesFolder())), ...(await readEncoders(resourcesFolder()))].flatMap(
    ({ languages, goodFor, licenceInWords }) => [languages, goodFor, licenceInWords],
  ),
  remedies: Object.values(REMEDIES),
  abilities: [ABILITIES, TOPICS].flatMap((table) => Object.values(table)),
  scores: [SCORES, RIVALS, MEASURES, RIGHT].flatMap((table) => Object.values(table)),
  report: [
    ...[TRAINED, VARIANT_NAMES, SHORT_NAMES].flatMap((table) => Object.values(table)),
    ...[LEARNED, FORGOT].flatMap((table) => Object.values(table).map(([, words]) => words)),
  ],
  errors: REFUSALS.flatMap(([, , what, hint]) => [what, hint]),
  rows: [...Object.values(KIND_WORDS), ...Object.values(FOREIGN_FIELDS), READ_FORMATS],
  files: [
    ...Object.values(FORMATS).map(({ words }) => words),
    ...REFUSED.flatMap(([, what, hint]) => [what, hint]),
    ...Object.values(REFUSED_ZIPS).flat(),
  ],
  verdict: [LEARNED_WORDS, FORGOT_WORDS, PROMPTED].flatMap((table) => Object.values(table)),
  devices: [...PROVIDED_DEVICES.map((device) => describedProvider(device).hint)],
  runs: [...Object.values(FAILED), ...Object.values(SOURCES), ...Object.values(CONNECTION_WORDS)],
  doctor: CHECKS.flatMap(({ kind: { title, why, fix } }) => [
    ...[title, why],
    ...(fix ? [fix.does] : []),
    ...(fix?.instead ? [fix.instead.does] : []),
  ]),
};
