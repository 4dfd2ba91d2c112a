/** `--executor tfjs` from the command line: the losses of onnxruntime, the same bits after a kill, QLoRA, and a plan. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { doneOf, fettle, startFettle } from '../../helpers/fettle.ts';
import {
  adapterOf,
  numbersOf,
  openWorkspace,
  trainArgs,
  type Workspace,
} from '../../integration/workspace.ts';

const FOUR = [
  ...['--max-steps', '4', '--warmup-steps', '0', '--learning-rate', '1e-2', '--dropout', '0.1'],
  ...['--gradient-accumulation', '2', '--save-every-steps', '1'],
];
const TFJS = ['--executor', 'tfjs'];

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  doneOf(await fettle(trainArgs(workspace, workspace.at('whole'), ...FOUR, ...TFJS)));
});
afterAll(() => workspace.remove());

const lossesOf = (run: string) => numbersOf(run).map((line) => (line as { loss: number }).loss);

describe('training with TensorFlow.js', () => {
  it('gives the losses of onnxruntime', async () => {
    const out = workspace.at('ort');
    doneOf(await fettle(trainArgs(workspace, out, ...FOUR)));
    const [own, expected] = [lossesOf(workspace.at('whole')), lossesOf(out)];
    expect(own.length).toBe(expected.length);
    expect(own.length).toBeGreaterThanOrEqual(6);
    for (const [i, loss] of own.entries()) expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-4);
    expect(own.at(-1)).toBeLessThan(own[0]! - 0.01);
  });

  it.skipIf(process.platform === 'win32')('goes on to the same bits when it was killed', async () => {
    const out = workspace.at('killed');
    const run = startFettle(trainArgs(workspace, out, ...FOUR, ...TFJS));
    await run.event((event: EngineEvent) => event.event === 'step' && event.step >= 2);
    run.signalAll('SIGKILL');
    await run.ended;
    doneOf(await fettle(['train', '--out', out, '--resume', '--json']));
    expect(numbersOf(out)).toEqual(numbersOf(workspace.at('whole')));
    expect(adapterOf(out).equals(adapterOf(workspace.at('whole')))).toBe(true);
  });

  it('says what computes, and trains beside quantised weights', async () => {
    const out = workspace.at('qlora');
    const ended = await fettle(trainArgs(workspace, out, ...FOUR, ...TFJS, '--method', 'qlora'));
    const start = ended.events.find((event) => event.event === 'start');
    expect(start).toMatchObject({
      executor: 'tfjs',
      device: expect.stringMatching(/^CPU, 1 thread \(TensorFlow\.js 4/),
    });
    doneOf(ended);
    expect(lossesOf(out).every(Number.isFinite)).toBe(true);
  });

  it('is priced', async () => {
    const args = trainArgs(workspace, workspace.at('never'), ...FOUR, ...TFJS).filter(
      (arg) => arg !== '--no-assess',
    );
    const { code, out } = await fettle(['plan', ...args.slice(1)]);
    expect(code).toBe(0);
    const plan = JSON.parse(out) as { executor: string; peakRamBytes: { value: number } };
    expect(plan.executor).toBe('tfjs');
    expect(plan.peakRamBytes.value).toBeGreaterThan(5e7);
  });
});
