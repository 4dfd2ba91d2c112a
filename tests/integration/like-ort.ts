/** What every executor of its own shows beside onnxruntime, with the same few steps of training. */
import { expect, it } from 'vitest';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { doneOf, fettle, startFettle } from '../helpers/fettle.ts';
import { adapterOf, numbersOf, trainArgs, type Workspace } from './workspace.ts';

/** Four steps of two micro-batches, with a checkpoint after each. */
export const fourSteps = (rate: string): readonly string[] => [
  ...['--max-steps', '4', '--warmup-steps', '0', '--learning-rate', rate, '--dropout', '0.1'],
  ...['--gradient-accumulation', '2', '--save-every-steps', '1'],
];

export const lossesOf = (run: string) => numbersOf(run).map((line) => (line as { loss: number }).loss);

/** Tests of the executor that `flags` name, whose whole training in `workspace` is there already, as `whole`. */
export function trainsLikeOrt(
  workspace: () => Workspace,
  steps: readonly string[],
  flags: readonly string[],
): void {
  const args = (out: string, ...more: readonly string[]) => trainArgs(workspace(), out, ...steps, ...more);

  it('gives the losses of onnxruntime', async () => {
    const out = workspace().at('ort');
    doneOf(await fettle(args(out)));
    const [own, expected] = [lossesOf(workspace().at('whole')), lossesOf(out)];
    expect(own.length).toBe(expected.length);
    expect(own.length).toBeGreaterThanOrEqual(6);
    for (const [i, loss] of own.entries()) expect(Math.abs(loss - expected[i]!)).toBeLessThan(1e-4);
    expect(own.at(-1)).toBeLessThan(own[0]! - 0.01);
  });

  it.skipIf(process.platform === 'win32')('goes on to the same bits when it was killed', async () => {
    const [out, whole] = [workspace().at('killed'), workspace().at('whole')];
    const run = startFettle(args(out, ...flags));
    await run.event((event: EngineEvent) => event.event === 'step' && event.step >= 2);
    run.signalAll('SIGKILL');
    await run.ended;
    doneOf(await fettle(['train', '--out', out, '--resume', '--json']));
    expect(numbersOf(out)).toEqual(numbersOf(whole));
    expect(adapterOf(out).equals(adapterOf(whole))).toBe(true);
  });

  it('is priced', async () => {
    const planned = args(workspace().at('never'), ...flags).filter((arg) => arg !== '--no-assess');
    const { code, out } = await fettle(['plan', ...planned.slice(1)]);
    expect(code).toBe(0);
    const plan = JSON.parse(out) as { executor: string; peakRamBytes: { value: number } };
    expect(plan.executor).toBe(flags.at(-1));
    expect(plan.peakRamBytes.value).toBeGreaterThan(5e7);
  });
}
