/** `fettle blend`: makes a run between another one and its base model. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { BLEND_SETTINGS } from '../../../common/extras/blend/command-settings.ts';
import { wantsJson } from '../../cli/arguments.ts';
import { commandOf, readSettings } from '../../cli/settings.ts';
import { trainTo } from '../../cli/train.ts';
import {
  parseRunConfig,
  parserOf,
  RUN_FILE,
  type RunConfig,
  savedSettings,
} from '../../engine/config/config.ts';

const parse = parserOf(BLEND_SETTINGS);

export const command = commandOf({
  name: 'blend',
  settings: BLEND_SETTINGS,
  parse,
  usage: 'blend --run FOLDER --out FOLDER [--strength SHARE] [flags]',
  about:
    'Makes a new run with weights between those of a run and its base model, for a run that forgot too much. Nothing is trained. ' +
    'The new run is measured and compared like any other.',
  examples: [
    'fettle blend --run runs/first --strength 0.7 --out runs/first-blend',
    'fettle blend --run runs/first --strength 0.5 --out runs/first-half',
  ],
  async run(asked, args, streams) {
    const json = wantsJson(args);
    return await trainTo(await blendConfig(asked), { resume: false, json }, streams);
  },
});

/** The settings of the run `asked.run`, for a run that is made of it. Throws `AppError('no-run')`. */
async function blendConfig({
  run: of,
  strength,
  model,
  ...own
}: ReturnType<typeof parse>): Promise<RunConfig> {
  const file = join(of, RUN_FILE);
  if (!existsSync(file))
    throw new AppError(
      'no-run',
      `There is no run in ${of}: it holds no ${RUN_FILE}.`,
      'Name the folder that was given to `fettle train --out`.',
    );
  const { settings } = await readSettings(file);
  const { deviceWhy: _, ...saved } = savedSettings(settings) as Record<string, unknown>;
  // what is left to compute is a few evaluations, for which float32 does
  const computed = { precision: 'auto', samplePrompts: [], ...own };
  return parseRunConfig({ ...saved, ...computed, ...(model && { model }), blend: { of, strength } });
}
