/** Runs in mixed precision by the command: near those of float32, the same again, resumed to the same, and through an overflow. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StepEvent, WarningEvent } from '../../common/protocol/protocol.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import type { SavedScale } from '../../main/engine/train/cursor.ts';
import { doneOf, type Ended, fettle } from '../helpers/fettle.ts';
import { webgpuMissing } from '../helpers/webgpu.ts';
import {
  adapterOf,
  goingOn,
  numbersOf,
  openWorkspace,
  SMALL,
  trainArgs,
  type Workspace,
} from './workspace.ts';

// a run needs a second or two; a busy computer may take many times as long
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const missing = await webgpuMissing();
const MIXED = ['--precision', 'f16', '--learning-rate', '5e-3'];
/** A rate that does not depend on the length of a run, so that one in two parts has the steps of one. */
const STEADY = ['--schedule', 'constant', '--warmup-steps', '0'];
const STEPS = [...STEADY, '--max-steps', '10', '--save-every-steps', '1', '--keep-checkpoints', '20'];

let workspace: Workspace;
let env: Record<string, string>;
let out: string;
let ended: Ended;
const run = (args: readonly string[]) => fettle(args, { env });
const train = (name: string, ...more: string[]) =>
  run(trainArgs(workspace, workspace.at(name), ...STEPS, ...more));
const resume = (name: string, ...more: string[]) =>
  run(['train', '--out', workspace.at(name), '--resume', '--json', ...more]);
const checkpoint = (name: string, step: number) =>
  path.join(workspace.at(name), 'checkpoints', `step-${String(step).padStart(8, '0')}.safetensors`);
const scaleWarnings = ({ events }: Ended) =>
  events.filter((event): event is WarningEvent => event.event === 'warning' && event.code === 'loss-scale');
const losses = (name: string) =>
  (numbersOf(workspace.at(name)) as Pick<StepEvent, 'step' | 'loss' | 'gradNorm'>[]).filter(
    ({ gradNorm }) => gradNorm !== undefined,
  );

async function savedScale(name: string, step: number): Promise<SavedScale> {
  const file = await openSafetensors(checkpoint(name, step));
  await file.close();
  return JSON.parse(file.metadata.get('fettle.cursor')!).lossScale;
}

beforeAll(async () => {
  workspace = await openWorkspace();
  env = { FETTLE_HOME: workspace.at('home') };
  out = workspace.at('mixed');
  ended = await train('mixed', ...MIXED);
  await train('exact', '--learning-rate', '5e-3');
});
afterAll(() => workspace.remove());

/** Losses and norms of ten steps, as shares of those of float32. */
function expectNear(name: string, tolerance: number): void {
  const [own, exact] = [losses(name), losses('exact')];
  expect(own).toHaveLength(exact.length);
  own.forEach(({ loss, gradNorm }, i) => {
    expect(Math.abs(loss / exact[i]!.loss - 1)).toBeLessThan(tolerance);
    expect(Math.abs(gradNorm / exact[i]!.gradNorm - 1)).toBeLessThan(10 * tolerance);
  });
  expect(own.some(({ loss }, i) => loss !== exact[i]!.loss)).toBe(true);
}

describe('a run with --precision f16', () => {
  it('has the losses of float32 within what float16 rounds', () => {
    const done = doneOf(ended);
    expect(done.heldOutLoss!).toBeLessThan(done.heldOutLossBefore!);
    expectNear('mixed', 1e-3);
  });

  it('repeats to the bit, and goes on to the same numbers after it was killed', async () => {
    const [calm, killed] = [workspace.at('calm'), workspace.at('killed')];
    await goingOn(trainArgs(workspace, calm, ...STEPS, ...MIXED), calm, 4, killed, { env });
    doneOf(await resume('killed'));
    expect(numbersOf(workspace.at('killed'))).toEqual(numbersOf(out));
    expect(adapterOf(workspace.at('killed')).equals(adapterOf(out))).toBe(true);
    expect(await savedScale('killed', 10)).toEqual({ ...(await savedScale('mixed', 10)) });
    expect((await savedScale('mixed', 10)).steadySteps).toBe(10);
  });

  it('computes a step again with half the scale where a gradient overflows, and says so', async () => {
    await train('large', ...MIXED, '--max-steps', '5');
    const file = checkpoint('large', 5);
    const bytes = readFileSync(file, 'latin1');
    expect(bytes).toContain('\\"lossScale\\":{\\"scale\\":65536');
    // as many characters: the file stays whole; without checksums, as files were before there were any
    const changed = bytes
      .replace('\\"scale\\":65536', '\\"scale\\":1e+12')
      .replace('fettle.crc32', 'fettle.other');
    writeFileSync(file, changed, 'latin1');
    const resumed = await resume('large', '--max-steps', '10');
    doneOf(resumed);
    expect(scaleWarnings(resumed)[0]!.message).toMatch(
      /^Step 6 was too large for half precision and is repeated at a smaller scale \(500000000000\)/,
    );
    const after = await savedScale('large', 10);
    expect(after.scale).toBeLessThan(1e11);
    expect(after.steadySteps).toBeGreaterThan(0);
    expectNear('large', 1e-3);
  });

  it('may go on in float32, and back', async () => {
    doneOf(await train('changing', ...MIXED, '--max-steps', '3'));
    doneOf(await resume('changing', '--precision', 'f32', '--max-steps', '6'));
    expect(await savedScale('changing', 6)).toEqual(await savedScale('changing', 3));
    doneOf(await resume('changing', '--precision', 'f16', '--max-steps', '10'));
    expectNear('changing', 1e-3);
  });

  it.each(['qlora', 'full'])('trains by the method %s', async (method) => {
    const flags = ['--method', method, '--learning-rate', '2e-3', '--precision', 'f16'];
    const args = trainArgs(workspace, workspace.at(method), ...STEPS, ...flags);
    const rank = args.indexOf('--rank');
    const done = doneOf(await run(method === 'full' ? args.toSpliced(rank, 2) : args));
    expect(done.heldOutLoss!).toBeLessThan(done.heldOutLossBefore!);
  });

  it('trains the lengths of DoRA near those of float32', async () => {
    const lossesOf = async (name: string, ...flags: string[]) => {
      doneOf(await train(name, '--dora', '--learning-rate', '5e-3', '--max-steps', '5', ...flags));
      return losses(name).map(({ loss }) => loss);
    };
    const [own, exact] = [await lossesOf('dora', '--precision', 'f16'), await lossesOf('dora-exact')];
    own.forEach((loss, i) => {
      expect(Math.abs(loss / exact[i]! - 1)).toBeLessThan(1e-3);
    });
  });

  it('is refused where OpenVINO computes', async () => {
    const refused = await train('refused', ...MIXED, '--executor', 'openvino');
    expect(refused.code).toBe(2);
    expect(refused.out + refused.err).toContain('--precision f16 needs the executor ort');
  });

  it.skipIf(missing !== null)(`computes on WebGPU${missing ? `: ${missing}` : ''}`, async () => {
    const onCard = await train('card', ...MIXED, '--device', 'webgpu', '--held-out', '0.1');
    expect(doneOf(onCard).steps).toBe(10);
    expectNear('card', 5e-3);
  });
});

it('is priced with half of the weights, and with less for the values of a step', async () => {
  const files = ['--model', workspace.model, '--data', workspace.data, ...SMALL, '--json'];
  const plan = async (...more: string[]) =>
    JSON.parse((await run(['plan', ...files, ...more])).out.trim().split('\n').at(-1)!);
  const [exact, mixed] = [await plan(), await plan('--precision', 'f16')];
  expect(mixed.weightBytes).toBe(exact.weightBytes / 2);
  expect(mixed.workingBytes).toBeLessThan(exact.workingBytes);
});
