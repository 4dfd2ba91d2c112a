/**
 * A training over a real ssh on two processes of PyTorch, through the command line: its losses are those of one plain loop and of
 * Fettle's own engine, and a killed process costs nothing. Needs sshd, and FETTLE_TEST_PYTHON with PyTorch, TRL and PEFT.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StepEvent } from '../../common/protocol/protocol.ts';
import { fettle, startFettle } from '../helpers/fettle.ts';
import { type Sshd, startSshd, torchPython, whyNoSshd } from '../helpers/sshd.ts';
import { openWorkspace, trainArgs, type Workspace } from './workspace.ts';

const found = torchPython();
const why = whyNoSshd() ?? ('why' in found ? found.why : null);
if (why !== null) console.warn(`skipped: trainings over ssh, because ${why}`);

const STEPS = 12;
const SETTINGS = ['--max-steps', String(STEPS), '--gradient-accumulation', '3', '--learning-rate', '5e-3'];
const MORE = ['--save-every-steps', '4', '--precision', 'f32'];

/** The number of a process that trains in a folder below `folder`. */
function workerIn(folder: string): number {
  const isWorker = (pid: string) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return (
        readlinkSync(`/proc/${pid}/cwd`).startsWith(folder) &&
        words.includes('train.py') &&
        !words.includes('torch.distributed.run')
      );
    } catch {
      return false;
    }
  };
  const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isWorker(name));
  return Number(found.at(-1));
}

describe.skipIf(why !== null)('a training over ssh', () => {
  let workspace: Workspace;
  let sshd: Sshd;
  let folder: string;
  const python = 'python' in found ? found.python : '';

  beforeAll(async () => {
    workspace = await openWorkspace();
    sshd = await startSshd(workspace.at('sshd'));
    folder = path.relative(os.homedir(), workspace.at('far'));
    const target = ['--ssh', 'far', '--ssh-config', sshd.config, '--python', python, '--processes', '2'];
    await fettle(['targets', 'add', 'far', ...target, '--folder', folder]);
  }, 60_000);
  afterAll(() => {
    sshd?.stop();
    workspace?.remove();
  });

  const lossesOf = (run: string) =>
    readFileSync(path.join(run, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as StepEvent)
      .flatMap(({ event, loss }) => (event === 'step' ? [loss] : []));
  const furthest = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  const args = (out: string) => {
    const [, ...rest] = trainArgs(workspace, out, ...SETTINGS, ...MORE);
    return rest;
  };

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
    await fettle([...trainArgs(workspace, workspace.at('here'), ...SETTINGS, ...MORE)]);
    expect(furthest(there, lossesOf(workspace.at('here')))).toBeLessThan(2e-5);
    const [, ...bundle] = trainArgs(workspace, workspace.at('bundle'), ...SETTINGS, ...MORE);
    expect((await fettle(['submit', '--bundle-only', ...bundle])).code).toBe(0);
    const loop = path.join(import.meta.dirname, '..', 'helpers', 'plain-loop.py');
    const printed = execFileSync(python, [loop, workspace.at('bundle'), String(STEPS)], { encoding: 'utf8' });
    const plain = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).loss as number);
    expect(furthest(there, plain)).toBeLessThan(1e-6);
    // the adapter is one of PEFT's, and answers here
    const asked = await fettle([
      'eval',
      '--model',
      workspace.model,
      '--adapter',
      workspace.at('run'),
      '--data',
      workspace.data,
    ]);
    expect(asked.code).toBe(0);
  }, 300_000);

  it('is left alone by Ctrl-C, survives a killed process, and is watched again', async () => {
    const out = workspace.at('killed');
    const more = ['--max-steps', '60', '--save-every-steps', '5'];
    const started = startFettle(['submit', '--target', 'far', ...args(out), ...more]);
    await started.event((event) => event.event === 'step' && event.step >= 8);
    started.signalAll('SIGINT');
    expect((await started.ended).err).toContain('It goes on there');
    process.kill(workerIn(workspace.at('far')), 'SIGKILL');
    const { code, events } = await fettle(['submit', '--out', out, '--resume', '--json']);
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'done', steps: 60 });
    expect(lossesOf(out)).toHaveLength(60);
  }, 300_000);
});
