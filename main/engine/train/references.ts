/**
 * What the model says of answers before training, which preferences are compared with: computed once, without an adapter, and
 * kept in the cache by model and rows, so that an interrupted or another run finds it. No second copy of the weights is needed.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { say } from '../../../common/words/language.ts';
import { cacheFolder } from '../../paths.ts';
import type { RunConfig } from '../config/config.ts';
import type { TokenStore } from '../data/tokens/token-store.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import { NO_ADAPTER } from '../load/adapter.ts';
import type { JobIo, ReadyModel } from '../load/ready-model.ts';
import { objectiveOf } from '../objectives/registry.ts';
import { allRows, evaluationBatching } from '../step/arrange-rows.ts';
import type { BatchShape } from '../step/batching.ts';
import type { RunData } from '../step/run-data.ts';
import { batchFeeds, evaluationStep } from '../step/step-graphs.ts';

/** Time after which what is known is written. */
const SAVED_MS = 20_000;

type Settings = Pick<RunConfig, 'trainOn' | 'objective' | 'packing' | 'executor' | 'device' | 'precision'>;

/** Gives the rows of `data` what the model before training says of them, where the objective asks for it. */
export async function addReferences(
  config: Settings,
  model: ReadyModel,
  { store, evalStore, training }: Pick<RunData, 'store' | 'evalStore' | 'training'>,
  io: JobIo,
): Promise<void> {
  if (!objectiveOf(config).needsReference) return;
  for (const rows of [store, evalStore]) if (rows) await addTo(rows, training.shape(0), config, model, io);
}

async function addTo(
  store: TokenStore,
  atOnce: BatchShape,
  config: Settings,
  ready: ReadyModel,
  { stop, emit }: JobIo,
): Promise<void> {
  const shape = { rowLength: atOnce.time, rowsPerBatch: atOnce.batch };
  // always the same batches: what is computed after an interruption is the same to the bit
  const batching = evaluationBatching(store, allRows(store.count), shape, { ...config, seed: 0 });
  const plan = batching.plan(0);
  const rowsOf = (batch: number) => {
    const end = Math.min(plan.packedRows, (batch + 1) * plan.rowsPerBatch);
    return plan.samples.subarray(plan.rowStarts[batch * plan.rowsPerBatch], plan.rowStarts[end]);
  };
  const file = await placeOf(config, ready, store, batching.shape(0));
  const values = await readKnown(file, 2 * store.count);
  const missing = Array.from({ length: plan.batches }, (_, batch) => batch).filter((batch) =>
    rowsOf(batch).some((row) => Number.isNaN(values[2 * row]!)),
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
      emit({ event: 'phase', phase: 'evaluate', fraction, detail: say`asking the model before training` });
      const batch = await batching.batch(0, index);
      const { outputs } = await program.run(batchFeeds(model, batch));
      const { answers, inAnswer } = batch.pairs!;
      const sums = new Float64Array(2 * batch.pairs!.rows.length);
      for (let i = 0; i < batch.labelledCount; i++) sums[answers[i]!]! -= outputs.nll![i]! * inAnswer[i]!;
      for (const [pair, row] of rowsOf(index).entries())
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

/** The file of what is known: named by all that the numbers hang on. */
async function placeOf(
  { executor, device, precision }: Settings,
  { opened, weights }: ReadyModel,
  { contentHash, hashes }: TokenStore,
  shape: BatchShape,
): Promise<string> {
  const about = [
    await cacheKeyOf(filesOf(opened.store)),
    ...[weights.format, executor, device, precision, contentHash],
    ...[opened.added && [opened.added.first, opened.added.pieces], shape],
  ];
  const key = createHash('sha256').update(JSON.stringify(about)).update(hashes).digest('hex');
  return path.join(cacheFolder(), 'references', `${key.slice(0, 40)}.f32`);
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
