/** The demo as a person runs it, and the model that it starts from. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-demo-test-'));
afterAll(() => fs.rmSync(work, { recursive: true, force: true }));

type Event = Record<string, unknown> & { event: string };

/** Runs `fettle demo` with its files under `work`. */
function demo(flags: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { ...process.env, FETTLE_HOME: path.join(work, 'home'), TMPDIR: work, TEMP: work, TMP: work };
  const child = spawn(process.execPath, [path.join(ROOT, 'bin', 'fettle.js'), 'demo', ...flags], { env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  return new Promise((resolve, reject) => {
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
  }, 300_000);
  const only = (name: string) => events.filter(({ event }) => event === name);

  it('ends well, with its result as the last event', () => {
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'demo', learned: true, exportIsEqual: true, messages: 60 });
  });

  it('trains by the same path as fettle train', () => {
    const [done] = only('done');
    expect(only('start')).toMatchObject([{ method: 'full', rows: 540, heldOutRows: 60 }]);
    expect(only('step')).toHaveLength(done!.steps as number);
    expect(done!.heldOutLoss).toBeLessThan((done!.heldOutLossBefore as number) / 10);
  });

  it('teaches the form of an answer, which the random model does not have', () => {
    const { before, after } = events.at(-1)! as unknown as Record<'before' | 'after', { wellFormed: number }>;
    expect(before.wellFormed).toBe(0);
    expect(after.wellFormed).toBeGreaterThan(50);
  });

  it('leaves a model folder where it says', () => {
    const folder = events.at(-1)!.result as string;
    expect(path.relative(work, folder).startsWith('..')).toBe(false);
    expect(fs.readdirSync(folder)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']),
    );
  });
});

describe('the tiny model', () => {
  it('is what its script writes', () => {
    const again = path.join(work, 'tiny-model');
    execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'tiny-model', 'make.ts'), again]);
    const bundled = path.join(ROOT, 'resources', 'tiny-model');
    for (const name of fs.readdirSync(again)) {
      const equal = fs.readFileSync(path.join(again, name)).equals(fs.readFileSync(path.join(bundled, name)));
      expect(equal, name).toBe(true);
    }
    expect(fs.readdirSync(again)).toHaveLength(4);
  });
});
