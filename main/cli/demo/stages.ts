/** What the demo runs at each stage: the ordinary jobs, with the settings and files that come with the repository. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { internal } from '../../../common/errors.ts';
import type { EngineEvent, ExportResult, RunPlan } from '../../../common/protocol/protocol.ts';
import {
  type DoctorConfig,
  parseDoctorConfig,
  parseExportConfig,
  parseRunConfig,
  type RunConfig,
} from '../../engine/config/config.ts';
import { resourcesFolder } from '../../paths.ts';

const RESOURCES = resourcesFolder();
const SAMPLES = path.join(RESOURCES, 'samples');
const MODEL = path.join(RESOURCES, 'practice-model');
const DATA = path.join(SAMPLES, 'support-messages.jsonl');
const HELD_OUT = path.join(SAMPLES, 'support-messages.held-out.jsonl');

/** The settings of the demo's run: those that docs/log.md found good for this model and these rows. */
export function demoConfig(out: string): RunConfig {
  return parseRunConfig({
    model: MODEL,
    data: DATA,
    evalData: HELD_OUT,
    out,
    system: 'Sort the messages of customers.',
    method: 'full',
    epochs: 4,
    learningRate: 2e-4,
    maxLength: 256,
    tokensPerMicroBatch: 512,
    evalEvery: 100,
    // the loss of a hundred short answers swings more from step to step than the answers do
    keepBest: false,
  });
}

/** The doctor's settings for the rows of a run. */
export function checkConfig({ data, evalData, model, maxLength, epochs }: RunConfig): DoctorConfig {
  return parseDoctorConfig({ data, evalData, model, maxLength, epochs });
}

export interface Computer {
  readonly processor: string;
  readonly threads: number;
  readonly freeMemory: number;
  readonly totalMemory: number;
  readonly freeDisk: number;
  /** Floating point operations per second of matrix products, measured. */
  readonly rate: number;
}

/** A short look at what the run will meet; the speed is measured for a second. */
export async function checkComputer(config: RunConfig): Promise<Computer> {
  const { measureSpeed } = await import('../../engine/session/session.ts');
  const { freeMemory } = await import('../../hardware/facts.ts');
  const { rate, freeDisk } = await measureSpeed(config);
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown processor',
    threads: config.threads,
    freeMemory: await freeMemory.settled(),
    totalMemory: os.totalmem(),
    freeDisk,
    rate,
  };
}

/** What the run will do and take, from the graph that will run. */
export async function planned(config: RunConfig, stop: AbortSignal): Promise<RunPlan> {
  const { plan } = await import('../../engine/session/session.ts');
  return plan(config, { emit: () => {}, stop });
}

/** The first message of the independently written ones. */
export async function question(): Promise<string> {
  const [line = ''] = (await readFile(HELD_OUT, 'utf8')).split('\n');
  const { messages } = JSON.parse(line) as { messages: readonly { role: string; content: string }[] };
  const asked = messages.find(({ role }) => role === 'user')?.content;
  if (asked === undefined) throw internal(`${HELD_OUT} begins with a row without a question`);
  return asked;
}

/** Exports the run to a GGUF file, which is proved on the way, and lets llama.cpp answer one question with it. */
export async function exportAndAsk(
  config: RunConfig,
  out: string,
  prompt: string,
  io: { emit(event: EngineEvent): void; readonly stop: AbortSignal },
): Promise<{ exported: ExportResult; answer: string }> {
  const { exportRun, askGguf } = await import('../../engine/session/session.ts');
  const exported = await exportRun(parseExportConfig({ run: config.out, as: 'gguf', type: 'f16', out }), io);
  const { system, threads } = config;
  const answer = await askGguf({ file: exported.out, system, prompt, threads, maxNewTokens: 48 });
  return { exported, answer };
}
