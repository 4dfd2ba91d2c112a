/**
 * A training that really gets no memory: its processes live under a limit of the system on the memory that they may write. It goes
 * on by itself and gets the numbers of a run that was never in need. Linux alone has that limit, and prlimit to set it.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, RescueEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { logLine } from '../../main/app/runs.ts';
import { forkChild } from '../../main/runs/fork.ts';
import { openSupervisor } from '../../main/runs/supervisor.ts';
import { type Ended, startFettle } from '../helpers/fettle.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import { quickHost } from '../helpers/quick-host.ts';
import { runStore } from '../helpers/run-store.ts';
import { tinyRows, writeRows } from '../helpers/tiny-model.ts';
import { numbersOf, openWorkspace, trainArgs, type Workspace } from './workspace.ts';

const hasLimits =
  process.platform === 'linux' && spawnSync('prlimit', ['--version'], { stdio: 'ignore' }).status === 0;

let workspace: Workspace;
/** A run in two parts from the start, which needs half of what the others ask for, and one with whole micro-batches and no need. */
let [reference, whole]: Ended[] = [];
/** The most that the engine of each had for writing, in bytes, and what lies in the middle. */
let [halfBytes, wholeBytes, limitBytes] = [0, 0, 0];
/** Apart enough that the middle is far from both: what the program itself takes swings by some dozen megabytes. */
const LEAST_APART = 300e6;
const TOKENS = 65_536;

beforeAll(async () => {
  if (!hasLimits) return;
  workspace = await openWorkspace();
  writeRows(workspace.data, tinyRows(3200));
  [reference, halfBytes] = await measured('reference', '--split-micro-batch', '2');
  [whole, wholeBytes] = await measured('whole');
  limitBytes = (halfBytes + wholeBytes) / 2;
});
afterAll(() => workspace?.remove());

/**
 * A step of 65,536 tokens at once, which takes about 1 GB of values. There is but one, and no evaluation, where a limit is set: onnxruntime
 * takes as much again as the first run of a graph did for its second, so a longer run in two parts needs nearly what the first step of whole ones does.
 */
function train(out: string, ...more: string[]) {
  const lengths = ['--max-steps', '1', '--held-out', '0', '--save-every-steps', '1'];
  const args = trainArgs(workspace, workspace.at(out), ...lengths, ...more);
  return startFettle(args.map((one) => (one === '128' ? String(TOKENS) : one)));
}

/** A run to its end, looked at all the time: the system keeps no peak of what its limit is about. */
async function measured(out: string, ...more: string[]): Promise<[Ended, number]> {
  const run = train(out, ...more);
  let most = 0;
  const timer = setInterval(() => {
    try {
      most = Math.max(most, writableBytes(engineIn(out)));
    } catch {
      // its engine is not there yet, or no longer
    }
  }, 5);
  try {
    return [await run.ended, most];
  } finally {
    clearInterval(timer);
  }
}

const engineIn = (out: string) =>
  Number.parseInt(readFileSync(path.join(workspace.at(out), '.lock'), 'utf8'), 10);

function writableBytes(pid: number): number {
  return 1024 * Number(/^VmData:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

function limit(pid: number, bytes: number): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--data=${bytes}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

const rescuesOf = ({ events }: Ended) =>
  events.filter((event): event is RescueEvent => event.event === 'rescue');
const lossesOf = (out: string) => (numbersOf(workspace.at(out)) as StepEvent[]).map(({ loss }) => loss);
const kinds = (events: readonly EngineEvent[]) => events.map(({ event }) => event);

describe.skipIf(!hasLimits)('a training that gets no memory', () => {
  it('begins again with half as many tokens at once, with the numbers of a run that began so', async () => {
    const run = train('limited');
    // before the engine is there: it takes the limit over from the command
    limit(run.child.pid!, limitBytes);
    const ended = await run.ended;
    expect(ended.code, ended.err).toBe(0);
    const [rescue, ...others] = rescuesOf(ended);
    expect(others).toEqual([]);
    expect(rescue).toMatchObject({
      ...{ attempt: 1, reason: 'out-of-memory', failedAfter: 0, resumesFrom: 0, sameNumbers: true },
      changes: { splitMicroBatch: 2 },
      message: expect.stringContaining('ran out of memory in its first step. It starts again'),
    });
    expect(kinds(ended.events).filter((kind) => kind === 'start')).toHaveLength(2);
    expect(numbersOf(workspace.at('limited'))).toEqual(numbersOf(workspace.at('reference')));
    const settings = JSON.parse(readFileSync(path.join(workspace.at('limited'), 'run.json'), 'utf8'));
    expect(settings).toMatchObject({ splitMicroBatch: 2, tokensPerMicroBatch: TOKENS });
  });

  it('goes on from its checkpoint when memory ends in the middle', async () => {
    const twoSteps = ['--max-steps', '2'];
    await train('two', ...twoSteps, '--split-micro-batch', '2').ended;
    const run = train('middle', ...twoSteps);
    await run.event((event) => event.event === 'checkpoint' && event.step === 1);
    const engine = engineIn('middle');
    limit(engine, halfBytes);
    const ended = await run.ended;
    expect(ended.code, ended.err).toBe(0);
    const [rescue] = rescuesOf(ended);
    // it may be the next step that fails, or what comes after it and before its checkpoint
    expect(rescue!.resumesFrom).toBeGreaterThanOrEqual(1);
    expect(rescue!.failedAfter).toBeGreaterThanOrEqual(rescue!.resumesFrom);
    expect(rescue!.message).toMatch(/It (continues from step 1|starts again): with at most/);
    // sums of gradients in another order: the same but for rounding
    const expected = lossesOf('two');
    expect(expected).toHaveLength(2);
    for (const [i, loss] of lossesOf('middle').entries()) expect(loss).toBeCloseTo(expected[i]!, 6);
    expect(lossesOf('middle')).toHaveLength(expected.length);
  });

  it('is rescued in the application as well, which keeps how and goes on with those settings', async () => {
    const at = await runStore();
    let engines = 0;
    const host = quickHost(() => {
      const link = forkChild();
      if (engines++ === 0) limit(link.pid!, limitBytes);
      return link;
    });
    const supervisor = openSupervisor({ store: at.store, host });
    const { model, data } = workspace;
    const run = at.run('app', {
      ...{ model, data, maxLength: 64, tokensPerMicroBatch: TOKENS, lora: { rank: 4 }, heldOut: 0 },
      ...{ maxSteps: 1, saveEverySteps: 1 },
    });
    try {
      supervisor.train(run, {});
      const state = () => at.store.runs.get(run.id).state;
      await expect.poll(state, { interval: 100, timeout: WAIT_MS }).toBe('done');
      expect(engines).toBe(2);
      expect(numbersOf(run.folder)).toEqual(numbersOf(workspace.at('reference')));
      expect(at.store.runs.get(run.id)).toMatchObject({ problem: null, config: { splitMicroBatch: 2 } });
      const log = at.store.events.read(run.id).map(logLine);
      expect(
        log.filter((line) => line.includes('rescue (try 1): The training ran out of memory')),
      ).toHaveLength(1);
    } finally {
      await supervisor.close({ pause: false });
      at.close();
    }
  });

  it('ends with advice at once where the person wants no rescue', async () => {
    const run = train('left', '--no-rescue');
    limit(run.child.pid!, limitBytes);
    const ended = await run.ended;
    expect(ended.code).toBe(5);
    expect(rescuesOf(ended)).toEqual([]);
    expect(ended.events.at(-1)).toMatchObject({ event: 'error', code: 'out-of-memory' });
  });

  it('was measured on runs that had enough, and of which one needs much more than the other', () => {
    for (const run of [reference, whole]) {
      expect(rescuesOf(run!)).toEqual([]);
      expect(kinds(run!.events)).toContain('done');
    }
    expect(wholeBytes - halfBytes).toBeGreaterThan(LEAST_APART);
  });
});
