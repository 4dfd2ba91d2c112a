/** `npm run verify:device` on the processor with a part of everything, and what its report says of what is wrong. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Clock, shareOf } from '../../scripts/verify-device/clock.ts';
import { type Fact, isRight } from '../../scripts/verify-device/facts.ts';
import { hasPassed, markdownOf, type Report } from '../../scripts/verify-device/report.ts';
import type { PartResult } from '../../scripts/verify-device/run.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../../scripts/verify-device/verify.ts');
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-verify-test-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

function verify(args: readonly string[], own: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, FETTLE_HOME: folder, ...own };
  return spawnSync(process.execPath, [SCRIPT, ...args], { env, encoding: 'utf8' });
}

describe('npm run verify:device', () => {
  it('checks the processor and writes a report', () => {
    const out = path.join(folder, 'here', 'report');
    const ops = ['--ops', 'add,softmax,scatterAdd', '--families', 'llama', '--threads', '1', '--steps', '4'];
    const { status, stdout, stderr } = verify([
      ...['--out', out, '--only', 'conformance,golden,placement,train,half'],
      ...ops,
    ]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('cpu: passed');
    const report = JSON.parse(fs.readFileSync(`${out}.json`, 'utf8')) as Report;
    const facts = report.parts.flatMap((part) => part.facts);
    expect(report).toMatchObject({ executor: 'ort', device: 'cpu', passed: true });
    expect(report.computes).toBe('CPU, 1 thread');
    expect(report.hardware.platform).toBe(`${process.platform}-${process.arch}`);
    expect(new Set(facts.map((fact) => (fact.kind === 'op' ? fact.op : '')))).toEqual(
      new Set(['add', 'softmax', 'scatterAdd', '']),
    );
    expect(facts.filter(({ kind }) => kind === 'golden').length).toBeGreaterThan(40);
    const placed = facts.find((fact) => fact.kind === 'placement');
    expect(Object.keys(placed!.nodes)).toEqual(['CPU']);
    expect(placed!.nodes.CPU).toBeGreaterThan(300);
    const trained = facts.find((fact) => fact.kind === 'train');
    expect(trained!.losses).toHaveLength(4);
    expect(trained!.losses.at(-1)).toBeLessThan(trained!.losses[0]!);
    const half = facts.find((fact) => fact.kind === 'half');
    expect(half!.losses).toHaveLength(4);
    expect(half!.floatLosses).toEqual(trained!.losses);
    expect(half!.losses).not.toEqual(half!.floatLosses);
    expect(Object.keys(half!.nodes)).toEqual(['CPU']);
    const text = fs.readFileSync(`${out}.md`, 'utf8');
    expect(text).toContain('## Mixed precision');
    expect(text).not.toContain('Left out');
    expect(text).toMatch(/^# Fettle on the device `cpu`: passed/);
    expect(text).toContain('| scatterAdd |');
  });

  it('leaves out what has no time, and says so', () => {
    const out = path.join(folder, 'late');
    const { status, stdout } = verify([
      ...['--out', out, '--only', 'conformance,train', '--ops', 'add,sub', '--minutes', '0.0001'],
      ...['--threads', '1', '--steps', '4'],
    ]);
    expect(stdout).toContain('left out: 1 of 2 operations: sub (the time was up)');
    expect(stdout).toContain('left out: 3 of 4 steps (the time was up)');
    expect([status, stdout.match(/cpu: .*?\./)?.[0]]).toEqual([0, 'cpu: passed in part.']);
  });

  it('refuses what it does not know', () => {
    const { status, stderr } = verify(['--device', 'tpu']);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no device "tpu"');
  });
});

describe('the report', () => {
  const op: Fact = { kind: 'op', op: 'exp', sample: 0, worst: 1e-3, tolerance: 2e-5, placed: { WebGPU: 1 } };
  const train: Fact = {
    ...{ kind: 'train', steps: 2, tokens: 1024, losses: [3, 2.9], processorLosses: [3, 2.5] },
    ...{ tokensPerSecond: 10, processorTokensPerSecond: 5 },
  };
  const parts: PartResult[] = [
    { part: 'conformance', seconds: 1, facts: [op], died: null },
    { part: 'train', seconds: 2, facts: [train], died: { how: 'SIGSEGV', stderr: 'driver' } },
  ];
  const report = {
    made: 'now',
    executor: 'ort',
    device: 'webgpu',
    passed: false,
    versions: {},
    cards: [],
    parts,
  } as unknown as Report;
  const hardware = {
    ...{ system: 'S', inside: null, graphics: [], libraries: {} },
    ...{ processor: { name: 'P', threads: 2 }, memory: { total: 8e9 } },
  } as unknown as Report['hardware'];

  it('tells what is wrong, and by how much', () => {
    expect(hasPassed(parts)).toBe(false);
    const text = markdownOf({ ...report, hardware });
    expect(text).toContain('FAILED');
    expect(text).toContain('- exp, sample 0: off by 1.0e-3, 0.00002 is allowed');
    expect(text).toContain('losses 3, 2.9 where the processor has 3, 2.5');
    expect(text).toContain('| train | 2 | 1 | 1 | ended by SIGSEGV |');
  });

  it('tells of tensors that stay', () => {
    const leak: Fact = { kind: 'leaks', method: 'lora', steps: 4, moreAfterSteps: 3, leftAtEnd: 0 };
    expect([isRight(leak), isRight({ ...leak, moreAfterSteps: 0 })]).toEqual([false, true]);
    expect(isRight({ ...leak, moreAfterSteps: 0, leftAtEnd: null })).toBe(false);
    const own = [{ part: 'leaks', seconds: 1, facts: [leak], died: null }] as const;
    const libraries = { ggml: { usable: true, reason: 'R.', fix: null } };
    const text = markdownOf({
      ...{ ...report, executor: 'ggml', parts: own },
      cards: [
        { name: 'Vulkan0', description: 'Card', kind: 'gpu', totalBytes: 8e9, freeBytes: 6e9 },
      ] as unknown as Report['cards'],
      hardware: { ...hardware, libraries } as Report['hardware'],
    });
    expect(text).toContain('- tensors of lora: 3 more after the last step than after the second, 0 left');
    expect(text).toContain('- Its library: R.');
    expect(text).toContain('- ggml’s Vulkan0: Card, gpu, 6.00 GB of 8.00 GB free');
  });

  it('holds memory to its prediction, and a card to what a system lets it compute at once', () => {
    const about = { kind: 'memory', shape: 'S', pieces: 3 } as const;
    const memory: Fact = { ...about, predictedBytes: 100, takenBytes: 104, longestMs: 1900 };
    expect(isRight(memory)).toBe(true);
    expect(isRight({ ...memory, takenBytes: 106 })).toBe(false);
    expect(isRight({ ...memory, takenBytes: null })).toBe(false);
    expect(isRight({ ...memory, longestMs: 2100 })).toBe(false);
    expect(isRight({ ...memory, longestMs: 2100, isSoftware: true })).toBe(true);
  });

  it('names what was left out, which is no failure and no whole pass', () => {
    const skipped: Fact = {
      kind: 'skipped',
      what: '2 of 9 reference cases: gpt2, llama',
      why: 'the time was up',
    };
    const fine: Fact = { ...op, worst: 1e-6 };
    const partly: PartResult[] = [{ part: 'conformance', seconds: 1, facts: [fine, skipped], died: null }];
    const nothing: PartResult[] = [{ part: 'conformance', seconds: 1, facts: [skipped], died: null }];
    expect([hasPassed(partly), hasPassed(nothing)]).toEqual([true, false]);
    const text = markdownOf({ ...report, passed: true, parts: partly, hardware });
    expect(text).toMatch(/^# Fettle .*: passed in part\n/);
    expect(text).toContain('## Left out\n\n- 2 of 9 reference cases: gpt2, llama: the time was up');
    expect(text).toContain('| conformance | 1 | 1 | 0 | something left out, below |');
  });

  it('divides its time, and passes on what a part leaves', () => {
    const weights = { first: 1, second: 3, third: 2 };
    const names = Object.keys(weights) as (keyof typeof weights)[];
    expect(shareOf(600, 'first', names.slice(1), weights)).toBe(100);
    expect(shareOf(590, 'second', names.slice(2), weights)).toBe(354);
    expect(shareOf(300, 'third', [], weights)).toBe(300);
    expect(shareOf(-5, 'third', [], weights)).toBe(0);
  });

  it('begins nothing that takes longer than is left', async () => {
    const pause = (item: number) => sleep(item);
    expect(await new Clock(10).each([5, 5, 5], pause)).toEqual([]);
    expect(await new Clock(0.25).each([20, 150, 20, 20], pause)).toEqual([20, 20]);
    expect(await new Clock(0).each([5, 5], pause)).toEqual([5, 5]);
  });

  it('passes only what came to its end with something to show', () => {
    const fine: Fact = { ...op, worst: 1e-6 };
    expect(isRight(fine)).toBe(true);
    expect(hasPassed([{ part: 'conformance', seconds: 1, facts: [fine], died: null }])).toBe(true);
    expect(hasPassed([{ part: 'conformance', seconds: 1, facts: [], died: null }])).toBe(false);
    expect(isRight({ ...fine, worst: null, error: 'no kernel' })).toBe(false);
  });
});
