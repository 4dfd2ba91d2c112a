/**
 * How quickly the plan step answers a change of a setting, as the page asks for it, through the real API, store and planner process:
 * first the figures of the chosen method, then those of the best settings where the first were not known to be so, then the proposal for all; and first answers to changes in the midst of a proposal. For the practice model with the sample data, and for models of
 * the shapes of Mistral 7B and Llama 3.1 8B with 500 rows. Beside the time on the clock stands what the main threads of all processes computed, which
 * on a busy computer is what a quiet one would take (Linux alone). Run `npm run bench:plan-live [-- --repeats 3]`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { call } from '@orpc/server';
import type { PlanMethod } from '../../common/api/contract.ts';
import { apiRouter } from '../../main/api/api.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { readCatalog, withLocal } from '../../main/hub/catalog.ts';
import { Rng, streamSeed } from '../../main/rows/rng.ts';
import { openEngineCalls } from '../../main/runs/engine-calls.ts';
import type { EngineLink } from '../../main/runs/engine-link.ts';
import { forkChild } from '../../main/runs/fork.ts';
import { SOON_MS } from '../../renderer/steps/plan/plan-step.ts';
import { madeUpRates } from '../helpers/rates.ts';
import { addModel, type TestParts, testParts } from '../helpers/test-parts.ts';
import { CONFIGS, LLAMA_8B, writeHollowModel } from './hollow-model.ts';

const { values } = parseArgs({ options: { repeats: { type: 'string', default: '2' } } });
const RESOURCES = path.join(import.meta.dirname, '..', '..', 'resources');
const ROWS = 500;
/** Within which a change should be answered. */
const WANTED_MS = 100;

type Settings = Record<string, unknown>;
interface Taken {
  readonly ms: number;
  readonly computedMs: number;
}
interface Answer {
  readonly kind: string;
  /** Until the figures of the chosen method are there, and until the proposal is, too. */
  readonly first: Taken;
  readonly whole: Taken | null;
  /** Whether the first answer was known to be the best, and whether it stayed. */
  readonly isBest: boolean;
  readonly stayed: boolean;
}

/** Changes by what they change; each value is asked once, for one that was asked before is known. */
const CHANGES: Readonly<Record<string, readonly Settings[]>> = {
  'learning rate': [1e-5, 3e-5, 5e-5, 1e-4, 3e-4, 5e-4, 1e-3].map((learningRate) => ({ learningRate })),
  epochs: [1, 2, 5, 6, 8, 10].map((epochs) => ({ epochs })),
  rank: [4, 6, 12, 24, 32, 48, 64].map((rank) => ({ 'lora.rank': rank })),
  batch: [1, 2, 3, 5, 6, 8].map((gradientAccumulation) => ({ gradientAccumulation })),
  'tokens at once': [1100, 1500, 2048, 3000, 4096].map((tokensPerMicroBatch) => ({ tokensPerMicroBatch })),
  length: [96, 160, 200, 320, 400, 512, 700, 900].map((maxLength) => ({ maxLength })),
  'held out': [0.05, 0.15, 0.2, 0.25].map((heldOut) => ({ heldOut })),
  method: ['lora', 'full'].map((method) => ({ method })),
};
/** Changes while the proposal for the one before is being worked out: its graphs are new as well. */
const HURRIED = 'in its midst';
const HURRIED_CHANGES: readonly Settings[] = [5, 10, 20, 40, 80].map((rank) => ({ 'lora.rank': rank }));
const HURRIED_AFTER_MS = 40;

const catalog = async () => withLocal(await readCatalog(RESOURCES), []);

interface Case {
  readonly name: string;
  readonly model: string;
  readonly parameters: number;
  readonly data: string;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-plan-live-'));
process.env.FETTLE_HOME = path.join(folder, 'home');
try {
  console.log(
    `${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, load ${os.loadavg()[0]!.toFixed(1)}, times in ms`,
  );
  for (const about of casesIn(folder)) await measure(about);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

function casesIn(at: string): Case[] {
  const rows = writeRowsOfAllLengths(path.join(at, 'rows.jsonl'));
  const hollow = (name: string, config: JsonObject, parameters: number): Case => ({
    ...{ name, model: writeHollowModel(path.join(at, name), config), parameters, data: rows },
  });
  const samples = path.join(RESOURCES, 'samples', 'support-messages.jsonl');
  const practice = path.join(RESOURCES, 'practice-model');
  return [
    { name: 'practice model', model: practice, parameters: 4_196_608, data: samples },
    hollow('7B', CONFIGS['mistral-7b'], 7_248_023_552),
    hollow('8B', LLAMA_8B, 8_030_261_248),
  ];
}

/** Questions of 20 to some 1,200 tokens with answers, most of them short. */
function writeRowsOfAllLengths(file: string): string {
  const rng = Rng.fromSeed(streamSeed(7, 'plan', 'live'));
  const words = 'the parcel came late and one cup was broken so please tell me what to do now'.split(' ');
  const text = (count: number) =>
    Array.from({ length: count }, () => words[Math.floor(rng.uniform() * words.length)]).join(' ');
  const row = () => ({
    prompt: text(15 + 1000 * rng.uniform() ** 3),
    completion: text(5 + 60 * rng.uniform()),
  });
  fs.writeFileSync(file, Array.from({ length: ROWS }, () => `${JSON.stringify(row())}\n`).join(''));
  return file;
}

async function measure(about: Case): Promise<void> {
  const links: EngineLink[] = [];
  const engine = openEngineCalls(() => {
    const link = forkChild();
    links.push(link);
    return link;
  });
  const parts = await testParts({
    hub: { catalog },
    engine: {
      ...engine,
      bench: async () => madeUpRates(1e11),
    },
  });
  try {
    const ask = asker(parts, about);
    const clock = () => {
      const [computed, start] = [computedMs(links), performance.now()];
      return (): Taken => ({ ms: performance.now() - start, computedMs: computedMs(links) - computed });
    };
    const timed = async (kind: string, settings: Settings): Promise<Answer> => {
      const taken = clock();
      const soon = await ask.chosen(settings, SOON_MS);
      const first = taken();
      const { isBest } = soon;
      const best = isBest ? soon : await ask.chosen(settings);
      await ask.proposal(settings);
      const stayed = JSON.stringify(best.planned.settings) === JSON.stringify(soon.planned.settings);
      return { kind, first, whole: taken(), isBest, stayed };
    };
    const hurried = async (settings: Settings): Promise<Answer> => {
      await ask.cutShort({ ...settings, seed: 1 + Number(settings['lora.rank']) });
      const taken = clock();
      const { isBest } = await ask.chosen(settings, SOON_MS);
      return { kind: HURRIED, first: taken(), whole: null, isBest, stayed: true };
    };
    const taken = clock();
    await ask.proposal({});
    await ask.chosen({});
    const opening = taken();
    const answers: Answer[] = [];
    for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
      // another seed makes each round new to the cache of plans
      const seed = repeat > 0 ? { seed: repeat } : {};
      for (const [kind, changes] of Object.entries(CHANGES))
        for (const change of changes) answers.push(await timed(kind, { ...change, ...seed }));
    }
    for (const change of HURRIED_CHANGES) answers.push(await hurried(change));
    report(about, opening, answers, links);
  } finally {
    engine.close();
    parts.remove();
  }
}

function asker({ parts, store, log }: TestParts, { model, parameters, data }: Case) {
  const router = apiRouter(parts, log);
  const entry = { ...addModel(store), path: model, parameters };
  store.models.save(entry);
  const rows = { modelId: entry.id, data: { paths: [data] } };
  let recommended: PlanMethod = 'lora';
  const proposal = async (settings: Settings, signal?: AbortSignal) => {
    const found = await call(router.plan.propose, { ...rows, settings } as never, signal && { signal });
    recommended = found.recommended ?? recommended;
  };
  return {
    proposal,
    chosen: (settings: Settings, soonMs?: number) => {
      const method = settings.method ?? recommended;
      return call(router.plan.chosen, { ...rows, settings, method, ...(soonMs && { soonMs }) } as never);
    },
    /** A proposal that is given up while its figures are being worked out. */
    async cutShort(settings: Settings) {
      const change = new AbortController();
      const given = proposal({ ...settings, 'lora.rank': 1 + Number(settings['lora.rank']) }, change.signal);
      await setTimeout(HURRIED_AFTER_MS);
      change.abort();
      await given.catch(() => {});
    },
  };
}

function report(
  { name }: Case,
  opening: Taken,
  answers: readonly Answer[],
  links: readonly EngineLink[],
): void {
  console.log(
    `\n${name}: opening ${opening.ms.toFixed(0)}, computed ${opening.computedMs.toFixed(0)}; then median, 95th percentile, most`,
  );
  const columns = ['first', 'computed', 'whole', 'computed'].map((title) => title.padStart(20)).join('');
  console.log(`${''.padEnd(16)} answers${columns}   first over 100 ms, not proven, changed later`);
  for (const kind of [...Object.keys(CHANGES), HURRIED])
    line(
      kind,
      answers.filter((one) => one.kind === kind),
    );
  line('all', answers);
  console.log(
    `processes: ${links.map(({ pid }) => `${(residentBytes(pid) / 1e6).toFixed(0)} MB`).join(', ')}`,
  );
}

function line(kind: string, answers: readonly Answer[]): void {
  const wholes = answers.map(({ whole }) => whole).filter((whole) => whole !== null);
  const firsts = answers.map(({ first }) => first);
  const columns = [firsts, wholes].flatMap((taken) => [
    figures(taken.map(({ ms }) => ms)),
    figures(taken.map((one) => one.computedMs)),
  ]);
  const over = firsts.filter(({ ms }) => ms > WANTED_MS).length;
  const unproven = answers.filter(({ isBest }) => !isBest).length;
  const changed = answers.filter(({ stayed }) => !stayed).length;
  const counts = [over, unproven, changed].join(', ');
  console.log(`${kind.padEnd(16)} ${String(answers.length).padStart(7)}${columns.join('')}   ${counts}`);
}

/** Median, 95th percentile and the largest. */
function figures(values: readonly number[]): string {
  if (values.length === 0) return ''.padStart(20);
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return `  ${[at(0.5), at(0.95), at(1)].map((ms) => ms.toFixed(0).padStart(6)).join('')}`;
}

/** What the main threads of this process and of the engines have computed until now. */
function computedMs(links: readonly EngineLink[]): number {
  const { user, system } = process.threadCpuUsage();
  return links.reduce((sum, { pid }) => sum + schedulerMs(pid), (user + system) / 1000);
}

function schedulerMs(pid: number | undefined): number {
  try {
    return Number(fs.readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory of a process, on Linux. */
function residentBytes(pid: number | undefined): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}
