/** A run on a WebGPU device by the command: the numbers of the processor, and checkpoints that go from one to the other. */
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartEvent } from '../../common/protocol/protocol.ts';
import { doneOf, fettle } from '../helpers/fettle.ts';
import { expectLostTwice, losingDevice } from '../helpers/lose-device.ts';
import { webgpuMissing } from '../helpers/webgpu.ts';
import { numbersOf, openWorkspace, trainArgs, type Workspace } from './workspace.ts';

const missing = await webgpuMissing();
/** Nothing that is found to begin with, so that another device is as good as a missing one. */
const NO_DRIVERS = { VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' };

/** Enough for some steps of the tiny model and an evaluation, and too few for the rest, twice. */
const SUBMISSIONS = 1000;

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

const args = (out: string, steps: number, ...more: string[]) =>
  trainArgs(workspace, out, '--max-steps', String(steps), '--gradient-accumulation', '2', ...more);

type Numbers = readonly { readonly step: number; readonly loss: number; readonly gradNorm?: number }[];

function expectAlike(own: Numbers, expected: Numbers): void {
  expect(own.map(({ step }) => step)).toEqual(expected.map(({ step }) => step));
  own.forEach(({ loss, gradNorm = 0 }, i) => {
    expect(loss).toBeCloseTo(expected[i]!.loss, 4);
    expect(gradNorm).toBeCloseTo(expected[i]!.gradNorm ?? 0, 3);
  });
}

describe.skipIf(missing !== null)(`on WebGPU${missing ? `: ${missing}` : ''}`, () => {
  it('a run has the numbers of the processor, and goes on there from its checkpoint', async () => {
    const [own, other] = [workspace.at('own'), workspace.at('other')];
    const begun = await fettle(args(own, 3, '--device', 'webgpu'));
    const start = begun.events.find((event): event is StartEvent => event.event === 'start');
    expect(start!.device).toBe('Graphics card (WebGPU)');
    expect(doneOf(begun).steps).toBe(3);

    const resumed = ['train', '--out', own, '--resume', '--max-steps', '5', '--device', 'cpu', '--json'];
    expect(doneOf(await fettle(resumed)).steps).toBe(5);
    await fettle(args(other, 3));
    await fettle(['train', '--out', other, '--resume', '--max-steps', '5', '--json']);
    expectAlike(numbersOf(own) as Numbers, numbersOf(other) as Numbers);
  });
});

describe.skipIf(missing !== null || process.platform !== 'linux')('a card that is lost', () => {
  it('is tried once more, and then the processor goes on, each from the newest checkpoint', async (context) => {
    const folder = workspace.at('layer');
    mkdirSync(folder);
    const env = losingDevice(folder, SUBMISSIONS);
    if (env === null) return context.skip('there is no C compiler to build the layer with');
    const out = workspace.at('lost');
    const asked = args(out, 20, '--device', 'webgpu', '--save-every-steps', '1');
    // the driver reads the environment of its process once
    const ended = await fettle(asked, { env, ownEngine: true });
    expect(doneOf(ended).steps).toBe(20);
    const resumesFrom = expectLostTwice(ended.events, { device: 'cpu' });
    expect(resumesFrom).toBeGreaterThan(0);
    await fettle(args(workspace.at('kept'), 20));
    expectAlike(numbersOf(out) as Numbers, numbersOf(workspace.at('kept')) as Numbers);
  });
});

describe.skipIf(process.platform !== 'linux')('without a graphics card', () => {
  it('--device webgpu ends in a sentence and a next step', async () => {
    const { code, err } = await fettle(args(workspace.at('none'), 2, '--device', 'webgpu'), {
      env: NO_DRIVERS,
      ownEngine: true,
    });
    expect(err).toContain("Graphics card (WebGPU) can't be used here");
    expect(err).toContain('See --device');
    expect(code).toBe(5);
  });
});
