/** Sets a training run up, from its files or from its newest checkpoint, runs it, and writes its result. */

import path from 'node:path';
import type { DoneEvent, EngineEvent, StoppedEvent } from '../../../common/protocol/protocol.ts';
import { number, plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { toBundledName } from '../../paths.ts';
import type { Counts, RowNumbers } from '../../rows/compact.ts';
import { hasAdapter, RUN_FILE, type RunConfig } from '../config/config.ts';
import { keepLosses, rowsKey, type TestLosses } from '../eval/assess/test-losses.ts';
import { requireInt8Products } from '../exec/registry.ts';
import { sizeOfAll } from '../ir/shape.ts';
import { doraModules, type RowSquares, rowSquaresOf, withRowSquares } from '../load/adapter.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { type ReadyModel, sourceOfNumbers } from '../load/ready-model.ts';
import type { Weights } from '../load/weights.ts';
import { trainablesOf } from '../models/model.ts';
import { SORTING_HEAD } from '../models/sorting.ts';
import { peftName, savedWholeName, tokenRowsName } from '../nn/parameters.ts';
import { stepsInEpoch } from '../step/batching.ts';
import type { KeptActivations } from '../step/kept-activations.ts';
import { initialAdapter, initialHead, methodOf } from '../step/method.ts';
import { type RunData, readRunData } from '../step/run-data.ts';
import { sharingOn } from '../step/shared-memory.ts';
import { TrainState } from '../step/state.ts';
import { trainedInInt8 } from '../step/step-graphs.ts';
import { updateSharing } from '../step/update-threads.ts';
import { taskOf } from '../tasks/registry.ts';
import { addReferences, replayFileFor, withoutReferences } from './before-training.ts';
import { resumeFrom } from './checkpoint.ts';
import { type Cursor, identityOf } from './cursor.ts';
import { keptFor } from './kept.ts';
import { lookFirst } from './look.ts';
import { startEvent } from './report.ts';
import { clearHalfWritten, savedRate, truncateMetrics } from './run-folder.ts';
import { type Course, courseOf, type TrainIo, type TrainingParts } from './run-parts.ts';
import { requireRoom, writeResult } from './saves.ts';
import { type OpenStepper, openStepper, TrainingRun } from './training-run.ts';

/** Tokens that a warning names at most. */
const NAMED = 5;

/** Trains `model`; `config` is saved as soon as its rows and its model have been read without complaint. */
export async function trainModel(
  config: RunConfig,
  io: TrainIo,
  model: ReadyModel,
): Promise<DoneEvent | StoppedEvent> {
  const { emit, stop } = io;
  const { opened, tokenizer } = model;
  const replayFile = await replayFileFor(config, model, io);
  const { added } = opened;
  const unseen = new Map(added?.texts.map((text, i) => [added.first + i, text]));
  const see = (ids: readonly number[]) => {
    if (unseen.size > 0) for (const id of ids) unseen.delete(id);
  };
  const data = await readRunData(config, {
    opened,
    tokenizer,
    folder: config.out,
    replayFile,
    stop,
    emit,
    ...(added && { onRow: (_, { ids }) => see(ids) }),
  });
  try {
    warnUnseen([...unseen.values()], emit);
    return await trainOn(data, config, io, model);
  } finally {
    await data.close();
  }
}

/** Trains on rows that have been read; who has read them closes them. */
async function trainOn(
  data: RunData,
  given: RunConfig,
  io: TrainIo,
  model: ReadyModel,
): Promise<DoneEvent | StoppedEvent> {
  const { emit, stop } = io;
  const { opened, executor } = model;
  const course = courseOf({ config: given, data });
  if (io.probe) withoutReferences(data);
  else await addReferences(given, model, data, io, course.totalSteps);
  const method = methodOf(given, opened);
  if (trainedInInt8(method)) await requireInt8Products(executor);
  const squares = await rowSquaresOf(model, doraModules(method, model));
  const weights = withRowSquares(model.weights, squares);
  const state = TrainState.create(executor, trainablesOf(opened.model, method), {
    anchored: given.stayClose > 0,
    optimizer: given.optimizer,
    ...(await sharingOn(executor, updateSharing(given))),
  });
  let kept: KeptActivations | null = null;
  try {
    const identity = await identityOf(given, opened, data);
    // a run that stays close needs to know where it began even when it goes on
    const begin = () => initialise(given, state, { weights, squares, opened });
    if (given.stayClose > 0) await begin();
    const cursor = io.resume ? await resumed(given, { state, identity, data, emit }) : null;
    if (!cursor) await begin();
    await state.commit();
    if (!io.probe) await requireRoom({ config: given, state, data });
    kept = await keptFor(
      { config: given, opened, executor, method, weights, data, emit },
      course,
      io.probe !== undefined,
    );
    const parts = {
      ...model,
      weights,
      config: given,
      method,
      data,
      state,
      identity,
      cursor,
      kept,
      stop,
      emit,
      ...(io.finish && { finish: io.finish }),
      startedAt: io.startedAt ?? performance.timeOrigin,
    };
    const open = openStepper(parts);
    const again = async () => {
      state.restart();
      await begin();
      await state.commit();
    };
    const config = io.probe ? given : await withFoundRate({ ...parts, begin: again }, open);
    await writeFileAtomic(path.join(config.out, RUN_FILE), `${JSON.stringify(config, toBundledName, 2)}\n`);
    const run = new TrainingRun({ ...parts, config }, open);
    const trained = sizeOfAll(state.trainables);
    emit(
      startEvent(config, { opened, executor, data, identity }, { trained, steps: run.totalSteps, cursor }),
    );
    if (!io.probe) warnLongMeasuring(course, data, emit);
    try {
      const end = await (io.probe ? run.tryOut(io.probe) : run.run());
      if (end.event === 'stopped' || io.probe) return end;
      emit({ event: 'phase', phase: 'save' });
      // losses never stand beside weights that they don't belong to
      await keepLosses(config.out, null);
      const result = await writeResult(config, opened, state, end);
      const losses = run.testLosses(end);
      if (losses) await keepTestLosses(config, model, data, losses);
      return { ...end, result };
    } finally {
      await run.release();
    }
  } finally {
    await kept?.release();
    await state.release();
  }
}

/** Keeps what the run measured of its test rows for its comparison, where that measures the same of them. */
async function keepTestLosses(
  config: RunConfig,
  model: ReadyModel,
  { store, evalStore, heldOutRows }: RunData,
  losses: Pick<TestLosses, 'labelled' | 'before' | 'after'>,
): Promise<void> {
  if (taskOf(config).samples !== 'rows') return;
  // only an adapter begins without effect: whole weights may be rounded
  const before = hasAdapter(config) ? losses.before : null;
  await keepLosses(config.out, {
    source: await sourceOfNumbers(model, config),
    rows: rowsKey(evalStore ?? store, heldOutRows),
    ...losses,
    before,
  });
}

/** The run with the learning rate that a look finds, or that an earlier part of it has found; as it is where it wants none. */
async function withFoundRate(
  parts: TrainingParts & { begin(): Promise<void> },
  open: OpenStepper,
): Promise<RunConfig> {
  const { config, cursor, emit } = parts;
  const { look, ...others } = config;
  if (!look) return config;
  if (cursor) return { ...others, learningRate: (await savedRate(config.out)) ?? config.learningRate };
  const found = await lookFirst(parts, open);
  if (found === null) return others;
  emit(found);
  return { ...others, learningRate: found.learningRate };
}

/** Puts the newest checkpoint into `state`; null where the run was killed before its first one. */
async function resumed(
  { out, gradientAccumulation }: RunConfig,
  { state, identity, data, emit }: Pick<TrainingParts, 'state' | 'identity' | 'data' | 'emit'>,
): Promise<Cursor | null> {
  emit({ event: 'phase', phase: 'resume' });
  const found = await resumeFrom(out, state, {
    identity,
    stepsInEpoch: (epoch) => stepsInEpoch(data.training, epoch, gradientAccumulation),
    found: ({ sectionBatches }) => data.training.resume(sectionBatches),
  });
  for (const { why } of found?.damaged ?? []) {
    const message = say`${why} The run resumes from the checkpoint before it.`;
    emit({ event: 'warning', code: 'checkpoint-damaged', message });
  }
  await clearHalfWritten(out);
  await truncateMetrics(out, found?.cursor ?? { step: -1, evaluatedStep: -1 });
  return found?.cursor ?? null;
}

/** Gives trained parameters their first values: the model's own, or those of an adapter without effect. */
async function initialise(
  config: RunConfig,
  state: TrainState,
  { weights, squares, opened }: { weights: Weights; squares: RowSquares; opened: OpenedModel },
): Promise<void> {
  const given = new Map<string, Float32Array>(
    [...squares].map(([module, data]) => [peftName(module, 'magnitude'), data.map(Math.sqrt)]),
  );
  if (opened.added)
    for (const table of opened.outline.tables)
      given.set(tokenRowsName(table), await opened.added.firstRows(table));
  if (opened.model.categories) {
    const isStored = opened.sources.has(SORTING_HEAD);
    const head = isStored ? await weights.read(SORTING_HEAD) : initialHead(opened, config.seed);
    for (const name of [SORTING_HEAD, savedWholeName(SORTING_HEAD)]) given.set(name, head);
  }
  for (const trainable of state.trainables) {
    const { name } = trainable;
    const others = () => (hasAdapter(config) ? initialAdapter(trainable, config.seed) : weights.read(name));
    state.setValues(name, given.get(name) ?? (await others()));
  }
  state.anchor();
}

/** Fewer tokens are measured in a minute or so. */
const LEAST_MEASURED = 50_000;

/** Says where measuring takes longer than training: a step takes about twice as long for a token. */
function warnLongMeasuring(course: Course, data: RunData, emit: (event: EngineEvent) => void): void {
  const { store, evalStore, rows, heldOutRows } = data;
  const { totalSteps, evalEvery, stepsInEpoch: inEpoch } = course;
  if (totalSteps === 0 || heldOutRows.length === 0) return;
  const tokensOf = (lengths: Counts, of: RowNumbers) => {
    let sum = 0;
    for (const row of of) sum += lengths[row]!;
    return sum;
  };
  const times = 1 + Math.ceil(totalSteps / evalEvery);
  const measured = times * tokensOf((evalStore ?? store).lengths, heldOutRows);
  const trained = (totalSteps / inEpoch(0)) * tokensOf(store.lengths, rows);
  if (measured < LEAST_MEASURED || measured < 2 * trained) return;
  const message = say`Measuring ${plural(heldOutRows.length, 'test row')} ${number(times)} times takes longer than this training. Fewer test rows shorten it.`;
  emit({ event: 'warning', code: 'long-measuring', message });
}

/** Says which of the new tokens have been in no row. */
function warnUnseen(texts: readonly string[], emit: (event: EngineEvent) => void): void {
  if (texts.length === 0) return;
  const named = texts.slice(0, NAMED).map((text) => JSON.stringify(text));
  const more =
    texts.length > NAMED ? `${named.join(marks().comma)}${marks().comma}…` : named.join(marks().comma);
  const message =
    texts.length === 1
      ? say`No row has the new token ${more}, so the model doesn't learn it.`
      : say`No row has these new tokens, so the model doesn't learn them: ${more}`;
  emit({ event: 'warning', code: 'new-token-unseen', message });
}
