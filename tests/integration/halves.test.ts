/** A run beside weights in the 16 bits of their files: the same numbers as beside float32, without a copy of the model. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EvalResult } from '../../common/protocol/protocol.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { doneOf, type Ended, fettle } from '../helpers/fettle.ts';
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
let out: string;
let ended: Ended;
const run = (args: readonly string[]) => fettle(args, { env });
const lastLine = <T>({ out: text }: Ended) => JSON.parse(text.trim().split('\n').at(-1)!) as T;
const LORA = ['--learning-rate', '5e-3', '--max-steps', '8'];
const cached = () => {
  const folder = path.join(env.FETTLE_HOME!, 'cache', 'weights');
  return existsSync(folder) ? readdirSync(folder) : [];
};

beforeAll(async () => {
  workspace = await openWorkspace();
  const [exact, home] = [workspace.model, workspace.at('home')];
  env = { FETTLE_HOME: home };
  const model = workspace.at('model-bf16');
  const to = ['--as', 'safetensors', '--type', 'bf16', '--out', model, '--json'];
  expect((await run(['export', '--model', exact, ...to])).code).toBe(0);
  workspace = { ...workspace, model };
  out = workspace.at('run');
  ended = await run(trainArgs(workspace, out, ...LORA, '--bits', '16'));
});
afterAll(() => workspace.remove());

describe('a run with --bits 16', () => {
  it('learns, makes no copy of the model, and says how its base was kept', async () => {
    const done = doneOf(ended);
    expect(done.heldOutLoss!).toBeLessThan(done.heldOutLossBefore!);
    expect(cached()).toEqual([]);
    expect(JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8'))).toMatchObject({ bits: 16 });
    const adapter = await openSafetensors(path.join(out, 'adapter', 'adapter_model.safetensors'));
    expect(adapter.metadata.get('fettle.base-bits')).toBe('16');
    await adapter.close();
  });

  it('is measured beside the same weights, and exported, still without a copy', async () => {
    const files = ['--model', workspace.model, '--data', workspace.data, '--split', 'held-out'];
    const measured = await run(['eval', ...files, ...SMALL, '--adapter', out, '--json']);
    expect(lastLine<EvalResult>(measured).loss).toBeCloseTo(doneOf(ended).heldOutLoss!, 5);
    const to = ['--as', 'safetensors', '--type', 'f32', '--out', workspace.at('merged'), '--json'];
    const exported = await run(['export', '--run', out, ...to]);
    expect(exported.code, exported.err).toBe(0);
    expect(lastLine<{ notes: string[] }>(exported).notes.join()).not.toContain('bits');
    expect(cached()).toEqual([]);
  });

  it('has the numbers of a run beside float32, to the bit; one may go on as the other', async () => {
    const whole = workspace.at('whole');
    const calm = workspace.at('calm');
    await goingOn(trainArgs(workspace, calm, ...LORA, '--save-every-steps', '1'), calm, 3, whole, { env });
    expect(cached()).toHaveLength(1);
    doneOf(await run(['train', '--out', whole, '--resume', '--bits', '16', '--json']));
    expect(numbersOf(whole)).toEqual(numbersOf(out));
    expect(adapterOf(whole).equals(adapterOf(out))).toBe(true);
  });

  it.each([
    [['--method', 'qlora', '--bits', '16'], 'the method qlora quantises them'],
    [['--method', 'full', '--bits', '16'], 'the method full trains all of them'],
  ])('is refused with %j', async (flags, message) => {
    const refused = await run(trainArgs(workspace, workspace.at('refused'), ...flags));
    expect(refused.code).toBe(2);
    expect(refused.out + refused.err).toContain(message);
  });
});

it('is priced with half of the weights by `fettle plan`', async () => {
  const files = ['--model', workspace.model, '--data', workspace.data, ...SMALL, '--json'];
  const plan = async (...more: string[]) =>
    lastLine<{ weightBytes: number; isHalved: boolean }>(await run(['plan', ...files, ...more]));
  const [exact, kept] = [await plan(), await plan('--bits', '16')];
  expect(kept.weightBytes).toBe(exact.weightBytes / 2);
  expect(kept.isHalved).toBe(true);
});
