/** Runs that update each layer right after its gradient, by the command and for every family: killed, gone on with, in 8 bits, and of a head that sorts. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EngineEvent, EvalEvent } from '../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { train } from '../../../main/engine/session/session.ts';
import { doneOf, fettle } from '../../helpers/fettle.ts';
import { TINY_FAMILIES, writeRows, writeTinyModel } from '../../helpers/tiny-model.ts';
import { goingOn, numbersOf, openWorkspace, trainArgs, type Workspace } from '../../integration/workspace.ts';

// a run needs a second or two; a busy computer may take many times as long
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** Elsewhere there are no process groups, and no signals that a process could answer. */
const onPosix = describe.skipIf(process.platform === 'win32');

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

const resume = (out: string, ...more: string[]) =>
  fettle(['train', '--out', out, '--resume', '--json', ...more]);

const fullArgs = (out: string, ...more: string[]) => {
  const args = trainArgs(workspace, out, ...more);
  return args.toSpliced(args.indexOf('--rank'), 2);
};

onPosix('a run that updates each layer right after its gradient', () => {
  const model = (run: string) => readFileSync(`${run}/model/model.safetensors`);
  /** The header of the newest checkpoint, which tells where the run stands. */
  const cursorIn = (run: string) => {
    const names = readdirSync(`${run}/checkpoints`).filter((name) => /^step-\d+\.safetensors$/.test(name));
    const bytes = readFileSync(`${run}/checkpoints/${names.sort().at(-1)}`);
    return bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0)));
  };

  it('goes on to the same numbers, clipping included', async () => {
    const layered = [
      ...['--method', 'full', '--learning-rate', '1e-3', '--max-steps', '12', '--save-every-steps', '1'],
      ...['--layerwise-update', '--master-bits', '16', '--optimizer', 'adamw-8bit', '--max-grad-norm', '0.5'],
      ...['--gradient-accumulation', '2'],
    ];
    const calm = workspace.at('layered-calm');
    const out = workspace.at('layered');
    const ended = await goingOn(fullArgs(calm, ...layered), calm, 6, out);
    const { heldOutLoss, heldOutLossBefore } = doneOf(ended);
    expect(heldOutLoss).toBeLessThan(heldOutLossBefore!);

    doneOf(await resume(out));
    expect(numbersOf(out)).toEqual(numbersOf(calm));
    expect(model(out).equals(model(calm))).toBe(true);
  });

  it.each([
    ['to the bit where nothing is clipped', ['--max-grad-norm', '0'], 0],
    ['nearly where something is', ['--max-grad-norm', '0.5', '--split-micro-batch', '2'], 0.01],
  ])(
    'may have been begun with an update of all, and may end with it: the same losses, %s',
    async (_, more, most) => {
      const usual = [
        ...['--method', 'full', '--learning-rate', '1e-3', '--max-steps', '18'],
        ...['--save-every-steps', '1', ...more],
      ];
      const calm = workspace.at(`at-once-${most}`);
      const begun = workspace.at(`begun-${most}`);
      const out = workspace.at(`in-turn-${most}`);
      doneOf(await goingOn(fullArgs(calm, ...usual), calm, 5, begun));
      doneOf(
        await goingOn(['train', '--out', begun, '--resume', '--json', '--layerwise-update'], begun, 12, out),
      );
      expect(JSON.parse(readFileSync(`${out}/run.json`, 'utf8'))).toMatchObject({ layerwiseUpdate: true });
      expect(cursorIn(out)).toContain('squares');
      doneOf(await resume(out, '--no-layerwise-update'));
      expect(cursorIn(out)).not.toContain('squares');
      // not of norms, whose parts are summed in another order
      const losses = (run: string) => (numbersOf(run) as { loss: number }[]).map(({ loss }) => loss);
      const [found, expected] = [losses(out), losses(calm)];
      expect(found).toHaveLength(expected.length);
      for (const [i, loss] of found.entries())
        expect(Math.abs(loss / expected[i]! - 1)).toBeLessThanOrEqual(most);
      expect(model(out).equals(model(calm))).toBe(most === 0);
    },
  );
});

it('trains with products in 8 bits, with losses near those in float32', async () => {
  const lossesOf = async (name: string, ...more: string[]) => {
    const out = workspace.at(name);
    const usual = ['--learning-rate', '5e-3', '--max-steps', '10', '--max-grad-norm', '0'];
    doneOf(await fettle(fullArgs(out, '--method', 'full', '--layerwise-update', ...usual, ...more)));
    const steps = numbersOf(out) as { loss: number; gradNorm?: number }[];
    return steps.filter(({ gradNorm }) => gradNorm !== undefined).map(({ loss }) => loss);
  };
  const exact = await lossesOf('exact');
  const found = await lossesOf('int8', '--precision', 'int8');
  expect(found).toHaveLength(exact.length);
  found.forEach((loss, i) => {
    expect(Math.abs(loss / exact[i]! - 1)).toBeLessThan(0.02);
  });
  expect(found).not.toEqual(exact);
});

/** A run in this process; what it told. */
async function trained(name: string, settings: Record<string, unknown>) {
  const config = parseRunConfig({
    ...{ out: workspace.at(name), method: 'full', layerwiseUpdate: true, maxLength: 64, threads: 1 },
    ...{ assess: false, ...settings },
  });
  const events: EngineEvent[] = [];
  const emit = (event: EngineEvent) => events.push(event);
  const end = await train(config, { emit, stop: new AbortController().signal, resume: false });
  expect(end).toMatchObject({ event: 'done', result: expect.any(String) });
  return events;
}

it.each(TINY_FAMILIES)('%s learns, or is refused', async (family) => {
  const model = await writeTinyModel(workspace.at(family), family);
  const ended = trained(`${family}-run`, {
    ...{ model, data: workspace.data, maxSteps: 6, heldOut: 0, learningRate: 1e-3 },
  });
  if (family === 'gemma4') return await expect(ended).rejects.toThrow('layers share keys');
  const losses = (await ended).flatMap((event) => (event.event === 'step' ? [event.loss] : []));
  expect(losses).toHaveLength(6);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)!).toBeLessThan(losses[0]!);
});

it('a head that sorts learns its categories', async () => {
  const sounds = Object.entries({ cat: 'meow', dog: 'woof', cow: 'moo', owl: 'hoot' });
  const rows = Array.from({ length: 80 }, (_, i) => {
    const [animal, sound] = sounds[(7 * i + (i >> 2)) % 4]!;
    return { prompt: `${i} ${animal}`, completion: sound };
  });
  const events = await trained('sorter', {
    ...{ model: workspace.model, data: writeRows(workspace.at('sounds.jsonl'), rows), objective: 'sort' },
    ...{ heldOut: 16, tokensPerMicroBatch: 256, epochs: 6, learningRate: 2e-3, evalEvery: 1000 },
  });
  const last = events.filter((event): event is EvalEvent => event.event === 'eval').at(-1)!;
  expect(last.accuracy).toBeGreaterThan(0.9);
});
