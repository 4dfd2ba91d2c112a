/** Assessments and blind comparisons of runs: at the end of a training, or of a run's folder later. */
import { AppError, describeError } from '../../../common/errors.ts';
import type { AssessResult, CompareResult } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { requireWritable } from '../../folders.ts';
import { dataBytes } from '../../rows/read-rows.ts';
import {
  type AssessConfig,
  baseFormat,
  judgedIn,
  parseCompareConfig,
  type RunConfig,
} from '../config/config.ts';
import { assessmentEvent, assessRun, readAssessment } from '../eval/assess/assess.ts';
import {
  type BlindChoice,
  type BlindPair,
  blindPairs,
  tallyChoices,
  writeComparison,
} from '../eval/assess/blind.ts';
import { type JobIo, type ReadyModel, withModel } from '../load/ready-model.ts';
import { savedRun } from '../load/saved-run.ts';
import { readMetrics } from '../train/run-folder.ts';
import type { TrainIo } from '../train/run-parts.ts';

/** Assesses a run that has just ended. Its result is written: what goes wrong here only warns. */
export async function assessTrained(
  config: RunConfig,
  { emit, stop }: TrainIo,
  model: ReadyModel,
): Promise<void> {
  try {
    const metrics = await readMetrics(config.out);
    const { seed, thorough } = config;
    const parts = { config, run: config.out, metrics, rows: undefined, thorough, seed, stop, emit };
    emit(assessmentEvent(await assessRun(parts, model)));
  } catch (error) {
    const message = stop.aborted
      ? say`You skipped the comparison. The result is saved, and you can compare later.`
      : say`The result is saved, but comparing it with the base model failed: ${describeError(error)}`;
    emit({ event: 'warning', code: 'not-assessed', message });
  }
}

/** Compares a run's model with its base model; writes assessment.json and report.html into its folder. */
export async function assess(
  { run, model, rows, thorough, seed, threads, executor, precision }: AssessConfig,
  io: JobIo,
): Promise<AssessResult> {
  const saved = await savedRun(run);
  // what is asked takes minutes, and is lost where it cannot be written
  requireWritable(run);
  const config = { ...saved, threads, executor, model: model ?? saved.model };
  for (const files of [config.data, config.evalData])
    if (files !== undefined) await dataBytes([files].flat());
  const metrics = await readMetrics(run);
  const work = (base: ReadyModel) => assessRun({ config, run, metrics, rows, thorough, seed, ...io }, base);
  return await withModel(config, io.emit, work, judgedIn(precision, baseFormat(config)), io.stop);
}

export interface Round {
  readonly run: string;
  /** Pairs at most. */
  readonly rows: number;
  readonly seed: number;
  /** Rows whose answers the person has seen with their labels. */
  readonly shown: readonly number[];
}

export interface JudgedRound extends Round {
  readonly choices: readonly BlindChoice[];
}

/** A pair without a word of which answer is whose. */
export type BlindRow = Omit<BlindPair, 'firstIs'>;

export interface Judged extends CompareResult {
  readonly file: string;
  readonly trained: readonly ('first' | 'second')[];
  readonly remedies: AssessResult['remedies'];
}

/** The pairs of a round, without which answer is whose; a run that was not assessed is assessed first. */
export async function blind(
  { shown, ...settings }: Round,
  io: JobIo,
): Promise<{ readonly pairs: readonly BlindRow[] }> {
  const { rows, ...config } = parseCompareConfig(settings);
  const { run, seed } = config;
  requireWritable(run);
  const assessed = await readAssessment(run).catch((error) => {
    if (error instanceof AppError && error.code === 'run-not-assessed')
      return assess({ ...config, rows: undefined, thorough: undefined, precision: 'auto' }, io);
    throw error;
  });
  const pairs = blindPairs({ ...assessed, run }, rows, seed, shown);
  return { pairs: pairs.map(({ firstIs: _, ...pair }) => pair) };
}

/** The tally of the choices for a round's first pairs, the file that keeps it, which answer was whose, and what would help most. */
export async function judge({ run, rows, seed, shown, choices }: JudgedRound): Promise<Judged> {
  const assessed = await readAssessment(run);
  const pairs = blindPairs({ ...assessed, run }, rows, seed, shown);
  if (choices.length > pairs.length)
    throw new AppError(
      'bad-choices',
      say`There are ${pairs.length} pairs, but you judged ${choices.length}.`,
      say`Begin a new round: the run was compared again since this one began.`,
    );
  const result = tallyChoices(run, seed, pairs, choices);
  const trained = pairs
    .slice(0, choices.length)
    .map(({ firstIs }) => (firstIs === 'after' ? ('first' as const) : ('second' as const)));
  return { ...result, file: await writeComparison(result), trained, remedies: assessed.remedies };
}
