/** `fettle drill` as a person runs it: tried, interrupted, continued to its end, and its result asked. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrillState } from '../../../common/extras/rules/drill.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { PRACTICE } from '../../helpers/endpoint.ts';
import { type StartOptions, startFettle } from '../../helpers/fettle.ts';

let home: string;
let options: StartOptions;
const at = (name: string) => path.join(home, name);

beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'fettle-drill-'));
  options = { env: { FETTLE_HOME: at('home') } };
  const rows = readFileSync(path.join(resourcesFolder(), 'samples', 'support-messages.jsonl'), 'utf8');
  const questions = rows
    .trim()
    .split('\n')
    .slice(0, 24)
    .map((line) => {
      const { messages } = JSON.parse(line) as { messages: { content: string }[] };
      return `${JSON.stringify({ text: messages[0]!.content })}\n`;
    });
  writeFileSync(at('questions.jsonl'), questions.join(''));
});
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }));

const drill = (...more: string[]) => [
  ...[
    'drill',
    '--model',
    PRACTICE,
    '--data',
    at('questions.jsonl'),
    '--out',
    at('run'),
    '--rule',
    'words=1..12',
  ],
  ...[
    '--samples',
    '4',
    '--rounds',
    '1',
    '--max-new-tokens',
    '24',
    '--max-steps',
    '6',
    '--device',
    'cpu',
    ...more,
  ],
];
const lines = () =>
  existsSync(at('run/drill.jsonl'))
    ? readFileSync(at('run/drill.jsonl'), 'utf8').trim().split('\n').slice(1)
    : [];

describe('fettle drill', () => {
  it('shows answers and what the rule says of them, and keeps nothing', async () => {
    const { code, out, err } = await startFettle(drill('--try', '2', '--json'), options).ended;
    expect(code, err).toBe(0);
    const { of, answers } = JSON.parse(out) as { of: number; answers: { passes: boolean; reason: string }[] };
    expect([of, answers.length]).toEqual([8, 8]);
    for (const { passes, reason } of answers) expect(reason === '').toBe(passes);
    expect(existsSync(at('run'))).toBe(false);
  }, 120_000);

  it('refuses a rule that cannot be before the model is opened', async () => {
    writeFileSync(at('wrong.js'), '42');
    const { code, err } = await startFettle(
      drill('--rule', `script=${at('wrong.js')}`, '--try', '1'),
      options,
    ).ended;
    expect(code).not.toBe(0);
    expect(err).toContain('The code isn’t a function.');
  }, 60_000);

  it('keeps what was answered when it is stopped', async () => {
    const started = startFettle(drill('--json'), options);
    while (lines().length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    started.signalAll('SIGINT');
    const { code } = await started.ended;
    expect(code).toBe(130);
    expect(lines().length).toBeGreaterThanOrEqual(20);
    expect(existsSync(at('run/round-1'))).toBe(false);
  }, 120_000);

  it('continues to the end, asks nothing twice, and leaves a run like any other', async () => {
    const { code, out, err } = await startFettle(drill('--json'), options).ended;
    expect(code, err).toBe(0);
    const state = JSON.parse(out.trim().split('\n').at(-1)!) as DrillState & { run: string | null };
    expect(state).toMatchObject({ isDone: true, before: { of: 10 } });
    const said = lines().map((line) => JSON.parse(line) as Record<string, unknown>);
    const asked = said.filter((line) => 'sample' in line);
    const keys = new Set(asked.map(({ round, row, sample }) => `${round} ${row} ${sample}`));
    expect(keys.size).toBe(asked.length);
    const learned = readFileSync(at('run/round-1.jsonl'), 'utf8').trim().split('\n');
    expect(state.rounds[0]).toMatchObject({ rows: learned.length, practised: { of: 56 }, test: { of: 10 } });
    for (const line of learned) {
      const { messages, fettle_origin: origin } = JSON.parse(line) as {
        messages: { content: string }[];
        fettle_origin: string;
      };
      expect(origin).toBe('rule');
      expect(messages.at(-1)!.content.split(/\s+/).length).toBeLessThanOrEqual(12);
    }
    const asked2 = await startFettle(
      ['generate', '--model', PRACTICE, '--adapter', at('run/round-1'), '--prompt', 'Hello', '--json'],
      options,
    ).ended;
    expect(asked2.code, asked2.err).toBe(0);
  }, 300_000);

  it('takes a round that was trained, but not written down, as it is', async () => {
    const file = at('run/drill.jsonl');
    const all = readFileSync(file, 'utf8');
    const at1 = all.indexOf('{"round":1,"kind"');
    expect(at1).toBeGreaterThan(0);
    writeFileSync(file, all.slice(0, at1));
    const weights = statSync(at('run/round-1/adapter/adapter_model.safetensors')).mtimeMs;
    const { code, err } = await startFettle(drill('--json'), options).ended;
    expect(code, err).toBe(0);
    expect(readFileSync(file, 'utf8').slice(0, at1)).toBe(all.slice(0, at1));
    expect(statSync(at('run/round-1/adapter/adapter_model.safetensors')).mtimeMs).toBe(weights);
  }, 300_000);
});
