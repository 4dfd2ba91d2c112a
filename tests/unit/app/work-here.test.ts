/** Work in an engine process for a terminal: what is asked of the engine, how it ends, and that Ctrl-C ends it in any case. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { engineAhead, workHere } from '../../../main/app/work-here.ts';
import { fakeFork } from '../../helpers/fake-engine.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const { fork, engines } = fakeFork();
  const stop = new AbortController();
  const work = workHere('export', { run: 'r' }, { stop: stop.signal }, fork);
  work.catch(() => {});
  return { work, stop, engine: engines[0]! };
}

it('ends the engine with its answer', async () => {
  const { work, engine } = start();
  engine.say({ id: 1, result: 'done' });
  expect(await work).toBe('done');
  expect(engine.isRunning).toBe(false);
});

it('lets an engine that hears of the stop clear up, and passes on what it says', async () => {
  const { work, stop, engine } = start();
  stop.abort();
  expect(engine.sent.at(-1)).toEqual({ command: 'cancel', id: 1 });
  await vi.advanceTimersByTimeAsync(1900);
  expect(engine.isRunning).toBe(true);
  engine.say({ id: 1, failed: { code: 'stopped', message: 'Nothing was written.', hint: '', stack: '' } });
  await expect(work).rejects.toMatchObject({ code: 'stopped', message: 'Nothing was written.' });
});

it('ends one that computes on two seconds after the stop', async () => {
  const { work, stop, engine } = start();
  stop.abort();
  await vi.advanceTimersByTimeAsync(2000);
  expect(engine.isRunning).toBe(false);
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
});

it('tells of memory that ran out without the words for a training', async () => {
  const { work, engine } = start();
  engine.exit({ code: 134, signal: null });
  await expect(work).rejects.toMatchObject({
    code: 'out-of-memory',
    hint: 'Take a smaller model, or close other programs.',
  });
});

it('hands over once the engine that was started ahead, and ends one that nobody took', () => {
  const { fork, engines } = fakeFork();
  const ahead = engineAhead({ executor: 'ort', model: 'm.gguf' }, fork);
  expect(engines[0]!.sent).toEqual([{ command: 'prepare', executor: 'ort', model: 'm.gguf' }]);
  ahead.fork();
  ahead.drop();
  expect(engines).toHaveLength(1);
  expect(engines[0]!.isRunning).toBe(true);
  ahead.fork();
  expect(engines).toHaveLength(2);
  engineAhead({ executor: 'ort' }, fork).drop();
  expect(engines[2]!.isRunning).toBe(false);
});
