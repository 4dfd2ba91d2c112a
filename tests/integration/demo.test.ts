/** The demo as a person runs it: what it promises in the README is what is asked of it here. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareComputed } from '../helpers/shared-cache.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-demo-test-'));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

type Event = Record<string, unknown> & { event: string };

/** Runs `fettle demo` with its files under `work`. */
async function demo(flags: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const home = path.join(work, 'home');
  await shareComputed(home);
  const env = { ...process.env, FETTLE_HOME: home, TMPDIR: work, TEMP: work, TMP: work };
  const child = spawn(process.execPath, [path.join(ROOT, 'bin', 'fettle.js'), 'demo', ...flags], { env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('fettle demo --json', () => {
  let code: number | null;
  let events: Event[];
  beforeAll(async () => {
    const run = await demo(['--json']);
    code = run.code;
    events = run.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
  });
  const only = (name: string) => events.filter(({ event }) => event === name);
  const result = () =>
    events.at(-1)! as unknown as Record<string, number> & Record<'report' | 'gguf', string>;

  it('ends well, with its result as the last event', () => {
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'demo', findings: expect.any(Number) });
  });

  it('trains by the same path as fettle train', () => {
    const [done] = only('done');
    expect(only('start')).toMatchObject([{ method: 'full', rows: 600, heldOutRows: 112 }]);
    expect(only('step')).toHaveLength(done!.steps as number);
    expect(done!.heldOutLoss).toBeLessThan((done!.heldOutLossBefore as number) / 5);
  });

  it('tells what is known apart from the form', () => {
    const { knownBefore, knownAfter, formBefore, formAfter } = result();
    expect([formBefore, formAfter]).toEqual([0, 1]);
    expect(knownAfter! - knownBefore!).toBeGreaterThan(0.6);
    expect(events.at(-1)!.verdict).toMatch(/it knew the answer to \d+% of 112 test rows/);
  });

  it('teaches what messages mean: desks of independently worded ones', () => {
    expect(result().labelBefore).toBeLessThan(0.2);
    // 0.86 to 0.9 in runs with other seeds and answers; another processor rounds otherwise
    expect(result().labelAfter).toBeGreaterThan(0.8);
  });

  it('tells what was forgotten: the quiz about its world before and after', () => {
    expect(result().quizBefore).toBeGreaterThanOrEqual(0.89);
    expect(result().quizAfter).toBeGreaterThan(0.7);
    expect(result().quizAfter).toBeLessThanOrEqual(1);
    expect(events.at(-1)!.verdict).toMatch(/^It learned this: .* It forgot /);
  });

  it('exports a file that llama.cpp answers with as the trained model does', () => {
    const { proof, answer } = events.at(-1)! as unknown as {
      proof: { by: string; prompts: number; equalAnswers: number };
      answer: string;
    };
    expect(proof).toMatchObject({ by: 'llama.cpp', equalAnswers: proof.prompts });
    expect(Object.keys(JSON.parse(answer))).toEqual(['desk', 'class']);
    expect(fs.readFileSync(result().gguf).subarray(0, 4).toString()).toBe('GGUF');
  });

  it('leaves its report where it says', () => {
    const { report } = result();
    expect(path.relative(work, report).startsWith('..')).toBe(false);
    expect(fs.readFileSync(report, 'utf8')).toContain('</html>');
  });
});
