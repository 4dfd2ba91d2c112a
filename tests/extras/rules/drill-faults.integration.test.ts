/** A disk that is full, or fails, while a round of a drill is written: what was answered is kept, and the same work goes on to its end. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { systemError } from '../../../common/errors.ts';
import { type Act, openIn, refusalOf, watched } from '../../campaign/disk.ts';
import { drillOperation } from './operation.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'fettle-drill-faults-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ADAPTER = /round-1[/\\]adapter[/\\]/;
const CHECKPOINT = /round-1[/\\]checkpoints[/\\]/;

it.each<[what: string, code: string, act: Act, file: RegExp]>([
  ['a full disk under the adapter', 'ENOSPC', 'write', ADAPTER],
  ['a failing disk under the adapter', 'EIO', 'sync', ADAPTER],
  ['an adapter that can’t be put in its place', 'EIO', 'rename', ADAPTER],
  ['a full disk under a checkpoint', 'ENOSPC', 'write', CHECKPOINT],
])('%s loses no answer, and the round is trained by the next try', async (what, code, act, file) => {
  const folder = path.join(root, what.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  await drillOperation.prepare(folder);
  let refused = 0;
  const before = (one: Act, of: string) => {
    if (one !== act || !file.test(of)) return;
    refused++;
    throw refusalOf(code, act, of);
  };
  const failed = watched({ before }, () => drillOperation.run(folder));
  const error = await failed.then(() => null, systemErrorOf);
  expect(refused).toBeGreaterThan(0);
  expect(error?.message).toMatch(/disk|written/i);
  const kept = journalOf(folder);
  expect(kept.filter(isAnswer).length).toBeGreaterThan(20);
  expect(kept.filter((line) => 'kind' in line)).toEqual([]);
  expect(openIn(folder)).toEqual([]);

  const [keys, isDone, rounds] = JSON.parse(await drillOperation.run(folder)) as [string[], boolean, number];
  expect([isDone, rounds]).toEqual([true, 1]);
  expect(new Set(keys).size).toBe(keys.length);
  // those that were there are there still, and nothing was asked again
  expect(journalOf(folder).slice(0, kept.length)).toEqual(kept);
});

const systemErrorOf = (error: Error) => systemError(error) as Error;
const isAnswer = (line: object) => 'sample' in line;

function journalOf(folder: string): Record<string, unknown>[] {
  const lines = readFileSync(path.join(folder, 'drill.jsonl'), 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
