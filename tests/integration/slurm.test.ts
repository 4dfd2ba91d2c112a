/**
 * Trainings on a real Slurm of two computers, each in network and name of its own, through ssh, sbatch and the command line. One long run
 * meets all that can happen to a job there, and ends with the losses of one that met nothing. Needs root, slurm-wlm, munge, openssh-server
 * and iproute2, and FETTLE_TEST_PYTHON with PyTorch, TRL and PEFT.
 */
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { type Ended, fettle, startFettle } from '../helpers/fettle.ts';
import { type Slurm, startSlurm, whyNoSlurm } from '../helpers/slurm.ts';
import { torchPython } from '../helpers/sshd.ts';
import { endAllIn, furthest, lossesOf, plainLosses, workersIn } from '../helpers/torch-there.ts';
import { expectSmolLosses, hasSmolLM2, smolArgs } from './smollm2.ts';
import { openWorkspace, trainArgs, type Workspace } from './workspace.ts';

const found = torchPython();
const why = whyNoSlurm() ?? ('why' in found ? found.why : null);
if (why !== null) console.warn(`skipped: trainings on Slurm, because ${why}`);
const python = 'python' in found ? found.python : '';
if (!hasSmolLM2) console.warn('skipped: SmolLM2 on Slurm, because its file is not here');

const STEPS = 12;
/** Enough for a job to be met in the middle, at a tenth of a second or more each. */
const LONG = 160;
/** As far as Fettle's engine may be from PyTorch's in its golden tests. */
const GOLDEN = 2e-5;
const SETTINGS = ['--gradient-accumulation', '3', '--learning-rate', '5e-3', '--precision', 'f32'];

describe.skipIf(why !== null)('a training on Slurm', () => {
  let workspace: Workspace;
  let slurm: Slurm;
  let far: string;

  beforeAll(async () => {
    workspace = await openWorkspace();
    far = workspace.at('far');
    slurm = await startSlurm(workspace.at('slurm'));
    await add('pair', '--minutes', '20');
    await add('brief', '--minutes', '1');
  });
  afterAll(async () => {
    await slurm?.stop();
    if (!workspace) return;
    endAllIn(workspace.at());
    workspace.remove();
  });

  async function add(name: string, ...more: string[]): Promise<void> {
    const way = ['--ssh', 'far', '--ssh-config', slurm.config, '--slurm', '--nodes', '2'];
    const usual = ['--processes', '1', '--python', python];
    const folder = ['--folder', path.relative(os.homedir(), far)];
    await fettle(['targets', 'add', name, ...way, ...usual, ...folder, ...more]);
  }

  const args = (out: string, steps: number) =>
    trainArgs(
      workspace,
      out,
      ...SETTINGS,
      '--max-steps',
      String(steps),
      '--save-every-steps',
      '20',
      '--eval-every',
      '80',
    ).slice(1);
  const isStep = (step: number) => (event: EngineEvent) => event.event === 'step' && event.step >= step;
  const isWarning = (code: string) => (event: EngineEvent) =>
    event.event === 'warning' && event.code === code;
  const warningsOf = ({ events }: Ended) =>
    events.flatMap((event) => (event.event === 'warning' ? [event.code] : []));
  const resume = (out: string) => startFettle(['submit', '--out', out, '--resume', '--json']);
  /** Where a run ended that was saved; fails where it ended otherwise. */
  function savedAt(ended: Ended): number {
    const last = ended.events.at(-1);
    if (last?.event !== 'stopped') throw new Error(`${JSON.stringify(last)}\n${ended.err}`);
    return last.step;
  }

  it('tells what the head has', async () => {
    const { out, code } = await fettle(['targets', 'test', 'pair', '--json']);
    expect(JSON.parse(out)).toMatchObject({ missing: [], packages: { trl: expect.any(String) } });
    expect(code).toBe(0);
  });

  it('has the losses of a plain loop and of this engine', async () => {
    const out = workspace.at('run');
    const { code, events, err } = await fettle(['submit', '--target', 'pair', ...args(out, STEPS)]);
    expect(code, err).toBe(0);
    expect(events.find(({ event }) => event === 'start')).toMatchObject({ device: 'CPU, 2 processes' });
    const there = lossesOf(out);
    await fettle(['train', ...args(workspace.at('here'), STEPS)]);
    expect(furthest(there, lossesOf(workspace.at('here')))).toBeLessThan(GOLDEN);
    const bundle = workspace.at('bundle');
    expect((await fettle(['submit', '--bundle-only', ...args(bundle, STEPS)])).code).toBe(0);
    expect(furthest(there, await plainLosses(python, bundle, STEPS))).toBeLessThan(1e-6);
  });

  it('is paused and resumed, survives a killed process, and says that it was cancelled', async () => {
    const out = workspace.at('long');
    const first = startFettle(['submit', '--target', 'pair', ...args(out, LONG)]);
    await first.event(isStep(10));
    await fettle(['submit', '--out', out, '--stop']);
    const paused = savedAt(await first.ended);
    const second = resume(out);
    await second.event(isStep(paused + 10));
    process.kill(workersIn(far).at(-1)!, 'SIGKILL');
    await second.event(isWarning('target-restarted'));
    await slurm.admin('scancel --user root');
    const cancelled = await second.ended;
    expect(savedAt(cancelled)).toBeGreaterThan(paused);
    expect(warningsOf(cancelled)).toEqual(['target-restarted', 'target-cancelled']);
  });

  it('gives its place to a more urgent job, waits for it, and leaves the queue when it is paused', async () => {
    const out = workspace.at('long');
    const before = lossesOf(out).length;
    const first = resume(out);
    await first.event(isStep(before + 10));
    await slurm.admin('sbatch --partition urgent --nodes 2 --output /dev/null --wrap "sleep 900"');
    const preempted = await first.ended;
    expect(savedAt(preempted)).toBeGreaterThan(before);
    expect(warningsOf(preempted)).toEqual(['target-preempted']);
    const second = resume(out);
    await second.event(
      ({ event, ...of }) =>
        event === 'phase' && 'detail' in of && of.detail === 'waiting in the queue of pair',
    );
    await fettle(['submit', '--out', out, '--stop']);
    const left = await second.ended;
    expect(savedAt(left)).toBe(lossesOf(out).length);
    expect(warningsOf(left)).toEqual(['target-stopped']);
    expect((await slurm.admin('squeue -h -p usual -o %T')).trim()).toBe('');
    await slurm.admin('scancel --partition urgent');
    const { code, err, events } = await resume(out).ended;
    expect(code, err).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: LONG });
    const bundle = workspace.at('long-bundle');
    expect((await fettle(['submit', '--bundle-only', ...args(bundle, LONG)])).code).toBe(0);
    expect(furthest(lossesOf(out), await plainLosses(python, bundle, LONG))).toBeLessThan(1e-6);
  });

  it('is saved before its time ends', async () => {
    const out = workspace.at('brief');
    const ended = await fettle(['submit', '--target', 'brief', ...args(out, 10 * LONG)]);
    expect(savedAt(ended)).toBeGreaterThan(0);
    expect(warningsOf(ended)).toEqual(['target-time']);
  });

  it.skipIf(!hasSmolLM2)(
    'trains SmolLM2 on two computers',
    async () => {
      const out = workspace.at('real');
      const { code, err, events } = await fettle(['submit', '--target', 'pair', ...smolArgs(workspace, out)]);
      expect(code, err).toBe(0);
      expect(events.find(({ event }) => event === 'start')).toMatchObject({ device: 'CPU, 2 processes' });
      await expectSmolLosses(workspace, out, python);
    },
    1_500_000,
  );
});
