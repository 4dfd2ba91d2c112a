/** Runs of the bundled practice model on its own sample: the first run, the lessons, and the demo of the command line. */

import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Job, RunRequest } from '../../common/api/contract.ts';
import { AppError, internal } from '../../common/errors.ts';
import type {
  AssessResult,
  CallEvent,
  DoctorReport,
  DoneEvent,
  EngineEvent,
  ExportResult,
  RunPlan,
} from '../../common/protocol/protocol.ts';
import { PRACTICE_ID, SAMPLES } from '../../common/settings/suits.ts';
import { say } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { freeMemory } from '../hardware/facts.ts';
import { resourcesFolder, toBundledPath } from '../paths.ts';
import { train } from './jobs.ts';
import type { Parts } from './parts.ts';
import { trainHere } from './train-here.ts';
import { workHere } from './work-here.ts';

const SAMPLE = 'support-messages';
const sampleFile = (ending: string) => path.join(resourcesFolder(), 'samples', `${SAMPLE}${ending}.jsonl`);

/** The sample's files, with what its rows are to be read with. */
export function practiceRows() {
  return { data: sampleFile(''), evalData: sampleFile('.held-out'), system: SAMPLES[SAMPLE]!.system! };
}

/** The first lines of the sample's first desks, as many of each, in their order. */
export function firstOf(sample: string, rows: number, topics: number): string[] {
  const lines = sample.split('\n').filter(Boolean);
  const byDesk = Map.groupBy(lines, deskOf);
  const desks = [...byDesk.values()].slice(0, topics);
  // what can't be split evenly goes to the first ones
  const kept = new Set(
    desks.flatMap((desk, place) =>
      desk.slice(0, Math.floor(rows / topics) + (place < rows % topics ? 1 : 0)),
    ),
  );
  return lines.filter((line) => kept.has(line));
}

/** The topic of a row of the sample. */
export function deskOf(line: string): string {
  const { messages } = JSON.parse(line) as { messages: readonly { content: string }[] };
  return (JSON.parse(messages.at(-1)!.content) as { desk: string }).desk;
}

/**
 * What every run of it has. The best weights would hide what the last ones have become, and so small a model
 * answers everything in seconds: its figures need not depend on the computer's speed.
 */
const COMMON = { maxLength: 256, keepBest: false, thorough: true };

/** What docs/log/practice-model.md found good for this model and these rows; a fourth pass teaches it no more. */
export const GOOD_SETTINGS = {
  ...COMMON,
  method: 'full',
  epochs: 3,
  // without it what the model knew before suffers a little
  replay: 0.2,
  learningRate: 2e-4,
  // as a plan chooses for so few steps
  warmupRatio: 0.05,
  evalEvery: 40,
};

/** A run of it with these settings on top of what every one has. */
export interface PracticeRun {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** A file with other rows than the sample's. */
  readonly rows?: string;
  readonly prompts?: string[];
  readonly tags?: readonly string[];
}

/** Puts runs of the practice model into the queue. Throws `AppError('no-model')` where it is missing. */
export async function trainPractice(parts: Parts, runs: readonly PracticeRun[]): Promise<Job[]> {
  if (!parts.store.models.find(PRACTICE_ID)?.available)
    throw new AppError(
      'no-model',
      say`The practice model that comes with Fettle is missing.`,
      say`Install Fettle again.`,
    );
  const { data, evalData, system } = practiceRows();
  const jobs: Job[] = [];
  for (const { name, settings, rows = data, prompts = [], tags = [] } of runs) {
    const request: RunRequest = {
      name,
      prompts,
      modelId: PRACTICE_ID,
      data: { paths: [rows], system },
      evalPaths: [evalData],
      settings: { ...COMMON, ...settings },
    };
    jobs.push(await train(parts, { request, tags }));
  }
  return jobs;
}

/** The first run of a new user: one that learns. While it trains, it answers a message it has not seen. */
export async function firstRun(parts: Parts): Promise<Job> {
  const [job] = await trainPractice(parts, [
    {
      name: say`First try: sort support messages`,
      settings: GOOD_SETTINGS,
      prompts: ['My parcel was due on Monday and it still has not come. Where is it?'],
    },
  ]);
  return job!;
}

/** The settings of the demo's run: the first run of a new user. */
export function demoSettings(out: string) {
  const model = path.join(resourcesFolder(), 'practice-model');
  return { model, ...practiceRows(), ...GOOD_SETTINGS, out };
}

/** What the demo's run will meet. */
export interface Computer {
  readonly processor: string;
  readonly threads: number;
  readonly freeMemory: number;
  readonly totalMemory: number;
  readonly freeDisk: number;
  /** Floating point operations per second of matrix products, measured. */
  readonly rate: number;
}

/** The exported file, and what llama.cpp said with it. */
export interface Exported {
  readonly exported: ExportResult;
  readonly asked: string;
  readonly answer: string;
}

interface DemoIo {
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
  /** Hears of each stage of the demo, once it is over; `training`: before it begins. */
  readonly on: {
    computer(found: Computer): void;
    data(report: DoctorReport): void;
    plan(plan: RunPlan): void;
    training(): void;
    assessment(result: AssessResult): void;
    exported(one: Exported): void;
  };
}

export interface DemoResult extends Exported {
  readonly data: DoctorReport;
  readonly done: DoneEvent;
  readonly assessment: AssessResult;
}

/** The demo with the run of `config`: from the data to an export that llama.cpp answers with; null where the person stopped it. */
export async function demoHere(config: RunConfig, { stop, emit, on }: DemoIo): Promise<DemoResult | null> {
  const { data: rows, evalData, model, maxLength, epochs, out, threads, system } = config;
  const io = { stop, emit: (event: CallEvent) => 'event' in event && emit(event) };
  const { rate, freeDisk } = await workHere('speed', config, { stop });
  const processor = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = { freeMemory: await freeMemory.settled(), totalMemory: os.totalmem() };
  on.computer({ processor, threads, ...memory, freeDisk, rate });
  const [data, plan] = await Promise.all([
    workHere('check', { data: rows, evalData, model, maxLength, epochs }, io),
    workHere('plan', config, { stop }),
  ]);
  on.data(data);
  on.plan(plan);
  on.training();
  const done = await trainHere({ config, resume: false, stop, emit });
  if (done.event !== 'done') return null;
  const written = await readFile(path.join(out, 'assessment.json'), 'utf8');
  const assessment = JSON.parse(written, toBundledPath) as AssessResult;
  on.assessment(assessment);
  const { asked } = await practiceExample();
  const gguf = path.join(path.dirname(out), 'support-sorter.gguf');
  const exported = await workHere('export', { run: out, as: 'gguf', type: 'f16', out: gguf }, io);
  const question = { file: exported.out, system, prompt: asked, threads, maxNewTokens: 48 };
  const answer = await workHere('askGguf', question, { stop });
  on.exported({ exported, asked, answer });
  return { data, done, assessment, exported, asked, answer };
}

/** A message, and what the sample wants as its answer. */
export interface PracticeExample {
  readonly asked: string;
  readonly wanted: string;
}

/** The first of the independently written messages: the demo shows it at its beginning and asks it at its end. */
export async function practiceExample(): Promise<PracticeExample> {
  const { evalData } = practiceRows();
  const [line = ''] = (await readFile(evalData, 'utf8')).split('\n');
  const { messages } = JSON.parse(line) as { messages: readonly { role: string; content: string }[] };
  const contentOf = (by: string) => messages.find(({ role }) => role === by)?.content;
  const [asked, wanted] = [contentOf('user'), contentOf('assistant')];
  if (asked === undefined || wanted === undefined)
    throw internal(`${evalData} begins with a row without a question or an answer`);
  return { asked, wanted };
}
