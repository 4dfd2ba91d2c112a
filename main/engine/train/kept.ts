/** Whether a run keeps what its frozen layers put out, and for which rows. */

import { assert } from '../../../common/errors.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { bytes } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { freeBytes } from '../../folders.ts';
import { Batching } from '../step/batching.ts';
import { type KeptActivations, KeptBatches, keptBytes, whyNotKept } from '../step/kept-activations.ts';
import type { Course, TrainingParts } from './run-parts.ts';

/** A run leaves so much of the free disk to others. */
const SHARE_OF_FREE = 0.5;

type Parts = Pick<TrainingParts, 'config' | 'opened' | 'executor' | 'method' | 'weights' | 'data'> & {
  emit(event: EngineEvent): void;
};

/** null where nothing is kept; why it isn't is said where a person would expect it. */
export async function keptFor(
  parts: Parts,
  course: Course,
  isProbe: boolean,
): Promise<KeptActivations | null> {
  const { config, opened, executor, method, weights, data } = parts;
  const passes = course.totalSteps / course.stepsInEpoch(0);
  const why = whyNotKept(config, opened, executor, passes);
  if (why !== null) return refused(why, parts);
  const { model } = opened;
  const needed = keptBytes(model, data.training.plan(0).tokens + (data.heldOut?.plan(0).tokens ?? 0));
  const free = await freeBytes(config.out);
  if (needed > SHARE_OF_FREE * free)
    return refused(say`that takes ${bytes(needed)} on the disk, and ${bytes(free)} are free.`, parts);
  const options = {
    executor,
    model,
    method,
    weights: weights.source,
    folder: config.out,
    ...(isProbe && { isAssumed: true }),
  };
  assert(data.training instanceof Batching, 'activations of sections are not kept');
  const training = new KeptBatches(data.training, options);
  const heldOut = data.heldOut && new KeptBatches(data.heldOut, options);
  return {
    training,
    heldOut,
    bytes: needed,
    async release() {
      await training.release();
      await heldOut?.release();
    },
  };
}

function refused(why: string, { emit }: Parts): null {
  if (why === '') return null;
  const message = say`Frozen layers compute in each pass: ${why}`;
  emit({ event: 'warning', code: 'activations-not-kept', message });
  return null;
}
