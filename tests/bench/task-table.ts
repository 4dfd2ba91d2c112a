/** The kept lines of `npm run bench:tasks`, and what docs/tasks.md shows of them: tables, and pictures of score against time. */
import fs from 'node:fs';
import path from 'node:path';
import type { Estimate } from '../../common/protocol/protocol.ts';
import { mean, rate } from '../../main/engine/eval/assess/statistics.ts';
import { CONTENDERS, type Contender, withFlags } from './contenders.ts';
import type { Cost } from './meter.ts';
import { scatter } from './plots.ts';
import { type Kind, TASKS, type Task } from './task-data.ts';
import type { Judged } from './task-judge.ts';

/** One run: who, on what, with which score of each test row. */
export interface Line extends Judged {
  readonly task: string;
  readonly contender: string;
  readonly seed: number;
  /** Null for ways without a language model. */
  readonly model: string | null;
  readonly at: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string | number>>;
  /** Threads that it was given. */
  readonly threads: number;
  /** Rows to train on. */
  readonly rows: number;
  /** What the test rows are, as a checksum: only scores on the same ones are compared. */
  readonly tests: string;
  /** Of learning; where nothing is learned before, of answering. */
  readonly cost: Cost;
  readonly judgeSeconds: number | null;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly versions?: Readonly<Record<string, string>>;
}

export const KEPT_FILE = path.join(import.meta.dirname, 'data', 'tasks.jsonl');
const PLOTS = path.join(import.meta.dirname, '../../docs/performance');

export function keptIn(file: string): Line[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Line);
}

export const pathOfPlot = (task: string) => path.join(PLOTS, `task-${task}.svg`);

const CUT_OFF: readonly [number, number] = [0, 1];

/** The mean over rows of what each scored over all seeds, with the interval in which other rows would have it. */
export function scoreOf(lines: readonly Pick<Line, 'scores'>[]): Estimate {
  const each = rowMeans(lines);
  const isRight = lines.length === 1 && each.every((score) => score === 0 || score === 1);
  if (isRight) return rate(each.filter((score) => score === 1).length, each.length);
  return mean(each, 1, CUT_OFF);
}

function rowMeans(lines: readonly Pick<Line, 'scores'>[]): number[] {
  return lines[0]!.scores.map(
    (_, row) => lines.reduce((sum, { scores }) => sum + scores[row]!, 0) / lines.length,
  );
}

/** How far the first runs are ahead of the second ones, on the same rows. */
export function leadOf(first: readonly Line[], second: readonly Line[]): Estimate {
  const [own, others] = [rowMeans(first), rowMeans(second)];
  const leads = own.map((score, row) => score - others[row]!);
  const { value, low, high } = mean(leads, 1, [-1, 1]);
  // rows that all agree say nothing of those that were not asked
  return low === high ? { value, ...agreed(leads.length, value) } : { value, low, high };
}

function agreed(rows: number, value: number): Pick<Estimate, 'low' | 'high'> {
  const room = rate(0, rows).high;
  return { low: value - room, high: value + room };
}

/** The model whose runs the tables show; others have rows in the kept file. */
const SHOWN_MODEL = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** The runs of one contender on one task, those on the newest test rows. */
export function runsOf(lines: readonly Line[], task: string, contender: Contender): Line[] {
  const own = lines.filter(
    (line) =>
      line.task === task &&
      line.contender === contender.name &&
      (contender.model ? line.model === SHOWN_MODEL : line.model === null),
  );
  const newest = own.toSorted((a, b) => b.at.localeCompare(a.at))[0]?.tests;
  return own.filter(({ tests }) => tests === newest).toSorted((a, b) => a.seed - b.seed);
}

const percent = (share: number) => (100 * share).toFixed(0);
const NOT_RUN = 'not run yet';

/** "93 (88 to 96)"; with more seeds than one, how many. */
function scoreText(lines: readonly Line[]): string {
  const { value, low, high } = scoreOf(lines);
  const seeds = lines.length > 1 ? `, ${lines.length} seeds` : '';
  return `${percent(value)} (${percent(low)} to ${percent(high)})${seeds}`;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)].join('\n');
}

const JUDGED: Readonly<Record<Kind, string>> = {
  category: 'rows right',
  fields: 'fields right',
  text: 'chrF',
  tools: 'calls right',
  pairs: 'better answer likelier',
};

/** Each task with the score of each contender. */
export function scoreTable(
  lines: readonly Line[],
  tasks: readonly Pick<Task, 'name' | 'kind'>[] = TASKS,
): string {
  const head = ['task', 'judged by', ...CONTENDERS.map(({ title }) => title)];
  const rows = tasks.map(({ name, kind }) => [
    `\`${name}\``,
    JUDGED[kind],
    ...CONTENDERS.map((contender) => {
      if (!contender.kinds.includes(kind)) return '';
      const runs = runsOf(lines, name, contender);
      return runs.length === 0 ? NOT_RUN : scoreText(runs);
    }),
  ]);
  return table(head, rows);
}

/** What the runs of each contender cost and forgot: means over seeds, but of load and memory the most. */
export function runTable(lines: readonly Line[]): string {
  const head = [
    ...[
      'task',
      'contender',
      'seeds',
      'score',
      'also',
      'seconds',
      'processor seconds',
      'load',
      'peak, GB',
      'Wh',
    ],
    ...['quiz', 'settings', 'commit', 'machine'],
  ];
  const machines = machinesOf(lines);
  const rows = TASKS.flatMap(({ name }) =>
    contendersOf(lines).flatMap((contender) => {
      const runs = runsOf(lines, name, contender);
      if (runs.length === 0) return [];
      const mean = (of: (cost: Cost) => number | undefined, digits: number) =>
        meanText(
          runs.map(({ cost }) => of(cost)),
          digits,
        );
      const each = (of: (line: Line) => string) => [...new Set(runs.map(of))].join(', ');
      return [
        [
          ...[
            `\`${name}\``,
            contender.title,
            each(({ seed }) => String(seed)),
            scoreText(runs),
            alsoText(runs),
          ],
          ...[mean(({ seconds }) => seconds, 0), mean(({ processorSeconds }) => processorSeconds, 0)],
          Math.max(...runs.flatMap(({ cost }) => cost.load)).toFixed(0),
          mostText(runs.map(({ cost }) => cost.peakBytes)),
          ...[mean(({ wattHours }) => wattHours, 2), quizText(runs)],
          ...[settingsText(runs[0]!), each(({ commit }) => commit)],
          each((one) => String(1 + machines.indexOf(machineText(one)))),
        ],
      ];
    }),
  );
  return table(head, rows);
}

/** Other figures that all of them have, in percent. */
function alsoText(runs: readonly Line[]): string {
  const names = Object.keys(runs[0]!.also).filter((name) => runs.every(({ also }) => also[name]));
  return names
    .map((name) => `${name} ${percent(scoreOf(runs.map(({ also }) => ({ scores: also[name]! }))).value)}`)
    .join(', ');
}

/** Empty where one of them was not measured. */
function meanText(values: readonly (number | undefined)[], digits: number): string {
  const sum = values.reduce<number>((total, value) => total + (value ?? Number.NaN), 0);
  return Number.isNaN(sum) ? '' : (sum / values.length).toFixed(digits);
}

function mostText(bytes: readonly (number | undefined)[]): string {
  const most = Math.max(...bytes.map((one) => one ?? Number.NaN));
  return Number.isNaN(most) ? '' : (most / 1e9).toFixed(1);
}

function quizText(runs: readonly Line[]): string {
  const asked = runs.flatMap(({ forgot }) => (forgot ? [forgot] : []));
  if (asked.length === 0) return '';
  const share = (of: 'before' | 'after') => asked.reduce((sum, one) => sum + one[of], 0) / asked.length;
  return `${percent(share('before'))} to ${percent(share('after'))}`;
}

/** All that have run, those with flags of their own behind the others. */
function contendersOf(lines: readonly Line[]): readonly Contender[] {
  const others = new Set(lines.map(({ contender }) => contender));
  for (const { name } of CONTENDERS) others.delete(name);
  return [...CONTENDERS, ...[...others].toSorted().map((name) => withFlags(name.replace('train ', '')))];
}

/** The settings that matter, as they are written in commands; a peer's by its own names. */
function settingsText({ settings = {} }: Line): string {
  const { flags = '', steps, ...others } = settings;
  const given = String(flags)
    .replaceAll('--', '')
    .replace(/ ?(held-out|max-length) \S+/g, '');
  const named = Object.entries(others).filter(([name]) => !UNTOLD.includes(name));
  const values = [given.trim(), ...named.map(([name, value]) => `${name} ${String(value)}`)];
  return [values.filter(Boolean).join(', '), steps === undefined ? '' : `${String(steps)} steps`]
    .filter(Boolean)
    .join('; ');
}

const UNTOLD = ['trainSeconds', 'heldOutLossBefore', 'heldOutLoss', 'trainedTokensPerSecond', 'peakRssBytes'];

/** The machines by their numbers in the table of runs. */
export function machineTable(lines: readonly Line[]): string {
  const peers = [...new Set(lines.flatMap(({ versions }) => (versions ? [versionsText(versions)] : [])))];
  return [
    ...machinesOf(lines).map((text, i) => `${i + 1}. ${text}`),
    ...(peers.length > 0 ? ['', `Peers: ${peers.toSorted().join('; ')}.`] : []),
  ].join('\n');
}

const versionsText = (versions: Readonly<Record<string, string>>) =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

function machinesOf(lines: readonly Line[]): string[] {
  return [...new Set(lines.map(machineText))];
}

function machineText({ machine, threads }: Line): string {
  const { processor, threads: all, totalMemory, system } = machine;
  return `${processor}, ${threads} of ${all} threads, ${(Number(totalMemory) / 1e9).toFixed(0)} GB, ${system}`;
}

/** The simpler ways that a training is worth its time beside. */
const SIMPLE = ['examples', 'counter', 'nearest', 'template', 'vectors'];

/** Of each task how far the plan is ahead of the best of the grid, and of the best simpler way; in points. */
export function aimTable(lines: readonly Line[]): string {
  const find = (name: string) => CONTENDERS.find((one) => one.name === name)!;
  const rows = TASKS.map(({ name, kind }) => {
    const plan = runsOf(lines, name, find('plan'));
    const grid = runsOf(lines, name, find('grid'));
    const simple = SIMPLE.map(find)
      .filter((one) => one.kinds.includes(kind))
      .map((one) => ({ title: one.title, runs: runsOf(lines, name, one) }))
      .filter(({ runs }) => runs.length > 0)
      .toSorted((a, b) => scoreOf(b.runs).value - scoreOf(a.runs).value)[0];
    const hasPlan = plan.length > 0;
    return [
      `\`${name}\``,
      hasPlan && grid.length > 0 ? leadText(plan, grid) : NOT_RUN,
      hasPlan && simple ? `${leadText(plan, simple.runs)} than ${simple.title}` : simple ? NOT_RUN : '',
      forgotText(plan, grid),
    ];
  });
  return table(
    ['task', 'plan beside the best of the grid', 'plan beside the best simpler way', 'forgot'],
    rows,
  );
}

/** Ahead or behind only where the interval says so. */
function leadText(own: readonly Line[], other: readonly Line[]): string {
  const { value, low, high } = leadOf(own, other);
  const points = (share: number) => (100 * share).toFixed(0).replace('-0', '0');
  const range = `${points(value)} (${points(low)} to ${points(high)})`;
  return `${low > 0 ? 'better' : high < 0 ? '**worse**' : 'no different'}: ${range}`;
}

function forgotText(plan: readonly Line[], grid: readonly Line[]): string {
  const [own, other] = [quizText(plan), quizText(grid)];
  return [own && `plan ${own}`, other && `grid ${other}`].filter(Boolean).join('; ');
}

/** A picture of each task that two contenders at least have run: score against seconds. */
export function plotsOf(lines: readonly Line[]): [task: string, svg: string][] {
  return TASKS.flatMap(({ name, kind, about }): [string, string][] => {
    const points = CONTENDERS.flatMap((contender) => {
      const runs = runsOf(lines, name, contender);
      if (runs.length === 0) return [];
      const seconds = runs.reduce((sum, { cost }) => sum + cost.seconds, 0) / runs.length;
      return [{ label: contender.title.replaceAll('`', ''), seconds, ...scoreOf(runs) }];
    });
    return points.length > 1 ? [[name, scatter(about, JUDGED[kind], points)]] : [];
  });
}

export function pictureList(lines: readonly Line[]): string {
  return plotsOf(lines)
    .map(([name]) => `![\`${name}\`](performance/task-${name}.svg)`)
    .join('\n');
}

export function writePictures(): void {
  for (const [task, svg] of plotsOf(keptIn(KEPT_FILE))) fs.writeFileSync(pathOfPlot(task), svg);
}
