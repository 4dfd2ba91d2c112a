/**
 * What more rows would bring to a run of a language model: its own plan learns again from a quarter and from half of its rows, and all
 * three are asked the same test rows. What is done is kept in the run's folder, so that it continues where it was stopped.
 */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import { TRIES_FILES, TRIES_SHARES, type TriesResult } from '../../../../common/extras/tries/result.ts';
import type { DoneEvent, EngineEvent, ScoreName } from '../../../../common/protocol/protocol.ts';
import { madeOf } from '../../../../common/settings/table.ts';
import { parsedJson } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { inTemporaryFolder, requireWritable } from '../../../folders.ts';
import { lockRun } from '../../../locks.ts';
import { baseFormat, hasAdapter, RUN_FILE, type RunConfig } from '../../config/config.ts';
import { type GatheredRows, gatherRows } from '../../eval/assess/assess-rows.ts';
import { Subject } from '../../eval/assess/subject.ts';
import { forecastOf, isClose } from '../../eval/rivals/forecast.ts';
import { ADAPTER_FOLDER, loadAdapter, MODEL_FOLDER, NO_ADAPTER } from '../../load/adapter.ts';
import { type JobIo, type ReadyModel, withModel } from '../../load/ready-model.ts';
import { savedRun } from '../../load/saved-run.ts';
import type { CallIo } from '../../session/call-row.ts';
import { leadBy, measuredBy } from '../../tasks/registry.ts';
import { lengthsOfRun, readMetrics } from '../../train/run-folder.ts';
import { trainModel } from '../../train/train-model.ts';
import { judgedRows, MOST_TESTS } from './judged.ts';
import { PART_NAMES, PARTS, type PartName, partConfig, partsOf, type RunParts, writeParts } from './parts.ts';

export interface TriesAsked {
  readonly run: string;
  readonly threads?: number | undefined;
  /** Its base model, where that was moved. */
  readonly model?: string | undefined;
}

/** Fewer tell nothing. */
const LEAST = { rows: 40, tests: 10 };

type Learner = PartName | 'all';
const LEARNERS: readonly Learner[] = [...PART_NAMES, 'all'];

/** What is known so far; scores of each test row. */
interface Kept {
  readonly parts: RunParts;
  readonly score: ScoreName | null;
  readonly scores: Readonly<Partial<Record<Learner, readonly number[]>>>;
  readonly seconds: number;
}

interface Tries {
  readonly config: RunConfig;
  readonly folder: string;
  readonly io: JobIo;
  /** A part of all work, as the run's own training took it. */
  tell(part: Learner | 'rows', doing: string, fraction: number): void;
}

export async function triesOf(
  { run, threads, model }: TriesAsked,
  { emit, stop }: CallIo,
): Promise<TriesResult> {
  const saved = await savedRun(run);
  requireAnswers(saved);
  requireWritable(run);
  const done = await doneIn(run);
  const config = { ...saved, ...(threads && { threads }), model: model ?? saved.model };
  const folder = path.join(run, TRIES_FILES.folder);
  const lock = await lockRun(run, { stop });
  try {
    const io: JobIo = { stop, emit: (event) => event.event === 'warning' && emit(event) };
    const own = await planOf(config, done, run);
    const parts = await withBase(config, io, (base) => preparedParts(config, folder, base, io));
    let kept = (await keptIn(folder, parts)) ?? (await begun(folder, parts));
    const tests = Math.min(parts.tests, MOST_TESTS.chosen);
    emit({
      tries: { rows: [parts.rows.quarter, parts.rows.half], asked: tests, seconds: restSeconds(done, kept) },
    });
    const tell = progressOf(kept, emit);
    const tries: Tries = { config: own, folder, io, tell };
    const add = async (more: Partial<Kept>) => {
      kept = { ...kept, ...more };
      await writeFileAtomic(path.join(folder, TRIES_FILES.kept), `${JSON.stringify(kept)}\n`);
    };
    for (const learner of LEARNERS) {
      if (kept.scores[learner]) continue;
      const started = performance.now();
      if (learner !== 'all') await trainPart(learner, tries);
      const { score, scores } = await judged(learner, run, tries);
      const seconds = kept.seconds + (performance.now() - started) / 1000;
      await add({ score, scores: { ...kept.scores, [learner]: scores }, seconds });
      // its scores are all that is wanted of it
      if (learner !== 'all') await rm(path.join(folder, learner), { recursive: true, force: true });
    }
    const result = forecastFrom(kept);
    await writeFileAtomic(path.join(folder, TRIES_FILES.forecast), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    lock.release();
  }
}

function requireAnswers(config: RunConfig): void {
  if (madeOf(config) === null && config.objective === undefined) return;
  throw new AppError(
    'no-forecast',
    say`What more rows would bring can be tried for runs that learned answers in a training of their own.`,
    say`Choose another run.`,
  );
}

async function doneIn(run: string): Promise<DoneEvent> {
  const text = await readFile(path.join(run, 'result.json'), 'utf8').catch(() => null);
  if (text !== null) return JSON.parse(text) as DoneEvent;
  throw new AppError(
    'run-not-done',
    say`This run has no result yet.`,
    say`Let it train to its end first, or choose another run.`,
  );
}

/** The run's plan; where a person ended it before, as many passes as it made. */
async function planOf(config: RunConfig, { reason, steps }: DoneEvent, run: string): Promise<RunConfig> {
  if (reason !== 'finished-early' || config.epochs === undefined) return config;
  const last = (await readMetrics(run)).findLast((one) => one.event === 'step' && one.step <= steps);
  return last?.event === 'step' && last.epoch > 0 ? { ...config, epochs: last.epoch } : config;
}

function withBase<T>(
  config: RunConfig,
  { emit, stop }: JobIo,
  work: (base: ReadyModel) => Promise<T>,
): Promise<T> {
  return withModel(config, emit, work, baseFormat(config), stop);
}

async function preparedParts(
  config: RunConfig,
  folder: string,
  base: ReadyModel,
  io: JobIo,
): Promise<RunParts> {
  return await inTemporaryFolder('tries', async (work) => {
    const context = { opened: base.opened, tokenizer: base.tokenizer, folder: work, ...io };
    const parts = await partsOf(config, context);
    const { rows, tests } = parts;
    if (rows.all < LEAST.rows || tests < LEAST.tests)
      throw new AppError(
        'too-few-rows',
        say`A forecast needs ${LEAST.rows} rows to learn from and ${LEAST.tests} to test with; there are ${rows.all} and ${tests}.`,
        say`Add rows first.`,
      );
    if (!(await keptIn(folder, parts))) await writeParts(config, folder, parts, context);
    return parts;
  });
}

/** What is kept of the same rows; null for none. */
async function keptIn(folder: string, parts: RunParts): Promise<Kept | null> {
  const text = await readFile(path.join(folder, TRIES_FILES.kept), 'utf8').catch(() => '');
  const kept = parsedJson(text) as Kept | undefined;
  return kept && JSON.stringify(kept.parts) === JSON.stringify(parts) ? kept : null;
}

async function begun(folder: string, parts: RunParts): Promise<Kept> {
  const kept: Kept = { parts, score: null, scores: {}, seconds: 0 };
  await writeFileAtomic(path.join(folder, TRIES_FILES.kept), `${JSON.stringify(kept)}\n`);
  return kept;
}

const leftOf = ({ scores }: Kept) =>
  LEARNERS.filter((one) => !scores[one]).reduce((sum, one) => sum + TRIES_SHARES[one], 0);

function restSeconds(
  { trainedTokens, trainedTokensPerSecond, seconds }: DoneEvent,
  kept: Kept,
): number | null {
  const steps = trainedTokensPerSecond > 0 ? trainedTokens / trainedTokensPerSecond : 0;
  const training = Math.max(seconds, steps);
  return training > 0 ? leftOf(kept) * training : null;
}

function progressOf(kept: Kept, emit: CallIo['emit']): Tries['tell'] {
  const all = leftOf(kept);
  const left = LEARNERS.filter((one) => !kept.scores[one]);
  return (part, detail, fraction) => {
    const before = left
      .slice(0, left.indexOf(part as Learner))
      .reduce((sum, one) => sum + TRIES_SHARES[one], 0);
    const reached = (before + fraction * TRIES_SHARES[part as Learner]) / all;
    emit({ event: 'phase', phase: 'evaluate', detail, fraction: Math.min(1, reached) });
  };
}

/** Trains the part from where it is. Throws `AppError('stopped')`. */
async function trainPart(part: PartName, { config, folder, io, tell }: Tries): Promise<void> {
  const own = scaled(partConfig(config, folder, part), PARTS[part]);
  if (existsSync(path.join(own.out, 'result.json'))) return;
  const doing =
    part === 'half' ? say`Learning from half of the rows` : say`Learning from a quarter of the rows`;
  const share = PARTS[part] / TRIES_SHARES[part];
  let steps = 0;
  const emit = (event: EngineEvent) => {
    if (event.event === 'start') steps = event.steps;
    if (event.event === 'step' && steps > 0) tell(part, doing, (share * event.step) / steps);
    io.emit(event);
  };
  tell(part, doing, 0);
  const resume = existsSync(path.join(own.out, RUN_FILE));
  if (!resume) await rm(own.out, { recursive: true, force: true });
  const end = await withBase(own, io, async (base) =>
    trainModel(await lengthsOfRun(own, { resume, emit }, base), { ...io, emit, resume }, base),
  );
  if (end.event === 'stopped') throw stopped();
}

const stopped = () =>
  new AppError(
    'stopped',
    say`Stopped before it was done. Nothing is lost.`,
    say`Start it again to continue.`,
  );

/** As many passes through fewer rows. */
function scaled(config: RunConfig, share: number): RunConfig {
  const { maxSteps, warmupSteps } = config;
  const times = (steps: number) => Math.max(1, Math.round(share * steps));
  return {
    ...config,
    ...(maxSteps !== undefined && { maxSteps: times(maxSteps) }),
    ...(warmupSteps !== undefined && { warmupSteps: times(warmupSteps) }),
  };
}

/** Asks what learned from a part, or the run itself, the run's test rows. */
async function judged(learner: Learner, run: string, { config, folder, io, tell }: Tries) {
  const out = learner === 'all' ? run : path.join(folder, learner);
  const doing = say`Asking the test rows`;
  const { stop } = io;
  return await inTemporaryFolder('tries', (work) =>
    withBase(config, io, async (base) => {
      const context = { opened: base.opened, tokenizer: base.tokenizer, folder: work, stop, emit: () => {} };
      const gathered = await gatherRows(config, context, MOST_TESTS.chosen, config.seed);
      try {
        const from = 1 - TRIES_SHARES.all / TRIES_SHARES[learner];
        const said = (fraction: number) => tell(learner, doing, from + (1 - from) * fraction);
        return await withTrained(out, { config, base, stop }, (subject) =>
          judgedRows(answered(gathered), subject, config.seed, said),
        );
      } finally {
        await gathered.close();
      }
    }),
  );
}

function answered(gathered: GatheredRows): GatheredRows {
  if (gathered.asked.length >= LEAST.tests) return gathered;
  throw new AppError(
    'no-forecast',
    say`Running text has no answers, so it has no score that could be forecast.`,
    say`Train with more text to see what it brings.`,
  );
}

async function withTrained<T>(
  out: string,
  {
    config,
    base,
    stop,
  }: { readonly config: RunConfig; readonly base: ReadyModel; readonly stop: AbortSignal },
  work: (subject: Subject) => Promise<T>,
): Promise<T> {
  const measures = { task: measuredBy(config), lead: leadBy(config), cache: null, stop };
  const asked = async (subject: Subject) => {
    try {
      return await work(subject);
    } finally {
      await subject.release();
    }
  };
  if (hasAdapter(config)) {
    const adapter = await loadAdapter(path.join(out, ADAPTER_FOLDER), base);
    return await asked(new Subject({ ready: base, adapter, ...measures }));
  }
  // its files have the new tokens
  const whole = { ...config, model: path.join(out, MODEL_FOLDER), newTokens: [] };
  const ask = (ready: ReadyModel) =>
    asked(new Subject({ ready: { ...ready, tokenizer: base.tokenizer }, adapter: NO_ADAPTER, ...measures }));
  return await withModel(whole, () => {}, ask, null, stop);
}

function forecastFrom({ parts: { rows }, score, scores, seconds }: Kept): TriesResult {
  const points = LEARNERS.map((one) => {
    const own = scores[one]!;
    return { rows: rows[one], asked: own.length, wrong: own.reduce((sum, of) => sum + 1 - of, 0) };
  });
  const forecast = forecastOf(points);
  const at = (times: number) => {
    const accuracy = forecast.at(times * rows.all);
    return { rows: times * rows.all, accuracy, isClose: isClose(accuracy) };
  };
  return {
    score: score!,
    asked: points[0]!.asked,
    points: points.map(({ rows: of, asked, wrong }) => ({ rows: of, score: 1 - wrong / asked })),
    forecasts: [at(1), at(2), at(4)],
    seconds,
  };
}
