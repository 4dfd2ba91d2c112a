import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import type { RescueEvent } from '../../../common/protocol/protocol.ts';
import {
  openHistory,
  recordAssessment,
  recordExport,
  recordTraining,
  settleKilled,
} from '../../../main/cli/record.ts';
import type { Store } from '../../../main/store/store.ts';
import { ALL, assessment, configOf, evaluation, makeRun, newFolder, step } from '../store/made-up.ts';
import { DONE, START } from './sample-events.ts';

const homeBefore = process.env.FETTLE_HOME;
beforeEach(() => {
  process.env.FETTLE_HOME = newFolder();
});
afterEach(() => {
  process.env.FETTLE_HOME = homeBefore;
});

/** What `look` sees in the history. */
async function inHistory<T>(look: (store: Store) => T): Promise<T> {
  const store = await openHistory();
  try {
    return look(store);
  } finally {
    store.close();
  }
}

const STOPPED = { event: 'stopped', step: 2, steps: 300, checkpoint: 'c', resume: 'r' } as const;
const PHASE = { event: 'phase', phase: 'read' } as const;

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
  const record = recordTraining(configOf(out), { resume, warn, open: opening });
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
    for (const event of [START, step(1), rescue, START, step(1), DONE]) record.event(event);
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
    record.event(DONE);
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
    record.failed(new AppError('out-exists', 'taken', 'another'));
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
    record.failed(error);
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
    for (const event of [START, evaluation(0, 2), step(1), step(2), STOPPED]) first.record.event(event);
    await first.record.close();
    const id = await inHistory((store) => {
      const run = store.runs.byFolder('/elsewhere/first')!;
      expect([run.state, run.step]).toEqual(['paused', 2]);
      store.runs.update(run.id, { seconds: 100, name: 'renamed' });
      store.runs.bin([run.id]);
      return run.id;
    });
    const second = recorder('/elsewhere/first', { resume: true });
    for (const event of [START, step(3), evaluation(3, 2.5, false), DONE]) second.record.event(event);
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
    record.event({ event: 'assessment', sentence: 's', learned: 'yes', forgot: 'little', report: 'r' });
    record.event(DONE);
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
    for (const event of [START, step(1), step(2), DONE]) record.event(event);
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
    record.event(DONE);
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
    for (const event of [step(1), DONE]) record.event(event);
    await record.close();
    expect(warnings).toHaveLength(1);
    await inHistory((store) => {
      const run = store.runs.byFolder('/elsewhere/first')!;
      expect(run.state).toBe('done');
      expect(store.events.read(run.id).map(({ event }) => event.event)).toEqual(['start', 'step', 'done']);
    });
  });
});

describe('runs of command lines that were killed', () => {
  it('become interrupted, those of living ones and of the window stay', async () => {
    await inHistory((store) => {
      const [dead, alive, ofWindow] = ['dead', 'alive', 'window'].map((name) => makeRun(store, name).id) as [
        string,
        string,
        string,
      ];
      // no process has a number like this
      store.kept.set(`recorder:${dead}`, { pid: 2 ** 22 + 1 });
      store.kept.set(`recorder:${alive}`, { pid: process.pid });
      settleKilled(store);
      expect([dead, alive, ofWindow].map((id) => store.runs.get(id).state)).toEqual([
        'interrupted',
        'running',
        'running',
      ]);
      expect(store.kept.get(`recorder:${dead}`)).toBe(null);
    });
  });
});

describe('assess and export', () => {
  it('are kept with the run that lies in the folder', async () => {
    const id = await inHistory((store) => makeRun(store, 'one', { folder: '/x/one' }).id);
    const warnings: string[] = [];
    const result = { as: 'gguf', out: '/x/one.gguf', files: [] } as never;
    for (const folder of ['/x/one', '/x/unknown']) {
      await recordAssessment(folder, assessment(folder), (text) => warnings.push(text));
      await recordExport(folder, result, (text) => warnings.push(text));
    }
    expect(warnings).toEqual([]);
    await inHistory((store) => {
      expect(store.assessments.get(id)).toEqual(assessment('/x/one'));
      expect(store.exports.list(id)).toMatchObject([{ result, available: false }]);
    });
  });

  it('say so where the history cannot be opened, and succeed', async () => {
    fs.writeFileSync(path.join(process.env.FETTLE_HOME!, 'data'), 'a file');
    const warnings: string[] = [];
    await recordExport('/x/one', {} as never, (text) => warnings.push(text));
    expect(warnings).toEqual([expect.stringContaining('warning: this is not kept in the history.')]);
  });
});
