/**
 * `fettle demo`: the main job on what is in the repository. It runs the same code as check, train, assess and export do on
 * a person's own files, and says at each stage what was measured.
 */

import { mkdtemp, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { internal } from '../../../common/errors.ts';
import type {
  AssessResult,
  DoctorReport,
  DoneEvent,
  EngineEvent,
  ExportResult,
  RunPlan,
} from '../../../common/protocol/protocol.ts';
import { GOOD_SETTINGS, practiceRows } from '../../app/practice.ts';
import { trainHere } from '../../app/train-here.ts';
import {
  type DoctorConfig,
  parseDoctorConfig,
  parseExportConfig,
  parseRunConfig,
  type RunConfig,
} from '../../engine/config/config.ts';
import { resourcesFolder } from '../../paths.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { type Display, openDisplay } from '../display.ts';
import { EXIT } from '../exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import {
  assessmentLines,
  type Computer,
  closing,
  computerLines,
  dataLines,
  exportLines,
  planLines,
} from './words.ts';

export const command: Command = {
  usage: 'demo [flags]',
  about:
    'Teaches the bundled practice model to sort support messages: checks data, trains, compares, exports to GGUF and asks llama.cpp. ' +
    'Takes about half a minute.',
  examples: ['fettle demo'],
  flags: [JSON_FLAG, HELP_FLAG],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const json = args.values.get('json') === true;
  const display = openDisplay(streams, json);
  const interrupt = onInterrupt(() => display.note('Stopping. Press Ctrl-C again to end at once.'), {
    computesHere: true,
  });
  const say = (...lines: readonly string[]) => {
    if (!json) for (const line of lines) streams.out.write(`${line}\n`);
  };
  try {
    const out = await mkdtemp(path.join(os.tmpdir(), 'fettle-demo-'));
    const result = await demo({ display, say, stop: interrupt.stop, out });
    if (!result) return EXIT.interrupted;
    if (json) streams.out.write(`${JSON.stringify({ event: 'demo', ...summary(result) })}\n`);
    return hasWorked(result) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (interrupt.stop.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    display.close();
    interrupt.release();
  }
}

interface DemoParts {
  readonly display: Display;
  readonly stop: AbortSignal;
  /** A new folder for everything that the demo makes. */
  readonly out: string;
  say(...lines: readonly string[]): void;
}

interface DemoResult {
  readonly data: DoctorReport;
  readonly done: DoneEvent;
  readonly assessment: AssessResult;
  readonly exported: ExportResult;
  readonly answer: string;
}

/** All stages; null when the person stopped it. */
async function demo({ display, stop, out, say }: DemoParts): Promise<DemoResult | null> {
  const config = demoConfig(path.join(out, 'run'));
  const io = { emit: display.show, stop };
  const { checkData, readAssessment } = await import('../../engine/session/session.ts');
  say('Fettle demo: a very small model that can talk about a small world learns to sort support messages.');

  say('', '1. Check the computer', ...computerLines(await checkComputer(config)));

  const data = await checkData(checkConfig(config), io);
  say('', '2. Check the data', ...dataLines(data));

  say('', '3. Plan', ...planLines(await planned(config, stop)));

  say('', '4. Train, then ask before and after');
  const done = await trainHere({ config, resume: false, stop, emit: display.show });
  if (done.event !== 'done') return null;
  const assessment = await readAssessment(config.out);
  say('', '5. Did it learn? Did it forget?', ...assessmentLines(assessment));

  const asked = await question();
  const { exported, answer } = await exportAndAsk(config, path.join(out, 'support-sorter.gguf'), asked, io);
  display.close();
  say('', '6. Take it elsewhere', ...exportLines(exported, asked, answer));

  const result = { data, done, assessment, exported, answer };
  say('', ...closing(result.assessment, hasWorked(result)));
  return result;
}

/** Whether every stage did what it is there to show. */
function hasWorked({ assessment, exported }: DemoResult): boolean {
  return assessment.verdict.learned === 'yes' && exported.proof.equalAnswers === exported.proof.prompts;
}

/** What `--json` tells at the end. */
function summary({ data, done, assessment, exported, answer }: DemoResult) {
  const variant = (name: string) => assessment.answers?.variants.find((one) => one.variant === name);
  const quiz = assessment.forgetting?.quiz?.total;
  return {
    findings: data.findings.length,
    steps: done.steps,
    lossBefore: assessment.loss?.before.value,
    lossAfter: assessment.loss?.after.value,
    labelBefore: variant('before')?.labelRight?.value,
    labelAfter: variant('after')?.labelRight?.value,
    rightAfter: variant('after')?.right?.value,
    quizBefore: quiz?.before.value,
    quizAfter: quiz?.after.value,
    verdict: assessment.verdict.sentence,
    proof: exported.proof,
    answer,
    run: assessment.run,
    report: assessment.report,
    gguf: exported.out,
  };
}

/** The run of the demo: the first run of a new user. */
function demoConfig(out: string): RunConfig {
  const model = path.join(resourcesFolder(), 'practice-model');
  return parseRunConfig({ model, ...practiceRows(), ...GOOD_SETTINGS, out });
}

/** The doctor's settings for the rows of a run. */
function checkConfig({ data, evalData, model, maxLength, epochs }: RunConfig): DoctorConfig {
  return parseDoctorConfig({ data, evalData, model, maxLength, epochs });
}

/** A short look at what the run will meet; the speed is measured for a second. */
async function checkComputer(config: RunConfig): Promise<Computer> {
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
async function planned(config: RunConfig, stop: AbortSignal): Promise<RunPlan> {
  const { plan } = await import('../../engine/session/session.ts');
  return plan(config, { emit: () => {}, stop });
}

/** The first message of the independently written ones. */
async function question(): Promise<string> {
  const { evalData } = practiceRows();
  const [line = ''] = (await readFile(evalData, 'utf8')).split('\n');
  const { messages } = JSON.parse(line) as { messages: readonly { role: string; content: string }[] };
  const asked = messages.find(({ role }) => role === 'user')?.content;
  if (asked === undefined) throw internal(`${evalData} begins with a row without a question`);
  return asked;
}

/** Exports the run to a GGUF file, which is proved on the way, and lets llama.cpp answer one question with it. */
async function exportAndAsk(
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
