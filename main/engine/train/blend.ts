/**
 * A run that is made of another one without training: its weights lie between the untouched model and that run's result. It is a run
 * like any other, with a folder of its own, so that it can be assessed, talked to, compared and exported.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DoneEvent, EngineEvent } from '../../../common/protocol/protocol.ts';
import { toBundledName } from '../../paths.ts';
import { peakResidentBytes } from '../../proc.ts';
import { hasAdapter, RUN_FILE, type RunConfig } from '../config/config.ts';
import { Measure } from '../eval/measure.ts';
import { deviceInWords } from '../exec/device.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { exists } from '../io/exists.ts';
import { sizeOfAll } from '../ir/shape.ts';
import { ADAPTER_FOLDER, loadAdapter, MODEL_FOLDER, NO_ADAPTER } from '../load/adapter.ts';
import { type ReadyModel, withModel } from '../load/ready-model.ts';
import { trainablesOf } from '../models/model.ts';
import { onBase } from '../nn/parameters.ts';
import { blendAdapter, blendModels } from './blend-weights.ts';
import { identityOf } from './identity.ts';
import { methodOf } from './method.ts';
import { nextToken } from './objective.ts';
import { type RunData, readRunData, testRowsHash } from './run-data.ts';
import type { TrainIo } from './train-model.ts';

/** The settings of a run that is made by blending. */
export type BlendConfig = RunConfig & { readonly blend: NonNullable<RunConfig['blend']> };

/** Blends `model` with the result of the run `config.blend.of`, measures what came of it and writes the result of the new run. */
export async function blendRun(config: BlendConfig, io: TrainIo, model: ReadyModel): Promise<DoneEvent> {
  const { emit, stop } = io;
  const { opened, tokenizer } = model;
  const source = await sourceOf(config);
  // rows that were mixed in change nothing any more
  const data = await readRunData(
    { ...config, replay: 0 },
    { opened, tokenizer, folder: config.out, stop, emit },
  );
  try {
    await writeFileAtomic(path.join(config.out, RUN_FILE), `${JSON.stringify(config, toBundledName, 2)}\n`);
    emit(await startEvent(config, model, data));
    stop.throwIfAborted();
    emit({ event: 'phase', phase: 'save', detail: 'mixing the weights' });
    const result = path.join(config.out, path.basename(source.result));
    const { strength } = config.blend;
    if (hasAdapter(config)) await blendAdapter(source.result, strength, result, model);
    else await blendModels(opened, source.result, strength, result);
    stop.throwIfAborted();
    const heldOutLoss = await measured(config, io, model, data);
    const done: DoneEvent = {
      ...{ event: 'done', steps: 0, reason: 'finished', trainedTokens: 0, trainedTokensPerSecond: 0 },
      ...{ secondsToFirstStep: null, peakRssBytes: peakResidentBytes(), finalLoss: null },
      ...{ heldOutLoss, heldOutLossBefore: source.done.heldOutLossBefore, bestStep: 0 },
      seconds: (Date.now() - (io.startedAt ?? performance.timeOrigin)) / 1000,
      ...{ stepSeconds: null, out: config.out, result },
    };
    await writeFileAtomic(path.join(config.out, 'result.json'), `${JSON.stringify(done, null, 2)}\n`);
    return done;
  } finally {
    await data.close();
  }
}

interface Source {
  /** The folder with the adapter or with the model. */
  readonly result: string;
  readonly done: DoneEvent;
}

/** The result that is blended; throws an AppError where the run has none of that kind. */
async function sourceOf(config: BlendConfig): Promise<Source> {
  const { of } = config.blend;
  const [name, file] = hasAdapter(config)
    ? [ADAPTER_FOLDER, 'adapter_config.json']
    : [MODEL_FOLDER, 'config.json'];
  const result = path.join(of, name);
  const text = await fs.readFile(path.join(of, 'result.json'), 'utf8').catch(() => null);
  if (text !== null && (await exists(path.join(result, file))))
    return { result, done: JSON.parse(text) as DoneEvent };
  throw new AppError(
    'no-run',
    `There is nothing to blend in ${of}: expected a run that has ended, with its result.json and its ${name} folder.`,
    'Name the folder of a run that has ended; one that was stopped resumes with `fettle train --resume`.',
  );
}

/** The held-out loss of what was written; null where no row is held out. */
async function measured(
  config: BlendConfig,
  io: TrainIo,
  model: ReadyModel,
  { heldOut }: RunData,
): Promise<number | null> {
  if (heldOut === null) return null;
  if (hasAdapter(config)) {
    const adapter = await loadAdapter(path.join(config.out, ADAPTER_FOLDER), model);
    return await lossOf(model, adapter, heldOut, io);
  }
  const blended = { ...config, model: path.join(config.out, MODEL_FOLDER), newTokens: [] };
  return await withModel(blended, io.emit, (ready) => lossOf(ready, NO_ADAPTER, heldOut, io));
}

async function lossOf(
  { executor, opened, weights }: ReadyModel,
  adapter: typeof NO_ADAPTER,
  batching: NonNullable<RunData['heldOut']>,
  { emit, stop }: TrainIo,
): Promise<number> {
  const method = onBase(adapter.method, weights.format, opened.halves);
  const measure = new Measure({
    objective: nextToken,
    executor,
    model: opened.model,
    weights: weights.source,
    method,
    batching,
  });
  try {
    const found = await measure.run(adapter.trained, stop, (fraction) =>
      emit({ event: 'phase', phase: 'evaluate', fraction }),
    );
    if (found === null) throw stop.reason;
    return found.loss;
  } finally {
    await measure.release();
  }
}

async function startEvent(config: BlendConfig, model: ReadyModel, data: RunData): Promise<EngineEvent> {
  const { opened, executor } = model;
  const { stats } = data.store;
  const identity = await identityOf(config, opened, data);
  const testRows = testRowsHash(data);
  return {
    ...{ event: 'start', model: config.model, family: opened.model.family, method: config.method },
    ...{ out: config.out, parameters: opened.outline.parameterCount, blend: config.blend },
    trainableParameters: sizeOfAll(trainablesOf(opened.model, methodOf(config, opened))),
    ...{ rows: data.rows.length, heldOutRows: data.heldOutRows.length },
    ...{ tokens: data.training.plan(0).tokens, labelledTokens: data.labelledTokens },
    ...{ skippedRows: stats.skippedRows, truncatedRows: stats.truncatedRows, steps: 0, stepsDone: 0 },
    executor: config.executor,
    device: executor.deviceWords ?? deviceInWords(executor.device, config.threads),
    ...{ dataHash: identity.data, modelHash: identity.model, ...(testRows !== undefined && { testRows }) },
  };
}
