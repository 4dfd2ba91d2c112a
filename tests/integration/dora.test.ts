/** DoRA as a person has it: trained, killed and gone on with, measured, asked about, assessed, exported; beside float32 and quantised weights. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AssessResult, EvalResult, ExportResult, RunPlan } from '../../common/protocol/protocol.ts';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { doneOf, type Ended, fettle, resultOf } from '../helpers/fettle.ts';
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

let workspace: Workspace;
let env: Record<string, string>;
const run = (args: readonly string[]) => fettle(args, { env });

beforeAll(async () => {
  workspace = await openWorkspace();
  env = { FETTLE_HOME: workspace.at('home') };
});
afterAll(() => workspace.remove());

const SETTINGS = ['--dora', '--learning-rate', '5e-3', '--max-steps', '14', '--dropout', '0.1'];

describe.each([
  ['lora', ['--sample-prompt', '2 cat 1']],
  ['qlora', ['--method', 'qlora', '--recompute', 'block']],
])('a run with DoRA and the method %s', (method, more) => {
  const args = (out: string) => trainArgs(workspace, out, ...SETTINGS, ...more);
  const at = (name: string) => workspace.at(`${method}-${name}`);
  let ended: Ended;
  beforeAll(async () => {
    ended = await run(args(at('run')));
  });

  it('begins with the model as it is, and learns', () => {
    const { heldOutLoss, heldOutLossBefore } = doneOf(ended);
    expect(heldOutLoss!).toBeLessThan(0.9 * heldOutLossBefore!);
    const samples = ended.events.filter(({ event }) => event === 'sample');
    expect(samples.length > 0).toBe(method === 'lora');
  });

  it('has magnitudes that PEFT finds, and counts them', async () => {
    const { config, tensors } = await readAdapter(at('run/adapter'));
    expect(config.useDora).toBe(true);
    const count = [...tensors.values()].reduce(
      (sum, { a, b, magnitude }) => sum + a.length + b.length + magnitude!.length,
      0,
    );
    expect(ended.events.find(({ event }) => event === 'start')).toMatchObject({ trainableParameters: count });
    const json = JSON.parse(readFileSync(at('run/adapter/adapter_config.json'), 'utf8'));
    expect(json).toMatchObject({ use_dora: true, peft_type: 'LORA' });
  });

  it('is measured as in its training by `fettle eval`', async () => {
    const files = ['--model', workspace.model, '--data', workspace.data, '--split', 'held-out'];
    const found = resultOf<EvalResult>(
      await run(['eval', ...files, ...SMALL, '--adapter', at('run'), '--json']),
    );
    expect(found.loss).toBeCloseTo(doneOf(ended).heldOutLoss!, 5);
  });

  it('goes on to the same numbers when it is killed', async () => {
    const again = at('again');
    const calm = at('calm');
    await goingOn([...args(calm), '--save-every-steps', '1'], calm, 5, again, { env });
    const resumed = await run(['train', '--out', again, '--resume', '--json']);
    expect(doneOf(resumed).steps).toBe(14);
    expect(numbersOf(again)).toEqual(numbersOf(at('run')));
    expect(adapterOf(again).equals(adapterOf(at('run')))).toBe(true);
  });
});

describe('a DoRA adapter', () => {
  const trained = () => workspace.at('lora-run');
  const exported = (...more: string[]) => run(['export', '--run', trained(), ...more, '--json']);

  it('answers the same when it is merged', async () => {
    const merged = resultOf<ExportResult>(
      await exported('--as', 'safetensors', '--type', 'f32', '--out', workspace.at('merged')),
    );
    expect(merged.proof).toMatchObject({ equalAnswers: merged.proof.prompts, firstDifference: null });
    expect(merged.proof.maxLogProbDrift).toBeLessThan(1e-4);
  });

  it('is exported for PEFT, with magnitudes that are not rounded', async () => {
    const out = workspace.at('peft');
    const done = resultOf<ExportResult>(await exported('--as', 'peft', '--type', 'f16', '--out', out));
    const [from, to] = [await readAdapter(workspace.at('lora-run', 'adapter')), await readAdapter(out)];
    expect(done.proof.tensors).toBe(3 * from.tensors.size);
    for (const [module, { a, magnitude }] of from.tensors) {
      expect(to.tensors.get(module)!.magnitude).toEqual(magnitude);
      expect(to.tensors.get(module)!.a).not.toEqual(a);
    }
  });

  it('is not one for llama.cpp, which says what to do', async () => {
    const { code, err } = await exported(
      ...['--as', 'gguf', '--adapter-only', '--out', workspace.at('adapter.gguf')],
    );
    expect(code).toBe(2);
    expect(err).toContain('GGUF adapters are plain LoRA');
    expect(err).toContain('Save the full model as GGUF');
  });

  it('is assessed', async () => {
    const { code, err } = await run(['assess', '--run', trained(), '--threads', '1', '--json']);
    expect(code, err).toBe(0);
    const found = JSON.parse(
      readFileSync(workspace.at('lora-run', 'assessment.json'), 'utf8'),
    ) as AssessResult;
    expect(found.verdict).toBeDefined();
  });

  it('has its price from its graph', async () => {
    const planOf = async (...more: string[]) =>
      resultOf<RunPlan>(
        await run(['plan', ...trainArgs(workspace, workspace.at('planned'), ...more).slice(1)]),
      );
    const [plain, dora] = [await planOf(), await planOf('--dora')];
    const magnitudes = dora.trainableParameters - plain.trainableParameters;
    expect(magnitudes).toBe(2 * (64 + 32 + 32 + 64 + 112 + 112 + 64));
    expect(dora.workingBytes).toBeGreaterThan(plain.workingBytes);
    expect(dora.flopsPerBatch).toBeGreaterThan(plain.flopsPerBatch);
    expect(dora.flopsPerBatch).toBeLessThan(1.5 * plain.flopsPerBatch);
  });

  it('does not go on as a plain one', async () => {
    const { code, err } = await run(['train', '--out', trained(), '--resume', '--no-dora', '--json']);
    expect(code).not.toBe(0);
    expect(err).toContain('lora.dora was true and is now not set');
  });
});
