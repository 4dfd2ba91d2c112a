/** Micro-batches are never larger than what the data fill, and follow the length that the model reads. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../../common/protocol/protocol.ts';
import { parseRunConfig, RUN_FILE } from '../../../../main/engine/config/config.ts';
import { openReadyModel } from '../../../../main/engine/load/ready-model.ts';
import { livePlanner } from '../../../../main/engine/session/planner/planner.ts';
import { train } from '../../../../main/engine/session/session.ts';
import { chooseRowShape, filledShape } from '../../../../main/engine/step/arrange-rows.ts';
import { Batching } from '../../../../main/engine/step/batching.ts';
import { withinModel } from '../../../../main/engine/step/run-data.ts';
import { trainModel } from '../../../../main/engine/train/train-model.ts';
import { tinyModel } from '../../../helpers/graphs.ts';
import { seeded } from '../../../helpers/random.ts';
import { temporaryFolder, tinyRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

const random = seeded(5);
const lengths = Uint32Array.from({ length: 540 }, () => 20 + Math.floor(random() * 70));
const labelled = lengths.map(() => 5);
const store = { count: 540, lengths, labelled, row: () => Promise.reject(new Error('no tokens')) };
const rows = Uint32Array.from(lengths, (_, i) => i);
const tokens = lengths.reduce((sum, length) => sum + length, 0);
const of = (pack: boolean) => ({ store, rows, pack, seed: 1 });

describe('chooseRowShape', () => {
  it.each([true, false])('takes no more rows than there are to fill (packed: %s)', (pack) => {
    const { rowLength, rowsPerBatch } = chooseRowShape(tinyModel().model, 60_000, of(pack), 1_000_000);
    expect(rowsPerBatch).toBeLessThanOrEqual(540);
    expect(rowLength * rowsPerBatch).toBeLessThan((pack ? 1.2 : 2) * tokens);
    for (let epoch = 0; epoch < 20; epoch++) {
      const shape = { ...of(pack), rowLength, rowsPerBatch, shuffle: true };
      expect(new Batching(shape).batches(epoch)).toBe(1);
    }
  });

  it('leaves micro-batches as they are that the data fill several times, or that are small anyway', () => {
    const whole = { rowLength: 96, rowsPerBatch: 10 };
    expect(filledShape(whole, of(true))).toEqual(whole);
    const few = { ...of(true), rows: rows.subarray(0, 4) };
    expect(filledShape(whole, few)).toEqual(whole);
    expect(filledShape({ rowLength: 96, rowsPerBatch: 100 }, few).rowsPerBatch).toBeLessThanOrEqual(4);
  });
});

describe('withinModel', () => {
  const config = (maxLength: number, tokensPerMicroBatch?: number) =>
    parseRunConfig({ model: 'm', data: 'd', out: 'o', maxLength, tokensPerMicroBatch });

  it('lets a micro-batch that nobody chose follow the length that is left', () => {
    const lengthsOf = (maxLength: number, micro?: number) => {
      const { maxLength: length, tokensPerMicroBatch } = withinModel(config(maxLength, micro), 256);
      return [length, tokensPerMicroBatch];
    };
    expect(lengthsOf(100_000)).toEqual([256, 1024]);
    expect(lengthsOf(2048, 8192)).toEqual([256, 8192]);
    expect(lengthsOf(200)).toEqual([200, 1024]);
  });
});

describe('a run longer than its model reads', () => {
  const { folder, remove } = temporaryFolder();
  let files: { model: string; data: string };
  beforeAll(async () => {
    const data = path.join(folder, 'rows.jsonl');
    const lines = tinyRows(60).map((row) => JSON.stringify(row));
    writeFileSync(data, lines.join('\n'));
    files = { model: await writeTinyModel(path.join(folder, 'model')), data };
  });
  afterAll(remove);

  const going = new AbortController().signal;
  const settings = (out: string, more: object = {}) => ({
    ...{ ...files, out: path.join(folder, out), threads: 1, assess: false, heldOut: 10 },
    ...{ maxLength: 100_000, maxSteps: 3, evalEvery: 50, ...more },
  });

  it('is planned as it is trained: by the length of the model, and written down so', async () => {
    const said: EngineEvent[] = [];
    const config = parseRunConfig(settings('run'));
    const planned = await livePlanner.plan(config, { emit: (event) => said.push(event), stop: going });
    expect(planned.rowsPerBatch * planned.rowLength).toBeLessThanOrEqual(1024);
    expect(said.filter((event) => event.event === 'warning' && event.code === 'max-length')).toHaveLength(1);
    const heard: EngineEvent[] = [];
    const end = await train(config, { emit: (event) => heard.push(event), stop: going, resume: false });
    expect(end).toMatchObject({ event: 'done', price: { work: planned.work, memory: planned.memory } });
    expect(heard.filter((event) => event.event === 'warning' && event.code === 'max-length')).toHaveLength(1);
    // what is predicted of a checkpoint is what one has, but for its header
    const { bytes } = planned.work.checkpoints!;
    const written = heard.flatMap((event) => (event.event === 'checkpoint' ? [event.bytes] : []));
    expect(written.length).toBeGreaterThan(0);
    for (const size of written) expect(Math.abs(size - bytes)).toBeLessThan(20_000);
    // it goes on with the settings that it was asked for with
    const more = { ...config, maxSteps: 5 };
    const last = await train(more, { emit: () => {}, stop: going, resume: true });
    expect(last).toMatchObject({ event: 'done', steps: 5 });
  });

  it('goes on as it was begun, where that was before lengths followed the model', async () => {
    const config = parseRunConfig(settings('old', { maxLength: 512 }));
    // as it was begun then: nobody looked at the model
    const ready = await openReadyModel(config, () => {});
    await trainModel(config, { emit: () => {}, stop: going, resume: false }, ready).finally(() =>
      ready.opened.store.close(),
    );
    const saved = () => JSON.parse(readFileSync(path.join(config.out, RUN_FILE), 'utf8'));
    expect(saved()).toMatchObject({ maxLength: 512, tokensPerMicroBatch: 1024 });
    const more = { ...config, maxSteps: 5 };
    const end = await train(more, { emit: () => {}, stop: going, resume: true });
    expect(end).toMatchObject({ event: 'done', steps: 5 });
    expect(saved()).toMatchObject({ maxLength: 512, tokensPerMicroBatch: 1024 });
  });
});
