/** What `fettle plan` predicts, against what the very run then took. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doneOf, fettle } from '../helpers/fettle.ts';
import { openWorkspace, trainArgs, type Workspace } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

/** The arguments of `fettle plan` for the run that `trainArgs` would start. */
function planArgs(...more: string[]): string[] {
  const all = trainArgs(workspace, workspace.at('nowhere'), ...more);
  const isFull = more.includes('full');
  const args = all
    .slice(1)
    .filter((arg, i, rest) => !isFull || (arg !== '--rank' && rest[i - 1] !== '--rank'));
  return ['plan', ...args.filter((arg) => arg !== '--no-assess')];
}

async function planned(...more: string[]) {
  const { code, out, err } = await fettle(planArgs(...more));
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

describe('fettle plan', () => {
  it.each(['lora', 'full'])('predicts the peak of a run with %s, and takes no step', async (method) => {
    const plan = await planned('--method', method, '--epochs', '2');
    const run = trainArgs(workspace, workspace.at(method), '--method', method, '--epochs', '2');
    const args =
      method === 'full' ? run.filter((arg, i) => arg !== '--rank' && run[i - 1] !== '--rank') : run;
    // its memory is that of a process in which nothing else was computed
    const done = doneOf(await fettle(args, { ownEngine: true }));
    expect(plan.steps).toBe(done.steps);
    expect(plan.peakRamBytes.value / done.peakRssBytes).toBeGreaterThan(0.75);
    expect(plan.peakRamBytes.value / done.peakRssBytes).toBeLessThan(1.25);
    const parts = plan.memoryParts.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0);
    expect(parts).toBeCloseTo(plan.peakRamBytes.value, -1);
    expect(done.price?.memory.trainedBytes).toBe(4 * plan.trainableParameters);
    expect(done.stepSeconds).toBeGreaterThan(0);
  });

  it('measures with --probe, and leaves nothing behind', async () => {
    const { code, out, err } = await fettle(
      planArgs('--probe')
        .filter((arg) => arg !== '--json')
        .concat('--held-out', '10'),
    );
    expect(code).toBe(0);
    // it says before how long it will take, or that nobody knows
    expect(err).toMatch(/Taking three steps and one evaluation: (about|how long that is shows only now)/);
    expect(out).toMatch(/measured in three steps/);
    const plan = await planned('--probe');
    expect(plan.stepSeconds).toMatchObject({ restsOn: 'probe' });
    expect(plan.peakRamBytes).toMatchObject({ restsOn: 'probe' });
    expect(plan.totalSeconds.value).toBeGreaterThan(plan.stepSeconds.value);
  });

  it('says it in words', async () => {
    const { out } = await fettle(planArgs().filter((arg) => arg !== '--json'));
    expect(out).toMatch(/^Memory .* needed, .* free: it (fits|is tight)/m);
    expect(out).toMatch(/Time {5}(not known: measure|.*from the measured speed)/);
  });
});
