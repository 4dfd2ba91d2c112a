/**
 * A training on a real Ray with two workers, through the command line: its losses are those of one plain loop and of Fettle's own engine, and
 * neither a killed worker, a stop nor a cut network costs anything. Needs FETTLE_TEST_PYTHON with Ray, PyTorch, TRL and PEFT, and the right to
 * make a network namespace.
 */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fettle, startFettle } from '../../helpers/fettle.ts';
import { canMakeDisks, type SmallDisk, smallDisk } from '../../helpers/small-disk.ts';
import { torchPython } from '../../helpers/sshd.ts';
import { furthest, lossesOf, plainLosses } from '../../helpers/torch-there.ts';
import { expectSmolLosses, hasSmolLM2, smolArgs } from '../../integration/smollm2.ts';
import { openWorkspace, trainArgs, type Workspace } from '../../integration/workspace.ts';
import { RAY_TOKEN, type Ray, startRay, whyNoRay } from './ray.ts';

const why = whyNoRay();
if (why !== null) console.warn(`skipped: trainings on Ray, because ${why}`);
if (!hasSmolLM2) console.warn('skipped: SmolLM2 on Ray, because its file is not here');
if (!canMakeDisks) console.warn('skipped: a full disk on Ray, because a disk of its own needs root');

const STEPS = 12;
const SETTINGS = ['--max-steps', String(STEPS), '--gradient-accumulation', '3', '--learning-rate', '5e-3'];
const MORE = ['--save-every-steps', '4', '--precision', 'f32'];

describe.skipIf(why !== null)('a training on Ray', () => {
  let workspace: Workspace;
  let ray: Ray;
  let home: string;
  let disk: SmallDisk | null = null;
  const found = torchPython();
  const python = 'python' in found ? found.python : '';

  beforeAll(async () => {
    workspace = await openWorkspace();
    home = mkdtempSync(path.join(os.tmpdir(), 'ray-'));
    // before Ray begins, which sees no disk that comes later
    if (canMakeDisks) disk = smallDisk(path.join(home, 'small'), 24);
    ray = await startRay(python, home, 2);
    writeFileSync(workspace.at('token'), RAY_TOKEN);
    await add('cluster');
    await add('small', '--folder', 'small');
  });
  afterAll(() => {
    disk?.unmount();
    ray?.stop();
    workspace?.remove();
  });

  async function add(name: string, ...more: string[]): Promise<void> {
    const target = ['--ray', ray.address, '--token-file', workspace.at('token'), '--workers', '2'];
    const added = await fettle(['targets', 'add', name, ...target, '--python', python, ...more]);
    expect(added.err).toBe('');
  }
  const args = (out: string) => {
    const [, ...rest] = trainArgs(workspace, out, ...SETTINGS, ...MORE);
    return rest;
  };
  const longer = ['--max-steps', '60', '--save-every-steps', '5'];
  const submit = (out: string) => startFettle(['submit', '--target', 'cluster', ...args(out), ...longer]);
  const resume = (out: string) => startFettle(['submit', '--out', out, '--resume', '--json']);
  const isStep = (at: number) => (event: { event: string; step?: number }) =>
    event.event === 'step' && event.step! >= at;

  it('tells what the cluster has', async () => {
    const { out, code, err } = await fettle(['targets', 'test', 'cluster', '--json']);
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ missing: [], packages: { ray: expect.any(String) } });
    expect(code).toBe(0);
  });

  it('has the losses of a plain loop and of this engine', async () => {
    const ended = await fettle(['submit', '--target', 'cluster', ...args(workspace.at('run'))]);
    expect(ended.err).toContain('Your rows go to http://127.0.0.1');
    expect(ended.code).toBe(0);
    const there = lossesOf(workspace.at('run'));
    expect(there).toHaveLength(STEPS);
    await fettle([...trainArgs(workspace, workspace.at('here'), ...SETTINGS, ...MORE)]);
    const here = furthest(there, lossesOf(workspace.at('here')));
    expect(here).toBeLessThan(2e-5);
    const [, ...bundle] = trainArgs(workspace, workspace.at('bundle'), ...SETTINGS, ...MORE);
    expect((await fettle(['submit', '--bundle-only', ...bundle])).code).toBe(0);
    const loopApart = furthest(there, await plainLosses(python, workspace.at('bundle'), STEPS));
    console.info(`losses on two workers differ by ${loopApart} from a loop's and by ${here} from Fettle's`);
    expect(loopApart).toBeLessThan(1e-6);
    // the adapter is one of PEFT's, and answers here
    const files = ['--adapter', workspace.at('run'), '--data', workspace.data];
    expect((await fettle(['eval', '--model', workspace.model, ...files])).code).toBe(0);
  });

  it('is left alone by Ctrl-C, survives a killed worker, and is watched again', async () => {
    const out = workspace.at('killed');
    const started = submit(out);
    await started.event(isStep(8));
    started.signalAll('SIGINT');
    expect((await started.ended).err).toContain('It goes on there');
    const workers = ray.processes('RayTrainWorker');
    expect(workers).toHaveLength(2);
    process.kill(workers[1]!, 'SIGKILL');
    const { code, events } = await fettle(['submit', '--out', out, '--resume', '--json']);
    expect(code).toBe(0);
    expect(events.some((event) => event.event === 'warning' && event.code === 'target-restarted')).toBe(true);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    expect(lossesOf(out)).toHaveLength(60);
  });

  it('stops there, and resumes from what was saved there', async () => {
    const out = workspace.at('stopped');
    const started = submit(out);
    await started.event(isStep(3));
    expect((await fettle(['submit', '--out', out, '--stop'])).code).toBe(0);
    const { events } = await started.ended;
    const last = events.at(-1)!;
    expect(last).toMatchObject({ event: 'stopped', steps: 60 });
    expect(lossesOf(out).length).toBeLessThan(60);
    const { code, events: later } = await fettle(['submit', '--out', out, '--resume', '--json']);
    expect(code).toBe(0);
    expect(later.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    expect(lossesOf(out)).toHaveLength(60);
  });

  it('loses nothing while the network is cut', async () => {
    const out = workspace.at('cut');
    const started = submit(out);
    await started.event(isStep(3));
    ray.shut();
    await started.event((event) => event.event === 'warning' && event.code === 'target-unreachable');
    ray.open();
    const { code, events } = await started.ended;
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    expect(lossesOf(out)).toHaveLength(60);
    expect(furthest(lossesOf(out), lossesOf(workspace.at('killed')))).toBeLessThan(1e-6);
  });

  it.skipIf(!canMakeDisks)('says that the disk there is full, and continues when it is not', async () => {
    const out = workspace.at('full');
    disk!.fill();
    const unsent = await fettle(['submit', '--target', 'small', ...args(out), ...longer]);
    expect(unsent.code).not.toBe(0);
    expect(unsent.err).toContain('The disk of small is full.');
    disk!.empty();
    const started = resume(out);
    await started.event(isStep(8));
    disk!.fill();
    const failed = await started.ended;
    expect(failed.code).not.toBe(0);
    expect(failed.err).toContain('The disk of small is full.');
    disk!.empty();
    const { code, err, events } = await resume(out).ended;
    expect(code, err).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    expect(furthest(lossesOf(out), lossesOf(workspace.at('killed')))).toBeLessThan(1e-6);
  });

  it.skipIf(!hasSmolLM2)('trains SmolLM2, which is too large to send and was copied there', async () => {
    const out = workspace.at('real');
    const refused = await fettle(['submit', '--target', 'cluster', ...smolArgs(workspace, out)]);
    expect(refused.err).toContain('The model is too large to send');
    const [, from, to] = /copy the files of (\S+) to (\S+) there/.exec(refused.err)!;
    cpSync(from!, path.join(home, to!), { recursive: true });
    const { code, err } = await resume(out).ended;
    expect(code, err).toBe(0);
    // Ray gives a worker as many threads as places
    await expectSmolLosses(workspace, out, python);
  });
});
