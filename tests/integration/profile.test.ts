/** `fettle profile`: real steps of a tiny model, and what is written of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProfileResult } from '../../common/protocol/protocol.ts';
import { fettle, resultOf } from '../helpers/fettle.ts';
import { openWorkspace, SMALL, type Workspace } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

function profiled(out: string, ...more: string[]) {
  const { model, data } = workspace;
  const files = ['--model', model, '--data', data, '--out', out];
  const usual = ['--tokens-per-micro-batch', '128', '--rank', '4', '--device', 'cpu'];
  return fettle(['profile', ...files, ...SMALL, ...usual, ...more]);
}

it('says where the time of the steps goes, and leaves a timeline and nothing else', async () => {
  const out = workspace.at('profile');
  const ended = await profiled(out, '--steps', '2', '--gradient-accumulation', '2', '--json');
  expect([ended.code, ended.err]).toEqual([0, '']);
  const profile = resultOf<ProfileResult>(ended);
  const { steps, stepMs, graphMs, kernelMs, rows } = profile;
  expect(steps).toBe(2);
  expect(stepMs).toBeGreaterThan(graphMs);
  expect(graphMs).toBeGreaterThan(kernelMs);
  expect(rows.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(kernelMs, 6);
  const products = rows.filter(({ operation, module }) => operation === 'matmul' && module === 'mlp.up_proj');
  expect(new Set(products.map(({ layer, pass }) => `${layer} ${pass}`))).toEqual(
    new Set(['0 forward', '0 backward', '1 forward', '1 backward']),
  );
  for (const { flops } of products) expect(flops).toBeGreaterThan(0);
  expect(readdirSync(out).toSorted()).toEqual(['profile.json', 'trace.json']);
  const written = (name: string) => JSON.parse(readFileSync(path.join(out, name), 'utf8'));
  expect(written('profile.json')).toEqual(profile);
  const names = written('trace.json').traceEvents.map(({ name }: { readonly name: string }) => name);
  expect(names.filter((name: string) => /^step \d$/.test(name))).toEqual(['step 1', 'step 2', 'step 3']);
  // two micro-batches a step
  expect(names.filter((name: string) => name === 'graph 1')).toHaveLength(6);
});

it.each([
  [['--executor', 'reference'], "reference doesn't tell how long its operations take."],
  [['--steps', '0'], '--steps must be a whole number from 1 to 100; got "0".'],
  [['--by', 'colour'], '--by is operation, module, layer; got "colour".'],
])('refuses %j', async (more, message) => {
  const out = workspace.at('refused');
  const { code, err } = await profiled(out, ...more);
  expect(code).toBeGreaterThan(0);
  expect(err).toContain(message);
  expect(existsSync(path.join(out, 'profile.json'))).toBe(false);
});
