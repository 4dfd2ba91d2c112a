/**
 * What the model itself says before training: of the answers that preferences are compared with, and to bundled prompts as replay against
 * forgetting.
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { AppError } from '../../../common/errors.ts';
import { UNFINISHED } from '../../../common/settings/rows.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { exists } from '../../folders.ts';
import { cacheFolder, resourcesFolder } from '../../paths.ts';
import { quantisedFormat, type RunConfig } from '../config/config.ts';
import { samplesOf } from '../data/batches/pack.ts';
import { encodePrompt } from '../data/tokens/encode.ts';
import type { TokenStore } from '../data/tokens/token-store.ts';
import { generateAll } from '../eval/batch-generator.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import { NO_ADAPTER } from '../load/adapter.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { quantisedMark } from '../load/quantised-weights.ts';
import { type JobIo, type ReadyModel, sourceOfNumbers } from '../load/ready-model.ts';
import { allRows, evaluationBatching } from '../step/arrange-rows.ts';
import { stepsInEpoch } from '../step/batching.ts';
import type { RunData } from '../step/run-data.ts';
import { evaluationStep } from '../step/step-graphs.ts';
import { type BatchShape, batchFeeds } from '../tasks/feeds.ts';
import { taskOf } from '../tasks/registry.ts';

// What the model says of answers before training, which preferences are compared with: computed once, without an adapter, and kept in the
// cache by model and rows, so that an interrupted or another run finds it. No second copy of the weights is needed.

/** Time after which what is known is written. */
const SAVED_MS = 20_000;

type Settings = Pick<RunConfig, 'trainOn' | 'objective' | 'packing' | 'precision' | 'gradientAccumulation'>;

/**
 * Gives the rows of `data` that are measured or come in the first so many steps what the model before training says of them, where the
 * objective asks for it.
 */
export async function addReferences(
  config: Settings,
  model: ReadyModel,
  data: Pick<RunData, 'store' | 'evalStore' | 'training' | 'heldOutRows'>,
  io: JobIo,
  steps: number,
): Promise<void> {
  if (!taskOf(config).needsReference) return;
  const { store, evalStore, training, heldOutRows } = data;
  const wanted = inSteps(config, data, steps);
  for (const row of evalStore ? [] : heldOutRows) wanted[row] = 1;
  await addTo(store, wanted, training.shape(0), config, model, io);
  if (evalStore)
    await addTo(evalStore, new Uint8Array(evalStore.count).fill(1), training.shape(0), config, model, io);
}

/** Only seen by what is timed and then forgotten: any value takes as long. */
export function withoutReferences({ store, evalStore }: Pick<RunData, 'store' | 'evalStore'>): void {
  for (const rows of [store, evalStore]) if (rows) rows.reference = new Float32Array(2 * rows.count);
}

/** [rows] 1 for rows that come in the first so many steps. */
function inSteps(
  { gradientAccumulation }: Settings,
  { store, training }: Pick<RunData, 'store' | 'training'>,
  steps: number,
): Uint8Array {
  // the first epoch has all rows
  if (steps >= stepsInEpoch(training, 0, gradientAccumulation)) return new Uint8Array(store.count).fill(1);
  const wanted = new Uint8Array(store.count);
  if (steps === 0) return wanted;
  for (const row of samplesOf(training.plan(0), 0, steps * gradientAccumulation)) wanted[row] = 1;
  return wanted;
}

async function addTo(
  store: TokenStore,
  wanted: Uint8Array,
  atOnce: BatchShape,
  config: Settings,
  ready: ReadyModel,
  { stop, emit }: JobIo,
): Promise<void> {
  const shape = { rowLength: atOnce.time, rowsPerBatch: atOnce.batch };
  // always the same batches: what is computed after an interruption is the same to the bit
  const batching = evaluationBatching(
    store,
    allRows(store.count),
    shape,
    { ...config, seed: 0 },
    ready.opened.model,
  );
  const plan = batching.plan(0);
  const file = await placeOf(config, ready, store, batching.shape(0));
  const values = await readKnown(file, 2 * store.count);
  const missing = Array.from({ length: plan.batches }, (_, batch) => batch).filter((batch) =>
    samplesOf(plan, batch).some((row) => wanted[row] === 1 && Number.isNaN(values[2 * row]!)),
  );
  store.reference = values;
  if (missing.length === 0) return;
  const { executor, method, model, weights } = decoderOf(ready, NO_ADAPTER);
  const { graph } = evaluationStep(model, method, batching.shape(0));
  const program = await executor.compile(graph, { weights });
  try {
    let saved = performance.now();
    for (const [done, index] of missing.entries()) {
      stop.throwIfAborted();
      const fraction = done / missing.length;
      emit({ event: 'phase', phase: 'ask', fraction, detail: say`how likely your answers are` });
      const batch = await batching.batch(0, index);
      const { outputs } = await program.run(batchFeeds(model, batch));
      const { answers, inAnswer } = batch.pairs!;
      const sums = new Float64Array(2 * batch.pairs!.rows.length);
      for (let i = 0; i < batch.labelledCount; i++) sums[answers[i]!]! -= outputs.nll![i]! * inAnswer[i]!;
      for (const [pair, row] of samplesOf(plan, index).entries())
        values.set(sums.subarray(2 * pair, 2 * pair + 2), 2 * row);
      if (performance.now() - saved < SAVED_MS) continue;
      await save(file, values);
      saved = performance.now();
    }
  } finally {
    await save(file, values);
    await program.release();
  }
}

/** The file of what is known: named by all that the numbers depend on. */
async function placeOf(
  config: Settings,
  model: ReadyModel,
  { contentHash, hashes }: TokenStore,
  shape: BatchShape,
): Promise<string> {
  const about = [await sourceOfNumbers(model, config), model.weights.format, contentHash, shape];
  const key = createHash('sha256').update(JSON.stringify(about));
  for (const words of hashes) key.update(words);
  return path.join(cacheFolder(), 'references', `${key.digest('hex').slice(0, 40)}.f32`);
}

/** Values with a checksum behind them; not-a-number for what is not known, and where a file is damaged for all. */
async function readKnown(file: string, count: number): Promise<Float32Array> {
  const bytes = await fs.readFile(file).catch(() => null);
  const whole =
    bytes?.length === 4 * count + 4 && crc32(bytes.subarray(0, -4)) === bytes.readUInt32LE(4 * count);
  if (!bytes || !whole) return new Float32Array(count).fill(Number.NaN);
  return new Float32Array(new Uint8Array(bytes.subarray(0, -4)).buffer);
}

/** A cache that cannot be written costs time and nothing else. */
async function save(file: string, values: Float32Array): Promise<void> {
  const bytes = Buffer.alloc(values.byteLength + 4);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), values.byteLength);
  await writeFileAtomic(file, bytes).catch(() => undefined);
}

// Replay: general rows mixed into the training rows against forgetting (Robins 1995). They are a file that the person names,
// `replay.jsonl` beside the model, or the model's own greedy answers to bundled prompts.

const REPLAY_FILE = 'replay.jsonl';
/** Longest answer to a bundled prompt, in tokens: how an answer begins is what a training changes first, and what is cheap to ask. */
export const ANSWER_TOKENS = 32;

/** The file of general rows for this run, made where it has to be; null where nothing is replayed. */
export async function replayFileFor(
  config: ReplaySettings,
  model: ReadyModel,
  io: JobIo,
): Promise<string | null> {
  if (config.replay === 0) return null;
  const file = await replayPlace(config, model.opened);
  const isGiven = config.replayData !== undefined;
  if (!isGiven && !(await exists(file))) await writeFileAtomic(file, await ownAnswers(model, io));
  return file;
}

type ReplaySettings = Pick<RunConfig, 'replay' | 'replayData' | 'model' | 'bits' | 'quant' | 'doubleQuant'>;

/** The file of general rows for a run: the named one, the model's, or where its own answers are kept. */
export async function replayPlace(
  config: Omit<ReplaySettings, 'replay'>,
  { store }: Pick<OpenedModel, 'store'>,
): Promise<string> {
  if (config.replayData !== undefined) return config.replayData;
  const beside = path.join(config.model, REPLAY_FILE);
  if (await exists(beside)) return beside;
  const key = await cacheKeyOf(filesOf(store));
  // a quantised model gives answers of its own
  const format = quantisedFormat(config);
  const mark = format === null ? '' : `-${quantisedMark(format)}`;
  return path.join(cacheFolder(), 'replay', `${key.slice(0, 32)}${mark}-${ANSWER_TOKENS}.jsonl`);
}

/** JSON lines of the model's own answers to the bundled prompts. */
async function ownAnswers(model: ReadyModel, { emit, stop }: JobIo): Promise<string> {
  const { tokenizer } = model;
  const prompts = await bundledPrompts();
  const report = (fraction: number) =>
    emit({
      event: 'phase',
      phase: 'ask',
      fraction,
      detail: say`for general answers, once`,
    });
  report(0);
  const requests = prompts.map((content) => ({
    prompt: encodePrompt(tokenizer, [{ role: 'user', content }]),
    maxNewTokens: ANSWER_TOKENS,
  }));
  const answers = await generateAll(decoderOf(model), requests, {
    stopIds: tokenizer.stopIds,
    stop,
    onProgress: report,
  });
  const rows = answers.flatMap(({ ids, stopReason }, i) => {
    const completion = tokenizer.decode(ids).trim();
    const row = { prompt: prompts[i], completion };
    if (completion === '') return [];
    return stopReason === 'end' ? [row] : [{ ...row, [UNFINISHED]: 'yes' }];
  });
  if (rows.length === 0)
    throw new AppError(
      'no-rows',
      say`The model has nothing to say to ${prompts.length} general prompts, so there is nothing to mix in.`,
      say`Choose a file with general rows, or train without them.`,
    );
  return `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
}

export async function bundledPrompts(): Promise<string[]> {
  const file = path.join(resourcesFolder(), 'general', 'replay-prompts.jsonl');
  const lines = (await fs.readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt);
}
