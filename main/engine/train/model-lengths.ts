/** The lengths of a run as its model allows them: what is longer than it reads must not shape the micro-batches. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { defaultMicroBatch, RUN_FILE } from '../config/config.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import { longestRow } from './run-data.ts';
import type { TrainIo } from './train-model.ts';

export interface Lengths {
  readonly maxLength: number;
  readonly tokensPerMicroBatch: number;
}

/** `config` for a model that reads `maxPositions` tokens: a micro-batch that follows the length of rows follows what is left of it. */
export function withinModel<Config extends Lengths>(config: Config, maxPositions: number): Config {
  const { maxLength, tokensPerMicroBatch } = config;
  if (maxLength <= maxPositions) return config;
  const follows = tokensPerMicroBatch === defaultMicroBatch(maxLength);
  const micro = follows ? defaultMicroBatch(maxPositions) : tokensPerMicroBatch;
  return { ...config, maxLength: maxPositions, tokensPerMicroBatch: micro };
}

/** The same for a run that begins, with a warning where rows are cut; one that goes on keeps what it was begun with. */
export async function lengthsOfRun<Config extends Lengths & { readonly out: string }>(
  config: Config,
  { resume, emit }: Pick<TrainIo, 'resume' | 'emit'>,
  { opened }: Pick<ReadyModel, 'opened'>,
): Promise<Config> {
  const within = withinModel(config, opened.model.maxPositions);
  const saved = resume ? await savedLengths(config.out) : null;
  if (saved && !isSame(saved, within)) return config;
  longestRow(config.maxLength, { opened, emit });
  return within;
}

function isSame(a: Partial<Lengths>, b: Lengths): boolean {
  return a.maxLength === b.maxLength && a.tokensPerMicroBatch === b.tokensPerMicroBatch;
}

/** Of the run in a folder; null where it was ended before it had begun. */
async function savedLengths(out: string): Promise<Partial<Lengths> | null> {
  try {
    return JSON.parse(await fs.readFile(path.join(out, RUN_FILE), 'utf8')) as Partial<Lengths>;
  } catch {
    return null;
  }
}
