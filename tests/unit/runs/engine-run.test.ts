/** A job whose engine hangs: nothing while it may be a long step, and an end once somebody has asked for one. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JOB } from '../../../main/engine/session/call-table.ts';
import { EngineRun, STEPS_TO_STOP } from '../../../main/runs/engine-run.ts';
import { deathOf } from '../../../main/runs/problems.ts';
import { fakeFork } from '../../helpers/fake-engine.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count);

function start() {
  const { fork, engines } = fakeFork();
  const order = { kind: 'train', config: {} as never, resume: false, finish: false } as const;
  return { run: new EngineRun(fork, order, () => {}, Date.now), engine: engines[0]! };
}

it('is not ended for silence alone, however long a step takes', async () => {
  const { engine } = start();
  await seconds(JOB.silent - 1);
  expect(engine.isRunning).toBe(true);
});

it('is ended after a minute of silence when it was asked to stop, and told as one that hung', async () => {
  const { run, engine } = start();
  await seconds(10);
  run.stop();
  await seconds(JOB.ending - 1);
  expect(engine.isRunning).toBe(true);
  await seconds(1);
  expect(engine.isRunning).toBe(false);
  const outcome = await run.outcome;
  if (outcome.kind !== 'died') throw new Error(outcome.kind);
  // a kill from outside would be told as one for lack of memory, and begun again with less
  expect(deathOf(outcome.ending, { resumable: true })).toMatchObject({
    code: 'engine-hung',
    hint: expect.stringContaining('Resume'),
  });
});

it('may finish a step that is as long as those before', async () => {
  const { run, engine } = start();
  await seconds(200);
  engine.say({ beat: { rssBytes: 1 } });
  await seconds(100);
  run.stop();
  await seconds(200 * STEPS_TO_STOP - 1);
  expect(engine.isRunning).toBe(true);
  engine.say({ event: { event: 'stopped' } });
  expect(await Promise.race([run.outcome, seconds(10).then(() => run.outcome)])).toMatchObject({
    kind: 'stopped',
  });
});
