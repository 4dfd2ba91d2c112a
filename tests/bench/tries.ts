/**
 * Trains a language model on parts of real data, each twice as large as the one before, and judges each on rows that none has seen:
 * `npm run bench:tries -- --data FOLDER --models PATH`. Three parts in a row are a run with its two tries; what `fettle data more` would
 * forecast from them for twice and four times the rows stands beside what these got right. docs/verdict.md shows the table. Each training
 * adds a line to the kept file and isn't made again.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { percent } from '../../common/words/format.ts';
import { forecastOf, isClose } from '../../main/engine/eval/rivals/forecast.ts';
import { objectsIn, withFlags } from './contenders.ts';
import { metered } from './meter.ts';
import { type Kind, poolsIn, shuffled, type Task, writeRows } from './task-data.ts';
import type { Judged } from './task-judge.ts';
import { keptIn } from './task-table.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string' },
    only: { type: 'string', multiple: true, default: [''] },
    sizes: { type: 'string', default: '22,45,90,180,360' },
    draws: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    keep: { type: 'string', default: path.join(import.meta.dirname, 'data', 'tries.jsonl') },
    work: { type: 'string', default: path.join(os.tmpdir(), 'fettle-tries') },
  },
});

/** Passes of the run and of its tries, and rows that are asked: one half by the forecast, the other tells what came in. */
const PLANS: Partial<Record<Kind, { readonly epochs: number; readonly asked: number }>> = {
  category: { epochs: 4, asked: 240 },
  fields: { epochs: 4, asked: 120 },
  text: { epochs: 2, asked: 120 },
};

type Pool = Pick<Task, 'name' | 'kind' | 'train' | 'test'>;
interface Line {
  readonly pool: string;
  readonly draw: number;
  readonly rows: number;
  readonly scores: readonly number[];
  readonly seconds: number;
}

const linesIn = () => keptIn(values.keep) as unknown as Line[];

if (values.data && values.models) {
  const all = poolsIn(values.data).filter(({ kind }) => kind in PLANS);
  const pools = values.only.flatMap((part) => all.filter(({ name }) => name.includes(part)));
  for (const draw of values.draws.split(',').map(Number))
    for (const pool of pools)
      for (const rows of values.sizes.split(',').map(Number)) await once(pool, draw, rows);
}
console.log(table(linesIn()));

async function once(pool: Pool, draw: number, rows: number): Promise<void> {
  const isKept = (line: Line) => line.pool === pool.name && line.draw === draw && line.rows === rows;
  if (linesIn().some(isKept)) return;
  const { epochs, asked } = PLANS[pool.kind]!;
  const drawn = shuffled(pool.train, draw);
  if (rows > drawn.length) return;
  console.error(`${new Date().toISOString()} ${pool.name}, draw ${draw}, ${rows} rows`);
  const folder = path.join(values.work, `${pool.name.replaceAll(/\W+/g, '-')}-${draw}-${rows}`);
  mkdirSync(folder, { recursive: true });
  const bout = {
    task: { name: pool.name, kind: pool.kind },
    train: writeRows(path.join(folder, 'train.jsonl'), drawn.slice(0, rows)),
    test: writeRows(path.join(folder, 'test.jsonl'), shuffled(pool.test, draw).slice(0, asked)),
    model: path.resolve(values.models!),
    ...{ folder, work: values.work, seed: draw, threads: Number(values.threads) },
  };
  const learned = await withFlags(`--precision int8 --held-out 0 --epochs ${epochs}`).learn(bout);
  const { kind } = pool;
  const { train, test, model, seed, threads } = bout;
  const judge = { kind, train, test, model, seed, threads, quiz: false, ...learned.judge };
  const file = path.join(import.meta.dirname, 'task-judge.ts');
  const { said } = await metered(process.execPath, [file, JSON.stringify(judge)]);
  const { scores } = objectsIn(said).at(-1) as Judged;
  const line: Line = {
    ...{ pool: pool.name, draw, rows, scores: scores.map((one) => Number(one.toFixed(4))) },
    seconds: learned.cost!.seconds,
  };
  appendFileSync(values.keep, `${JSON.stringify(line)}\n`);
}

/** Three parts in a row are a run with its tries; the first half of the rows is what it asks, the others tell what came in. */
function table(lines: readonly Line[]): string {
  const rows: string[] = [];
  let [made, held, near] = [0, 0, 0];
  for (const series of Map.groupBy(lines, ({ pool, draw }) => `${pool} ${draw}`).values()) {
    const parts = series.toSorted((a, b) => a.rows - b.rows);
    for (let last = 2; last < parts.length - 1; last++) {
      const points = parts.slice(last - 2, last + 1).map(({ rows: of, scores }) => {
        const asked = scores.slice(0, scores.length / 2);
        return { rows: of, asked: asked.length, wrong: asked.length * (1 - mean(asked)) };
      });
      const forecast = forecastOf(points);
      for (const { pool, draw, rows: of, scores } of parts.slice(last + 1, last + 3)) {
        const came = mean(scores.slice(scores.length / 2));
        const found = forecast.at(of);
        made++;
        held += Number(found.low <= came && came <= found.high);
        near += Number(Math.abs(found.value - came) <= 0.05);
        const named = isClose(found) ? percent(found.value) : '';
        const range = `${percent(found.low)} to ${percent(found.high)}`;
        rows.push(
          `| ${pool} | ${draw} | ${points[2]!.rows} | ${of} | ${range} | ${named} | ${percent(came)} |`,
        );
      }
    }
  }
  const head =
    '| data | draw | rows of the run | forecast for | in the interval | named | came in |\n|---|---|---|---|---|---|---|';
  return `${head}\n${rows.join('\n')}\n${made} forecasts: ${held} in the interval, ${near} within 5 points`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}
