/** The life of a job: open the model, do the work, write the result, give everything back. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { cacheFolder } from '../paths.ts';
import { type EvalConfig, type GenerateConfig, plannedSteps, RUN_FILE, type RunConfig } from './config.ts';
import { encodePrompt } from './data/encode-chat.ts';
import { Rng } from './data/rng.ts';
import { splitRows } from './data/split.ts';
import { loadTokenizer } from './data/tokenizer/load.ts';
import { createTextStream } from './data/tokenizer/stream.ts';
import type { Tokenizer } from './data/tokenizer-types.ts';
import { Generator } from './eval/generator.ts';
import { Measure } from './eval/measure.ts';
import { createSampler } from './eval/sampler.ts';
import type { Executor } from './exec/executor.ts';
import { openExecutor } from './exec/registry.ts';
import { writeFileAtomic } from './io/atomic.ts';
import { cacheKeyOf } from './io/prepare-f32.ts';
import { type LoadedAdapter, loadAdapter, NO_ADAPTER } from './load/adapter.ts';
import { inspectModel } from './load/inspect.ts';
import { type OpenedModel, openModel } from './load/open-model.ts';
import { prepareWeights, type Weights } from './load/weights.ts';
import { priceStep } from './pricing.ts';
import type {
  DoneEvent,
  EngineEvent,
  EvalResult,
  GenerateResult,
  InspectResult,
  RunPlan,
  StoppedEvent,
} from './protocol.ts';
import { chooseRowShape } from './train/batching.ts';
import { checkpointsIn, type RunIdentity, resumeFrom } from './train/checkpoint.ts';
import { truncateMetrics } from './train/history.ts';
import { lockRun } from './train/lock.ts';
import { initialAdapter, methodOf } from './train/method.ts';
import { writeResult } from './train/result.ts';
import { evaluationBatching, type RunData, readRunData, readStore } from './train/run-data.ts';
import { TrainState } from './train/state.ts';
import { gradientStep } from './train/step-graphs.ts';
import { type TrainingParts, TrainingRun } from './train/training-run.ts';

export interface TrainIo {
  emit(event: EngineEvent): void;
  /** Aborted: finish the step, save, end. */
  readonly stop: AbortSignal;
  /** Go on from the newest checkpoint in the run's folder. */
  readonly resume: boolean;
  /** When the person asked for the run, in milliseconds since 1970; default: when this process started. */
  readonly startedAt?: number;
}

/** Trains as `config` says; the result and everything needed to go on are in `config.out`. */
export async function train(config: RunConfig, io: TrainIo): Promise<DoneEvent | StoppedEvent> {
  await claimFolder(config, io.resume);
  const lock = await lockRun(config.out);
  try {
    return await withModel(config, io.emit, async (model) => {
      await writeFileAtomic(path.join(config.out, RUN_FILE), `${JSON.stringify(config, null, 2)}\n`);
      return await trainModel(config, io, model);
    });
  } finally {
    await lock.release();
  }
}

/** A model that is ready to compute with. */
interface ReadyModel {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly executor: Executor;
  readonly weights: Weights;
}

async function withModel<T>(
  config: Pick<RunConfig, 'model' | 'executor' | 'threads'>,
  emit: (event: EngineEvent) => void,
  work: (model: ReadyModel) => Promise<T>,
): Promise<T> {
  emit({ event: 'phase', phase: 'load' });
  const opened = await openModel(config.model);
  try {
    const tokenizer = await loadTokenizer(config.model);
    const executor = await openExecutor(config.executor, { threads: config.threads });
    const progress = (done: number, total: number) =>
      emit({ event: 'phase', phase: 'load', fraction: done / total, detail: 'converting the weights once' });
    const weights = await prepareWeights(opened, path.join(cacheFolder(), 'weights'), progress);
    return await work({ opened, tokenizer, executor, weights });
  } finally {
    await opened.store.close();
  }
}

/** A new run needs a folder of its own: what is there already is never overwritten. */
async function claimFolder(config: RunConfig, resume: boolean): Promise<void> {
  await fs.mkdir(config.out, { recursive: true });
  if (resume) return;
  const taken = (await fs.readdir(config.out)).filter((name) => name !== '.lock');
  if (taken.length === 0) return;
  const isRun = taken.includes(RUN_FILE);
  throw new AppError(
    'out-exists',
    isRun ? `${config.out} holds a run already.` : `${config.out} is not empty.`,
    isRun ? 'Go on with it by --resume, or name another folder with --out.' : 'Name a new folder with --out.',
  );
}

async function trainModel(
  config: RunConfig,
  io: TrainIo,
  model: ReadyModel,
): Promise<DoneEvent | StoppedEvent> {
  const { emit, stop } = io;
  const { opened, tokenizer, executor } = model;
  const data = await readRunData(config, { opened, tokenizer, folder: config.out, stop, emit });
  const method = methodOf(config, opened.outline);
  const { trainables } = gradientStep(opened.model, method, { batch: 1, time: 1, labels: 1 });
  const state = await TrainState.create(executor, trainables);
  try {
    const identity = await identityOf(config, opened, data);
    const cursor = io.resume ? await resumed(config, state, identity, emit) : null;
    if (!cursor) await initialise(config, state, model.weights);
    const startedAt = io.startedAt ?? performance.timeOrigin;
    const run = new TrainingRun({
      ...model,
      config,
      method,
      data,
      state,
      identity,
      cursor,
      stop,
      startedAt,
      emit,
    });
    emit(startEvent({ config, data, opened, state, cursor }, run.totalSteps));
    try {
      const end = await run.run();
      if (end.event === 'stopped') return end;
      emit({ event: 'phase', phase: 'save' });
      return { ...end, result: await writeResult(config, opened, state, end) };
    } finally {
      await run.release();
    }
  } finally {
    await state.release();
    await data.close();
  }
}

async function resumed(
  config: RunConfig,
  state: TrainState,
  identity: RunIdentity,
  emit: (event: EngineEvent) => void,
) {
  emit({ event: 'phase', phase: 'resume' });
  const found = await resumeFrom(config.out, state);
  if (!found) {
    if ((await checkpointsIn(config.out)).length > 0) {
      throw new AppError(
        'checkpoint-damaged',
        `No checkpoint in ${config.out} is readable.`,
        'Begin again with another --out.',
      );
    }
    await truncateMetrics(config.out, -1);
    return null;
  }
  const { cursor } = found;
  for (const key of ['model', 'data', 'settings'] as const) {
    if (cursor.identity[key] === identity[key]) continue;
    const words = { model: 'model', data: 'data', settings: 'settings (seed, rows, lengths, method)' }[key];
    throw new AppError(
      'resume-mismatch',
      `The ${words} of this run changed since its checkpoint.`,
      'Resume with what the run was started with, or begin a new run with another --out.',
    );
  }
  await truncateMetrics(config.out, cursor.step);
  return cursor;
}

async function initialise(config: RunConfig, state: TrainState, weights: Weights): Promise<void> {
  for (const trainable of state.trainables) {
    const values =
      config.method === 'lora' ? initialAdapter(trainable, config.seed) : await weights.read(trainable.name);
    state.slice('param', trainable.name).set(values);
  }
}

/** What must stay the same for a resumed run to give the numbers of an uninterrupted one. */
async function identityOf(config: RunConfig, opened: OpenedModel, data: RunData): Promise<RunIdentity> {
  const {
    method,
    lora,
    maxLength,
    tokensPerMicroBatch,
    trainOn,
    packing,
    heldOut,
    seed,
    gradientAccumulation,
    onBadRow,
  } = config;
  const settings = {
    method,
    lora: method === 'lora' ? lora : null,
    maxLength,
    tokensPerMicroBatch,
    trainOn,
    packing,
    heldOut,
    seed,
    gradientAccumulation,
    onBadRow,
  };
  const files = [...new Set([...opened.store.tensors.values()].map(({ file }) => file))];
  return {
    model: await cacheKeyOf(files),
    data: `${data.store.contentHash}${data.evalStore?.contentHash ?? ''}`,
    settings: JSON.stringify(settings, sortedKeys),
  };
}

/** A JSON replacer that makes equal settings equal texts, in whatever order they were given. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function startEvent(
  {
    config,
    data,
    opened,
    state,
    cursor,
  }: Pick<TrainingParts, 'config' | 'data' | 'opened' | 'state' | 'cursor'>,
  steps: number,
): EngineEvent {
  const { stats } = data.store;
  return {
    event: 'start',
    model: config.model,
    family: opened.model.family,
    method: config.method,
    out: config.out,
    parameters: opened.outline.parameterCount,
    trainableParameters: state.trainables.reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    ),
    rows: data.rows.length,
    heldOutRows: data.heldOutRows.length,
    tokens: data.training.plan(cursor?.epoch ?? 0).tokens,
    labelledTokens: data.rows.reduce((sum, row) => sum + data.store.labelled[row]!, 0),
    skippedRows: stats.skippedRows,
    truncatedRows: stats.truncatedRows,
    steps,
    stepsDone: cursor?.step ?? 0,
    executor: config.executor,
    device: `CPU, ${config.threads} ${config.threads === 1 ? 'thread' : 'threads'}`,
  };
}

/** What a run with `config` will do and take, without running it. */
export async function plan(
  config: RunConfig,
  io: { emit(event: EngineEvent): void; readonly stop: AbortSignal },
): Promise<RunPlan> {
  return await withModel(config, io.emit, async ({ opened, tokenizer, executor }) => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-plan-'));
    const data = await readRunData(config, { opened, tokenizer, folder, ...io });
    try {
      const shape = data.training.shape(0);
      const epoch = data.training.plan(0);
      const price = priceStep(opened, methodOf(config, opened.outline), shape, executor);
      return {
        parameters: opened.outline.parameterCount,
        trainableParameters: price.trainableParameters,
        rows: data.rows.length,
        heldOutRows: data.heldOutRows.length,
        tokens: epoch.tokens,
        labelledTokens: data.rows.reduce((sum, row) => sum + data.store.labelled[row]!, 0),
        steps: plannedSteps(config, Math.ceil(epoch.batches / config.gradientAccumulation)),
        rowsPerBatch: shape.batch,
        rowLength: shape.time,
        weightBytes: price.weightBytes,
        stateBytes: price.stateBytes,
        workingBytes: price.workingBytes,
        flopsPerBatch: price.flops,
      };
    } finally {
      await data.close();
      await fs.rm(folder, { recursive: true, force: true });
    }
  });
}

/** Measures a model, with or without an adapter, on the rows of a file. */
export async function evaluate(
  config: EvalConfig,
  io: { emit(event: EngineEvent): void; readonly stop: AbortSignal },
): Promise<EvalResult> {
  return await withModel(config, io.emit, async (model) => {
    const { opened, tokenizer, executor, weights } = model;
    const adapter = await adapterFor(config.adapter, opened, executor);
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-eval-'));
    try {
      const store = await readStore(config.data, config, {
        opened,
        tokenizer,
        folder,
        stop: io.stop,
        emit: io.emit,
      });
      try {
        const all = Uint32Array.from({ length: store.count }, (_, i) => i);
        const split =
          config.split === 'all'
            ? all
            : splitRows(store.count, { heldOut: config.heldOut, seed: config.seed, hashes: store.hashes })
                .heldOut;
        if (split.length === 0)
          throw new AppError(
            'no-rows',
            'No row is held out with these settings.',
            'Use --split all, or a larger --held-out.',
          );
        const choice = { store, rows: split, pack: config.packing, seed: config.seed };
        const shape = chooseRowShape(
          opened.model,
          opened.outline.parameterCount,
          choice,
          config.tokensPerMicroBatch,
        );
        const batching = evaluationBatching(store, split, shape, config);
        const measure = new Measure({
          executor,
          model: opened.model,
          weights: weights.source,
          method: adapter.method,
          batching,
        });
        const measured = await measure.run(adapter.trained, io.stop, (fraction) =>
          io.emit({ event: 'phase', phase: 'evaluate', fraction }),
        );
        await measure.release();
        if (!measured) throw new AppError('stopped', 'The evaluation was stopped.', '');
        const { loss, perplexity, labelledTokens, tokens, seconds } = measured;
        return {
          ...{ loss, perplexity, labelledTokens, tokens, seconds },
          rows: split.length,
          tokensPerSecond: tokens / seconds,
          skippedRows: store.stats.skippedRows,
          truncatedRows: store.stats.truncatedRows,
          peakRssBytes: process.resourceUsage().maxRSS * 1024,
        };
      } finally {
        await store.close();
      }
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  });
}

/** Lets a model answer a prompt; `onText` gets the text as it appears. */
export async function generate(
  config: GenerateConfig,
  io: { onText(text: string): void; readonly stop: AbortSignal },
): Promise<GenerateResult> {
  return await withModel(
    config,
    () => {},
    async ({ opened, tokenizer, executor, weights }) => {
      const { method, trained } = await adapterFor(config.adapter, opened, executor);
      const generator = new Generator({
        executor,
        model: opened.model,
        weights: weights.source,
        method,
        trained,
      });
      try {
        return await answer(config, io, tokenizer, generator);
      } finally {
        await generator.release();
      }
    },
  );
}

async function answer(
  config: GenerateConfig,
  io: { onText(text: string): void; readonly stop: AbortSignal },
  tokenizer: Tokenizer,
  generator: Generator,
): Promise<GenerateResult> {
  const prompt = promptIds(config, tokenizer);
  const sample = createSampler(config, Rng.fromSeed(config.seed));
  const stream = createTextStream(tokenizer);
  const stops = new Set(tokenizer.stopIds);
  const ids: number[] = [];
  let text = '';
  const show = (part: string) => {
    text += part;
    if (part !== '') io.onText(part);
  };
  let logits = await generator.advance(prompt);
  const started = performance.now();
  let stopReason: GenerateResult['stopReason'] = 'length';
  while (ids.length < config.maxNewTokens) {
    const id = sample(logits);
    if (stops.has(id)) {
      stopReason = 'end';
      break;
    }
    ids.push(id);
    show(stream.push(id));
    if (io.stop.aborted) {
      stopReason = 'stopped';
      break;
    }
    if (ids.length < config.maxNewTokens) logits = await generator.advance([id]);
  }
  show(stream.flush());
  const seconds = (performance.now() - started) / 1000;
  return {
    text,
    ids,
    promptTokens: prompt.length,
    newTokens: ids.length,
    tokensPerSecond: ids.length / Math.max(seconds, 1e-9),
    stopReason,
  };
}

/** The prompt in the model's chat template; for a base model, or with `raw`, as it is. */
function promptIds(config: GenerateConfig, tokenizer: Tokenizer): number[] {
  if (config.raw || !tokenizer.chat) {
    const text = config.system === undefined ? config.prompt : `${config.system}\n\n${config.prompt}`;
    return tokenizer.encode(text, { addSpecial: true });
  }
  const system = config.system === undefined ? [] : [{ role: 'system' as const, content: config.system }];
  return encodePrompt(tokenizer, [...system, { role: 'user', content: config.prompt }]);
}

function adapterFor(
  folder: string | undefined,
  opened: OpenedModel,
  executor: Executor,
): Promise<LoadedAdapter> {
  return folder === undefined ? Promise.resolve(NO_ADAPTER) : loadAdapter(folder, opened, executor);
}

/** What a model's files hold, without reading its weights. */
export function inspect(modelPath: string): Promise<InspectResult> {
  return inspectModel(modelPath);
}
