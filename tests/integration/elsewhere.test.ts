/**
 * Trainings on targets through the real queue, store and engine, which works in this process; only the network and PyTorch have
 * stand-ins. Whatever happens on the way, nothing is recorded twice and nothing is lost.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { RunDetails } from '../../common/api/contract.ts';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { writeBundleHere } from '../../main/app/bundles.ts';
import { workHere } from '../../main/app/work-here.ts';
import { parseRunConfig } from '../../main/engine/config/config.ts';
import { openSupervisor, type Supervisor } from '../../main/runs/supervisor.ts';
import { newPlace, readPlace, writePlace } from '../../main/targets/place.ts';
import { forkElsewhere } from '../../main/targets/target-job.ts';
import { openIn, withFullDisk } from '../campaign/disk.ts';
import * as extras from '../extras/targets.ts';
import { engineHere } from '../helpers/engine-here.ts';
import { type ExtraWorld, type FarAway, farAway } from '../helpers/far-away.ts';
import { happens } from '../helpers/happens.ts';
import { quickHost } from '../helpers/quick-host.ts';
import { type RunStore, runStore } from '../helpers/run-store.ts';
import { openWorkspace, type Workspace, writeGeneral } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  writeGeneral(workspace.model);
});
afterAll(() => workspace.remove());

const worlds = Object.entries<ExtraWorld>(extras);
const KINDS: Readonly<Record<string, (home: string, env: Record<string, string>) => Promise<Far>>> = {
  ssh: async (home, env) => farAway(home, env),
  ...Object.fromEntries(worlds.map(([kind, { open }]) => [kind, open])),
};
type Far = FarAway & { sent?(): string; close?(): Promise<void> };

/** A store, its supervisor and a target of one test: these tests mostly wait for a target, and do so beside each other. */
interface World {
  readonly at: RunStore;
  readonly far: Far;
  readonly run: RunDetails;
  readonly supervisor: Supervisor;
  /** Closes the supervisor as the application does when it ends, and opens another one after `pause`. */
  reopen(pause: () => Promise<void>): Promise<void>;
}

let homes = 0;
/** Long enough for what is asked after one of the first steps to come before the last one, on a machine that does much else. */
const STEP_MS = '200';

/** `onEnd`: what ends the test tidies this up. */
async function begin(
  onEnd: TestContext['onTestFinished'],
  kind: string,
  name: string,
  config: object = {},
  env: Record<string, string> = {},
): Promise<World> {
  const far: Far = await KINDS[kind]!(workspace.at(`home-${homes++}`), env);
  const at = await runStore();
  const open = () => {
    const forkFor = (folder: string) =>
      readPlace(folder) && forkElsewhere(folder, { fork: engineHere, targetOf: () => far.target });
    return openSupervisor({ store: at.store, host: quickHost(engineHere), forkFor, pollMs: 20 });
  };
  let supervisor = open();
  onEnd(async () => {
    await supervisor.close({ pause: false });
    await far.close?.();
    at.close();
  });
  const { model, data } = workspace;
  const settings = {
    ...{ model, data, maxLength: 64, tokensPerMicroBatch: 128, lora: { rank: 4 }, assess: false },
    ...{ maxSteps: 24, learningRate: 5e-3, evalEvery: 5, gradientAccumulation: 2 },
  };
  const run = at.run(name, { ...settings, ...config }, ['1 dog 3']);
  writePlace(run.folder, newPlace('far', null));
  return {
    ...{ at, far, run },
    get supervisor() {
      return supervisor;
    },
    async reopen(pause) {
      await supervisor.close({ pause: true });
      await pause();
      supervisor = open();
    },
  };
}

const recorded = ({ at, run }: World) => at.store.events.read(run.id).map(({ event }) => event);
const jobOf = ({ supervisor, run }: World) => supervisor.list().find(({ runId }) => runId === run.id);
const settled = (world: World, ...states: string[]) =>
  happens(() => expect(states).toContain(jobOf(world)?.state));
const steps = (world: World) =>
  recorded(world).flatMap((event) => (event.event === 'step' ? [event.step] : []));
const all = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function until({ supervisor, run }: World, matches: (event: EngineEvent) => boolean): Promise<void> {
  for await (const { event } of supervisor.events(run.id, 0)) if (matches(event)) return;
  throw new Error(`the run ended before that: ${JSON.stringify(supervisor.list())}`);
}
const isStep = (step: number) => (event: EngineEvent) => event.event === 'step' && event.step >= step;

describe('a bundle', () => {
  const filesIn = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .sort();

  it('has the same bytes each time, every row and no path of this computer', async ({ onTestFinished }) => {
    const at = await runStore();
    onTestFinished(() => at.close());
    const { config, folder } = at.run('bundled', {
      model: workspace.model,
      data: workspace.data,
      maxSteps: 12,
    });
    const asked = { config: parseRunConfig(config), hub: null };
    const write = (out: string) => workHere('bundle', { ...asked, out }, {}, engineHere);
    const [one, two] = [workspace.at('one'), workspace.at('two')];
    const facts = await write(one);
    await write(two);
    const hashes = (of: string) =>
      filesIn(of).map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(path.join(of, name)))
          .digest('hex'),
      ]);
    expect(hashes(one)).toEqual(hashes(two));
    expect(filesIn(one)).toContain(path.join('adapter', 'adapter_model.safetensors'));
    const lines = (name: string) =>
      readFileSync(path.join(one, name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect(lines('train.jsonl')).toHaveLength(facts.start.rows);
    expect(lines('eval.jsonl')).toHaveLength(facts.start.heldOutRows);
    expect(lines('steps.jsonl')).toHaveLength(facts.start.steps);
    const labelled = lines('train.jsonl').flatMap(({ labels }) =>
      labels.filter((label: number) => label >= 0),
    );
    expect(labelled).toHaveLength(facts.start.labelledTokens);
    const text = filesIn(one)
      .map((name) => readFileSync(path.join(one, name), 'latin1'))
      .join('');
    for (const place of [workspace.at(), folder]) expect(text).not.toContain(place);
    expect(facts.model?.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors']),
    );
  });

  it('leaves nothing behind where the disk is full, and comes into the same folder then', async ({
    onTestFinished,
  }) => {
    const at = await runStore();
    onTestFinished(() => at.close());
    const { model, data } = workspace;
    const { config } = at.run('full', { model, data, maxSteps: 12 });
    const [out, empty] = [workspace.at('full'), workspace.at('full-empty')];
    const write = (into: string) =>
      writeBundleHere({ config: config as never, out: into, hub: null }, {}, engineHere);
    for (const name of [/train\.jsonl/, /steps\.jsonl/, /adapter_model/, /train\.py/, /model\.safetensors/]) {
      await expect(withFullDisk(name, () => write(out))).rejects.toMatchObject({ code: 'disk-full' });
      expect({ name, isThere: existsSync(out), open: openIn(out) }).toEqual({
        name,
        isThere: false,
        open: [],
      });
    }
    mkdirSync(empty);
    await expect(withFullDisk(/run\.json/, () => write(empty))).rejects.toMatchObject({ code: 'disk-full' });
    expect(readdirSync(empty)).toEqual([]);
    for (const into of [out, empty]) await write(into);
    expect(filesIn(empty)).toEqual(filesIn(out));
    expect(filesIn(out)).toContain(path.join('model', 'model.safetensors'));
    await expect(write(out)).rejects.toMatchObject({ code: 'out-exists' });
    expect(filesIn(out)).toEqual(filesIn(empty));
  });
});

describe.skipIf(process.platform === 'win32').each(Object.keys(KINDS))(
  'a training on a target, %s',
  (kind) => {
    it.concurrent('is recorded like one of this computer, and assessed here', async ({ onTestFinished }) => {
      const world = await begin(onTestFinished, kind, 'whole', { assess: true });
      world.supervisor.train(world.run, {});
      await settled(world, 'done', 'failed');
      expect(jobOf(world)?.problem).toBeNull();
      expect(steps(world)).toEqual(all(24));
      const events = recorded(world);
      expect(events.find(({ event }) => event === 'start')).toMatchObject({
        target: 'far',
        device: 'a card',
        executor: 'pytorch',
      });
      expect(events.filter(({ event }) => event === 'eval')).toHaveLength(6);
      expect(world.at.store.events.samples(world.run.id).map(({ step }) => step)).toEqual([
        0, 5, 10, 15, 20, 24,
      ]);
      expect(events.some(({ event }) => event === 'assessment')).toBe(true);
      expect(events.at(-1)).toMatchObject({ event: 'done', steps: 24, reason: 'finished' });
      expect(world.at.store.assessments.get(world.run.id)).not.toBeNull();
      expect(readdirSync(path.join(world.run.folder, 'adapter')).sort()).toEqual([
        'adapter_config.json',
        'adapter_model.safetensors',
      ]);
    });

    it.concurrent('pauses there, and resumes from what was saved there', async ({ onTestFinished }) => {
      const world = await begin(onTestFinished, kind, 'paused', {}, { FAKE_STEP_MS: STEP_MS });
      const job = world.supervisor.train(world.run, {});
      await until(world, isStep(5));
      await world.supervisor.pause(job.id);
      expect(jobOf(world)?.state).toBe('paused');
      expect(recorded(world).at(-1)?.event).toBe('stopped');
      world.supervisor.resume(job.id);
      await settled(world, 'done', 'failed');
      expect(jobOf(world)?.problem).toBeNull();
      expect(steps(world)).toEqual(all(24));
      expect(recorded(world).filter(({ event }) => event === 'start')).toHaveLength(2);
    });

    it.concurrent('goes on while the application is closed, and is watched again', async ({
      onTestFinished,
    }) => {
      const world = await begin(onTestFinished, kind, 'closed', {}, { FAKE_STEP_MS: STEP_MS });
      world.supervisor.train(world.run, {});
      await until(world, isStep(4));
      await world.reopen(() => new Promise((resolve) => setTimeout(resolve, 500)));
      world.supervisor.recover();
      await settled(world, 'done', 'failed');
      expect(jobOf(world)?.problem).toBeNull();
      expect(steps(world)).toEqual(all(24));
      // one job did it all
      expect(recorded(world).filter(({ event }) => event === 'checkpoint')).toHaveLength(1);
    });

    it.concurrent('loses nothing while the network is cut', async ({ onTestFinished }) => {
      const world = await begin(onTestFinished, kind, 'cut', {}, { FAKE_STEP_MS: STEP_MS });
      world.supervisor.train(world.run, {});
      await until(world, isStep(4));
      world.far.cut();
      await until(world, (event) => event.event === 'warning' && event.code === 'target-unreachable');
      world.far.restore();
      await settled(world, 'done', 'failed');
      expect(jobOf(world)?.problem).toBeNull();
      expect(steps(world)).toEqual(all(24));
      expect(world.at.store.events.samples(world.run.id).map(({ step }) => step)).toEqual([
        0, 5, 10, 15, 20, 24,
      ]);
    });

    it.concurrent('ends early with what it has', async ({ onTestFinished }) => {
      const world = await begin(onTestFinished, kind, 'early', {}, { FAKE_STEP_MS: STEP_MS });
      const job = world.supervisor.train(world.run, {});
      await until(world, isStep(4));
      await world.supervisor.finish(job.id);
      await settled(world, 'done', 'failed');
      expect(world.at.store.runs.get(world.run.id).state).toBe('stopped-early');
      expect(recorded(world).at(-1)).toMatchObject({ event: 'done', reason: 'finished-early' });
    });

    it.concurrent('takes no damaged result', async ({ onTestFinished }) => {
      const world = await begin(onTestFinished, kind, 'damaged', {}, { FAKE_DAMAGE: '1' });
      world.supervisor.train(world.run, {});
      await settled(world, 'done', 'failed');
      expect(jobOf(world)?.problem?.code).toBe('target-damaged');
    });
  },
);

describe.skipIf(process.platform === 'win32')('a training on a target', () => {
  it.concurrent.for([
    [
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB',
      'The card of far ran out of memory.',
    ],
    ['OSError: [Errno 28] No space left on device', 'The disk of far is full.'],
    ['slurmstepd: error: *** JOB 7 CANCELLED DUE TO TIME LIMIT ***', 'far ended the job at its time limit.'],
    ['slurmstepd: error: *** JOB 5 ON a CANCELLED AT 2026-11-28 ***', 'Somebody cancelled the job on far.'],
    ["ModuleNotFoundError: No module named 'trl'", 'The Python of far lacks a package.'],
  ] as const)('says why it failed: %s', async ([words, sentence], { onTestFinished }) => {
    const world = await begin(onTestFinished, 'ssh', 'failed', {}, { FAKE_FAILURE: words });
    world.supervisor.train(world.run, {});
    await settled(world, 'done', 'failed');
    expect(jobOf(world)?.problem?.message).toBe(sentence);
    expect(steps(world)).toEqual([1, 2]);
  });

  it.concurrent.for(worlds)(
    'puts the token into its header alone: %s',
    async ([kind, { token }], { onTestFinished }) => {
      const world = await begin(onTestFinished, kind, 'secret', { maxSteps: 4 });
      world.supervisor.train(world.run, {});
      await settled(world, 'done', 'failed');
      expect(jobOf(world)?.problem).toBeNull();
      expect(world.far.sent!()).not.toContain(token);
      const all = (folder: string) =>
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
          .join('');
      for (const folder of [world.run.folder, world.at.folder, world.far.home])
        expect(all(folder)).not.toContain(token);
    },
  );
});
