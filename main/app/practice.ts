/** Runs of the bundled practice model on its own sample: the first run, the lessons and the demo of the command line. */
import path from 'node:path';
import type { Job, RunRequest } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { SAMPLES } from '../../common/settings/suits.ts';
import { say } from '../../common/words/language.ts';
import { PRACTICE_ID } from '../hub/local.ts';
import { resourcesFolder } from '../paths.ts';
import { train } from './jobs.ts';
import type { Parts } from './parts.ts';

const SAMPLE = 'support-messages';
const sampleFile = (ending: string) => path.join(resourcesFolder(), 'samples', `${SAMPLE}${ending}.jsonl`);

/** The sample's files, with what its rows are to be read with. */
export function practiceRows() {
  return { data: sampleFile(''), evalData: sampleFile('.held-out'), system: SAMPLES[SAMPLE]!.system! };
}

/**
 * What every run of it has. The best weights would hide what the last ones have become, and so small a model
 * answers everything in seconds: its figures need not hang on the computer's speed.
 */
const COMMON = { maxLength: 256, keepBest: false, thorough: true };

/** What docs/log/practice-model.md found good for this model and these rows; a fourth pass teaches it no more. */
export const GOOD_SETTINGS = {
  ...COMMON,
  method: 'full',
  epochs: 3,
  // without it what the model knew before suffers a little
  replay: 0.2,
  learningRate: 2e-4,
  tokensPerMicroBatch: 512,
  evalEvery: 100,
};

/** A run of it with these settings on top of what every one has. */
export interface PracticeRun {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly prompts?: string[];
  readonly tags?: readonly string[];
}

/** Puts runs of the practice model into the queue. Throws `AppError('no-model')` where it is missing. */
export async function trainPractice(parts: Parts, runs: readonly PracticeRun[]): Promise<Job[]> {
  if (!parts.store.models.find(PRACTICE_ID)?.available)
    throw new AppError(
      'no-model',
      say`The practice model that comes with Fettle is missing.`,
      say`Install Fettle again.`,
    );
  const { data, evalData, system } = practiceRows();
  const jobs: Job[] = [];
  for (const { name, settings, prompts = [], tags = [] } of runs) {
    const request: RunRequest = {
      ...{ name, prompts, modelId: PRACTICE_ID },
      data: { paths: [data], system },
      evalPaths: [evalData],
      settings: { ...COMMON, ...settings },
    };
    jobs.push(await train(parts, { request, tags }));
  }
  return jobs;
}

/** The first run of a new user: one that learns. While it trains, it answers a message it has not seen. */
export async function firstRun(parts: Parts): Promise<Job> {
  const [job] = await trainPractice(parts, [
    {
      name: say`First try: sort support messages`,
      settings: GOOD_SETTINGS,
      prompts: ['My parcel was due on Monday and it still has not come. Where is it?'],
    },
  ]);
  return job!;
}
