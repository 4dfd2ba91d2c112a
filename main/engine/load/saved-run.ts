/** The settings that a run's folder keeps. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, nullIfMissing } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { toBundledPath } from '../../paths.ts';
import { parseRunConfig, RUN_FILE, type RunConfig, requireModel, savedSettings } from '../config/config.ts';

/** The settings of the run in a folder. */
export async function savedRun(run: string): Promise<RunConfig> {
  const file = path.join(run, RUN_FILE);
  const text = await fs.readFile(file, 'utf8').catch(nullIfMissing(file));
  if (text === null)
    throw new AppError('no-run', say`There is no run in ${run}.`, say`Choose the folder of a run.`);
  const saved = parsedJson(text, file);
  requireModel(saved, run);
  return parseRunConfig(savedSettings(saved));
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text, toBundledPath);
  } catch {
    throw new AppError('bad-config', say`${file} is damaged.`, say`Train again.`);
  }
}
