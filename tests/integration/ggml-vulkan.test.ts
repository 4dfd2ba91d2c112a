/** `--executor ggml` through Vulkan, on a tiny model: losses and adapters of the processor, resumed runs, and a card that is lost. */
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StartEvent } from '../../common/protocol/protocol.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { doneOf, fettle } from '../helpers/fettle.ts';
import { vulkanMissing } from '../helpers/ggml.ts';
import { expectLostTwice, losingDevice } from '../helpers/lose-device.ts';
import { goingOn, numbersOf, openWorkspace, trainArgs, type Workspace, writePairs } from './workspace.ts';

const STEPS = [
  '--max-steps',
  '3',
  '--warmup-steps',
  '0',
  '--learning-rate',
  '2e-3',
  '--save-every-steps',
  '1',
];
const GGML = ['--executor', 'ggml'];

const missing = await vulkanMissing();
if (missing) console.info(`Not run on ggml's Vulkan. ${missing}`);

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

const lossesOf = (run: string) => numbersOf(run).map((line) => (line as { loss: number }).loss);

function expectNear(own: string, other: string, digits: number): void {
  const [losses, expected] = [lossesOf(own), lossesOf(other)];
  expect(losses.length).toBe(expected.length);
  for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[i]!, digits);
}

/** How far the adapter of one run is from another's, as a share of its size. */
async function distance(own: string, other: string): Promise<number> {
  const [a, b] = await Promise.all(
    [own, other].map((run) => openSafetensors(path.join(run, 'adapter', 'adapter_model.safetensors'))),
  );
  let [difference, size] = [0, 0];
  for (const name of b!.tensors.keys()) {
    const [x, y] = [await a!.readF32(name), await b!.readF32(name)];
    for (const [i, value] of y.entries()) {
      difference += (x[i]! - value) ** 2;
      size += value ** 2;
    }
  }
  await Promise.all([a!.close(), b!.close()]);
  return Math.sqrt(difference / size);
}

describe.skipIf(missing)('training with ggml on Vulkan', () => {
  it.each([
    ['lora', 1e-4, []],
    ['full', 1e-4, ['--method', 'full']],
    ['dpo', 1e-4, ['--objective', 'dpo']],
    ['8 bits', 1e-3, ['--method', 'qlora', '--bits', '8']],
    ['4 bits', 1e-3, ['--method', 'qlora', '--bits', '4']],
    ['float16', 1e-3, ['--precision', 'f16']],
  ] as const)('gives the losses of onnxruntime (%s)', async (name, most, flags) => {
    const of = name === 'dpo' ? { ...workspace, data: writePairs(workspace) } : workspace;
    const [own, other] = [workspace.at(`own-${name}`), workspace.at(`other-${name}`)];
    const args = (out: string, ...more: string[]) => {
      const all = trainArgs(of, out, ...STEPS, ...flags, ...more);
      return name === 'full' ? all.toSpliced(all.indexOf('--rank'), 2) : all;
    };
    const ended = await fettle(args(own, ...GGML));
    doneOf(ended);
    const start = ended.events.find((event): event is StartEvent => event.event === 'start');
    expect(start!.device).not.toMatch(/^CPU/);
    doneOf(await fettle(args(other)));
    const expected = lossesOf(other);
    const far = lossesOf(own).map((loss, i) => Math.abs(loss / expected[i]! - 1));
    console.info(`${name}: losses within ${Math.max(...far).toExponential(1)}`);
    expect(Math.max(...far)).toBeLessThan(most);
    if (name !== 'full') {
      const adapters = await distance(own, other);
      console.info(`${name}: adapters within ${adapters.toExponential(1)}`);
      expect(adapters).toBeLessThan(name === 'lora' || name === 'dpo' ? 1e-3 : 0.05);
    }
  });

  it('resumes what a kill leaves, there and on the processor', async () => {
    const [out, left] = [workspace.at('begun'), workspace.at('left')];
    doneOf(await goingOn(trainArgs(workspace, out, ...STEPS, ...GGML), out, 2, left));
    const elsewhere = workspace.at('elsewhere');
    cpSync(left, elsewhere, { recursive: true });
    doneOf(await fettle(['train', '--out', left, '--resume', '--json']));
    doneOf(await fettle(['train', '--out', elsewhere, '--resume', '--executor', 'ort', '--json']));
    expectNear(left, out, 5);
    expectNear(elsewhere, out, 4);
  });

  // with Mesa’s driver a run of one step takes 305 submissions, each further step 106, most to read its checkpoint
  it.for([
    ['in its first step', 40],
    ['after some steps', 300],
  ] as const)(
    'loses nothing with a card that is lost %s: once more there, then on the processor',
    async ([when, count], context) => {
      const folder = workspace.at(`layer-${count}`);
      mkdirSync(folder);
      const env = losingDevice(folder, count);
      if (env === null) return context.skip('there is no C compiler to build the layer with');
      const out = workspace.at(`lost-${count}`);
      const ended = await fettle(trainArgs(workspace, out, ...STEPS, ...GGML), { env, ownEngine: true });
      const resumesFrom = expectLostTwice(ended.events, { executor: 'ort', device: 'cpu' });
      expect(resumesFrom > 0).toBe(when === 'after some steps');
      expect(doneOf(ended).steps).toBe(3);
      expectNear(out, workspace.at('own-lora'), 4);
    },
  );
});
