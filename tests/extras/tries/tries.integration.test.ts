/** A run learns again from a quarter and from half of its rows: stopped, continued, forecast, and refused where it can't be. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TriesResult } from '../../../common/extras/tries/result.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { triesOf } from '../../../main/engine/extras/tries/tries.ts';
import { train } from '../../../main/engine/session/session.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { colourTable } from '../../helpers/colour-rows.ts';

let folder: string;
let run: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'fettle-tries-'));
  run = await trained('run', colourTable());
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function trained(name: string, table: string): Promise<string> {
  const data = path.join(folder, `${name}.csv`);
  writeFileSync(data, table);
  const out = path.join(folder, name);
  const config = parseRunConfig({
    ...{ model: path.join(resourcesFolder(), 'practice-model'), data, out, threads: 1 },
    ...{ heldOut: 0.3, epochs: 4, learningRate: 2e-3, assess: false },
  });
  await train(config, { emit: () => {}, stop: new AbortController().signal, resume: false });
  return out;
}

const tries = (name: string) => path.join(run, 'tries', name);
const lines = (name: string) => readFileSync(tries(name), 'utf8').trim().split('\n');

test('what is stopped is kept, and goes on to the same forecast', { timeout: 120_000 }, async () => {
  const stop = new AbortController();
  const prices: object[] = [];
  const halted = triesOf(
    { run, threads: 1 },
    {
      stop: stop.signal,
      emit: (event) => {
        if ('tries' in event) prices.push(event.tries);
        // the quarter is judged; the half has begun
        if ('event' in event && event.event === 'phase' && event.detail?.includes('half')) stop.abort();
      },
    },
  );
  await expect(halted).rejects.toThrow();
  expect(prices).toMatchObject([{ rows: [23, 45], asked: 38 }]);
  expect(Object.keys(JSON.parse(readFileSync(tries('kept.json'), 'utf8')).scores)).toEqual(['quarter']);

  const began: string[] = [];
  const result = await triesOf(
    { run, threads: 1 },
    {
      stop: new AbortController().signal,
      emit: (event) => 'event' in event && event.event === 'phase' && began.push(event.detail ?? ''),
    },
  );
  expect(began.some((detail) => detail.includes('quarter'))).toBe(false);
  expect(result.points.map(({ rows }) => rows)).toEqual([23, 45, 90]);
  expect(result).toMatchObject({ score: 'known', asked: 38 });
  const [now, twice, fourfold] = result.forecasts;
  expect([now.rows, twice.rows, fourfold.rows]).toEqual([90, 180, 360]);
  for (const { accuracy } of result.forecasts) expect(accuracy.high - accuracy.low).toBeGreaterThan(0.1);
  expect(twice.accuracy.value).toBeGreaterThan(now.accuracy.value);
  expect(twice.isClose).toBe(twice.accuracy.high - twice.accuracy.low <= 0.18);
  expect(JSON.parse(readFileSync(tries('forecast.json'), 'utf8'))).toEqual(result);
  // what was learned is not kept
  expect(existsSync(tries('half'))).toBe(false);

  const again = await triesOf({ run, threads: 1 }, { stop: new AbortController().signal, emit: () => {} });
  expect(again.points).toEqual((result as TriesResult).points);
});

test('the quarter lies within the half, and no test row in either', () => {
  const [quarter, half, tests] = [lines('quarter.jsonl'), lines('half.jsonl'), lines('test.jsonl')];
  expect([quarter.length, half.length, tests.length]).toEqual([23, 45, 38]);
  expect(quarter.every((line) => half.includes(line))).toBe(true);
  expect(tests.some((line) => half.includes(line))).toBe(false);
});

test('what is kept and damaged begins anew', { timeout: 120_000 }, async () => {
  writeFileSync(tries('kept.json'), '{"scores":');
  const stop = new AbortController();
  const emit: Parameters<typeof triesOf>[1]['emit'] = (event) => 'tries' in event && stop.abort();
  await expect(triesOf({ run, threads: 1 }, { stop: stop.signal, emit })).rejects.toThrow();
  expect(JSON.parse(readFileSync(tries('kept.json'), 'utf8')).scores).toEqual({});
});

test('too few rows are refused, and nothing is left behind', { timeout: 120_000 }, async () => {
  const few = await trained('few', colourTable().split('\n').slice(0, 31).join('\n'));
  const asked = triesOf({ run: few, threads: 1 }, { stop: new AbortController().signal, emit: () => {} });
  await expect(asked).rejects.toMatchObject({ code: 'too-few-rows' });
  expect(readdirSync(few)).not.toContain('tries');
});
