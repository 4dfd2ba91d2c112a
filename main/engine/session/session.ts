/** The life of a job: open the model, do the work, write the result, give everything back. */

import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DoneEvent, EvalResult, StoppedEvent } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { freeBytes, inTemporaryFolder } from '../../folders.ts';
import { lockRun } from '../../locks.ts';
import { peakResidentBytes, tooManyThreads } from '../../processes.ts';
import { dataBytes } from '../../rows/read-rows.ts';
import { medianSeconds, productProgram } from '../bench/programs.ts';
import { flopsOf, MIDDLE_PRODUCT } from '../bench/shapes.ts';
import { baseFormat, type EvalConfig, judgedIn, type RunConfig } from '../config/config.ts';
import { measureRows } from '../eval/measure.ts';
import { openExecutor, TIMES_OPERATIONS } from '../exec/registry.ts';
import * as makers from '../extras/makers.ts';
import { adapterBase, adapterParts, loadAdapter } from '../load/adapter.ts';
import { type JobIo, openAhead, type ReadyModel, withModel } from '../load/ready-model.ts';
import { judgedBatching } from '../step/arrange-rows.ts';
import { readPart, withinModel } from '../step/run-data.ts';
import { taskOf } from '../tasks/registry.ts';
import { claimFolder, lengthsOfRun, readsInSections } from '../train/run-folder.ts';
import type { RunMaker, TrainIo } from '../train/run-parts.ts';
import { trainModel } from '../train/train-model.ts';
import { assessTrained } from './assess.ts';
import { withTestedExecutor } from './speed-test.ts';
import { StepProfile } from './step-profile.ts';

/** Loads onnxruntime before anything is computed with it (TensorFlow would keep the threads that it is loaded with), and opens `model`. */
export async function loadAhead(executor: string, model?: string): Promise<void> {
  if (executor === 'ort') await openExecutor(executor, { threads: 1 });
  if (model !== undefined) await openAhead(model);
}

/** Trains as `config` says; the result and everything needed to resume are in `config.out`. */
export async function train(given: RunConfig, io: TrainIo): Promise<DoneEvent | StoppedEvent> {
  const { stop, resume, probe } = io;
  const profile = probe?.trace === undefined ? null : new StepProfile(probe.trace);
  const emit = profile ? profile.watching(io.emit) : io.emit;
  if (profile) requireTimes(given.executor);
  await requireData(given.data, given.evalData).catch((error: unknown) => {
    throw resume ? moved(error) : error;
  });
  await claimFolder(given, resume);
  try {
    const onWait = () => emit({ event: 'phase', phase: 'load', detail: say`waiting for the one before` });
    const lock = await lockRun(given.out, { stop, onWait });
    try {
      // another process may have made a run of it while this one waited
      await claimFolder(given, resume);
      const tested = await withTestedExecutor(given, emit);
      const work = async (model: ReadyModel) => {
        const config = await lengthsOfRun(tested, io, model);
        const many = model.executor.device === 'cpu' ? tooManyThreads(config.threads) : null;
        if (many) emit({ event: 'warning', code: 'threads', message: many });
        const own = { ...io, emit };
        const end = await made(config, own, model);
        if (profile) return await profile.joined(end);
        if (end.event === 'done' && config.assess)
          await assessTrained(config, io, await forAnswers(model, config.threads));
        return end;
      };
      const categories = await taskOf(tested).categoriesIn?.(tested, stop);
      const choice = { ...tested, categories, ...(profile && { profile: profile.add }) };
      return await withModel(choice, emit, work, baseFormat(tested), stop);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!stop.aborted || error instanceof AppError) throw error;
    throw new AppError(
      'stopped',
      resume
        ? say`Stopped before the next step. Nothing was lost.`
        : say`Stopped before the first step. Nothing was saved.`,
      resume ? say`Resume it to continue.` : say`Start it again.`,
    );
  }
}

/** The run as its settings say: of another one, where they name one, or trained. */
function made(config: RunConfig, io: TrainIo, model: ReadyModel): Promise<DoneEvent | StoppedEvent> {
  for (const make of Object.values<RunMaker>(makers)) {
    const making = make(config, io, model);
    if (making !== null) return making;
  }
  return trainModel(config, io, model);
}

/** Answers need a program for each length of the cache: OpenVINO would compile longer than it wins. */
async function forAnswers(model: ReadyModel, threads: number): Promise<ReadyModel> {
  if (model.executor.name !== 'openvino') return model;
  return { ...model, executor: await openExecutor('ort', { threads }) };
}

/** Fails where `executor` does not tell how long its operations take. */
function requireTimes(executor: RunConfig['executor']): void {
  if (TIMES_OPERATIONS.has(executor)) return;
  throw new AppError(
    'not-timed',
    say`${executor} doesn't tell how long its operations take.`,
    say`Choose another way to compute: ${[...TIMES_OPERATIONS].join(marks().comma)}.`,
  );
}

/** Fails when a data file cannot be read: loading the model may take minutes, and this takes none. */
async function requireData(...settings: readonly (string | readonly string[] | undefined)[]): Promise<void> {
  for (const files of settings) if (files !== undefined) await dataBytes([files].flat());
}

/** Nobody names the rows of a run that is resumed: what is missing was there when it began. */
function moved(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'file-not-found') return error;
  const hint = say`The run was started with it. Put it back where it was.`;
  return new AppError('data-moved', error.message, hint, { cause: error });
}

export async function evaluate(given: EvalConfig, io: JobIo): Promise<EvalResult> {
  const config = await withTestedExecutor(given, io.emit);
  await requireData(config.data);
  const format = judgedIn(config.precision, await adapterBase(config.adapter, config));
  const work = async (model: ReadyModel): Promise<EvalResult> => {
    const { opened, tokenizer } = model;
    const adapter = await loadAdapter(config.adapter, model);
    const taught = {
      ...config,
      shareBeginnings: true as const,
      inSections: await readsInSections(config.adapter ?? config.model),
      ...(opened.model.categories && { objective: 'sort' as const }),
    };
    return await inTemporaryFolder('eval', async (folder) => {
      const context = { opened, tokenizer, folder, ...io };
      const read = await readPart(config.split, { ...taught, splitMicroBatch: 1 }, context);
      try {
        const { store, rows: split } = read;
        if (split.length === 0)
          throw new AppError(
            'no-rows',
            say`These settings leave no test rows.`,
            say`Raise the share of test rows.`,
          );
        const { tokensPerMicroBatch } = withinModel(config, opened.model.maxPositions);
        const batching = judgedBatching(store, split, { ...taught, tokensPerMicroBatch }, opened);
        const task = taskOf(taught);
        const tell = (fraction: number) => io.emit({ event: 'phase', phase: 'evaluate', fraction });
        const measured = await measureRows(model, adapter, { task, batching }, io.stop, tell);
        const { loss, perplexity, accuracy, labelledTokens, tokens, seconds } = measured;
        if (!Number.isFinite(loss))
          throw new AppError(
            'bad-model-weights',
            say`The model computes invalid values (loss ${loss}).`,
            say`Its weights or those of the adapter are damaged. Download or train it again.`,
          );
        return {
          loss,
          perplexity,
          ...(accuracy !== undefined && { accuracy }),
          ...(model.weights.format === 'int8-row' && { precision: 'int8' as const }),
          labelledTokens,
          tokens,
          seconds,
          rows: split.length,
          tokensPerSecond: tokens / seconds,
          skippedRows: store.stats.skippedRows,
          truncatedRows: store.stats.truncatedRows,
          peakRssBytes: peakResidentBytes(),
        };
      } finally {
        await read.close();
      }
    });
  };
  return await withModel(
    { ...config, ...(await adapterParts(config.adapter)) },
    io.emit,
    work,
    format,
    io.stop,
  );
}

/** Measured floating point operations per second of matrix products, and bytes free where the run will be. */
export async function measureSpeed({
  executor,
  device,
  threads,
  out,
}: Pick<RunConfig, 'executor' | 'device' | 'threads' | 'out'>): Promise<{ rate: number; freeDisk: number }> {
  const program = await productProgram(await openExecutor(executor, { threads, device }), MIDDLE_PRODUCT);
  try {
    const seconds = await medianSeconds(() => program.run(), 1, new AbortController().signal);
    return { rate: flopsOf(MIDDLE_PRODUCT) / seconds, freeDisk: await freeBytes(path.resolve(out)) };
  } finally {
    await program.release();
  }
}

export { undoRepair as undoData } from '../../rows/doctor/repair-files.ts';
export { askGguf } from '../chat/llama.ts';
export { inspectModel as inspect } from '../load/inspect.ts';
export { assess } from './assess.ts';
export { type ExportIo, exportRun } from './export.ts';
export { checkDataFor as checkData } from './tokenized-rows.ts';
