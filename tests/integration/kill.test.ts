/**
 * The engine, the web host, and both are killed at random moments of a real training. Nothing that a page has been shown is lost, the
 * run is offered for resuming and goes on from its last checkpoint, no engine trains on without a host, and in the end every step
 * is recorded once with the numbers that the engine has written. KILL_SEED=7 repeats the moments of a seed.
 */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job, NumberedEvent } from '../../common/api/contract.ts';
import type { EvalEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { STORE_FILE } from '../../main/store/open.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import { seeded } from '../helpers/random.ts';
import { startWebApp, type WebAppUnderTest } from '../helpers/web-app.ts';
import { type Api, connect } from '../helpers/web-client.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const random = seeded(SEED);
const STEPS = 500;
const SETTINGS = {
  ...{ maxLength: 64, tokensPerMicroBatch: 128, 'lora.rank': 4, learningRate: 5e-3, maxSteps: STEPS },
  ...{ evalEvery: 25, saveEverySteps: 7, assess: false, threads: 1, rescue: false },
};
/** A round goes on for so many steps at most before something is killed, and then for so many milliseconds. */
const MOST_STEPS = 25;
const MOST_MS = 400;

type Victim = 'engine' | 'host' | 'both';
const VICTIMS: readonly Victim[] = ['engine', 'host', 'both', 'host', 'engine', 'both'];

let workspace: Workspace;
let app: WebAppUnderTest;
let api: Api;
let runId: string;
/** What pages have been shown, by number. */
const shown = new Map<number, NumberedEvent>();

beforeAll(async () => {
  console.log(`seed ${SEED}`);
  workspace = await openWorkspace();
  await open();
});
afterAll(async () => {
  app?.process.kill('SIGKILL');
  await app?.close();
  workspace?.remove();
});

/** Opens a host on the home of the one before, and a page. */
async function open(): Promise<void> {
  app = await startWebApp(app?.home);
  const link = await app.link();
  const server = {
    address: app.address,
    port: 0,
    isOpenToOthers: false,
    link: () => link,
    close: async () => {},
  };
  ({ api } = await connect(server));
}

/** Follows the run as a page does until the stream ends or breaks; `onNew` gets what no page has seen before. */
async function follow(onNew: (event: NumberedEvent) => void): Promise<void> {
  const after = Math.max(0, ...shown.keys());
  try {
    for await (const event of await api.runs.events({ id: runId, after })) {
      shown.set(event.number, event);
      onNew(event);
    }
  } catch {
    // the host is gone
  }
}

async function jobNow(): Promise<Job | undefined> {
  for await (const all of await api.jobs.watch()) return all.find((job) => job.runId === runId);
  return undefined;
}

/** Everything that is recorded of the run. */
async function recorded(): Promise<NumberedEvent[]> {
  const { lastNumber = 0 } = await api.runs.curves({ id: runId });
  const events: NumberedEvent[] = [];
  for await (const event of await api.runs.events({ id: runId, after: 0 })) {
    events.push(event);
    if (event.number >= lastNumber) break;
  }
  return events;
}

const enginesOf = (host: number): number[] =>
  readFileSync(`/proc/${host}/task/${host}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The process that works in the run's folder. */
async function workerIn(folder: string): Promise<number> {
  let pid = 0;
  const look = () => {
    try {
      pid = Number.parseInt(readFileSync(path.join(folder, '.lock'), 'utf8'), 10);
    } catch {
      return false;
    }
    return isRunning(pid);
  };
  await expect.poll(look, { interval: 5 }).toBe(true);
  return pid;
}

async function kill(victim: Victim, worker: number): Promise<void> {
  const host = app.process.pid!;
  const engines = enginesOf(host);
  const inTurn = [() => process.kill(host, 'SIGKILL'), () => process.kill(worker, 'SIGKILL')];
  if (random() < 0.5) inTurn.reverse();
  if (victim === 'engine') process.kill(worker, 'SIGKILL');
  else if (victim === 'host') process.kill(host, 'SIGKILL');
  else for (const end of inTurn) end();
  if (victim !== 'engine') await app.end('SIGKILL');
  const orphans = victim === 'engine' ? [worker] : [worker, ...engines];
  await expect.poll(() => orphans.filter(isRunning), { interval: 20 }).toEqual([]);
}

describe.skipIf(process.platform !== 'linux')(`a training (seed ${SEED})`, () => {
  let folder: string;

  it('begins', async () => {
    await api.files.open({ what: 'data', paths: [workspace.at()] });
    const model = await api.models.add({ path: workspace.model });
    const data = { paths: [workspace.data] };
    const request = { name: 'Animals', modelId: model.id, data, prompts: ['2 cat 1'], settings: SETTINGS };
    ({ runId } = await api.jobs.train({ request }));
    ({ folder } = await api.runs.get({ id: runId }));
  });

  it.each(VICTIMS.map((victim, round) => [round + 1, victim] as const))(
    'round %i: loses nothing when it is killed: %s',
    async (round, victim) => {
      // the first one at once, as the engine prepares: before any step
      const most = round === 1 ? 0 : 1;
      const steps = most * Math.floor(random() * MOST_STEPS);
      const delay = most * Math.floor(random() * MOST_MS);
      const worker = await workerIn(folder);
      const enough = Promise.withResolvers<void>();
      let taken = 0;
      const following = follow(({ event }) => {
        if (event.event === 'step') taken++;
        if (taken >= steps) enough.resolve();
      });
      await enough.promise;
      await sleep(delay);
      await kill(victim, worker);
      if (victim === 'engine') await expect.poll(async () => (await jobNow())?.state).toBe('failed');
      else {
        await following;
        await open();
      }

      const run = await api.runs.get({ id: runId });
      const job = await jobNow();
      expect(run.state, `round ${round} after ${steps} steps and ${delay} ms`).toBe('interrupted');
      expect(run.problem).not.toBeNull();
      expect(job).toMatchObject({ kind: 'train', state: victim === 'engine' ? 'failed' : 'paused' });
      expect((await api.runs.list({ states: ['interrupted'] })).rows.map(({ id }) => id)).toEqual([runId]);

      const all = await recorded();
      expect(all.map(({ number }) => number)).toEqual(all.map((_, i) => i + 1));
      for (const event of shown.values()) expect(all[event.number - 1]).toEqual(event);

      await (victim === 'engine' ? api.jobs.resumeRun({ runId }) : api.jobs.resume({ id: job!.id }));
    },
  );

  it('goes on to its end, every step recorded once', async () => {
    let stepsDone = -1;
    await follow(({ event }) => {
      if (event.event === 'start') ({ stepsDone } = event);
      if (event.event === 'error') throw new Error(event.message);
    });
    expect(stepsDone).toBeGreaterThan(0);
    expect(stepsDone).toBeLessThan(STEPS);
    await expect
      .poll(async () => (await api.runs.get({ id: runId })).state, { timeout: WAIT_MS })
      .toBe('done');
    const curves = await api.runs.curves({ id: runId, points: 10_000 });
    expect(curves.step).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));

    const written = readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    const metrics = written.map((line) => JSON.parse(line) as StepEvent | EvalEvent);
    const steps = metrics.filter((metric) => metric.event === 'step');
    const evals = metrics.filter((metric) => metric.event === 'eval');
    expect(curves.loss).toEqual(steps.map(({ loss }) => loss));
    expect(curves.evals).toEqual(evals.map(({ event: _, ...point }) => point));
    const run = await api.runs.get({ id: runId });
    expect(run).toMatchObject({ step: STEPS, steps: STEPS, problem: null });
    expect(run.bestLoss).toBe(Math.min(...evals.map(({ loss }) => loss)));
    expect(readdirSync(folder)).not.toContain('.lock');
  });

  it('is in the history of the next host, in a store without a flaw', async () => {
    const { dataFolder } = await api.host.info();
    await app.end('SIGKILL');
    const store = new Sqlite(path.join(dataFolder, STORE_FILE), { readonly: true });
    expect(store.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(store.pragma('foreign_key_check')).toEqual([]);
    store.close();
    await open();
    const { total, rows } = await api.runs.list({});
    expect([total, rows[0]?.id, rows[0]?.state]).toEqual([1, runId, 'done']);
    expect((await api.runs.list({ search: 'animals' })).total).toBe(1);
    expect(await jobNow()).toBeUndefined();
  });
});
