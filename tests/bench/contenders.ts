/** Who is compared on the tasks of `npm run bench:tasks`: what each runs to learn a task's rows, and what it gives to be judged. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { DoneEvent, SearchResult } from '../../common/protocol/protocol.ts';
import { type Cost, metered } from './meter.ts';
import { type Kind, rowsOf, type Task } from './task-data.ts';
import { type JudgeAsked, joined, labelColumns, scoresOf, slotsOfRows } from './task-judge.ts';

const BIN = path.join(import.meta.dirname, '../../bin/fettle.js');
const PEERS = path.join(import.meta.dirname, 'peers');

/** What a contender meets. */
export interface Bout {
  readonly task: Pick<Task, 'name' | 'kind'>;
  readonly train: string;
  readonly test: string;
  readonly seed: number;
  readonly model: string;
  readonly threads: number;
  /** A folder of its own. */
  readonly folder: string;
  /** One for all, for what is made once. */
  readonly work: string;
  /** Python with the packages of peers/requirements.txt, and the folder of a sentence model. */
  readonly python?: string | undefined;
  readonly vectors?: string | undefined;
}

/** What a contender has come to: what the judge asks, or the answers' scores. */
export interface Learned {
  readonly cost?: Cost;
  readonly judge?: Partial<JudgeAsked>;
  readonly scores?: ReturnType<typeof scoresOf>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly versions?: Readonly<Record<string, string>>;
}

export interface Contender {
  readonly name: string;
  readonly title: string;
  readonly kinds: readonly Kind[];
  /** Whether it has a language model, and whether it is written in Python. */
  readonly model: boolean;
  readonly python: boolean;
  learn(bout: Bout): Promise<Learned>;
}

const ALL: readonly Kind[] = ['category', 'fields', 'text', 'tools', 'pairs'];
const WORDS: readonly Kind[] = ['category', 'fields', 'text'];

export const CONTENDERS: readonly Contender[] = [
  {
    ...{ name: 'default', title: '`fettle train`', kinds: ALL, model: true, python: false },
    learn: (bout) => trained(bout, []),
  },
  {
    ...{ name: 'plan', title: 'by plan', kinds: ALL, model: true, python: false },
    learn: async (bout) => trained(bout, await planFlags(bout)),
  },
  { name: 'grid', title: 'best of a grid', kinds: ALL, model: true, python: false, learn: searched },
  {
    ...{ name: 'trl', title: 'TRL', kinds: [...WORDS, 'pairs'], model: true, python: true },
    learn: (bout) => trl(bout, null),
  },
  {
    ...{
      name: 'trl-ours',
      title: "TRL, plan's values",
      kinds: [...WORDS, 'pairs'],
      model: true,
      python: true,
    },
    learn: async (bout) => trl(bout, valuesOf(await planFlags(bout))),
  },
  {
    ...{ name: 'examples', title: 'examples in the prompt', kinds: WORDS, model: true, python: false },
    learn: async () => ({ judge: { examples: true } }),
  },
  {
    ...{ name: 'counter', title: 'word counts', kinds: ['category', 'fields'], model: false, python: false },
    learn: async () => ({ judge: { rival: 'counter' } }),
  },
  {
    ...{ name: 'nearest', title: 'nearest row', kinds: WORDS, model: false, python: false },
    learn: async () => ({ judge: { rival: 'nearest' } }),
  },
  {
    ...{ name: 'template', title: 'best template', kinds: ['text'], model: false, python: false },
    learn: async () => ({ judge: { rival: 'template' } }),
  },
  { name: 'vectors', title: 'frozen vectors', kinds: WORDS, model: false, python: true, learn: withVectors },
];

/** `fettle train` with flags of one's own, to try settings that no rule takes. */
export function withFlags(flags: string): Contender {
  const learn = (bout: Bout) => trained(bout, flags.split(' ').filter(Boolean));
  return { name: `train ${flags}`, title: 'other flags', kinds: ALL, model: true, python: false, learn };
}

const fettle = (args: readonly string[]) => metered(process.execPath, [BIN, ...args, '--json']);

/** What a person gives, whatever else is chosen. */
const givenFlags = ({ task, train, model }: Bout) => [
  ...['--model', model, '--data', train],
  ...(task.kind === 'pairs' ? ['--objective', 'dpo'] : []),
];

/** A training without its comparison at the end, since it is judged on other rows. */
async function trained(bout: Bout, flags: readonly string[]): Promise<Learned> {
  const run = path.join(bout.folder, 'run');
  fs.rmSync(run, { recursive: true, force: true });
  const own = ['--out', run, '--seed', String(bout.seed), '--threads', String(bout.threads), '--no-assess'];
  const { said, cost } = await fettle(['train', ...givenFlags(bout), ...own, ...flags]);
  return { cost, judge: { run }, settings: { flags: flags.join(' '), ...figuresOf(said) } };
}

/** Of the last training whose events a command has printed. */
function figuresOf(said: string) {
  const done = objectsIn(said).findLast((one) => (one as { event?: string }).event === 'done') as DoneEvent;
  const { steps, seconds, heldOutLoss, heldOutLossBefore, trainedTokensPerSecond, peakRssBytes } = done;
  return {
    steps,
    trainSeconds: seconds,
    heldOutLossBefore,
    heldOutLoss,
    trainedTokensPerSecond,
    peakRssBytes,
  };
}

export function objectsIn(said: string): unknown[] {
  return said
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as unknown);
}

/** The flags of the command that `fettle plan --propose` prints, but for what names files. */
async function planFlags(bout: Bout): Promise<string[]> {
  const { said } = await fettle([
    'plan',
    ...givenFlags(bout),
    '--threads',
    String(bout.threads),
    '--propose',
  ]);
  const { command } = objectsIn(said).at(-1) as { readonly command: string };
  return flagsIn(command);
}

/** What every run here names itself. */
const OURS: ReadonlySet<string> = new Set([
  '--model',
  '--data',
  '--out',
  '--objective',
  '--threads',
  '--seed',
]);

/** The flags of a printed command without the program and without those that are given anyway. */
export function flagsIn(command: string, given = OURS): string[] {
  return pairsOf(command.split(' '))
    .filter(([name]) => !given.has(name))
    .flat();
}

/** Each flag with its value, where it has one. */
function pairsOf(words: readonly string[]): [string, ...string[]][] {
  return words.flatMap((word, i): [string, ...string[]][] => {
    if (!word.startsWith('--')) return [];
    const value = words[i + 1];
    return [value === undefined || value.startsWith('--') ? [word] : [word, value]];
  });
}

/** Rates, passes and ranks of the grid, each with each; and the tokens of a step, for each of which all of them are tried. */
const GRID = { 'learning-rate': [5e-4, 1e-3, 2e-3], epochs: [3, 6], rank: [8, 16] };
const GRID_TOKENS = [256, 512];

interface Found extends Learned {
  readonly cost: Cost;
  readonly loss: number;
}

/** The best of the grid by its held-out loss, at the cost of all of it. */
async function searched(bout: Bout): Promise<Learned> {
  const flags = pairsOf(await planFlags(bout));
  const hasAdapters = !flags.some(([name, value]) => name === '--method' && value === 'full');
  const grid = Object.entries(GRID).filter(([name]) => hasAdapters || name !== 'rank');
  const replaced = [...Object.keys(GRID), 'tokens-per-micro-batch', 'gradient-accumulation'];
  const kept = flags.filter(([name]) => !replaced.includes(name.slice(2))).flat();
  const found: Found[] = [];
  for (const tokens of GRID_TOKENS) {
    const size = ['--tokens-per-micro-batch', String(tokens), '--gradient-accumulation', '1'];
    const one = { ...bout, folder: path.join(bout.folder, `tokens-${tokens}`) };
    fs.rmSync(one.folder, { recursive: true, force: true });
    const all = await halved(one, [...kept, ...size], grid).catch((error: Error) => {
      if (!error.message.includes('too few to compare')) throw error;
      return eachTrained(one, [...kept, ...size], grid);
    });
    found.push(...all);
  }
  const [winner] = found.toSorted((a, b) => a.loss - b.loss);
  const { judge, settings } = winner!;
  return { judge: judge!, settings: settings!, cost: summed(found.map(({ cost }) => cost)) };
}

type Grid = readonly (readonly [name: string, values: readonly number[]])[];

/** A search by successive halving, which trains the best to the end. */
async function halved(bout: Bout, flags: readonly string[], grid: Grid): Promise<Found[]> {
  const varied = grid.flatMap(([name, values]) => ['--try', `${name}=${values.join(',')}`]);
  const tries = grid.reduce((count, [, values]) => count * values.length, 1);
  const own = ['--out', path.join(bout.folder, 'search'), '--seed', String(bout.seed), '--no-assess'];
  const all = [...own, '--threads', String(bout.threads), ...flags, ...varied, '--tries', String(tries)];
  const { said, cost } = await fettle(['search', ...givenFlags(bout), ...all]);
  const result = objectsIn(said).find((one) => 'ranking' in (one as object)) as SearchResult & {
    readonly tried: readonly { readonly config: { readonly out: string } }[];
  };
  const best = result.tried[result.best]!;
  const figures = figuresOf(said);
  const settings = { flags: flags.join(' '), ...best.settings, ...figures };
  return [{ cost, settings, judge: { run: best.config.out }, loss: figures.heldOutLoss ?? Number.NaN }];
}

/** Every setting trained to the end, where trainings are too short to be compared before. */
async function eachTrained(bout: Bout, flags: readonly string[], grid: Grid): Promise<Found[]> {
  const settings = grid.reduce<string[][]>(
    (all, [name, values]) =>
      all.flatMap((one) => values.map((value) => [...one, `--${name}`, String(value)])),
    [[]],
  );
  const found: Found[] = [];
  for (const [i, varied] of settings.entries()) {
    const one = { ...bout, folder: path.join(bout.folder, String(i)) };
    const learned = await trained(one, [...flags, ...varied]);
    const loss = (learned.settings as { heldOutLoss?: number | null }).heldOutLoss ?? Number.NaN;
    found.push({ ...learned, cost: learned.cost!, loss });
  }
  return found;
}

/** Of commands one after the other. */
function summed(costs: readonly Cost[]): Cost {
  const sum = (of: (cost: Cost) => number | undefined) =>
    costs.reduce((total, cost) => total + (of(cost) ?? Number.NaN), 0);
  const [processorSeconds, wattHours] = [sum((one) => one.processorSeconds), sum((one) => one.wattHours)];
  return {
    seconds: sum(({ seconds }) => seconds),
    ...(processorSeconds > 0 && {
      processorSeconds,
      peakBytes: Math.max(...costs.map(({ peakBytes = 0 }) => peakBytes)),
    }),
    ...(wattHours >= 0 && { wattHours }),
    load: [costs[0]!.load[0], costs.at(-1)!.load[1]],
  };
}

function valuesOf(flags: readonly string[]): Record<string, number> {
  const given = new Map(pairsOf(flags).map(([name, value]) => [name.slice(2), Number(value)]));
  return {
    learningRate: given.get('learning-rate')!,
    epochs: given.get('epochs')!,
    rank: given.get('rank')!,
    warmupRatio: given.get('warmup-ratio')!,
    weightDecay: given.get('weight-decay')!,
    tokensPerStep: given.get('tokens-per-micro-batch')! * given.get('gradient-accumulation')!,
  };
}

/** A peer reads what is asked of it from a file. */
async function python(bout: Bout, script: string, args: readonly string[], asked: object) {
  const file = path.join(bout.folder, 'asked.json');
  fs.writeFileSync(file, JSON.stringify(asked));
  const { said, cost } = await metered(bout.python!, [path.join(PEERS, script), ...args, file]);
  return { result: objectsIn(said).at(-1), cost };
}

async function trl(bout: Bout, ours: Record<string, number> | null): Promise<Learned> {
  const { train, seed, threads, task, work } = bout;
  const model = path.join(work, `${path.basename(bout.model)}-folder`);
  if (!fs.existsSync(path.join(model, 'config.json')))
    execFileSync(bout.python!, [path.join(PEERS, 'to_folder.py'), bout.model, model]);
  const out = path.join(bout.folder, 'adapter');
  const asked = { model, train, kind: task.kind, out, seed, threads, ours };
  const { result, cost } = await python(bout, 'trl_task.py', [], asked);
  const { settings, versions, ...figures } = result as Required<Pick<Learned, 'settings' | 'versions'>>;
  return { cost, judge: { adapter: out }, settings: { ...settings, ...figures }, versions };
}

async function withVectors(bout: Bout): Promise<Learned> {
  const { task, seed, threads, vectors } = bout;
  if (!vectors) throw new Error('Give --vectors FOLDER, the folder of a sentence model.');
  const [taught, asked] = [rowsOf(bout.train), rowsOf(bout.test)];
  // texts have no labels: the nearest row answers
  const columns = task.kind === 'text' ? [] : labelColumns(task.kind, taught);
  const { result, cost } = await python(bout, 'frozen_vectors.py', [vectors], {
    taught: taught.map(({ prompt }, row) => ({
      text: prompt,
      labels: Object.fromEntries(columns.map(({ name, labels }) => [name, labels[row]])),
    })),
    asked: asked.map(({ prompt }) => prompt),
    ...{ seed, threads },
  });
  const { said, nearest, versions } = result as {
    readonly said: Readonly<Record<string, readonly string[]>>;
    readonly nearest: readonly number[];
    readonly versions: Readonly<Record<string, string>>;
  };
  const answers =
    task.kind === 'text'
      ? nearest.map((row) => taught[row]!.answer)
      : joined(
          task.kind,
          Object.entries(said).map(([name, labels]) => ({ name, labels })),
        );
  const slots = slotsOfRows(task.kind, taught);
  return { cost, versions, scores: scoresOf(task.kind, answers, asked, slots) };
}
