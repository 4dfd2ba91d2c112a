/**
 * From a training to what is made of it, as the application asks for it: trained and assessed as one job, judged blindly,
 * talked with before and after, exported; every part with the real engine and a real store.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetails } from '../../common/api/contract.ts';
import { parseExportConfig, parseRunConfig } from '../../main/engine/config/config.ts';
import type { EngineCalls } from '../../main/runs/engine-calls.ts';
import { openEngineCalls } from '../../main/runs/engine-calls.ts';
import { forkChild } from '../../main/runs/fork.ts';
import type { Supervisor } from '../../main/runs/supervisor.ts';
import { openSupervisor } from '../../main/runs/supervisor.ts';
import { happens } from '../helpers/happens.ts';
import { KILLED } from '../helpers/killed.ts';
import { type QuickHost, quickHost } from '../helpers/quick-host.ts';
import { type RunStore, runStore } from '../helpers/run-store.ts';
import { tinyRows, writeRows } from '../helpers/tiny-model.ts';
import { untimed } from '../helpers/untimed.ts';
import { openWorkspace, type Workspace, writeGeneral } from './workspace.ts';

let workspace: Workspace;
let at: RunStore;
let host: QuickHost;
let calls: EngineCalls;
let engines: ReturnType<typeof forkChild>[];
let supervisor: Supervisor;
let run: RunDetails;

beforeAll(async () => {
  workspace = await openWorkspace();
  at = await runStore();
  host = quickHost();
  engines = [];
  calls = openEngineCalls(() => {
    engines.push(forkChild());
    return engines.at(-1)!;
  });
  supervisor = openSupervisor({ store: at.store, host });
  writeGeneral(workspace.model);
  const data = writeRows(workspace.at('more.jsonl'), tinyRows(120));
  const size = { maxLength: 64, tokensPerMicroBatch: 128, lora: { rank: 4 }, heldOut: 16 };
  const learn = { epochs: 6, learningRate: 1e-2, evalEvery: 100 };
  run = at.run('learned', { model: workspace.model, data, ...size, ...learn, assess: true });
  supervisor.train(run, {});
  await idle();
});
afterAll(async () => {
  calls.close();
  await supervisor.close({ pause: false });
  at.close();
  workspace.remove();
});

const idle = () => happens(() => expect(supervisor.list().every(({ state }) => state === 'done')).toBe(true));
const runFolder = () => at.store.runs.get(run.id).folder;

it('keeps the verdict of a training in the store, and tells it', () => {
  const details = at.store.runs.get(run.id);
  const assessed = at.store.assessments.get(run.id)!;
  expect(details).toMatchObject({ state: 'done', problem: null, verdict: assessed.verdict });
  expect(host.notices).toEqual([`“learned” is trained: ${assessed.verdict.sentence}`]);
  const kinds = at.store.events.read(run.id).map(({ event }) => event.event);
  expect(kinds.slice(-2)).toEqual(['assessment', 'done']);
  expect(
    host.fractions.filter((fraction) => fraction !== null).every((f, i, all) => i === 0 || f >= all[i - 1]!),
  ).toBe(true);
});

it('assesses it again as a job of its own', async () => {
  const before = at.store.assessments.get(run.id)!;
  supervisor.assess(at.store.runs.get(run.id));
  await idle();
  const after = at.store.assessments.get(run.id)!;
  expect(after.created).not.toBe(before.created);
  expect(untimed(after.verdict)).toEqual(untimed(before.verdict));
});

it('exports it, with the proof', async () => {
  const config = parseExportConfig({ run: runFolder(), as: 'peft', out: workspace.at('exported') });
  supervisor.export(at.store.runs.get(run.id), config);
  await idle();
  const [row] = at.store.exports.list(run.id);
  expect(row).toMatchObject({ available: true, result: { as: 'peft', proof: { by: 'fettle' } } });
  expect(row!.result.proof.equalAnswers).toBe(row!.result.proof.prompts);
});

describe('the engine that answers calls', () => {
  it('draws a blind round and tells afterwards who was who', async () => {
    const round = await calls.blind(runFolder(), 2, 3, []);
    expect(round.pairs.length).toBeGreaterThan(0);
    expect(JSON.stringify(round)).not.toMatch(/before|after/);
    const result = await calls.judge(
      round.id,
      round.pairs.map(() => 'first' as const),
    );
    expect(result.judged).toBe(round.pairs.length);
    expect(result.trained).toHaveLength(round.pairs.length);
    expect(result.after).toBe(result.trained.filter((one) => one === 'first').length);
    const seen = round.pairs.map(({ row }) => row);
    const again = await calls.blind(runFolder(), 4, 3, seen);
    expect(again.pairs.map(({ row }) => row).filter((row) => seen.includes(row))).toEqual([]);
    await expect(calls.judge(round.id, Array(50).fill('first'))).rejects.toMatchObject({
      code: 'bad-choices',
    });
  });

  it('talks before and after in turn, the same each time, piece by piece', async () => {
    const messages = [{ role: 'user' as const, content: '3 dog 5' }];
    const ask = async (adapter?: string) => {
      const pieces: string[] = [];
      const config = { model: workspace.model, ...(adapter && { adapter }), messages, maxNewTokens: 24 };
      const { text } = await calls.generate(config, (piece) => pieces.push(piece));
      expect(pieces.join('')).toBe(text);
      return text;
    };
    const [before, after] = [await ask(), await ask(runFolder())];
    expect(after).not.toBe(before);
    expect([await ask(), await ask(runFolder())]).toEqual([before, after]);
    await calls.closeModels();
    expect(await ask(runFolder())).toBe(after);
  });

  it('stops an answer in the middle and is ready for the next', async () => {
    const leave = new AbortController();
    const long = calls.generate(
      { model: workspace.model, prompt: 'tell me', maxNewTokens: 200, raw: true },
      () => leave.abort(new Error('enough')),
      leave.signal,
    );
    await expect(long).rejects.toThrow('enough');
    const next = { model: workspace.model, prompt: 'tell me', maxNewTokens: 1, raw: true };
    expect((await calls.generate(next, () => {})).newTokens).toBe(1);
    expect(engines).toHaveLength(1);
  });

  it('is replaced when it is killed, and says so to who waits', async () => {
    const waiting = calls.generate(
      { model: workspace.model, prompt: 'x', maxNewTokens: 200, raw: true },
      () => process.kill(engines[0]!.pid!, 'SIGKILL'),
    );
    await expect(waiting).rejects.toMatchObject({ code: KILLED });
    const next = { model: workspace.model, prompt: 'x', maxNewTokens: 1, raw: true };
    expect((await calls.generate(next, () => {})).newTokens).toBe(1);
    expect(engines).toHaveLength(2);
  });

  it('prices a run', async () => {
    const config = parseRunConfig({
      ...{ model: workspace.model, data: workspace.data, out: workspace.at('planned') },
      lora: { rank: 4 },
    });
    expect(await calls.plan(config)).toMatchObject({ rows: 54, heldOutRows: 6 });
    const preview = { data: { data: workspace.data }, model: workspace.model, maxLength: 30 };
    const rows = await calls.preview({ ...preview, trainOn: 'answers', from: 0, count: 2 });
    expect(rows).toHaveLength(2);
    expect(rows[0]!.cutTokens).toBeGreaterThan(0);
  });
});
