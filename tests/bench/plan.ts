/**
 * What the planner predicts against what runs take: peak resident memory and the time of a step, each run in a process of its own.
 * Memory from the graphs alone; time after the benchmark, and after two of the runs, for every two of them (learned.ts). Run
 * `npm run bench:plan [-- --rounds 3 --steps 8 --only 45M --plain --ways --keep FILE]`; it writes a row for each configuration and the errors at the
 * end, and keeps what was measured in FILE. A computer that shares its processor with others is not the same from one minute to the next: with
 * several rounds the benchmark and all but the ways to need less memory are measured so often, and medians are compared; how far the rounds lie
 * apart is told beside. One round takes a third of the time, and says a third as much.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { PlanEstimate, Rates } from '../../common/api/contract.ts';
import type { DoneEvent } from '../../common/protocol/protocol.ts';
import { trainHere } from '../../main/app/train-here.ts';
import { parseRunConfig, type RunConfig } from '../../main/engine/config/config.ts';
import { livePlanner } from '../../main/engine/session/planner/planner.ts';
import { middleFlops } from '../../main/hardware/measure.ts';
import { estimate, type Grounds } from '../../main/plan/estimate.ts';
import { peakMemory } from '../../main/plan/peak-memory.ts';
import { runSeconds } from '../../main/plan/run-time.ts';
import { openEngineCalls } from '../../main/runs/engine-calls.ts';
import { forkChild } from '../../main/runs/fork.ts';
import * as extras from '../extras/bench.ts';
import type { BenchExtra } from '../extras/bench-extra.ts';
import { tableOfWays } from './learned.ts';
import { type ShapeName, writeModel, writeTexts } from './plan-models.ts';
import { apart, median, medianOf } from './rounds.ts';

interface Case {
  readonly model: ShapeName;
  readonly method: 'lora' | 'qlora' | 'full';
  /** Tokens of a row, and rows of a micro-batch. */
  readonly length: number;
  readonly rows: number;
  /** What it does besides to need less memory, by the names of its configuration; the files are bfloat16 where weights rest in 16 bits. */
  readonly way?: Readonly<Record<string, unknown>>;
}

/** Three sizes, both methods, lengths of 128 to 1,024 and micro-batches of 1 to 8 rows. */
const CASES: readonly Case[] = (
  [
    ...[
      ['4M', 'lora', 128, 8],
      ['4M', 'lora', 1024, 1],
      ['4M', 'lora', 256, 4],
      ['4M', 'lora', 512, 4],
    ],
    ...[
      ['4M', 'full', 128, 4],
      ['4M', 'full', 512, 2],
      ['4M', 'full', 1024, 2],
    ],
    ...[
      ['45M', 'lora', 128, 1],
      ['45M', 'lora', 256, 4],
      ['45M', 'lora', 512, 2],
      ['45M', 'lora', 1024, 1],
    ],
    ...[
      ['45M', 'full', 128, 4],
      ['45M', 'full', 512, 1],
      ['45M', 'full', 1024, 1],
    ],
    ...[
      ['135M', 'lora', 128, 1],
      ['135M', 'lora', 128, 8],
      ['135M', 'lora', 512, 1],
      ['135M', 'full', 128, 2],
      ['135M', 'full', 512, 1],
    ],
  ] as const
).map(([model, method, length, rows]) => ({ model, method, length, rows }) as Case);

/** The ways to need less memory, each for a model of the middle or the largest size. */
const WAYS: readonly Case[] = [
  { model: '45M', method: 'qlora', length: 256, rows: 4, way: { bits: 4 } },
  { model: '45M', method: 'qlora', length: 512, rows: 1, way: { bits: 8 } },
  { model: '135M', method: 'qlora', length: 512, rows: 1, way: { bits: 4 } },
  { model: '135M', method: 'qlora', length: 128, rows: 4, way: { bits: 4, quant: 'nf4' } },
  { model: '135M', method: 'lora', length: 512, rows: 1, way: { bits: 16 } },
  { model: '45M', method: 'lora', length: 1024, rows: 1, way: { recompute: 'attention' } },
  { model: '135M', method: 'lora', length: 512, rows: 2, way: { recompute: 'block' } },
  { model: '135M', method: 'qlora', length: 512, rows: 2, way: { bits: 4, recompute: 'half' } },
  { model: '135M', method: 'full', length: 256, rows: 1, way: { optimizer: 'adamw-8bit' } },
  { model: '135M', method: 'full', length: 256, rows: 1, way: { masterBits: 16 } },
  ...Object.values<BenchExtra>(extras)
    .flatMap(({ plannedWays }) => plannedWays ?? [])
    .map((way): Case => ({ model: '135M', method: 'full', length: 256, rows: 1, way })),
];

/** Processor time of the whole machine that others took from this bench: a host's other guests, other programs. */
interface Disturbance {
  /** Shares of the cores' time. */
  readonly stolen: number;
  readonly others: number;
}

interface Outcome {
  readonly disturbance: Disturbance | null;
  readonly about: Case;
  readonly estimate: PlanEstimate;
  readonly done: DoneEvent;
}

/** Steps are taken for so long, as predicted, and at least so many: the first ones, on memory that none has used before, take up to twice as long. */
const SECONDS_OF_STEPS = 5;
const STEPS = { fewest: 6, most: 60 };
const HELD_OUT_ROWS = 4;

const HEAD =
  'model way                rows x tokens   peak MB  predicted  error    step ms  predicted  error   stolen, others';

const { values } = parseArgs({
  options: {
    /** Of each run; else as many as fill some seconds. */
    steps: { type: 'string' },
    only: { type: 'string' },
    /** Without the ways to need less memory, or those alone. */
    plain: { type: 'boolean', default: false },
    ways: { type: 'boolean', default: false },
    /** How often it is measured, but for the ways to need less memory; errors are those of medians. */
    rounds: { type: 'string', default: '3' },
    keep: { type: 'string', default: path.join(os.tmpdir(), 'fettle-bench-plan.json') },
    threads: { type: 'string', default: '2' },
  },
});
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-plan-'));
try {
  await run();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function run(): Promise<void> {
  // in a process of its own, as the application measures
  const engine = openEngineCalls(forkChild);
  const measureNow = async () =>
    ({ ...(await engine.bench(folder, () => {})), measured: new Date().toISOString() }) as Rates;
  console.log(`${os.cpus()[0]?.model}, load ${os.loadavg()[0]!.toFixed(1)}\n`);
  const cases = [...(values.ways ? [] : CASES), ...(values.plain ? [] : WAYS)].filter(
    ({ model }) => values.only === undefined || model === values.only,
  );
  const rounds: { readonly rates: Rates; readonly outcomes: readonly Outcome[] }[] = [];
  const count = values.ways ? 1 : Number(values.rounds);
  for (let round = 0; round < count; round++) {
    const rates = await measureNow();
    console.log(HEAD);
    const outcomes: Outcome[] = [];
    for (const about of cases.filter(({ way }) => round === 0 || !way)) {
      const outcome = await measured(about, groundsOf(rates));
      outcomes.push(outcome);
      console.log(lineOf(outcome));
    }
    rounds.push({ rates, outcomes });
  }
  const afterwards = await measureNow();
  engine.close();
  const rates = medianOf(rounds.map((round) => round.rates));
  const grounds = groundsOf(rates);
  const all = rounds.flatMap((round) => round.outcomes);
  const outcomes = cases.map((about) =>
    merged(
      all.filter((one) => one.about === about),
      grounds,
    ),
  );
  const plain = outcomes.filter(({ about }) => !about.way);
  if (rounds.length > 1 && plain.length > 0) sayRounds(rounds, plain);
  if (plain.length > 0) summarise(plain, grounds);
  const ways = outcomes.filter(({ about }) => about.way);
  if (ways.length > 0) sayWays(ways, grounds, plain);
  const change = middleFlops(afterwards) / middleFlops(rounds[0]!.rates);
  console.log(`Matrix products at the end ran at ${change.toFixed(2)} times the speed of the beginning.`);
  keep({ rates, afterwards, runs: outcomes, rounds: rounds.length > 1 ? rounds : undefined });
  if (plain.length > 2) console.log(`\n${tableOfWays(plain, rates.devices[0]!).join('\n')}`);
  console.log(`\nKept in ${values.keep}.`);
}

function groundsOf(rates: Rates): Grounds {
  return {
    ...{ rates, platform: process.platform, probe: null, watts: null, pricePerKwh: 0 },
    residuals: { memory: [], step: [] },
  };
}

/** What was measured, without what can be computed from it again. */
function keep(all: Readonly<Record<string, unknown>>): void {
  const about = { processor: os.cpus()[0]?.model, load: os.loadavg()[0] };
  const withoutEstimates = (key: string, value: unknown) => (key === 'estimate' ? undefined : value);
  fs.writeFileSync(values.keep, JSON.stringify({ ...about, ...all }, withoutEstimates));
}

/** The same run in several rounds: medians, beside what is predicted by the median speeds. */
function merged(rounds: readonly Outcome[], grounds: Grounds): Outcome {
  const [first] = rounds as [Outcome];
  if (rounds.length === 1) return first;
  const done: DoneEvent = {
    ...first.done,
    stepSeconds: median(rounds.map(({ done }) => done.stepSeconds!)),
    peakRssBytes: median(rounds.map(({ done }) => done.peakRssBytes)),
  };
  return { ...first, done, estimate: estimate(done.price!, grounds) };
}

/** How far the rounds lie apart, which no formula can predict, and the medians that the errors below are of. */
function sayRounds(
  rounds: readonly { readonly outcomes: readonly Outcome[] }[],
  outcomes: readonly Outcome[],
): void {
  console.log(`\nMedians of ${rounds.length} rounds\n${HEAD}`);
  for (const outcome of outcomes) console.log(lineOf(outcome));
  const ofPlain = rounds.map((round) => round.outcomes.filter(({ about }) => !about.way));
  const say = (what: string, of: (outcome: Outcome) => number) => {
    const { mean, worst } = apart(ofPlain.map((round) => round.map(of)));
    console.log(
      `${what} of the same run differs between two rounds by ${percent(mean)} in the mean, ${percent(worst)} at most.`,
    );
  };
  say('The step', ({ done }) => done.stepSeconds!);
  say('What is predicted of the step', ({ estimate }) => estimate.stepSeconds!.value);
  say('The peak', ({ done }) => done.peakRssBytes);
  ofPlain.forEach((round, i) => {
    sayErrors(`Round ${i + 1}, step after its benchmark`, round, stepOf);
  });
}

async function measured(about: Case, grounds: Grounds): Promise<Outcome> {
  const { model: name, method, length, rows, way = {} } = about;
  const isHalf = way.bits === 16;
  const model = path.join(folder, isHalf ? `${name} in 16 bits` : name);
  if (!fs.existsSync(model)) await writeModel(model, name, isHalf ? 'bf16' : 'f32');
  const data = writeTexts(path.join(folder, 'rows.jsonl'), rows * (STEPS.most + 2) + 4, length);
  const out = path.join(folder, 'run');
  fs.rmSync(out, { recursive: true, force: true });
  const configOf = (maxSteps: number): RunConfig =>
    parseRunConfig({
      ...{ model, data, out, method, maxLength: length, tokensPerMicroBatch: length * rows, maxSteps },
      ...{ assess: false, heldOut: HELD_OUT_ROWS, evalEvery: 1000, logEvery: 1 },
      threads: Number(values.threads),
      ...way,
    });
  const stop = new AbortController().signal;
  const predicted = await livePlanner.plan(configOf(STEPS.fewest), { emit: () => {}, stop });
  const seconds = estimate(predicted, grounds).stepSeconds?.value ?? Number.POSITIVE_INFINITY;
  const filling = Math.min(STEPS.most, Math.max(STEPS.fewest, Math.ceil(SECONDS_OF_STEPS / seconds)));
  const config = configOf(Number(values.steps ?? filling));
  const before = processorTime();
  const done = (await trainHere({ config, resume: false, stop, emit: () => {} })) as DoneEvent;
  return { about, estimate: estimate(predicted, grounds), done, disturbance: disturbanceSince(before) };
}

interface ProcessorTime {
  readonly all: number;
  readonly busy: number;
  readonly stolen: number;
  /** Of this process and of its children that have ended, in the same unit: hundredths of a second. */
  readonly own: number;
}

/** What the kernel has counted so far; null where it does not (only Linux). */
function processorTime(): ProcessorTime | null {
  if (process.platform !== 'linux') return null;
  const [, ...counts] = fs.readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/);
  const [user, nice, system, idle, wait, interrupts, soft, stolen] = counts.map(Number) as number[];
  const busy = user! + nice! + system! + interrupts! + soft!;
  const fields = fs
    .readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0);
  return { all: busy + idle! + wait! + stolen!, busy, stolen: stolen!, own };
}

function disturbanceSince(before: ProcessorTime | null): Disturbance | null {
  const now = processorTime();
  if (!before || !now) return null;
  const all = now.all - before.all;
  return {
    stolen: (now.stolen - before.stolen) / all,
    others: Math.max(0, now.busy - before.busy - (now.own - before.own)) / all,
  };
}

function errorOf(predicted: number, real: number): number {
  return predicted / real - 1;
}

function percent(share: number): string {
  return `${share < 0 ? '-' : '+'}${Math.abs(100 * share).toFixed(1)} %`;
}

function lineOf({ about, estimate: { peakRamBytes, stepSeconds }, done, disturbance }: Outcome): string {
  const { model, length, rows } = about;
  const mb = (bytes: number) => Math.round(bytes / 1e6).toString();
  const ms = (seconds: number) => Math.round(1000 * seconds).toString();
  const step = done.stepSeconds ?? Number.NaN;
  return [
    ...[model.padEnd(5), wayOf(about).padEnd(18), `${rows} x ${length}`.padStart(12)],
    ...[mb(done.peakRssBytes).padStart(9), mb(peakRamBytes.value).padStart(9)],
    percent(errorOf(peakRamBytes.value, done.peakRssBytes)).padStart(8),
    ...[ms(step).padStart(9), ms(stepSeconds?.value ?? Number.NaN).padStart(9)],
    percent(errorOf(stepSeconds?.value ?? Number.NaN, step)).padStart(8),
    disturbance ? `   ${percent(disturbance.stolen)}, ${percent(disturbance.others)}` : '',
  ].join(' ');
}

/** `qlora 4 nf4`, `full block true`. */
function wayOf({ method, way = {} }: Case): string {
  return [method, ...Object.values(way)].join(' ').replace('true', 'layers');
}

/** The figures of the ways to need less memory, and once the same two runs of the others have been learned from. */
function sayWays(ways: readonly Outcome[], grounds: Grounds, plain: readonly Outcome[]): void {
  const learned = predictedAfter(teachersAmong(plain), ways, grounds);
  sayErrors('The ways to need less, memory', ways, memoryOf);
  sayErrors('The ways to need less, step after the benchmark', ways, stepOf);
  if (learned.length > 0) sayErrors('The ways to need less, step after two runs', learned, stepOf);
}

function summarise(outcomes: readonly Outcome[], grounds: Grounds): void {
  const teachers = teachersAmong(outcomes);
  const others = outcomes.filter((one) => !teachers.includes(one));
  const learned = predictedAfter(teachers, others, grounds);
  sayErrors('Memory, from the graphs alone', outcomes, memoryOf);
  sayErrors('Memory, after two runs', learned, memoryOf);
  sayErrors('Step, after the benchmark', outcomes, stepOf);
  sayErrors('Step, after two runs', learned, stepOf);
}

function memoryOf({ estimate: { peakRamBytes }, done }: Outcome): Pair {
  return [peakRamBytes, done.peakRssBytes];
}

function stepOf({ estimate: { stepSeconds }, done }: Outcome): Pair {
  return [stepSeconds!, done.stepSeconds!];
}

/** Two runs of the list to learn from, a small and a middling one; what other pairs give is told below. */
function teachersAmong(outcomes: readonly Outcome[]): readonly Outcome[] {
  const places = [Math.floor(outcomes.length / 4), Math.floor(outcomes.length / 2)];
  return outcomes.length < 3 ? [] : places.map((place) => outcomes[place]!);
}

/** What the planner says of `others` once it has learned from `teachers`; nothing without any. */
function predictedAfter(
  teachers: readonly Outcome[],
  others: readonly Outcome[],
  grounds: Grounds,
): readonly Outcome[] {
  if (teachers.length === 0) return [];
  const device = grounds.rates!.devices[0]!;
  const residuals = {
    memory: teachers.map(({ done }) => ({
      predicted: peakMemory(done.price!).residentBytes,
      measured: done.peakRssBytes,
    })),
    step: teachers.map(({ done }) => ({
      predicted: runSeconds(done.price!, device).step,
      measured: done.stepSeconds!,
    })),
  };
  return others.map(({ about, done }) => ({
    ...{ about, done, disturbance: null },
    estimate: estimate(done.price!, { ...grounds, residuals }),
  }));
}

type Pair = readonly [figure: { value: number; low: number; high: number }, real: number];

function sayErrors(what: string, outcomes: readonly Outcome[], pairOf: (outcome: Outcome) => Pair): void {
  const pairs = outcomes.map(pairOf);
  const errors = pairs.map(([{ value }, real]) => Math.abs(errorOf(value, real)));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const inside = pairs.filter(([{ low, high }, real]) => real >= low && real <= high).length;
  console.log(
    `${what}: mean error ${(100 * mean).toFixed(1)} %, worst ${(100 * Math.max(...errors)).toFixed(1)} %, ${inside} of ${pairs.length} inside the range`,
  );
}
