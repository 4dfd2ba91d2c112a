/**
 * What `fettle data more` forecasts for twice and four times the rows, beside what word counts get right that learn from so many:
 * `npm run bench:forecasts -- --data FOLDER`; with `--encoder FOLDER` by that encoder's vectors. Each draw shuffles the rows; the last are
 * asked, the first learned. docs/verdict.md shows the tables.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CurveResult, SorterResult } from '../../common/protocol/protocol.ts';
import { objectsIn } from './contenders.ts';
import { metered } from './meter.ts';
import { ownTask, poolsIn, shuffled, type Task, writeRows } from './task-data.ts';
import type { JudgeAsked, Judged } from './task-judge.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    own: { type: 'string', multiple: true, default: [] },
    sizes: { type: 'string', default: '60,120,240' },
    draws: { type: 'string', default: '1,2,3' },
    times: { type: 'string', default: '2,4' },
    encoder: { type: 'string' },
  },
});
if (!values.data && values.own.length === 0)
  throw new Error('Give --data FOLDER, or --own NAME=KIND:FOLDER.');
const pools = [...(values.data ? poolsIn(values.data) : []), ...values.own.map(ownTask)];
const numbers = (text: string) => text.split(',').map(Number);
/** Rows that are asked, at most and as a share of all: of 500 a share is itself known to 4 points. */
const ASKED = { most: 1500, share: 1 / 3 };
const TIMES = numbers(values.times);

type Pool = Pick<Task, 'name' | 'kind' | 'train' | 'test'>;
interface Held {
  readonly times: number;
  readonly isHeld: boolean;
  /** The middle of the interval is named, not its ends alone. */
  readonly isNamed: boolean;
  readonly isNear: boolean;
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'fettle-forecasts-'));
const all: Held[] = [];
const columns = TIMES.map((one) => `forecasts for ${one} times the rows | held | named | within 5 points |`);
console.log(`| data | rows | ${columns.join(' ')}`);
console.log(`|---|---|${'---|---|---|---|'.repeat(TIMES.length)}`);
for (const pool of pools.filter(({ kind }) => kind !== 'text'))
  for (const size of numbers(values.sizes)) {
    const found: Held[] = [];
    for (const draw of numbers(values.draws)) found.push(...(await compared(pool, size, draw)));
    if (found.length > 0) console.log(`| ${pool.name} | ${size} | ${counts(found)} |`);
    all.push(...found);
  }
console.log(`| all | | ${counts(all)} |`);
rmSync(folder, { recursive: true });

async function compared({ kind, train, test }: Pool, size: number, draw: number): Promise<Held[]> {
  const rows = shuffled([...train, ...test], draw);
  const asked = Math.min(ASKED.most, Math.floor(ASKED.share * rows.length));
  const [learned, kept] = [rows.slice(0, -asked), rows.slice(-asked)];
  const times = TIMES.filter((one) => one * size <= learned.length);
  if (times.length === 0) return [];
  const file = (name: string, some: readonly object[]) => writeRows(path.join(folder, name), some);
  const given = ['--data', file('rows.jsonl', learned.slice(0, size))];
  const { forecasts, fields } = (await fettle(['data', 'more', ...given])) as CurveResult;
  const found: Held[] = [];
  for (const one of times) {
    const cut = (row: object) => (fields ? withFields(row, fields.forecast) : row);
    const truth = await accuracyOf(kind, draw, {
      train: file('train.jsonl', learned.slice(0, one * size).map(cut)),
      test: file('test.jsonl', kept.map(cut)),
    });
    const { accuracy, isClose } = forecasts.find(({ rows: of }) => of === one * size)!;
    const { value, low, high } = accuracy;
    found.push({
      times: one,
      isHeld: low <= truth && truth <= high,
      isNamed: isClose,
      isNear: Math.abs(truth - value) <= 0.05,
    });
  }
  return found;
}

/** What a sorter that learns from `train` gets right of `test`. */
async function accuracyOf(
  kind: Task['kind'],
  seed: number,
  { train, test }: { readonly train: string; readonly test: string },
): Promise<number> {
  if (values.encoder) {
    const out = mkdtempSync(path.join(folder, 'sorter-'));
    const args = ['--data', train, '--eval-data', test, '--seed', String(seed)];
    const { calibration } = (await fettle([
      'sorter',
      ...args,
      '--out',
      path.join(out, 'it'),
    ])) as SorterResult;
    rmSync(out, { recursive: true });
    return calibration.accuracy.value;
  }
  const judge: JudgeAsked = { kind, rival: 'counter', model: '', seed, threads: 1, train, test };
  const args = [path.join(import.meta.dirname, 'task-judge.ts'), JSON.stringify(judge)];
  const { scores } = objectsIn((await metered(process.execPath, args)).said).at(-1) as Judged;
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** The result of a command that sorts. */
async function fettle(args: readonly string[]): Promise<object> {
  const by = values.encoder ? ['vectors', '--encoder', values.encoder] : ['words'];
  const bin = path.join(import.meta.dirname, '../../bin/fettle.js');
  const given = [bin, ...args, '--by', ...by, '--threads', '1', '--json'];
  return objectsIn((await metered(process.execPath, given)).said).at(-1)!;
}

/** Only the fields that were forecast. */
function withFields(row: object, names: readonly string[]): object {
  const { answer } = row as { readonly answer: string };
  const known = Object.entries(JSON.parse(answer) as object).filter(([name]) => names.includes(name));
  return { ...row, answer: JSON.stringify(Object.fromEntries(known)) };
}

function counts(found: readonly Held[]): string {
  return TIMES.flatMap((times) => {
    const some = found.filter((one) => one.times === times);
    const named = some.filter(({ isNamed }) => isNamed);
    return [
      some.length,
      some.filter(({ isHeld }) => isHeld).length,
      named.length,
      named.filter(({ isNear }) => isNear).length,
    ];
  }).join(' | ');
}
