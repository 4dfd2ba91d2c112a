/**
 * Jobs with the real engine, recorded in a real store: paused, resumed, ended early, cancelled, killed. Whatever happens, the numbers are
 * those of a run that nobody disturbed, and nothing is recorded twice. Engines are processes, but where no process is asked about.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NumberedEvent, RunDetails } from '../../common/api/contract.ts';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import type { Fork } from '../../main/runs/engine-link.ts';
import { forkChild, forkFile } from '../../main/runs/fork.ts';
import type { Supervisor } from '../../main/runs/supervisor.ts';
import { openSupervisor } from '../../main/runs/supervisor.ts';
import { guarded } from '../../main/runs/watchdog.ts';
import { engineHere } from '../helpers/engine-here.ts';
import { happens } from '../helpers/happens.ts';
import { KILLED } from '../helpers/killed.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import { growingParquet } from '../helpers/parquet.ts';
import { type QuickHost, quickHost } from '../helpers/quick-host.ts';
import { type RunStore, runStore } from '../helpers/run-store.ts';
import { adapterOf, numbersOf, openWorkspace, type Workspace, writeGeneral } from './workspace.ts';

let workspace: Workspace;
let at: RunStore;
let host: QuickHost;
let supervisor: Supervisor;
/** How the engines of a test are started. */
let start: Fork;
let whole: { numbers: unknown[]; adapter: Buffer };

beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

beforeEach(async () => {
  at = await runStore();
  start = forkChild;
  host = quickHost(() => start());
  supervisor = openSupervisor({ store: at.store, host, pollMs: 20 });
});
afterEach(async () => {
  await supervisor.close({ pause: false });
  at.close();
});

/** Everything that draws random numbers or counts, and an evaluation every five steps. */
function newRun(name: string, config: object = {}, prompts: readonly string[] = []): RunDetails {
  const { model, data } = workspace;
  const settings = {
    ...{ model, data, maxLength: 64, tokensPerMicroBatch: 128, lora: { rank: 4, dropout: 0.1 } },
    ...{ maxSteps: 24, learningRate: 5e-3, evalEvery: 5, saveEverySteps: 4, gradientAccumulation: 2 },
  };
  return at.run(name, { ...settings, ...config }, prompts);
}

async function until(runId: string, matches: (event: EngineEvent) => boolean): Promise<NumberedEvent> {
  for await (const numbered of supervisor.events(runId, 0)) if (matches(numbered.event)) return numbered;
  throw new Error(`the run ended before that: ${JSON.stringify(supervisor.list())}`);
}

const isStep = (step: number) => (event: EngineEvent) => event.event === 'step' && event.step >= step;
const isDone = (event: EngineEvent) => event.event === 'done';
const jobOf = (run: RunDetails) => supervisor.list().find(({ runId }) => runId === run.id);
const ended = (run: RunDetails) =>
  happens(() => expect(['done', 'failed', 'paused', undefined]).toContain(jobOf(run)?.state));
const recorded = (run: RunDetails) => at.store.events.read(run.id);

function expectWhole(run: RunDetails): void {
  const numbers = recorded(run).map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
}

describe('a training', () => {
  it('is recorded from its first word to its last', async () => {
    const run = newRun('whole');
    supervisor.train(run, {});
    await until(run.id, isDone);
    await ended(run);
    whole = { numbers: numbersOf(run.folder), adapter: adapterOf(run.folder) };
    expectWhole(run);
    const curves = at.store.events.curves(run.id, 1000);
    expect(curves.step).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    const last = recorded(run).at(-1)!.event;
    expect(at.store.runs.get(run.id)).toMatchObject({ state: 'done', step: 24, steps: 24, done: last });
    expect(at.store.runs.get(run.id).dataHash).toMatch(/^[0-9a-f]{64}$/);
    expect(host.fractions.at(-2)).toBe(1);
    expect(host.notices).toHaveLength(1);
  });

  it('takes the same steps with prompts, which are answered at each evaluation', async () => {
    start = engineHere;
    const run = newRun('prompts', {}, ['2 cow 7', '1 dog 3']);
    supervisor.train(run, {});
    await until(run.id, isDone);
    await ended(run);
    expect(numbersOf(run.folder)).toEqual(whole.numbers);
    expect(adapterOf(run.folder).equals(whole.adapter)).toBe(true);
    const samples = at.store.events.samples(run.id);
    expect(samples.map(({ step, prompt }) => `${step} ${prompt}`)).toEqual(
      [0, 5, 10, 15, 20, 24].flatMap((step) => [`${step} 2 cow 7`, `${step} 1 dog 3`]),
    );
    const texts = new Set(samples.map(({ text }) => text));
    expect(texts.size).toBeGreaterThan(2);
  });

  it('is paused and resumed without a trace in its numbers', async () => {
    const run = newRun('paused');
    const job = supervisor.train(run, {});
    await until(run.id, isStep(7));
    await supervisor.pause(job.id);
    expect([jobOf(run)?.state, at.store.runs.get(run.id).state]).toEqual(['paused', 'paused']);
    expect(recorded(run).at(-1)?.event.event).toBe('stopped');
    // its memory is free: the process is gone
    expect(existsSync(`${run.folder}/.lock`)).toBe(false);
    supervisor.resume(job.id);
    await until(run.id, isDone);
    await ended(run);
    expect(numbersOf(run.folder)).toEqual(whole.numbers);
    expect(adapterOf(run.folder).equals(whole.adapter)).toBe(true);
    expectWhole(run);
  });

  it('is ended early with its best weights', async () => {
    start = engineHere;
    const run = newRun('early', { maxSteps: 100_000, schedule: 'constant' });
    const job = supervisor.train(run, {});
    await until(run.id, isStep(7));
    await supervisor.finish(job.id);
    await until(run.id, isDone);
    await ended(run);
    const { done, state } = at.store.runs.get(run.id);
    expect([state, done?.reason]).toEqual(['stopped-early', 'finished-early']);
    expect(done!.steps).toBeLessThan(100_000);
    const evals = recorded(run).flatMap(({ event }) => (event.event === 'eval' ? [event] : []));
    expect(evals.at(-1)?.step).toBe(done!.steps);
    // the lowest, unless that may be chance; where it ends is chance, too
    const lowest = evals.reduce((a, b) => (b.loss < a.loss ? b : a));
    const kept = [lowest, evals.at(-1)!].map(({ step, loss }) => [step, loss]);
    expect(kept).toContainEqual([done!.bestStep, done!.heldOutLoss]);
    expect(adapterOf(run.folder).length).toBeGreaterThan(1000);
  });

  it('is done without a comparison where that is skipped, which can be made later', async () => {
    const run = newRun('skipped', { assess: true });
    const job = supervisor.train(run, {});
    await expect.poll(() => jobOf(run)?.comparing, { interval: 2, timeout: WAIT_MS }).toBe(true);
    await supervisor.skip(job.id);
    expect([jobOf(run)?.state, at.store.runs.get(run.id).state]).toEqual(['done', 'done']);
    expect(at.store.assessments.get(run.id)).toBeNull();
    const said = recorded(run).flatMap(({ event }) => (event.event === 'warning' ? [event.code] : []));
    expect(said).toContain('not-assessed');
    expect(adapterOf(run.folder).equals(whole.adapter)).toBe(true);
    // the one that is skipped has to take a while, this one has not
    writeGeneral(workspace.model);
    supervisor.assess(at.store.runs.get(run.id));
    await happens(() => expect(at.store.assessments.get(run.id)).not.toBeNull());
  });

  it('leaves its checkpoints and no result when it is cancelled', async () => {
    const run = newRun('cancelled', { maxSteps: 100_000 });
    const job = supervisor.train(run, {});
    await until(run.id, isStep(6));
    await supervisor.cancel(job.id);
    expect([supervisor.list(), at.store.runs.get(run.id).state]).toEqual([[], 'stopped']);
    expect(existsSync(`${run.folder}/adapter`)).toBe(false);
    expect(at.store.runs.get(run.id).checkpoints.length).toBeGreaterThan(0);
  });
});

describe('an engine that is killed', () => {
  it('leaves an interrupted run that goes on to the same numbers', async () => {
    const run = newRun('killed', { rescue: false });
    supervisor.train(run, {});
    await until(run.id, isStep(10));
    process.kill(host.engines[0]!.pid!, 'SIGKILL');
    await ended(run);
    expect(jobOf(run)).toMatchObject({ state: 'failed', problem: { code: KILLED } });
    expect(at.store.runs.get(run.id).state).toBe('interrupted');
    supervisor.dismiss(jobOf(run)!.id);
    supervisor.resumeRun(at.store.runs.get(run.id));
    await until(run.id, isDone);
    await ended(run);
    expect(numbersOf(run.folder)).toEqual(whole.numbers);
    expect(adapterOf(run.folder).equals(whole.adapter)).toBe(true);
    expectWhole(run);
    expect(at.store.runs.get(run.id)).toMatchObject({ state: 'done', problem: null });
  });

  it('together with the whole application, is offered again by the next one', async () => {
    const run = newRun('both');
    supervisor.train(run, {});
    const waiting = newRun('waiting', { maxSteps: 2 });
    supervisor.train(waiting, {});
    await until(run.id, isStep(9));
    await supervisor.close({ pause: false });
    const before = recorded(run);
    await at.reopen();
    expect(recorded(run)).toEqual(before);
    supervisor = openSupervisor({ store: at.store, host });
    supervisor.recover();
    expect(supervisor.list().map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...['both paused', 'waiting paused'],
    ]);
    supervisor.resume(jobOf(run)!.id);
    await until(run.id, isDone);
    await ended(run);
    expect(numbersOf(run.folder)).toEqual(whole.numbers);
    expectWhole(run);
  });
});

describe('the queue', () => {
  it('trains three runs one after the other, in the order of the moment', async () => {
    start = engineHere;
    const runs = ['a', 'b', 'c'].map((name) => newRun(name, { maxSteps: 2, heldOut: 0 }));
    const jobs = runs.map((run) => supervisor.train(run, {}));
    supervisor.reorder([jobs[2]!.id, jobs[1]!.id]);
    for (const run of runs) await until(run.id, isDone);
    const timeOf = (run: RunDetails, kind: string) =>
      recorded(run).find(({ event }) => event.event === kind)!.at;
    expect(timeOf(runs[0]!, 'done')).toBeLessThanOrEqual(timeOf(runs[2]!, 'start'));
    expect(timeOf(runs[2]!, 'done')).toBeLessThanOrEqual(timeOf(runs[1]!, 'start'));
  });
});

describe('a hostile file', () => {
  it('fails its run alone: its engine is ended, and the next run begins', async () => {
    start = () => guarded(forkChild(), { budget: () => ({ milliseconds: 60_000, bytes: 400e6 }) });
    const bomb = workspace.at('bomb.parquet');
    writeFileSync(bomb, growingParquet(60_000));
    const [hostile, sound] = [newRun('hostile', { data: bomb }), newRun('sound', { maxSteps: 2 })];
    supervisor.train(hostile, {});
    supervisor.train(sound, {});
    await until(sound.id, isDone);
    expect(jobOf(hostile)).toMatchObject({
      state: 'failed',
      problem: { code: 'data-too-large', message: expect.stringContaining('bomb.parquet') },
    });
    expect(at.store.runs.get(hostile.id).state).toBe('failed');
  });
});

describe('an engine of another kind', () => {
  it.each([
    ['exits with 134', 'process.exit(134)', 'out-of-memory'],
    ['aborts', "console.error('std::bad_alloc'); process.abort()", 'out-of-memory'],
    ['dies of something else', "console.error('no such thing'); process.exit(3)", 'engine-died'],
  ])('that %s is explained', async (name, code, problem) => {
    const file = workspace.at(`${name}.mjs`);
    writeFileSync(file, `process.on('message', () => { ${code} });`);
    const own = openSupervisor({ store: at.store, host: quickHost(() => forkFile(file)) });
    const run = newRun(name);
    own.train(run, {});
    await happens(() => expect(own.list()[0]?.problem?.code).toBe(problem));
    expect(at.store.runs.get(run.id).state).toBe('failed');
    if (problem === 'engine-died') expect(own.list()[0]!.problem!.message).toContain('no such thing');
    await own.close({ pause: false });
  });
});
