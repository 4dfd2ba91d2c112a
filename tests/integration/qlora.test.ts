/** A run beside quantised weights as a person has it: trained, gone on with, measured, asked about, and exported. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EvalResult, ExportResult } from '../../common/protocol/protocol.ts';
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
const QLORA = ['--method', 'qlora', '--learning-rate', '5e-3', '--max-steps', '12'];

beforeAll(async () => {
  workspace = await openWorkspace();
  env = { FETTLE_HOME: workspace.at('home') };
  out = workspace.at('run');
  ended = await run(trainArgs(workspace, out, ...QLORA));
});
afterAll(() => workspace.remove());

describe('a run with the method qlora', () => {
  it('learns, and says in how many bits its base was kept', async () => {
    const done = doneOf(ended);
    expect(done.heldOutLoss!).toBeLessThan(0.9 * done.heldOutLossBefore!);
    expect(ended.events.find(({ event }) => event === 'start')).toMatchObject({ method: 'qlora' });
    expect(JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8'))).toMatchObject({
      method: 'qlora',
      bits: 4,
      doubleQuant: true,
    });
    const adapter = await openSafetensors(path.join(out, 'adapter', 'adapter_model.safetensors'));
    expect(adapter.metadata.get('fettle.base-bits')).toBe('4');
    expect(adapter.metadata.get('fettle.base-format')).toBe('int4-dq');
    await adapter.close();
  });

  it('is measured beside the same weights by `fettle eval`', async () => {
    const files = ['--model', workspace.model, '--data', workspace.data, '--split', 'held-out'];
    const loss = async (...adapter: string[]) =>
      (
        JSON.parse(
          (await run(['eval', ...files, ...SMALL, ...adapter, '--json'])).out.trim().split('\n').at(-1)!,
        ) as EvalResult
      ).loss;
    expect(await loss('--adapter', out)).toBeCloseTo(doneOf(ended).heldOutLoss!, 5);
    // the model itself is not quantised
    expect(Math.abs((await loss()) - doneOf(ended).heldOutLossBefore!)).toBeGreaterThan(1e-5);
  });

  it('goes on to the same numbers, and not in other bits', async () => {
    const again = workspace.at('again');
    const calm = workspace.at('calm');
    await goingOn(trainArgs(workspace, calm, ...QLORA, '--save-every-steps', '1'), calm, 4, again, { env });
    const refused = await run(['train', '--out', again, '--resume', '--bits', '8', '--json']);
    expect(refused.err).toContain('bits was 4 and is now 8');
    const others = await run(['train', '--out', again, '--resume', '--no-double-quant', '--json']);
    expect(others.err).toContain('doubleQuant was true and is now not set');
    doneOf(await run(['train', '--out', again, '--resume', '--json']));
    expect(numbersOf(again)).toEqual(numbersOf(out));
    expect(adapterOf(again).equals(adapterOf(out))).toBe(true);
  });

  it("is exported with the model's own weights, and says so", async () => {
    const exported = await run([
      'export',
      '--run',
      out,
      '--out',
      workspace.at('model-out'),
      '--as',
      'safetensors',
      '--type',
      'f32',
      '--json',
    ]);
    expect(exported.code, exported.err).toBe(0);
    expect(JSON.parse(exported.out.trim().split('\n').at(-1)!) as ExportResult).toMatchObject({
      as: 'safetensors',
    });
    const [before, after] = [workspace.model, workspace.at('model-out')].map((folder) =>
      openSafetensors(path.join(folder, 'model.safetensors')),
    );
    const name = 'model.layers.0.self_attn.q_proj.weight';
    const [own, merged] = [await (await before!).readF32(name), await (await after!).readF32(name)];
    const change = merged.reduce((sum, value, i) => sum + (value - own[i]!) ** 2, 0);
    const all = own.reduce((sum, value) => sum + value ** 2, 0);
    expect(change).toBeGreaterThan(0);
    expect(change / all).toBeLessThan(0.05);
    for (const file of [before, after]) await (await file!).close();
    const card = readFileSync(path.join(workspace.at('model-out'), 'README.md'), 'utf8');
    expect(card).toContain('| base while it was trained | 4 bits a weight');
  });

  it('takes 8 bits as well, which are nearer to the model itself', async () => {
    const files = (name: string, ...more: string[]) =>
      trainArgs(workspace, workspace.at(name), '--max-steps', '1', ...more);
    const lossOf = async (name: string, ...more: string[]) =>
      doneOf(await run(files(name, ...more))).heldOutLossBefore!;
    // in one and the same kind of scales: the model is so small that each chance shows
    const quantised = ['--method', 'qlora', '--no-double-quant'];
    const exact = await lossOf('exact');
    const eight = await lossOf('eight', ...quantised, '--bits', '8');
    const four = await lossOf('four', ...quantised);
    expect(Math.abs(eight - exact)).toBeLessThan(0.2 * Math.abs(four - exact));
  });

  it('goes on with float32 scales where it was begun before scales could be quantised', async () => {
    const older = workspace.at('older');
    const calm = workspace.at('calm-older');
    const args = trainArgs(workspace, calm, ...QLORA, '--no-double-quant', '--save-every-steps', '1');
    await goingOn(args, calm, 4, older, { env });
    const file = path.join(older, 'run.json');
    const { doubleQuant, ...saved } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(doubleQuant).toBe(false);
    writeFileSync(file, JSON.stringify(saved));
    doneOf(await run(['train', '--out', older, '--resume', '--json']));
    const adapter = await openSafetensors(path.join(older, 'adapter', 'adapter_model.safetensors'));
    expect(adapter.metadata.get('fettle.base-format')).toBe('int4');
    await adapter.close();
  });

  it('takes NF4, and measures its adapter beside the same weights', async () => {
    const nf4 = workspace.at('nf4');
    const done = doneOf(await run(trainArgs(workspace, nf4, ...QLORA, '--quant', 'nf4')));
    expect(done.heldOutLoss!).toBeLessThan(0.9 * done.heldOutLossBefore!);
    expect(done.heldOutLossBefore).not.toBe(doneOf(ended).heldOutLossBefore);
    const files = ['--model', workspace.model, '--data', workspace.data, '--split', 'held-out'];
    const measured = await run(['eval', ...files, ...SMALL, '--adapter', nf4, '--json']);
    expect((JSON.parse(measured.out.trim().split('\n').at(-1)!) as EvalResult).loss).toBeCloseTo(
      done.heldOutLoss!,
      5,
    );
  });

  it.each([
    [['--method', 'qlora', '--bits', '8', '--quant', 'nf4'], '--quant nf4 needs --bits 4; got 8'],
    [['--method', 'qlora', '--quant', 'nf4', '--device', 'webgpu'], '--quant nf4 needs the processor'],
    [['--quant', 'nf4'], '--quant is for quantised weights, and the method lora has none'],
    [['--method', 'qlora', '--bits', '5'], '--bits must be 4, 8 or 16; got 5'],
    [['--bits', '8'], '--bits 8 quantises weights, and the method lora doesn’t'],
  ])('refuses %j', async (flags, message) => {
    const refused = await run(trainArgs(workspace, workspace.at('refused'), ...flags));
    expect(refused.code).toBe(2);
    expect(refused.out + refused.err).toContain(message);
  });
});

it('is priced from its own graphs by `fettle plan`', async () => {
  const files = ['--model', workspace.model, '--data', workspace.data, ...SMALL, '--json'];
  const weights = async (...method: string[]) =>
    (
      JSON.parse((await run(['plan', ...files, ...method])).out.trim().split('\n').at(-1)!) as {
        weightBytes: number;
      }
    ).weightBytes;
  const [nf4, four, plain, eight, exact] = [
    await weights('--method', 'qlora', '--quant', 'nf4'),
    await weights('--method', 'qlora'),
    await weights('--method', 'qlora', '--no-double-quant'),
    // blocks of 32, as where products in 8 bits are not quick
    await weights('--method', 'qlora', '--bits', '8', '--precision', 'f32'),
    await weights('--method', 'lora'),
  ];
  expect(nf4).toBeLessThan(four);
  expect(four).toBeLessThan(plain);
  expect(plain).toBeLessThan(eight);
  expect(eight).toBeLessThan(exact);
});
