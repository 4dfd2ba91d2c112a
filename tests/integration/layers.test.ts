/** Adapters in some layers alone, from the command line to the exported model. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportResult, RunPlan } from '../../common/protocol/protocol.ts';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { doneOf, type Ended, fettle } from '../helpers/fettle.ts';
import { adapterOf, goingOn, numbersOf, openWorkspace, trainArgs, type Workspace } from './workspace.ts';

const LAST = ['--layers', 'last-1'];

let workspace: Workspace;
let out: string;
let trained: Ended;
beforeAll(async () => {
  workspace = await openWorkspace();
  out = workspace.at('last');
  trained = await fettle(
    trainArgs(workspace, out, ...LAST, '--rs-lora', '--max-steps', '20', '--learning-rate', '0.01'),
  );
});
afterAll(() => workspace.remove());

describe('adapters in the last layer alone', () => {
  it('are trained, and no others', async () => {
    const start = trained.events.find((event) => event.event === 'start');
    const { heldOutLoss, heldOutLossBefore } = doneOf(trained);
    expect(heldOutLoss!).toBeLessThan(heldOutLossBefore!);
    const { config, tensors } = await readAdapter(workspace.at('last', 'adapter'));
    expect([...tensors.keys()]).toHaveLength(7);
    for (const module of tensors.keys()) expect(module).toMatch(/^model\.layers\.1\./);
    expect(config).toMatchObject({ layers: [1], useRslora: true });
    const weights = [...tensors.values()].reduce((sum, { a, b }) => sum + a.length + b.length, 0);
    expect(start?.event === 'start' && start.trainableParameters).toBe(weights);
    const json = JSON.parse(readFileSync(workspace.at('last', 'adapter', 'adapter_config.json'), 'utf8'));
    expect(json).toMatchObject({ layers_to_transform: [1], layers_pattern: null, use_rslora: true });
  });

  it('answer the same when they are merged', async () => {
    const merged = await fettle([
      'export',
      '--run',
      out,
      '--as',
      'safetensors',
      '--type',
      'f32',
      '--out',
      workspace.at('merged'),
      '--json',
    ]);
    const result = JSON.parse(merged.out.trim().split('\n').at(-1)!) as ExportResult;
    expect(result.proof).toMatchObject({ equalAnswers: result.proof.prompts, firstDifference: null });
  });

  it('take less of everything, in the plan, too', async () => {
    const planOf = async (...more: string[]) => {
      const [, ...args] = trainArgs(workspace, workspace.at('planned'), ...more);
      const { out: text, err } = await fettle(['plan', ...args]);
      expect(text, err).not.toBe('');
      return JSON.parse(text.trim().split('\n').at(-1)!) as RunPlan;
    };
    const [all, last] = [await planOf(), await planOf(...LAST)];
    expect(last.trainableParameters).toBe(all.trainableParameters / 2);
    expect(last.workingBytes).toBeLessThan(0.75 * all.workingBytes);
    expect(last.flopsPerBatch).toBeLessThan(all.flopsPerBatch);
  });
});

describe('what frozen layers put out', () => {
  const passes = (out: string, ...more: string[]) =>
    trainArgs(workspace, out, ...LAST, '--epochs', '4', '--dropout', '0.1', '--eval-every', '5', ...more);

  it('is kept unasked, with the losses of a run that keeps nothing', async () => {
    const [kept, own] = [workspace.at('kept'), workspace.at('own')];
    const [one, other] = [await fettle(passes(kept)), await fettle(passes(own, '--no-keep-activations'))];
    const [with16, without] = [doneOf(one), doneOf(other)];
    expect(JSON.parse(readFileSync(workspace.at('kept', 'run.json'), 'utf8'))).toMatchObject({
      keepActivations: true,
    });
    expect(readFileSync(workspace.at('own', 'run.json'), 'utf8')).not.toContain('keepActivations');
    expect(Math.abs(with16.heldOutLoss! - without.heldOutLoss!)).toBeLessThan(2e-3);
    expect(with16.heldOutLoss).not.toBe(without.heldOutLoss);
    expect(one.events.filter(({ event }) => event === 'warning')).toEqual([]);
    expect(readdirSync(kept).filter((name) => name.includes('kept'))).toEqual([]);
  });

  it('is the same to the bit in a run that is resumed', async () => {
    const out = workspace.at('whole');
    const left = workspace.at('left');
    const args = passes(out, '--save-every-steps', '1', '--keep-checkpoints', '3');
    const { steps } = doneOf(await goingOn(args, out, 19, left));
    const [numbers, adapter] = [numbersOf(out), adapterOf(out)];
    const resumed = await fettle(['train', '--out', left, '--resume', '--json']);
    expect(doneOf(resumed).steps).toBe(steps);
    expect(numbersOf(left)).toEqual(numbers);
    expect(adapterOf(left).equals(adapter)).toBe(true);
  });

  it('is not kept, and that is said, where it could not be read back', async () => {
    const { events } = await fettle(trainArgs(workspace, workspace.at('short'), ...LAST, '--max-steps', '2'));
    expect(events).toContainEqual({
      ...{ event: 'warning', code: 'activations-not-kept' },
      message: 'Frozen layers compute in each pass: this training reads no row twice.',
    });
  });
});

it('refuses to keep what no frozen layer puts out', async () => {
  const { code, err } = await fettle(trainArgs(workspace, workspace.at('none'), '--keep-activations'));
  expect(code).toBe(2);
  expect(err).toContain('--keep-activations needs frozen layers below those with adapters');
});

it('refuses layers that the model does not have', async () => {
  const { code, err } = await fettle(trainArgs(workspace, workspace.at('none'), '--layers', '1-4'));
  expect(code).toBe(2);
  expect(err).toContain('There are no layers 1-4 in this model: it has 2, from 0 to 1.');
});
