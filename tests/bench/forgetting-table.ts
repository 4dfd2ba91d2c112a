/** The kept lines of `npm run bench:forgetting`, and the table of docs/verdict.md that is made of them. */
import fs from 'node:fs';
import path from 'node:path';
import { sum } from '../../common/values.ts';
import type { Forgotten, Rights } from './forgetting-judge.ts';
import type { Cost } from './meter.ts';
import { table } from './task-table.ts';

export interface Condition {
  readonly name: string;
  readonly rows: number;
  readonly topics: number;
}

/** The sample has 150 rows of each topic, so 600 of one topic don't exist. */
export const CONDITIONS: readonly Condition[] = [
  { name: '600 rows of 4 topics', rows: 600, topics: 4 },
  { name: '100 rows of 4 topics', rows: 100, topics: 4 },
  { name: '30 rows of 4 topics', rows: 30, topics: 4 },
  { name: '100 rows of 1 topic', rows: 100, topics: 1 },
  { name: '30 rows of 1 topic', rows: 30, topics: 1 },
];

/** Passes through the rows: so many rows are seen whatever the data, or each row once where there are more. */
export function passesOf({ rows }: Condition, { seen }: Setting): number {
  return Math.max(1, seen / rows);
}

/** How a model is trained: as many rows are seen whatever the condition, and none but them, so that nothing else keeps what is forgotten. */
export interface Setting {
  readonly seen: number;
  readonly flags: readonly string[];
  /** Test rows that are asked at most. */
  readonly tests: number;
}

const PRACTICE: Setting = {
  seen: 600,
  flags: flagsOf('--method full --learning-rate 2e-4 --max-length 256 --tokens-per-micro-batch 1024'),
  tests: 112,
};
const OTHERS: Setting = {
  seen: 100,
  flags: flagsOf('--learning-rate 2e-3 --tokens-per-micro-batch 256 --max-length 256'),
  tests: 20,
};

export function settingOf(model: string): Setting {
  return model === 'practice-model' ? PRACTICE : OTHERS;
}

function flagsOf(text: string): string[] {
  return `${text} --gradient-accumulation 1 --replay 0`.split(' ');
}

export interface ForgettingLine extends Forgotten {
  readonly model: string;
  readonly condition: string;
  readonly seed: number;
  readonly at: string;
  readonly version: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly threads: number;
  readonly flags: string;
  readonly costs: { readonly training: Cost; readonly judging: Cost };
}

export const FORGETTING_FILE = path.join(import.meta.dirname, 'data', 'forgetting.jsonl');

export function forgettingLines(file: string): ForgettingLine[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as ForgettingLine);
}

type Asked = Pick<ForgettingLine, 'model' | 'condition' | 'seed'>;

export function isOf(line: Asked, { model, condition, seed }: Asked): boolean {
  return line.model === model && line.condition === condition && line.seed === seed;
}

type Part = (line: ForgettingLine) => Rights | null;

const PARTS: readonly (readonly [head: string, Part])[] = [
  ['learned', ({ learned }) => learned],
  ['abilities', ({ abilities }) => together(Object.values(abilities))],
  ['quiz', ({ quiz }) => quiz],
];

function together(parts: readonly Rights[]): Rights {
  const total = (of: keyof Rights) => sum(parts.map((part) => part[of]));
  return { items: total('items'), before: total('before'), after: total('after') };
}

/** Of fewer runs an interval over runs says little. */
const LEAST_RUNS = 5;
/** What Student's t leaves 2.5 % above, for 5 to 10 runs; more are taken for 10. A bootstrap fails where most runs change alike. */
const T_95 = [2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** The mean change of the runs, in points, with the interval in which other rows and seeds would have it. */
function changeText(lines: readonly ForgettingLine[], part: Part): string {
  const changes = lines.flatMap((line) => {
    const rights = part(line);
    return rights ? [(100 * (rights.after - rights.before)) / rights.items] : [];
  });
  if (changes.length === 0) return '';
  const runs = changes.length;
  const value = sum(changes) / runs;
  if (runs < LEAST_RUNS) return signed(value);
  const error = Math.sqrt(sum(changes.map((change) => (change - value) ** 2)) / (runs - 1) / runs);
  const half = T_95[Math.min(runs - LEAST_RUNS, T_95.length - 1)]! * error;
  return `${signed(value)} (${signed(value - half)} to ${signed(value + half)})`;
}

export function forgettingTable(lines: readonly ForgettingLine[]): string {
  const models = [...new Set(lines.map(({ model }) => model))];
  const rows = models.flatMap((model) =>
    CONDITIONS.map(({ name }) => {
      const runs = lines.filter((line) => line.model === model && line.condition === name);
      return [model, name, String(runs.length), ...PARTS.map(([, part]) => changeText(runs, part))];
    }),
  );
  return table(['model', 'data', 'runs', ...PARTS.map(([head]) => head)], rows);
}

function signed(points: number): string {
  const text = Math.abs(points).toFixed(1);
  if (text === '0.0') return '0.0';
  return `${points < 0 ? '−' : '+'}${text}`;
}
