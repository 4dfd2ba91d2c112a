/**
 * Trainings over a real ssh on two processes of PyTorch, through the command line: losses are those of one plain loop and of Fettle's own
 * engine, and a killed process, a cut connection or a full disk costs nothing. Needs sshd, and FETTLE_TEST_PYTHON with PyTorch, TRL and PEFT.
 */
import { readdirSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { fettle, startFettle } from '../helpers/fettle.ts';
import { canMakeDisks, smallDisk } from '../helpers/small-disk.ts';
import { type Sshd, startSshd, torchPython, whyNoSshd } from '../helpers/sshd.ts';
import { endAllIn, furthest, lossesOf, plainLosses, workersIn } from '../helpers/torch-there.ts';
import { expectSmolLosses, hasSmolLM2, smolArgs } from './smollm2.ts';
import { openWorkspace, trainArgs, type Workspace } from './workspace.ts';

const found = torchPython();
const why = whyNoSshd() ?? ('why' in found ? found.why : null);
if (why !== null) console.warn(`skipped: trainings over ssh, because ${why}`);
const python = 'python' in found ? found.python : '';

if (!hasSmolLM2) console.warn('skipped: SmolLM2 over ssh, because its file is not here');
if (!canMakeDisks) console.warn('skipped: a full disk over ssh, because a disk of its own needs root');

const STEPS = 12;
const SETTINGS = ['--max-steps', String(STEPS), '--gradient-accumulation', '3', '--learning-rate', '5e-3'];
const MORE = ['--save-every-steps', '4', '--precision', 'f32'];
const LONG = ['--max-steps', '60', '--save-every-steps', '5'];
/** As far as Fettle's engine may be from PyTorch's in its golden tests. */
const GOLDEN = 2e-5;

describe.skipIf(why !== null)('a training over ssh', () => {
  let workspace: Workspace;
  let sshd: Sshd;
  let far: string;
  /** Losses of the long run that a test has seen to its end. */
  let usual: number[] = [];

  beforeAll(async () => {
    workspace = await openWorkspace();
    far = workspace.at('far');
    sshd = await startSshd(workspace.at('sshd'));
    await add('far', far);
  });
  afterAll(async () => {
    await sshd?.stop();
    if (!workspace) return;
    endAllIn(workspace.at());
    workspace.remove();
  });

  async function add(name: string, folder: string): Promise<void> {
    const target = ['--ssh', 'far', '--ssh-config', sshd.config, '--python', python, '--processes', '2'];
    await fettle(['targets', 'add', name, ...target, '--folder', path.relative(os.homedir(), folder)]);
  }
  const args = (out: string, ...more: string[]) =>
    trainArgs(workspace, out, ...SETTINGS, ...MORE, ...more).slice(1);
  const isStep = (step: number) => (event: EngineEvent) => event.event === 'step' && event.step >= step;
  const resume = (out: string) => fettle(['submit', '--out', out, '--resume', '--json']);

  it('tells what the target has', async () => {
    const { out, code } = await fettle(['targets', 'test', 'far', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ missing: [], packages: { trl: expect.any(String) } });
  });

  it('has the losses of a plain loop and of this engine', async () => {
    const ended = await fettle(['submit', '--target', 'far', ...args(workspace.at('run'))]);
    expect(ended.err).toContain('Your rows go to far');
    expect(ended.code).toBe(0);
    const there = lossesOf(workspace.at('run'));
    expect(there).toHaveLength(STEPS);
    await fettle(['train', ...args(workspace.at('here'))]);
    expect(furthest(there, lossesOf(workspace.at('here')))).toBeLessThan(GOLDEN);
    const bundle = workspace.at('bundle');
    expect((await fettle(['submit', '--bundle-only', ...args(bundle)])).code).toBe(0);
    expect(furthest(there, await plainLosses(python, bundle, STEPS))).toBeLessThan(1e-6);
    // the adapter is one of PEFT's, and answers here
    const files = ['--model', workspace.model, '--adapter', workspace.at('run'), '--data', workspace.data];
    expect((await fettle(['eval', ...files])).code).toBe(0);
  });

  it('is left alone by Ctrl-C, survives a killed process, and is watched again', async () => {
    const out = workspace.at('killed');
    const started = startFettle(['submit', '--target', 'far', ...args(out, ...LONG)]);
    await started.event(isStep(8));
    started.signalAll('SIGINT');
    // at once: on a busy computer the training may be over before the command has ended
    process.kill(workersIn(far).at(-1)!, 'SIGKILL');
    expect((await started.ended).err).toContain('It goes on there');
    const { code, events, err } = await resume(out);
    expect(code, err).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ event: 'warning', code: 'target-restarted' }));
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    usual = lossesOf(out);
    expect(usual).toHaveLength(60);
  });

  it('loses nothing while the network is cut', async () => {
    const out = workspace.at('cut');
    const started = startFettle(['submit', '--target', 'far', ...args(out, ...LONG)]);
    await started.event(isStep(8));
    await sshd.cut();
    await started.event((event) => event.event === 'warning' && event.code === 'target-unreachable');
    // meanwhile it goes on there
    await setTimeout(2000);
    await sshd.restore();
    const { code, events } = await started.ended;
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    expect(furthest(lossesOf(out), usual)).toBeLessThan(1e-6);
  });

  it.skipIf(!canMakeDisks)('says that the disk there is full, and continues when it is not', async () => {
    const folder = workspace.at('disk');
    const disk = smallDisk(folder, 16);
    try {
      await add('small', folder);
      const out = workspace.at('full');
      disk.fill();
      const unsent = await fettle(['submit', '--target', 'small', ...args(out, ...LONG)]);
      expect(unsent.code).not.toBe(0);
      expect(unsent.err).toContain('The disk of small is full.');
      disk.empty();
      const started = startFettle(['submit', '--out', out, '--resume', '--json']);
      await started.event(isStep(8));
      disk.fill();
      const failed = await started.ended;
      expect(failed.code).not.toBe(0);
      expect(failed.err).toContain('The disk of small is full.');
      disk.empty();
      const { code, events } = await resume(out);
      expect(code).toBe(0);
      expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
      expect(furthest(lossesOf(out), usual)).toBeLessThan(1e-6);
    } finally {
      endAllIn(folder);
      disk.unmount();
    }
  });

  it.skipIf(!hasSmolLM2)('trains SmolLM2, whose file is cut on its way there', async () => {
    const out = workspace.at('real');
    const started = startFettle(['submit', '--target', 'far', ...smolArgs(workspace, out)]);
    await started.event(
      (event) => event.event === 'phase' && event.detail === 'sending to far' && event.fraction! > 0.3,
    );
    await sshd.cut();
    await started.event((event) => event.event === 'warning' && event.code === 'target-unreachable');
    const parts = readdirSync(path.join(far, 'models'), { recursive: true, encoding: 'utf8' });
    const part = parts.find((name) => name.endsWith('.part'))!;
    const before = statSync(path.join(far, 'models', part));
    expect(before.size).toBeGreaterThan(1e7);
    await sshd.restore();
    expect((await started.ended).code).toBe(0);
    // the same file was continued
    expect(statSync(path.join(far, 'models', part.replace(/\.part$/, ''))).ino).toBe(before.ino);
    // torchrun gives each of several processes one thread
    await expectSmolLosses(workspace, out, python);
  });
});
