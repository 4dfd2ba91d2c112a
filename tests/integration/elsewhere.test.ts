/**
 * Trainings on targets through the real queue, store and engine, which works in this process; only the network and PyTorch have
 * stand-ins. Whatever happens on the way, nothing is recorded twice and nothing is lost.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunDetails } from '../../common/api/contract.ts';
import type { BundleFacts, EngineEvent } from '../../common/protocol/protocol.ts';
import { workHere } from '../../main/app/work-here.ts';
import { openSupervisor, type Supervisor } from '../../main/runs/supervisor.ts';
import { newPlace, readPlace, writePlace } from '../../main/targets/place.ts';
import { forkElsewhere } from '../../main/targets/target-job.ts';
import { engineHere } from '../helpers/engine-here.ts';
import { fakeRay, TOKEN } from '../helpers/fake-ray.ts';
import { type FarAway, farAway } from '../helpers/far-away.ts';
import { quickHost } from '../helpers/quick-host.ts';
import { type RunStore, runStore } from '../helpers/run-store.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let workspace: Workspace;
let at: RunStore;
let supervisor: Supervisor;
let far: FarAway & { sent?(): string; close?(): Promise<void> };

const KINDS = { ssh: farAway, ray: (home: string, env: Record<string, string>) => fakeRay(home, { env }) };
type Kind = keyof typeof KINDS;

beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());
beforeEach(async () => {
  at = await runStore();
});
afterEach(async () => {
  await supervisor?.close({ pause: false });
  await far?.close?.();
  at.close();
});

function open(): void {
  const forkFor = (folder: string) =>
    readPlace(folder) && forkElsewhere(folder, { fork: engineHere, targetOf: () => far.target });
  supervisor = openSupervisor({
    store: at.store,
    host: quickHost(engineHere),
    forkFor,
    pollMs: 20,
  });
}

let homes = 0;

async function begin(
  kind: Kind,
  name: string,
  config: object = {},
  env: Record<string, string> = {},
): Promise<RunDetails> {
  far = await KINDS[kind](workspace.at(`home-${homes++}`), env);
  open();
  const { model, data } = workspace;
  const settings = {
    ...{ model, data, maxLength: 64, tokensPerMicroBatch: 128, lora: { rank: 4 }, assess: false },
    ...{ maxSteps: 24, learningRate: 5e-3, evalEvery: 5, gradientAccumulation: 2 },
  };
  const run = at.run(name, { ...settings, ...config }, ['1 dog 3']);
  writePlace(run.folder, newPlace('far', null));
  return run;
}

const recorded = (run: RunDetails) => at.store.events.read(run.id).map(({ event }) => event);
const jobOf = (run: RunDetails) => supervisor.list().find(({ runId }) => runId === run.id);
const settled = (run: RunDetails, ...states: string[]) =>
  vi.waitFor(() => expect(states).toContain(jobOf(run)?.state), { timeout: 40_000, interval: 20 });
const steps = (run: RunDetails) =>
  recorded(run).flatMap((event) => (event.event === 'step' ? [event.step] : []));
const all = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function until(run: RunDetails, matches: (event: EngineEvent) => boolean): Promise<void> {
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

  it('has the same bytes each time, every row and no path of this computer', async () => {
    far = farAway(workspace.at('unused'));
    open();
    const { config, folder } = at.run('bundled', {
      model: workspace.model,
      data: workspace.data,
      maxSteps: 12,
    });
    const write = (out: string) =>
      workHere<BundleFacts>('bundle', { config, out, hub: null }, {}, engineHere);
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
});

describe.each(['ssh', 'ray'] as const)('a training on a target, %s', (kind) => {
  it('is recorded like one of this computer, and assessed here', async () => {
    const run = await begin(kind, 'whole', { assess: true });
    supervisor.train(run, {});
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem).toBeNull();
    expect(steps(run)).toEqual(all(24));
    const events = recorded(run);
    expect(events.find(({ event }) => event === 'start')).toMatchObject({
      target: 'far',
      device: 'a card',
      executor: 'pytorch',
    });
    expect(events.filter(({ event }) => event === 'eval')).toHaveLength(6);
    expect(at.store.events.samples(run.id).map(({ step }) => step)).toEqual([0, 5, 10, 15, 20, 24]);
    expect(events.some(({ event }) => event === 'assessment')).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 24, reason: 'finished' });
    expect(at.store.assessments.get(run.id)).not.toBeNull();
    expect(readdirSync(path.join(run.folder, 'adapter')).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
  });

  it('pauses there, and resumes from what was saved there', async () => {
    const run = await begin(kind, 'paused', {}, { FAKE_STEP_MS: '60' });
    const job = supervisor.train(run, {});
    await until(run, isStep(5));
    await supervisor.pause(job.id);
    expect(jobOf(run)?.state).toBe('paused');
    expect(recorded(run).at(-1)?.event).toBe('stopped');
    supervisor.resume(job.id);
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem).toBeNull();
    expect(steps(run)).toEqual(all(24));
    expect(recorded(run).filter(({ event }) => event === 'start')).toHaveLength(2);
  });

  it('goes on while the application is closed, and is watched again', async () => {
    const run = await begin(kind, 'closed', {}, { FAKE_STEP_MS: '80' });
    supervisor.train(run, {});
    await until(run, isStep(4));
    await supervisor.close({ pause: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    open();
    supervisor.recover();
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem).toBeNull();
    expect(steps(run)).toEqual(all(24));
    // one job did it all
    expect(recorded(run).filter(({ event }) => event === 'checkpoint')).toHaveLength(1);
  });

  it('loses nothing while the network is cut', async () => {
    const run = await begin(kind, 'cut', {}, { FAKE_STEP_MS: '60' });
    supervisor.train(run, {});
    await until(run, isStep(4));
    far.cut();
    await until(run, (event) => event.event === 'warning' && event.code === 'target-unreachable');
    far.restore();
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem).toBeNull();
    expect(steps(run)).toEqual(all(24));
    expect(at.store.events.samples(run.id).map(({ step }) => step)).toEqual([0, 5, 10, 15, 20, 24]);
  });

  it('ends early with what it has', async () => {
    const run = await begin(kind, 'early', {}, { FAKE_STEP_MS: '60' });
    const job = supervisor.train(run, {});
    await until(run, isStep(4));
    await supervisor.finish(job.id);
    await settled(run, 'done', 'failed');
    expect(at.store.runs.get(run.id).state).toBe('stopped-early');
    expect(recorded(run).at(-1)).toMatchObject({ event: 'done', reason: 'finished-early' });
  });

  it('takes no damaged result', async () => {
    const run = await begin(kind, 'damaged', {}, { FAKE_DAMAGE: '1' });
    supervisor.train(run, {});
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem?.code).toBe('target-damaged');
  });
});

describe('a training on a target', () => {
  it.each([
    [
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB',
      'The card of far ran out of memory.',
    ],
    ['OSError: [Errno 28] No space left on device', 'The disk of far is full.'],
    ['slurmstepd: error: *** JOB 7 CANCELLED DUE TO TIME LIMIT ***', 'far ended the job at its time limit.'],
    ['slurmstepd: error: *** JOB 5 ON a CANCELLED AT 2026-11-28 ***', 'Somebody cancelled the job on far.'],
    ["ModuleNotFoundError: No module named 'trl'", 'The Python of far lacks a package.'],
  ])('says why it failed: %s', async (words, sentence) => {
    const run = await begin('ssh', 'failed', {}, { FAKE_FAILURE: words });
    supervisor.train(run, {});
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem?.message).toBe(sentence);
    expect(steps(run)).toEqual([1, 2]);
  });

  it('puts the token of Ray into its header alone', async () => {
    const run = await begin('ray', 'secret', { maxSteps: 4 });
    supervisor.train(run, {});
    await settled(run, 'done', 'failed');
    expect(jobOf(run)?.problem).toBeNull();
    expect(far.sent!()).not.toContain(TOKEN);
    const all = (folder: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
        .join('');
    for (const folder of [run.folder, at.folder, far.home]) expect(all(folder)).not.toContain(TOKEN);
  });
});
