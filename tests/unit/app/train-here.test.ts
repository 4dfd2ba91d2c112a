/** A training in the foreground: engines that are made up fail, and what the next one is told and what is kept is looked at. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent, RescueEvent } from '../../../common/protocol/protocol.ts';
import { openHistory } from '../../../main/app/history.ts';
import { ForegroundRecord, trainHere } from '../../../main/app/train-here.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import type { Outcome } from '../../../main/runs/engine-run.ts';
import type { RescuedEnd } from '../../../main/runs/rescued-run.ts';
import type { Store } from '../../../main/store/store.ts';
import { fakeFork } from '../../helpers/fake-engine.ts';
import { inHistory, withOwnHome } from '../../helpers/own-history.ts';
import { DONE, START } from '../cli/sample-events.ts';
import { ALL, assessment, configOf, evaluation, newFolder, step } from '../store/made-up.ts';

withOwnHome();

const CONFIG = parseRunConfig({ model: 'm', data: 'd', out: 'o' });
const SIZED = { ...START, tokensAtOnce: 256, leastTokensAtOnce: 128 };
const noMemory = () =>
  new AppError('out-of-memory', 'The engine process was ended by SIGKILL.', 'Close programs.');

/** Trains with engines that fail in turn with `failures`; null is a success. */
function training(failures: readonly (Error | null)[], { stopped = false, config = CONFIG } = {}) {
  const told: { readonly resume: boolean; readonly config: RunConfig; readonly startedAt: number }[] = [];
  const events: EngineEvent[] = [];
  const stop = stopped ? AbortSignal.abort() : new AbortController().signal;
  const { fork: start, engines } = fakeFork();
  const fork = () => {
    const engine = start();
    setImmediate(() => {
      told.push(engine.sent[0] as unknown as (typeof told)[number]);
      engine.say({ event: SIZED });
      const failure = failures[told.length - 1];
      const { code = null, message, hint = '', stack = '' } = (failure ?? {}) as Partial<AppError>;
      engine.say(failure ? { failed: { code, message, hint, stack } } : { event: DONE });
      engine.exit();
    });
    return engine;
  };
  const request = {
    config,
    resume: false,
    stop,
    fork,
    emit: (event: EngineEvent) => void events.push(event),
  };
  return { end: trainHere(request), told, events, engines };
}

describe('a training in the foreground', () => {
  it('is started again with settings that take less, and says so', async () => {
    const { end, told, events } = training([noMemory(), null]);
    expect(await end).toEqual(DONE);
    expect(told.map(({ resume, config }) => [resume, config.splitMicroBatch])).toEqual([
      [false, 1],
      [true, 2],
    ]);
    expect(events.map(({ event }) => event)).toEqual(['start', 'rescue', 'start', 'done']);
  });

  it('counts its seconds from its own start where the process did other things before', async () => {
    const before = Date.now();
    const { end, told } = training([null]);
    await end;
    expect(told[0]!.startedAt).toBeGreaterThanOrEqual(before);
  });

  it('is rescued from what an allocator throws, too', async () => {
    const { end, told } = training([new Error('Non-zero status code: std::bad_alloc'), null]);
    expect(await end).toEqual(DONE);
    expect(told).toHaveLength(2);
  });

  it('ends with the last error and a word about the tries where nothing helps', async () => {
    const { end, told } = training(Array(9).fill(noMemory()));
    await expect(end).rejects.toMatchObject({
      code: 'out-of-memory',
      hint: '6 retries with lighter settings failed too. Close programs.',
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
    const { code, message, hint } = failures[0] as AppError;
    await expect(end).rejects.toMatchObject({ code, message, hint });
    expect(told).toHaveLength(1);
  });
});

const STOPPED = { event: 'stopped', step: 2, steps: 300, checkpoint: 'c', resume: 'r' } as const;
const PHASE = { event: 'phase', phase: 'read' } as const;

/** Tells a record of its training's last event, and how it ended. */
function end(record: ForegroundRecord, last: typeof DONE | typeof STOPPED): void {
  record.event(last);
  const outcome = last.event === 'done' ? { kind: 'done', done: last } : { kind: 'stopped', stopped: last };
  record.ended({ outcome: outcome as Outcome, problem: null });
}

/** As `runHere` ends where the engine has failed with `error`. */
function failed({ code, message, hint }: AppError): RescuedEnd {
  const problem = { code, message, hint };
  return { outcome: { kind: 'failed', failure: { ...problem, stack: '' } }, problem };
}

function recorder(
  out: string,
  { resume = false, open }: { resume?: boolean; open?: () => Promise<Store> } = {},
) {
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  // resolves when the history is open and what was known by then is written
  let isOpen!: () => void;
  const opened = new Promise<void>((resolve) => {
    isOpen = () => setImmediate(resolve);
  });
  const opening = async () => {
    const store = await (open ?? openHistory)();
    isOpen();
    return store;
  };
  const { signal: stop } = new AbortController();
  const record = new ForegroundRecord({ config: configOf(out), resume, stop }, { warn, open: opening });
  return { record, warnings, opened };
}

describe('a training on the command line', () => {
  it('that has gone on by itself has the settings that it goes on with', async () => {
    const { record } = recorder('/elsewhere/rescued');
    const rescue: RescueEvent = {
      ...({ event: 'rescue', attempt: 1, reason: 'out-of-memory' } as const),
      ...{ failedAfter: 1, resumesFrom: 0, changes: { splitMicroBatch: 2 }, sameNumbers: true },
      ...{ cause: 'Full.', message: 'It goes on.' },
    };
    for (const event of [START, step(1), rescue, START, step(1)]) record.event(event);
    end(record, DONE);
    await record.close();
    const [run, events] = await inHistory((store) => {
      const found = store.runs.byFolder('/elsewhere/rescued')!;
      return [found, store.events.read(found.id)] as const;
    });
    expect(run).toMatchObject({ state: 'done', config: { splitMicroBatch: 2 } });
    expect(events.map(({ event }) => event)).toContainEqual(rescue);
  });

  it('is in the history with all its events and how it ended', async () => {
    const { record, warnings } = recorder('/elsewhere/first');
    const events = [
      PHASE,
      START,
      evaluation(0, 3),
      step(1),
      evaluation(1, 2.5),
      evaluation(2, 2.7, false),
      step(2),
    ];
    for (const event of events) record.event(event);
    end(record, DONE);
    await record.close();
    expect(warnings).toEqual([]);
    await inHistory((store) => {
      const [row] = store.runs.list(ALL).rows;
      const run = store.runs.get(row!.id);
      expect(run).toMatchObject({
        name: 'first',
        state: 'done',
        model: 'SmolLM2',
        data: 'support.jsonl',
        bestLoss: 2.5,
      });
      expect(run).toMatchObject({
        folder: '/elsewhere/first',
        executor: 'ort',
        done: DONE,
        start: START,
        step: DONE.steps,
      });
      expect(run.config).toEqual(configOf('/elsewhere/first'));
      expect(run.machine).toMatchObject({ platform: process.platform, threads: expect.any(Number) });
      expect(run.versions).toMatchObject({
        node: process.versions.node,
        'onnxruntime-node': expect.any(String),
      });
      expect([run.seconds, run.started !== null, run.ended !== null]).toEqual([DONE.seconds, true, true]);
      expect(store.events.read(run.id).map(({ event }) => event)).toEqual([...events, DONE]);
      expect(store.kept.get(`recorder:${run.id}`)).toBe(null);
    });
  });

  it('that fails before its start leaves no run behind', async () => {
    const { record, warnings } = recorder('/elsewhere/first');
    record.event(PHASE);
    record.ended(failed(new AppError('out-exists', 'taken', 'another')));
    await record.close();
    expect([warnings, await inHistory((store) => store.runs.list(ALL).total)]).toEqual([[], 0]);
  });

  it.each([
    [new AppError('diverged', 'It diverged.', 'Lower the rate.'), false, 'failed'],
    [new AppError('out-of-memory', 'No memory.', 'Less.'), false, 'failed'],
    [new AppError('out-of-memory', 'No memory.', 'Less.'), true, 'interrupted'],
  ] as const)('that fails with %s (checkpoint: %s) is %s, with the reason', async (error, saved, state) => {
    const { record } = recorder('/elsewhere/first');
    record.event(START);
    if (saved) record.event({ event: 'checkpoint', step: 1, path: 'c', bytes: 1 });
    record.ended(failed(error));
    await record.close();
    await inHistory((store) => {
      const run = store.runs.byFolder('/elsewhere/first')!;
      expect(run).toMatchObject({
        state,
        problem: { code: error.code, message: error.message, hint: error.hint },
      });
      expect(store.events.read(run.id).at(-1)!.event).toMatchObject({ event: 'error', code: error.code });
    });
  });

  it('that is stopped and goes on is one run', async () => {
    const first = recorder('/elsewhere/first');
    for (const event of [START, evaluation(0, 2), step(1), step(2)]) first.record.event(event);
    end(first.record, STOPPED);
    await first.record.close();
    const id = await inHistory((store) => {
      const run = store.runs.byFolder('/elsewhere/first')!;
      expect([run.state, run.step]).toEqual(['paused', 2]);
      store.runs.update(run.id, { seconds: 100, name: 'renamed' });
      store.runs.bin([run.id]);
      return run.id;
    });
    const second = recorder('/elsewhere/first', { resume: true });
    for (const event of [START, step(3), evaluation(3, 2.5, false)]) second.record.event(event);
    end(second.record, DONE);
    await second.record.close();
    await inHistory((store) => {
      expect(store.runs.list(ALL)).toMatchObject({
        total: 1,
        rows: [{ id, name: 'renamed', state: 'done' }],
      });
      expect(store.runs.get(id)).toMatchObject({ bestLoss: 2, seconds: 100 + DONE.seconds });
      expect(store.events.read(id).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(store.events.curves(id, 10).step).toEqual([1, 2, 3]);
    });
  });

  it('whose process ends at once, as at a second Ctrl-C, is interrupted with everything up to then', async () => {
    const before = process.listeners('exit');
    const { record, opened } = recorder('/elsewhere/first');
    record.event(START);
    await opened;
    record.event(step(1));
    const added = process.listeners('exit').filter((listener) => !before.includes(listener));
    expect(added).toHaveLength(1);
    added[0]!(130);
    await inHistory((store) => {
      const run = store.runs.byFolder('/elsewhere/first')!;
      expect([run.state, run.step]).toEqual(['interrupted', 1]);
      expect(store.events.read(run.id).map(({ event }) => event.event)).toEqual(['start', 'step']);
    });
    await record.close();
    expect(process.listeners('exit')).toEqual(before);
  });

  it('keeps the assessment that the engine has written', async () => {
    const out = path.join(newFolder(), 'run');
    fs.mkdirSync(out);
    fs.writeFileSync(path.join(out, 'assessment.json'), JSON.stringify(assessment(out)));
    const { record } = recorder(out);
    record.event(START);
    record.event({
      event: 'assessment',
      sentence: 's',
      remarks: [],
      learned: 'yes',
      forgot: 'little',
      report: 'r',
    });
    end(record, DONE);
    await record.close();
    await inHistory((store) => {
      const { id } = store.runs.byFolder(out)!;
      expect(store.assessments.get(id)).toEqual(assessment(out));
      expect(store.runs.get(id)).toMatchObject({ learned: 'yes', forgot: 'little' });
    });
  });

  it('goes on where the history cannot be opened, with one warning', async () => {
    const open = () => Promise.reject(new AppError('store-too-new', 'It is too new.', 'Install.'));
    const { record, warnings } = recorder('/elsewhere/first', { open });
    for (const event of [START, step(1), step(2)]) record.event(event);
    end(record, DONE);
    await record.close();
    expect(warnings).toEqual([
      expect.stringMatching(/^warning: this run is not kept in the history. It is too new./),
    ]);
  });

  it('goes on where the history cannot be written, with one warning', async () => {
    let store: Store;
    const open = async () => {
      store = await openHistory();
      return {
        ...store,
        events: {
          ...store.events,
          add: () => {
            throw new Error('disk gone');
          },
        },
      };
    };
    const { record, warnings, opened } = recorder('/elsewhere/first', { open });
    for (const event of [START, step(1)]) record.event(event);
    await opened;
    end(record, DONE);
    await record.close();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('disk gone');
  });

  it('writes again at its end what could not be written before', async () => {
    let failures = 0;
    const open = async () => {
      const store = await openHistory();
      const add: Store['events']['add'] = (id, events, change) => {
        if (failures++ === 0) throw new Error('busy');
        store.events.add(id, events, change);
      };
      return { ...store, events: { ...store.events, add } };
    };
    const { record, warnings, opened } = recorder('/elsewhere/first', { open });
    record.event(START);
    await opened;
    record.event(step(1));
    end(record, DONE);
    await record.close();
    expect(warnings).toHaveLength(1);
    await inHistory((store) => {
      const run = store.runs.byFolder('/elsewhere/first')!;
      expect(run.state).toBe('done');
      expect(store.events.read(run.id).map(({ event }) => event.event)).toEqual(['start', 'step', 'done']);
    });
  });
});
