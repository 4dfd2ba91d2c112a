/** `fettle blend`: a run between the base model and the result of another run, made without training. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { BLEND_SETTINGS } from '../../common/settings/commands.ts';
import {
  type BlendRequest,
  parseBlendRequest,
  parseRunConfig,
  RUN_FILE,
  type RunConfig,
  savedSettings,
} from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import type { Command, Streams } from './command.ts';
import { readSettings, settle } from './settings.ts';
import { trainTo } from './train.ts';

const EXAMPLE = 'fettle blend --run runs/first --strength 0.7 --out runs/first-blend';

const FLAGS: readonly Flag[] = [...flagsOf(BLEND_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'blend --run FOLDER --out FOLDER [--strength SHARE] [flags]',
  about:
    'Makes a new run with weights between those of a run and its base model, for a run that forgot too much. Nothing is trained. ' +
    'The new run is measured and compared like any other.',
  examples: [EXAMPLE, 'fettle blend --run runs/first --strength 0.5 --out runs/first-half'],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const asked = settle(args, FLAGS, [], { name: 'blend', example: EXAMPLE }, parseBlendRequest);
  const json = args.values.get('json') === true;
  return await trainTo(await blendConfig(asked), { resume: false, json }, streams);
}

/** The settings of the run `asked.run`, for a run that is made of it. Throws `AppError('no-run')`. */
async function blendConfig({ run: of, strength, model, ...own }: BlendRequest): Promise<RunConfig> {
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
