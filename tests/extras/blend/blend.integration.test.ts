/** A blend as a person has it: made of a run, measured, assessed, exported, kept in the history; of each kind of result. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunDetails } from '../../../common/api/contract.ts';
import type { AssessResult, EvalResult, ExportResult } from '../../../common/protocol/protocol.ts';
import { logLine } from '../../../main/app/runs.ts';
import { openModel } from '../../../main/engine/load/open-model.ts';
import { readParameter } from '../../../main/engine/load/parameter-pieces.ts';
import { openSupervisor } from '../../../main/runs/supervisor.ts';
import { doneOf, type Ended, fettle, resultOf } from '../../helpers/fettle.ts';
import { happens } from '../../helpers/happens.ts';
import { quickHost } from '../../helpers/quick-host.ts';
import { runStore } from '../../helpers/run-store.ts';
import { openWorkspace, SMALL, trainArgs, type Workspace, writePairs } from '../../integration/workspace.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let workspace: Workspace;
let env: Record<string, string>;
const run = (args: readonly string[]) => fettle(args, { env });
const blend = (from: string, out: string, ...more: string[]) =>
  run([
    'blend',
    '--run',
    workspace.at(from),
    '--out',
    workspace.at(out),
    '--threads',
    '1',
    '--json',
    ...more,
  ]);

beforeAll(async () => {
  workspace = await openWorkspace();
  env = { FETTLE_HOME: workspace.at('home') };
});
afterAll(() => workspace.remove());

const STRONG = ['--learning-rate', '5e-3', '--max-steps', '12'];

describe.each([
  ['lora', STRONG, 0],
  ['full', ['--method', 'full', '--learning-rate', '3e-3', '--max-steps', '12'], 0],
  ['qlora', [...STRONG, '--method', 'qlora'], 0],
  // magnitudes are lengths that were computed
  ['dora', [...STRONG, '--dora'], 1e-5],
  // its rows lie between those that it began with and the trained ones
  ['new-tokens', [...STRONG, '--new-token', 'meow'], 0],
])('a blend of a run with %s', (kind, settings, tolerance) => {
  const [from, half] = [`${kind}-run`, `${kind}-half`];
  let source: Ended;
  beforeAll(async () => {
    const args = trainArgs(workspace, workspace.at(from), ...settings);
    // full fine-tuning has no rank
    if (kind === 'full') args.splice(args.indexOf('--rank'), 2);
    source = await run(args);
    expect(source.code, source.err).toBe(0);
  });

  it('is the untouched model at 0, the run at 1 and between them at a half', async () => {
    const losses: number[] = [];
    for (const strength of ['0', '0.5', '1']) {
      const ended = await blend(
        from,
        strength === '0.5' ? half : `${kind}-${strength}`,
        '--strength',
        strength,
        '--no-assess',
      );
      expect(ended.code, ended.err).toBe(0);
      const done = doneOf(ended);
      expect(done).toMatchObject({
        steps: 0,
        trainedTokens: 0,
        heldOutLossBefore: doneOf(source).heldOutLossBefore,
      });
      expect(ended.events.find(({ event }) => event === 'start')).toMatchObject({
        ...{ steps: 0, blend: { of: workspace.at(from), strength: Number(strength) } },
      });
      losses.push(done.heldOutLoss!);
    }
    const { heldOutLoss, heldOutLossBefore } = doneOf(source);
    expect(Math.abs(losses[0]! - heldOutLossBefore!)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(losses[2]! - heldOutLoss!)).toBeLessThanOrEqual(tolerance);
    expect(losses[1]!).toBeLessThan(losses[0]! - 0.01);
    expect(losses[1]!).not.toBe(losses[2]!);
  });

  // whose merged tables are longer than those of the untouched model
  it.skipIf(kind === 'new-tokens')('is what is measured and exported', async () => {
    const rows = ['--data', workspace.data, '--split', 'held-out', ...SMALL, '--json'];
    const model =
      kind === 'full'
        ? ['--model', workspace.at(half, 'model')]
        : ['--model', workspace.model, '--adapter', workspace.at(half)];
    const found = resultOf<EvalResult>(await run(['eval', ...model, ...rows]));
    const done = JSON.parse(readFileSync(workspace.at(half, 'result.json'), 'utf8'));
    expect(found.loss).toBeCloseTo(done.heldOutLoss, 5);
    const exportOf = async (name: string) =>
      resultOf<ExportResult>(
        await run([
          ...['export', '--run', workspace.at(name), '--as', 'safetensors', '--type', 'f32'],
          ...['--out', workspace.at(`${name}-merged`), '--threads', '1', '--json'],
        ]),
      );
    const [exported] = [await exportOf(half), await exportOf(from)];
    expect(exported.proof).toMatchObject({ equalAnswers: exported.proof.prompts, firstDifference: null });
    const card = readFileSync(path.join(exported.out, 'README.md'), 'utf8');
    expect(card).toContain(`0.5 of what the training of ${from} changed`);
    await expectMean(workspace.model, workspace.at(`${from}-merged`), exported.out);
  });
});

/** Every weight of `mean` lies in the middle. */
async function expectMean(...folders: [before: string, after: string, mean: string]): Promise<void> {
  const [before, after, mean] = await Promise.all(folders.map(openModel));
  let moved = 0;
  for (const name of before!.outline.parameters.keys()) {
    const [a, b, m] = await Promise.all([before!, after!, mean!].map((one) => readParameter(one, name)));
    let [most, off] = [0, 0];
    m!.forEach((value, i) => {
      most = Math.max(most, Math.abs(value));
      off = Math.max(off, Math.abs(value - (a![i]! + b![i]!) / 2));
      moved = Math.max(moved, Math.abs(value - a![i]!));
    });
    expect(off / most, name).toBeLessThan(2e-6);
  }
  expect(moved).toBeGreaterThan(1e-3);
  await Promise.all([before!, after!, mean!].map((one) => one.store.close()));
}

describe('a blend', () => {
  it('is assessed at its end and kept in the history', async () => {
    const ended = await blend('lora-run', 'assessed');
    expect(ended.code, ended.err).toBe(0);
    expect(ended.events.map(({ event }) => event)).toContain('assessment');
    const found = JSON.parse(
      readFileSync(workspace.at('assessed', 'assessment.json'), 'utf8'),
    ) as AssessResult;
    expect(found.settings.blend).toEqual({ of: workspace.at('lora-run'), strength: 0.7 });
    // of the training, not of the blend
    const training = JSON.parse(readFileSync(workspace.at('lora-run', 'result.json'), 'utf8'));
    expect(found.trainingSeconds).toBeGreaterThanOrEqual(training.seconds);
    const { runs } = resultOf<{ runs: RunDetails[] }>(await run(['runs', 'list', '--json']));
    const row = runs.find(({ name }) => name === 'assessed');
    expect(row).toMatchObject({
      state: 'done',
      bestLoss: doneOf({ ...ended, events: ended.events.filter(({ event }) => event !== 'assessment') })
        .heldOutLoss,
    });
    expect(row!.learned).toBe(found.verdict.learned);
  });

  it('is made by `fettle train` of a remedy’s file, and takes no setting of a training', async () => {
    const saved = JSON.parse(readFileSync(workspace.at('lora-run', 'run.json'), 'utf8'));
    const config = {
      ...saved,
      assess: false,
      out: workspace.at('remedy'),
      blend: { of: workspace.at('lora-run'), strength: 0.5 },
    };
    writeFileSync(workspace.at('blend.json'), JSON.stringify(config));
    const args = ['train', '--config', workspace.at('blend.json'), '--json'];
    const refused = await run([...args, '--learning-rate', '1e-4']);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(
      '--learning-rate is a setting of a training, and this run is made of another one',
    );
    const half = JSON.parse(readFileSync(workspace.at('lora-half', 'result.json'), 'utf8'));
    expect(doneOf(await run(args)).heldOutLoss).toBe(half.heldOutLoss);
    const planned = await run(['plan', '--config', workspace.at('blend.json')]);
    expect(planned.code).toBe(2);
    expect(planned.err).toContain('without a training');
  });

  it('adds the adapter of another run, and then is one run like any other', async () => {
    const saved = JSON.parse(readFileSync(workspace.at('lora-run', 'run.json'), 'utf8'));
    const lossOf = async (name: string, strength: number, withStrength: number) => {
      const other = { with: workspace.at('lora-run'), withStrength };
      const blended = { of: workspace.at('lora-run'), strength, ...other };
      const config = { ...saved, assess: false, out: workspace.at(name), blend: blended };
      writeFileSync(workspace.at(`${name}.json`), JSON.stringify(config));
      const ended = await run(['train', '--config', workspace.at(`${name}.json`), '--json']);
      expect(ended.code, ended.err).toBe(0);
      return doneOf(ended).heldOutLoss;
    };
    const known = (name: string) =>
      JSON.parse(readFileSync(workspace.at(name, 'result.json'), 'utf8')).heldOutLoss;
    // 0.5 + 0.5 of the same is the run, 0.7 - 0.2 its half
    expect(await lossOf('twice', 0.5, 0.5)).toBeCloseTo(known('lora-run'), 5);
    expect(await lossOf('less', 0.7, -0.2)).toBeCloseTo(known('lora-half'), 5);
    const peft = JSON.parse(readFileSync(workspace.at('twice', 'adapter', 'adapter_config.json'), 'utf8'));
    expect(peft).toMatchObject({ r: 8, lora_alpha: 8 });
    const exported = resultOf<ExportResult>(
      await run([
        ...['export', '--run', workspace.at('less'), '--as', 'safetensors', '--type', 'f32'],
        ...['--out', workspace.at('less-merged'), '--threads', '1', '--json'],
      ]),
    );
    expect(exported.proof).toMatchObject({ firstDifference: null });
    await expectMean(workspace.model, workspace.at('lora-run-merged'), exported.out);
  });

  it('says what is missing where there is no run, or none with a result', async () => {
    const nowhere = await blend('nowhere', 'x');
    expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringContaining('There is no run in')]);
    writeFileSync(workspace.at('run.json'), readFileSync(workspace.at('lora-run', 'run.json')));
    const unfinished = await blend('.', 'y');
    expect(unfinished.code).toBe(2);
    expect(unfinished.err).toContain('has no result to mix');
    const wrong = await blend('lora-run', 'z', '--strength', '1.5');
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining('--strength must be a number from 0 to 1'),
    ]);
  });
});

it('is a job of the queue without steps, which has a result and a verdict', async () => {
  const at = await runStore();
  const supervisor = openSupervisor({ store: at.store, host: quickHost() });
  try {
    const folder = workspace.at('lora-run');
    const { out: _, ...settings } = JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8'));
    const blended = at.run('blended', { ...settings, assess: true, blend: { of: folder, strength: 0.5 } });
    supervisor.train(blended, {});
    await happens(() => expect(supervisor.list().map(({ state }) => state)).toEqual(['done']));
    const details = at.store.runs.get(blended.id);
    expect(details).toMatchObject({ state: 'done', problem: null, step: 0, steps: 0 });
    expect(details.bestLoss).toBe(details.done!.heldOutLoss);
    expect(details.verdict).toEqual(at.store.assessments.get(blended.id)!.verdict);
    const log = at.store.events.read(blended.id).map(logLine);
    expect(log.some((line) => line.includes(`blend of ${folder}, 0.5 of its change kept`))).toBe(true);
  } finally {
    await supervisor.close({ pause: false });
    at.close();
  }
});

describe('a blend of a run over pairs', () => {
  it('compares with the same base model as its run did', async () => {
    const data = writePairs(workspace);
    const settings = [...STRONG, '--objective', 'dpo'];
    const source = await run(trainArgs({ ...workspace, data }, workspace.at('pairs-run'), ...settings));
    expect(source.code, source.err).toBe(0);
    const losses: number[] = [];
    for (const strength of ['0', '0.5', '1']) {
      const ended = await blend('pairs-run', `pairs-${strength}`, '--strength', strength, '--no-assess');
      expect(ended.code, ended.err).toBe(0);
      losses.push(doneOf(ended).heldOutLoss!);
    }
    expect(losses[0]).toBeCloseTo(Math.LN2, 4);
    expect(losses[1]).toBeLessThan(losses[0]!);
    expect(losses[2]).toBeLessThan(losses[1]!);
    expect(losses[2]).toBeCloseTo(doneOf(source).heldOutLoss!, 5);
  });
});
