/** `--executor ggml` from the command line, on the practice model: the losses of onnxruntime, the same bits after a kill, QLoRA, a plan. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, RescueEvent } from '../../common/protocol/protocol.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
import { doneOf, fettle, startFettle } from '../helpers/fettle.ts';
import { adapterOf, numbersOf, openWorkspace, trainArgs, type Workspace, writePairs } from './workspace.ts';

const PRACTICE = path.resolve(import.meta.dirname, '..', '..', 'resources', 'practice-model');
const FOUR = [
  ...['--max-steps', '4', '--warmup-steps', '0', '--learning-rate', '2e-3', '--dropout', '0.1'],
  ...['--gradient-accumulation', '2', '--save-every-steps', '1'],
];
const GGML = ['--executor', 'ggml'];

let workspace: Workspace;
beforeAll(async () => {
  workspace = { ...(await openWorkspace()), model: PRACTICE };
  doneOf(await fettle(trainArgs(workspace, workspace.at('whole'), ...FOUR, ...GGML)));
});
afterAll(() => workspace.remove());

const lossesOf = (run: string) => numbersOf(run).map((line) => (line as { loss: number }).loss);

describe('training with ggml', () => {
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
    const run = startFettle(trainArgs(workspace, out, ...FOUR, ...GGML));
    await run.event((event: EngineEvent) => event.event === 'step' && event.step >= 2);
    run.signalAll('SIGKILL');
    await run.ended;
    doneOf(await fettle(['train', '--out', out, '--resume', '--json']));
    expect(numbersOf(out)).toEqual(numbersOf(workspace.at('whole')));
    expect(adapterOf(out).equals(adapterOf(workspace.at('whole')))).toBe(true);
  });

  it('trains preferences as onnxruntime does', async () => {
    const pairs = { ...workspace, data: writePairs(workspace) };
    const flags = [...FOUR, '--dropout', '0', '--objective', 'dpo'];
    const [own, other] = [workspace.at('own-dpo'), workspace.at('other-dpo')];
    doneOf(await fettle(trainArgs(pairs, own, ...flags, ...GGML)));
    doneOf(await fettle(trainArgs(pairs, other, ...flags)));
    const expected = lossesOf(other);
    for (const [i, loss] of lossesOf(own).entries()) expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-3);
  });

  it('loses nothing with its device: it is tried once more, then onnxruntime goes on from the checkpoint', async () => {
    const ggml = openGgml();
    const { computeAsync } = ggml;
    let computed = 0;
    // an evaluation and two steps; the second process gets nothing
    ggml.computeAsync = async (...given) => (++computed > 6 ? 1 : computeAsync(...given));
    const out = workspace.at('lost');
    const ended = await fettle(trainArgs(workspace, out, ...FOUR, ...GGML));
    ggml.computeAsync = computeAsync;
    expect(computed).toBeGreaterThan(6);
    const rescues = ended.events.filter((event): event is RescueEvent => event.event === 'rescue');
    expect(rescues.map(({ reason, changes }) => [reason, changes])).toEqual([
      ['device-lost', {}],
      ['device-lost', { executor: 'ort', device: 'cpu' }],
    ]);
    expect(rescues[0]).toMatchObject({ resumesFrom: rescues[0]!.failedAfter });
    expect(doneOf(ended).steps).toBe(4);
    const expected = lossesOf(workspace.at('whole'));
    for (const [i, loss] of lossesOf(out).entries()) expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-3);
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

  it('is priced', async () => {
    const args = trainArgs(workspace, workspace.at('never'), ...FOUR, ...GGML).filter(
      (arg) => arg !== '--no-assess',
    );
    const { code, out } = await fettle(['plan', ...args.slice(1)]);
    expect(code).toBe(0);
    const plan = JSON.parse(out) as { executor: string; peakRamBytes: { value: number } };
    expect(plan.executor).toBe('ggml');
    expect(plan.peakRamBytes.value).toBeGreaterThan(5e7);
  });
});
