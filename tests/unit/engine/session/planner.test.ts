/** What a planner that stays does again for another question, counted; and that its figures are those of a first answer. */

import { appendFileSync, cpSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import * as dataset from '../../../../main/engine/data/tokens/dataset.ts';
import * as openModels from '../../../../main/engine/load/open-model.ts';
import { openReadyModel } from '../../../../main/engine/load/ready-model.ts';
import * as weights from '../../../../main/engine/load/weights.ts';
import { Planner } from '../../../../main/engine/session/planner/planner.ts';
import { readRunData } from '../../../../main/engine/step/run-data.ts';
import { peakMemory } from '../../../../main/plan/peak-memory.ts';
import { temporaryFolder, tinyRows, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

vi.mock('../../../../main/engine/data/tokens/dataset.ts', { spy: true });
vi.mock('../../../../main/engine/load/open-model.ts', { spy: true });
vi.mock('../../../../main/engine/load/weights.ts', { spy: true });

let folder: string;
let remove: () => void;
let model: string;
let data: string;
let planner: Planner;
let stop: AbortController;

beforeEach(async () => {
  ({ folder, remove } = temporaryFolder());
  model = await writeTinyModel(path.join(folder, 'model'));
  data = writeRows(path.join(folder, 'rows.jsonl'), tinyRows(60));
  planner = new Planner();
  stop = new AbortController();
  vi.clearAllMocks();
});
afterEach(async () => {
  await planner.close();
  remove();
});

const configOf = (settings: Record<string, unknown> = {}) =>
  parseRunConfig({ model, data, out: path.join(folder, 'out'), threads: 1, maxLength: 64, ...settings });

function plan(settings: Record<string, unknown> = {}, emit: (event: EngineEvent) => void = () => {}) {
  return planner.plan(configOf(settings), { emit, stop: stop.signal });
}

/** How often rows were read and models opened since the beginning. */
function work() {
  return {
    read: vi.mocked(dataset.buildTokenStore).mock.calls.length,
    opened: vi.mocked(openModels.withOpened).mock.calls.length,
  };
}

describe('the price of a plan', () => {
  it('has checkpoints as often as they are asked for, and answers to prompts at each evaluation', async () => {
    const { work } = await plan();
    expect(work.checkpoints).toMatchObject({ everySteps: null, everyMinutes: 5 });
    expect(work.samples).toBeUndefined();
    const prompts = ['What does the cat say?', 'And the dog?'];
    const asked = await plan({ saveEverySteps: 7, saveEveryMinutes: 0, samplePrompts: prompts });
    expect(asked.work.checkpoints).toMatchObject({ everySteps: 7, everyMinutes: 0 });
    const { tokens } = asked.work.samples!;
    expect(tokens).toBeGreaterThan(asked.work.evaluations * 2 * 64);
    const one = await plan({ samplePrompts: prompts.slice(0, 1) });
    expect(one.work.samples!.tokens).toBeLessThan(0.6 * tokens);
  });
});

describe('a plan with more threads than cores', () => {
  it('says that they make nothing faster', async () => {
    const said: EngineEvent[] = [];
    const many = await plan({ threads: 512 }, (event) => said.push(event));
    const one = await plan({ threads: 1 }, (event) => said.push(event));
    expect(many.threadsWarning).toMatch(/: 512 threads share them/);
    expect(one).not.toHaveProperty('threadsWarning');
    expect(said.filter((event) => event.event === 'warning' && event.code === 'threads')).toHaveLength(1);
  });
});

describe('another plan', () => {
  it.each<[string, Record<string, unknown>]>([
    ['learning rate', { learningRate: 1e-5 }],
    ['rank', { lora: { rank: 4 } }],
    ['epochs', { epochs: 7 }],
    ['micro-batch', { tokensPerMicroBatch: 256 }],
    ['limit on rows', { maxLength: 45 }],
    ['method', { method: 'full' }],
    ['held-out share', { heldOut: 0.3 }],
    ['seed', { seed: 9 }],
    ['packing', { packing: false }],
  ])('with another %s reads no row and opens no model', async (_, settings) => {
    await plan();
    expect(work()).toEqual({ read: 1, opened: 1 });
    await plan(settings);
    expect(work()).toEqual({ read: 1, opened: 1 });
  });

  it('reads the rows again where their file has changed, or what they are read as', async () => {
    const first = await plan();
    appendFileSync(data, readFileSync(data));
    const second = await plan();
    expect(work()).toEqual({ read: 2, opened: 1 });
    expect(second.rows + second.heldOutRows).toBe(2 * (first.rows + first.heldOutRows));
    await plan({ trainOn: 'all' });
    expect(work()).toEqual({ read: 3, opened: 1 });
    const table = path.join(folder, 'rows.csv');
    writeFileSync(table, `q,a,b\n${'how,well,badly\n'.repeat(30)}`);
    await plan({ data: table, map: 'prompt=q,answer=a' });
    await plan({ data: table, map: 'prompt=q,answer=b' });
    expect(work()).toEqual({ read: 5, opened: 1 });
  });

  it('sees a file of the same size that was written later', async () => {
    await plan();
    utimesSync(data, new Date(), new Date(Date.now() + 5000));
    await plan();
    expect(work().read).toBe(2);
  });

  it('opens the model again where its files have changed, and reads the rows with its tokenizer', async () => {
    await plan();
    const config = path.join(model, 'config.json');
    writeFileSync(config, `${readFileSync(config, 'utf8')} `);
    await plan();
    expect(work()).toEqual({ read: 2, opened: 2 });
  });

  it('has the figures that a first one has', async () => {
    const other = await writeTinyModel(path.join(folder, 'other'), 'qwen2');
    const evalData = writeRows(path.join(folder, 'eval.jsonl'), tinyRows(20, 5));
    const changes = [
      {},
      { lora: { rank: 4 } },
      { maxLength: 45 },
      { tokensPerMicroBatch: 256, epochs: 2 },
      { method: 'full' },
      { evalData },
      { model: other },
      { packing: false, heldOut: 7 },
      { maxLength: 64 },
    ];
    for (const change of changes) {
      const fresh = new Planner();
      const first = await fresh.plan(configOf(change), { emit: () => {}, stop: stop.signal });
      await fresh.close();
      expect(await plan(change), JSON.stringify(change)).toEqual(first);
    }
  });
});

describe('the plan of a training alone', () => {
  it.each<Record<string, unknown>>([
    {},
    { method: 'full', tokensPerMicroBatch: 128 },
    // what is held out is longer than what a micro-batch holds, or most of all rows
    { tokensPerMicroBatch: 64, heldOut: 0.75 },
    { heldOut: 0 },
  ])('needs no more memory than all of the run: %j', async (settings) => {
    const whole = await plan(settings);
    const part = await planner.plan(configOf(settings), { emit: () => {}, stop: stop.signal }, 'training');
    const needed = (one: typeof whole) => peakMemory(one).residentBytes;
    expect(needed(part)).toBeLessThanOrEqual(needed(whole));
    expect(needed(part)).toBeGreaterThan(0.5 * needed(whole));
    expect(part.work.gradient).toEqual(whole.work.gradient);
    expect(part.work.evaluation).toBeNull();
  });
});

describe('the rows of a plan', () => {
  it.each<Record<string, unknown>>([
    {},
    { maxLength: 42, heldOut: 0.25, seed: 3 },
    { packing: false, tokensPerMicroBatch: 128 },
    { replay: 0.2 },
  ])('are those of the run: %j', async (settings) => {
    const general = writeRows(path.join(folder, 'general.jsonl'), tinyRows(10, 8));
    const config = configOf(settings.replay ? { ...settings, replayData: general } : settings);
    const ready = await openReadyModel(config, () => {});
    const context = { ...ready, folder, emit: () => {}, stop: stop.signal };
    const run = await readRunData(config, { ...context, replayFile: settings.replay ? general : null });
    const planned = await planner.plan(config, { emit: () => {}, stop: stop.signal });
    expect(planned).toMatchObject({
      rows: run.rows.length,
      heldOutRows: run.heldOutRows.length,
      labelledTokens: run.labelledTokens,
      tokens: run.training.plan(0).tokens,
      rowLength: run.training.shape(0).time,
      rowsPerBatch: run.training.shape(0).batch,
      lengths: run.store.profile,
    });
    expect(planned).toMatchObject(await planner.rows(config, { emit: () => {}, stop: stop.signal }));
    await run.close();
    await ready.opened.store.close();
  });

  it('are judged by the beginning of a large file for rules, and counted to the end for a plan', async () => {
    const aside = { note: 'x'.repeat(20_000) };
    const rows = Array.from({ length: 820 }, (_, i) => ({ prompt: `${i}?`, completion: 'Yes.', ...aside }));
    writeRows(data, rows);
    const io = { emit: () => {}, stop: stop.signal };
    const sample = await planner.rows(configOf(), io, 'sample');
    expect(vi.mocked(dataset.buildTokenStore).mock.lastCall![0].mostBytes).toBe(4e6);
    expect(sample.rows + sample.heldOutRows).toBeGreaterThan(800);
    expect(sample.rows + sample.heldOutRows).toBeLessThan(840);
    expect(sample.lengths!.rows.reduce((a, b) => a + b)).toBeGreaterThan(800);
    // rows that were read for it are not counted for all
    expect((await planner.rows(configOf({ maxLength: 32 }), io, 'sample')).lengths).toEqual(sample.lengths);
    expect(work().read).toBe(1);
    // a small file of held-out rows is read to its end, and counted as it is
    const evalData = writeRows(path.join(folder, 'held-out.jsonl'), tinyRows(20, 5));
    expect((await planner.rows(configOf({ evalData }), io, 'sample')).heldOutRows).toBe(20);
    expect(work().read).toBe(2);
    writeRows(data, rows.slice(0, 100));
    expect((await planner.rows(configOf(), io, 'sample')).lengths).toEqual(
      (await planner.rows(configOf(), io)).lengths,
    );
    expect(work().read).toBe(3);
  });

  it('say what a person should know of them with each plan', async () => {
    const codes = async () => {
      const found: string[] = [];
      await plan(
        { maxLength: 42, onBadRow: 'skip' },
        (event) => event.event === 'warning' && found.push(event.code),
      );
      return found;
    };
    appendFileSync(data, '{"neither": 1}\n');
    const first = await codes();
    expect(first).toEqual(expect.arrayContaining(['rows-skipped', 'rows-truncated']));
    expect(await codes()).toEqual(first);
    expect(work().read).toBe(1);
  });
});

describe('a plan', () => {
  it('touches no weight, also where they would have to be converted or the model be asked', async () => {
    const hollow = path.join(folder, 'hollow');
    cpSync(model, hollow, { recursive: true });
    const spied = vi.mocked(openModels.withOpened);
    const planned = await plan({ model: hollow, replay: 0.2 });
    expect(weights.prepareWeights).not.toHaveBeenCalled();
    const { store } = ((await spied.mock.results[0]!.value) as { opened: openModels.OpenedModel }).opened;
    await expect(store.readF32([...store.tensors.keys()][0]!)).rejects.toThrow();
    expect(planned.rows).toBeGreaterThan(40);
    // general answers that nobody has asked the model for count with the most that they may have
    const without = await plan({ model: hollow });
    expect(planned.tokens).toBeGreaterThan(without.tokens);
    expect(planned.generalTokens).toBeGreaterThan(120 * 32);
    expect(without).not.toHaveProperty('generalTokens');
    expect(existsSync(path.join(hollow, 'replay.jsonl'))).toBe(false);
  });

  it('is given up at once; the rows that it was reading are there for the next question', async () => {
    const asked = plan({}, (event) => {
      if (event.event === 'phase' && event.phase === 'tokenize') stop.abort(new Error('another setting'));
    });
    await expect(asked).rejects.toThrow('another setting');
    stop = new AbortController();
    await plan({ learningRate: 1e-5 });
    expect(work()).toEqual({ read: 1, opened: 1 });
  });

  it('fails for a missing file before it opens the model, and goes on afterwards', async () => {
    await expect(plan({ data: path.join(folder, 'none.jsonl') })).rejects.toMatchObject({
      code: 'file-not-found',
    });
    expect(work().opened).toBe(0);
    expect((await plan()).rows).toBeGreaterThan(0);
  });
});
