/**
 * Searches of settings with the real engine, in the queue of the application and at a terminal: stopped, continued, trained to the end.
 * Only the one that is stopped at a terminal has engines as processes: what ends them is for supervisor.test.ts and kill.test.ts.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRequest } from '../../../common/api/contract.ts';
import type { SettingsSearch } from '../../../common/extras/search/calls.ts';
import type { Parts } from '../../../main/app/parts.ts';
import { duplicate } from '../../../main/app/runs.ts';
import { SettingsSearches } from '../../../main/extras/search/searches.ts';
import { openEngineCalls } from '../../../main/runs/engine-calls.ts';
import { openSupervisor, type Supervisor } from '../../../main/runs/supervisor.ts';
import { engineHere } from '../../helpers/engine-here.ts';
import { fettle, startFettle } from '../../helpers/fettle.ts';
import { happens } from '../../helpers/happens.ts';
import { quickHost } from '../../helpers/quick-host.ts';
import { type RunStore, runStore } from '../../helpers/run-store.ts';
import { adapterOf, numbersOf, openWorkspace, SMALL, type Workspace } from '../../integration/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

describe('in the queue', () => {
  let at: RunStore;
  let supervisor: Supervisor;
  let searches: SettingsSearches;
  const engine = openEngineCalls(engineHere);
  afterAll(() => engine.close());

  beforeEach(async () => {
    at = await runStore();
    open();
    at.store.models.save({
      ...{ id: 'tiny', name: 'Tiny', family: 'llama', format: 'safetensors', path: workspace.model },
      ...{ parameters: 60_000, bytes: 240_000, licence: null, source: 'folder', repo: null, revision: null },
      ...{ hasChatTemplate: true, added: new Date(0).toISOString(), available: true },
    });
  });
  afterEach(async () => {
    searches.close();
    await supervisor.close({ pause: false });
    at.close();
  });

  function open(): void {
    const { store } = at;
    supervisor = openSupervisor({ store, host: quickHost(engineHere), pollMs: 20 });
    const allowed = { open: async () => {}, read: async () => {}, write: async () => {} };
    searches = new SettingsSearches({ store, engine, supervisor, allowed });
  }

  const request = (): RunRequest => ({
    ...{ name: 'Tiny search', modelId: 'tiny', data: { paths: [workspace.data] }, prompts: [] },
    settings: {
      ...{ maxLength: 64, threads: 1, tokensPerMicroBatch: 128, 'lora.rank': 4, maxSteps: 40 },
      ...{ device: 'cpu', assess: false, learningRate: 5e-3 },
    },
  });
  const now = () => searches.list()[0]!;
  const until = (matches: (search: SettingsSearch) => boolean) =>
    happens(() => expect(matches(now())).toBe(true));
  const runOf = (candidate: number) => at.store.runs.get(now().tried[candidate]!.run!);

  it('compares on the same test rows, drops the worse half, and trains the best as if nobody had stopped it', async () => {
    const plan = await searches.plan({ request: request(), tries: 3 });
    expect(plan.tried.map(({ steps, evalEvery }) => [steps, evalEvery])).toEqual([
      [40, 7],
      [40, 7],
      [40, 7],
    ]);
    await searches.start({ request: request(), tries: 3, trainsBest: true });
    await until(
      ({ state, ranking, tried }) =>
        state === 'done' && runOf(ranking[0]!).state === 'done' && tried.length === 3,
    );
    const { tried, ranking, going } = now();
    const best = ranking[0]!;
    expect(going).toEqual([best]);
    expect(tried.map(({ losses }) => losses.length).sort()).toEqual([1, 2, 2]);
    const runs = tried.map((_, i) => runOf(i));
    expect(new Set(runs.map(({ start }) => start!.testRows)).size).toBe(1);
    expect(runs.every(({ tags }) => tags.includes('search Tiny search'))).toBe(true);
    for (const [i, { losses }] of tried.entries())
      for (const [round, loss] of losses.entries())
        expect(at.store.events.curves(runs[i]!.id, 100).evals).toContainEqual(
          expect.objectContaining({ step: 7 * 2 ** round, loss }),
        );
    expect(runs.filter((_, i) => i !== best).map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    expect(runs.filter(({ folder }) => existsSync(path.join(folder, 'checkpoints')))).toEqual([runs[best]]);
    expect(runs[best]).toMatchObject({ name: 'Tiny search', state: 'done', step: 40 });
    expect(runs[best]!.config).toMatchObject({ evalEvery: 'auto' });
    // the same training without a search
    const plain = at.store.runs.create({
      ...{
        name: 'plain',
        state: 'waiting',
        modelId: null,
        model: 'tiny',
        data: 'rows',
        prompts: [],
        from: null,
      },
      ...{ machine: {}, versions: {}, folder: path.join(at.folder, 'plain') },
      config: { ...runs[best]!.config, out: path.join(at.folder, 'plain') } as never,
    });
    supervisor.train(plain, {});
    await happens(() => expect(at.store.runs.get(plain.id).done).not.toBeNull());
    const steps = (folder: string) =>
      numbersOf(folder).filter((one) => (one as { event?: string }).event !== 'eval');
    expect(steps(runs[best]!.folder)).toEqual(steps(plain.folder));
    expect(adapterOf(runs[best]!.folder).equals(adapterOf(plain.folder))).toBe(true);
  });

  it('is stopped with what it found, goes on, and outlives the process', async () => {
    await searches.start({ request: request(), tries: 3, trainsBest: false });
    const { id } = now();
    await until(({ tried }) => tried[0]!.losses.length === 1);
    searches.stop(id);
    await until(({ state }) => state === 'stopped');
    const found = now().tried;
    expect(supervisor.list()).toEqual([]);
    searches.resume(id);
    await until(({ tried }) => tried.filter(({ losses }) => losses.length > 0).length === 2);
    searches.close();
    await supervisor.close({ pause: true });
    open();
    supervisor.recover();
    searches.recover();
    await until(({ state }) => state === 'done');
    expect(now().tried[0]!.losses[0]).toBe(found[0]!.losses[0]);
    expect(
      now()
        .tried.map(({ losses }) => losses.length)
        .sort(),
    ).toEqual([1, 2, 2]);
    expect(supervisor.list()).toEqual([]);
    // what a comparison needs is no part of a plan
    const best = runOf(now().ranking[0]!);
    expect(best.config).toMatchObject({ evalEvery: 7, earlyStopping: 0 });
    const { content: draft } = await searches.draft(id);
    expect(draft.name).toBe('Tiny search, again');
    expect(draft.settings).toMatchObject({ learningRate: best.config.learningRate, maxSteps: 40 });
    expect(draft.settings).not.toHaveProperty('evalEvery');
    expect(draft.settings).not.toHaveProperty('earlyStopping');
    const { content: repeated } = await duplicate({ store: at.store, engine } as Parts, best, undefined);
    expect(repeated).toMatchObject({ settings: draft.settings, from: best.id });
    const { runId } = await searches.trainBest(id);
    await happens(() => expect(at.store.runs.get(runId).state).toBe('done'));
  });

  it('says what stands against it before it begins', async () => {
    const with_ = (settings: object) => ({ ...request(), settings: { ...request().settings, ...settings } });
    const plan = (settings: object) => searches.plan({ request: with_(settings), tries: 3 });
    await expect(plan({ heldOut: 0 })).rejects.toMatchObject({ code: 'no-test-rows' });
    await expect(plan({ maxSteps: 6 })).rejects.toMatchObject({ code: 'too-short' });
    expect(searches.list()).toEqual([]);
  });
});

describe('at a terminal', () => {
  const args = (out: string, ...more: string[]) => [
    ...['search', '--model', workspace.model, '--data', workspace.data, '--out', out, ...SMALL],
    ...[
      '--tokens-per-micro-batch',
      '128',
      '--rank',
      '4',
      '--max-steps',
      '40',
      '--no-assess',
      '--device',
      'cpu',
    ],
    ...['--learning-rate', '5e-3', '--tries', '3', ...more],
  ];

  const env = () => ({ FETTLE_HOME: workspace.at('home') });
  const run = (words: readonly string[]) => fettle(words, { env: env() });

  it('finds the same from the same seed, stopped in between or not', async () => {
    const whole = await run(args(workspace.at('whole'), '--no-train-best', '--json'));
    expect(whole.code, whole.err).toBe(0);
    const result = JSON.parse(whole.out);
    expect(result.isDone).toBe(true);
    const stopped = startFettle(args(workspace.at('stopped'), '--no-train-best'), { env: env() });
    await happens(() => {
      const { tried } = JSON.parse(readFileSync(workspace.at('stopped', 'search.json'), 'utf8'));
      expect(tried[0].losses).toHaveLength(1);
    });
    stopped.signalAll('SIGINT');
    const end = await stopped.ended;
    expect(end.code, end.err).toBe(130);
    expect(end.out).toMatch(/^Best so far: try 1, /);
    const resumed = await run(['search', '--out', workspace.at('stopped'), '--resume', '--json']);
    expect(resumed.code, resumed.err).toBe(0);
    const losses = (text: string) =>
      JSON.parse(text.split('\n')[0]!).tried.map((one: { losses: number[] }) => one.losses);
    expect(losses(resumed.out)).toEqual(losses(whole.out));
    const best = workspace.at('stopped', `try-${result.best + 1}`);
    expect(existsSync(path.join(best, 'adapter', 'adapter_config.json'))).toBe(true);
  });

  it('tries what a person names, and refuses what it cannot', async () => {
    const named = await run(args(workspace.at('named'), '--try', 'rank=2,4,8', '--no-train-best', '--json'));
    expect(named.code, named.err).toBe(0);
    const configs = JSON.parse(named.out).tried.map(
      ({ config }: { config: { lora: object } }) => config.lora,
    );
    expect(configs).toMatchObject([
      { rank: 2, alpha: 4 },
      { rank: 4, alpha: 8 },
      { rank: 8, alpha: 16 },
    ]);
    for (const wrong of ['warmup-ratio=1,2', 'rank=', 'rank=4', 'epochs=1,2,3'])
      expect((await run(args(workspace.at('wrong'), '--try', wrong))).code).toBe(2);
    const done = await run(['search', '--out', workspace.at('named'), '--resume', '--no-train-best']);
    expect([done.code, done.err]).toEqual([0, expect.stringContaining('All settings are compared.')]);
    expect(done.err).not.toContain('Trying 3 settings');
    const again = await run(args(workspace.at('named')));
    expect(again.code).toBe(2);
    expect(again.err).toMatch(/There is a search in/);
  });
});
