/** `--executor ggml` from the command line, on the practice model: the losses of onnxruntime, the same bits after a kill, QLoRA, a plan. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceBench } from '../../main/engine/bench/device.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { doneOf, fettle } from '../helpers/fettle.ts';
import { expectLostTwice } from '../helpers/lose-device.ts';
import { fourSteps, lossesOf, trainsLikeOrt } from './like-ort.ts';
import {
  adapterOf,
  openWorkspace,
  trainArgs,
  type Workspace,
  writeGeneral,
  writePairs,
} from './workspace.ts';

const PRACTICE = path.resolve(import.meta.dirname, '..', '..', 'resources', 'practice-model');
const FOUR = fourSteps('2e-3');
const GGML = ['--executor', 'ggml'];

let workspace: Workspace;
beforeAll(async () => {
  workspace = { ...(await openWorkspace()), model: PRACTICE };
  doneOf(await fettle(trainArgs(workspace, workspace.at('whole'), ...FOUR, ...GGML)));
});
afterAll(() => workspace.remove());

describe('the benchmark', () => {
  it('has a figure for all that it measures', async () => {
    const executor = await openExecutor('ggml', { threads: 1 });
    const measured = new DeviceBench(executor, { device: 'cpu', threads: 1 }, workspace.at('.'));
    const going = { stop: new AbortController().signal, patience: 0 };
    for (const { measure } of measured.items) await measure(going);
    const { matmul, elementwise, strided = [], ...figures } = measured.rates;
    const speeds = [
      ...matmul.map(({ flops }) => flops),
      ...[...elementwise, ...strided].map((one) => one.bytesPerSecond),
    ];
    expect(speeds.length).toBeGreaterThan(30);
    expect(Math.min(...speeds)).toBeGreaterThan(0);
    for (const figure of [...speeds, ...Object.values(figures).filter((one) => typeof one === 'number')])
      expect(figure).toBeGreaterThanOrEqual(0);
  });
});

describe('training with ggml', () => {
  trainsLikeOrt(() => workspace, FOUR, GGML);

  it('trains preferences as onnxruntime does', async () => {
    const pairs = { ...workspace, data: writePairs(workspace) };
    const flags = [...FOUR, '--dropout', '0', '--objective', 'dpo'];
    const [own, other] = [workspace.at('own-dpo'), workspace.at('other-dpo')];
    doneOf(await fettle(trainArgs(pairs, own, ...flags, ...GGML)));
    doneOf(await fettle(trainArgs(pairs, other, ...flags)));
    const expected = lossesOf(other);
    for (const [i, loss] of lossesOf(own).entries()) expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-3);
  });

  /** Trains, with ggml answering that its device is lost from the computation `first` on, and tells how many it was asked for. */
  async function losing(from: Workspace, out: string, first: number, flags: readonly string[]) {
    const ggml = openGgml();
    const { computeAsync } = ggml;
    let computed = 0;
    ggml.computeAsync = async (...given) => (++computed > first ? 1 : computeAsync(...given));
    try {
      const ended = await fettle(trainArgs(from, out, ...flags, ...GGML));
      return { ended, computed };
    } finally {
      ggml.computeAsync = computeAsync;
    }
  }

  it('loses nothing with its device, in every phase', async () => {
    const flags = [...FOUR, '--max-steps', '2', '--eval-every', '1', '--assess'];
    const tiny = { ...workspace, model: workspace.at('model') };
    writeGeneral(tiny.model);
    const whole = await losing(tiny, workspace.at('phases'), Number.POSITIVE_INFINITY, flags);
    const expected = lossesOf(workspace.at('phases'));
    // in the first evaluation, in the first step, after the first checkpoint, and before the last one
    const steps = new Set<number>();
    for (const place of [0, 3, 9, 12]) {
      const out = workspace.at(`lost-${place}`);
      const { ended } = await losing(tiny, out, place, flags);
      const resumesFrom = expectLostTwice(ended.events, { executor: 'ort', device: 'cpu' });
      steps.add(resumesFrom);
      expect(doneOf(ended).steps).toBe(2);
      for (const [i, loss] of lossesOf(out).entries())
        expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-3);
    }
    expect([...steps].toSorted()).toEqual([0, 1]);
    // the comparison computes most: without it the result is there, to be compared later
    const out = workspace.at('lost-comparison');
    const { ended } = await losing(tiny, out, Math.floor(whole.computed / 2), flags);
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'warning', code: 'not-assessed' }));
    expect(doneOf(ended).steps).toBe(2);
    expect(adapterOf(out).equals(adapterOf(workspace.at('phases')))).toBe(true);
  });

  it.each(['8', '4'])('trains beside weights of %s bits nearly as onnxruntime does', async (bits) => {
    const qlora = [...FOUR, '--method', 'qlora', '--bits', bits];
    const [own, other] = [workspace.at(`own-${bits}`), workspace.at(`other-${bits}`)];
    doneOf(await fettle(trainArgs(workspace, own, ...qlora, ...GGML)));
    doneOf(await fettle(trainArgs(workspace, other, ...qlora)));
    const expected = lossesOf(other);
    for (const [i, loss] of lossesOf(own).entries())
      expect(Math.abs(loss - expected[i]!)).toBeLessThan(0.02 * expected[i]!);
  });
});
