/** The command line goes on by itself: engines that are made up fail, and what the next one is told is looked at. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import type { TrainRequest } from '../../../main/cli/engine-process.ts';
import { trainRescued } from '../../../main/cli/rescued-training.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { DONE, START } from './sample-events.ts';

const CONFIG = parseRunConfig({ model: 'm', data: 'd', out: 'o' });
const SIZED = { ...START, tokensAtOnce: 256, leastTokensAtOnce: 128 };
const noMemory = () =>
  new AppError('out-of-memory', 'The engine process was ended by SIGKILL.', 'Close programs.');

/** Trains with engines that fail in turn with `failures`; null is a success. */
function training(failures: readonly (Error | null)[], { stopped = false, config = CONFIG } = {}) {
  const told: TrainRequest[] = [];
  const events: EngineEvent[] = [];
  const stop = stopped ? AbortSignal.abort() : new AbortController().signal;
  const request = { config, resume: false, stop, emit: (event: EngineEvent) => void events.push(event) };
  const end = trainRescued(request, async (next) => {
    told.push(next);
    next.emit(SIZED);
    const failure = failures[told.length - 1];
    if (failure) throw failure;
    return DONE;
  });
  return { end, told, events };
}

describe('a training of the command line', () => {
  it('is started again with settings that take less, and says so', async () => {
    const { end, told, events } = training([noMemory(), null]);
    expect(await end).toBe(DONE);
    expect(told.map(({ resume, config }) => [resume, config.splitMicroBatch])).toEqual([
      [false, 1],
      [true, 2],
    ]);
    expect(events.map(({ event }) => event)).toEqual(['start', 'rescue', 'start']);
  });

  it('is rescued from what an allocator throws, too', async () => {
    const { end, told } = training([new Error('Non-zero status code: std::bad_alloc'), null]);
    expect(await end).toBe(DONE);
    expect(told).toHaveLength(2);
  });

  it('ends with the last error and a word about the tries where nothing helps', async () => {
    const { end, told } = training(Array(9).fill(noMemory()));
    await expect(end).rejects.toMatchObject({
      code: 'out-of-memory',
      hint: 'It was tried 6 times more with settings that take less, in vain. Close programs.',
    });
    expect(told.map(({ config }) => `${config.splitMicroBatch} ${config.recompute}`)).toEqual([
      ...['1 none', '2 none', '4 none', '8 none', '8 attention', '8 half', '8 block'],
    ]);
  });

  it.each([
    ['another error', { failures: [new AppError('diverged', 'x', 'y')] }],
    ['a person who has pressed Ctrl-C', { failures: [noMemory()], stopped: true }],
    ['the wish to leave it', { failures: [noMemory()], config: { ...CONFIG, rescue: false } }],
  ])('is not started again after %s', async (_, { failures, ...more }) => {
    const { end, told } = training(failures, more);
    await expect(end).rejects.toBe(failures[0]);
    expect(told).toHaveLength(1);
  });
});
