/** `npm run verify:device` with TensorFlow.js: a part of everything, and whether whole trainings keep tensors. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../../scripts/verify-device/report.ts';
import { LIBRARY } from './own-library.ts';

const withLibrary = { FETTLE_TFJS_BACKEND: 'tensorflow', FETTLE_TFJS_HOME: LIBRARY };
const SCRIPT = path.resolve(import.meta.dirname, '../../../scripts/verify-device/verify.ts');
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-verify-test-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

function verify(args: readonly string[], own: Readonly<Record<string, string>>) {
  const env = { ...process.env, FETTLE_HOME: folder, ...own };
  return spawnSync(process.execPath, [SCRIPT, ...args], { env, encoding: 'utf8' });
}

describe('npm run verify:device', () => {
  // the reference values of TensorFlow's library, and whether it keeps tensors, conformance.integration.test.ts asks, those of WebAssembly
  // golden/families.test.ts
  it.each([
    [
      ...([
        'on WebAssembly',
        { FETTLE_TFJS_BACKEND: 'wasm' },
        /TensorFlow\.js 4[\d.]+, WebAssembly/,
      ] as const),
      ['--only', 'conformance,train,leaks'],
      ['lora', 'qlora', 'full'],
    ],
    ...(LIBRARY
      ? [
          [
            ...(['on TensorFlow’s library', withLibrary, /TensorFlow\.js 4[\d.]+, TensorFlow 2/] as const),
            ['--only', 'conformance,train'],
            [],
          ] as const,
        ]
      : []),
  ] as const)('checks TensorFlow.js %s', (_, env, words, only, watched) => {
    const out = path.join(folder, 'tfjs');
    const few = ['--ops', 'add,softmax,scatterAdd', '--families', 'llama', '--threads', '1', '--steps', '3'];
    const { status, stdout, stderr } = verify(['--executor', 'tfjs', '--out', out, ...few, ...only], env);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('tfjs: passed');
    const report = JSON.parse(fs.readFileSync(`${out}.json`, 'utf8')) as Report;
    expect(report).toMatchObject({ executor: 'tfjs', device: 'cpu', passed: true });
    expect(report.computes).toMatch(words);
    const facts = report.parts.flatMap((part) => part.facts);
    const trained = facts.find((fact) => fact.kind === 'train')!;
    expect(trained.losses).toHaveLength(3);
    expect(trained.losses).not.toEqual(trained.processorLosses);
    const methods = facts.flatMap((fact) => (fact.kind === 'leaks' ? [fact.method] : []));
    expect(methods).toEqual(watched);
    expect(fs.readFileSync(`${out}.md`, 'utf8')).toContain('# Fettle with TensorFlow.js on `cpu`: passed');
  });
});
