/** The rows of an assessment: those to measure, and the texts of those to ask. */

import { createHash } from 'node:crypto';
import type { RowNumbers } from '../../../rows/compact.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { TrainingRow } from '../../../rows/schema.ts';
import type { RunConfig } from '../../config/config.ts';
import { withEnd } from '../../data/tokens/dataset.ts';
import type { TokenStore } from '../../data/tokens/token-store.ts';
import { evaluationBatching } from '../../step/arrange-rows.ts';
import { type DataContext, type RowsFrom, readRunData, readStore } from '../../step/run-data.ts';
import { taskOf } from '../../tasks/registry.ts';
import { AnswerTally } from '../classify/closed-set.ts';
import { measuredTraining } from './budget.ts';
import { type AskedRow, askedRow } from './prompts.ts';
import type { MeasuredRows } from './subject.ts';

/** Training rows whose answers show the kind of task and which stand as examples. */
const SAMPLED_TRAINING = 500;
/** Training rows that simpler ways learn from, at most, and tokens of all of them. */
const MOST_TAUGHT = 5000;
const MOST_TAUGHT_TOKENS = 4e6;

export interface GatheredRows {
  readonly heldOut: MeasuredRows | null;
  readonly training: MeasuredRows;
  /** Held-out rows with an answer, in random order, at most as many as were wanted. */
  readonly asked: readonly AskedRow[];
  /** Training rows with an answer, in random order: a sample, and as many as simpler ways learn from. */
  readonly learned: readonly AskedRow[];
  readonly taught: readonly AskedRow[];
  /** The answers of all rows of the training's data, or of its first section. */
  readonly answers: AnswerTally;
  readonly heldOutCount: number;
  readonly dataHash: string;
  close(): Promise<void>;
}

/** Reads the rows of a run once to split them as the run did, and again for the texts of up to `wanted`. */
export async function gatherRows(
  config: RunConfig,
  context: DataContext,
  wanted: number,
  seed: number,
): Promise<GatheredRows> {
  const data = await readRunData(config, context);
  const { store, evalStore, rows, heldOutRows, from } = data;
  try {
    const measured = evalStore ?? store;
    const askedRows = drawRows(heldOutRows, wanted, seed);
    const perRow = store.stats.tokens / Math.max(1, store.stats.rows);
    const mostTaught = Math.max(SAMPLED_TRAINING, Math.min(MOST_TAUGHT, MOST_TAUGHT_TOKENS / perRow));
    const taughtRows = drawRows(rows, mostTaught, seed + 1);
    const learnedRows = taughtRows.slice(0, SAMPLED_TRAINING);
    const shape = data.training.shape(0);
    const lengths = { rowLength: shape.time, rowsPerBatch: shape.batch };
    const sampled = drawRows(rows, measuredTraining(heldOutRows.length), seed + 2).sort();
    const answers = new AnswerTally();
    const fromData = await textsOf(
      from.store,
      store,
      evalStore ? taughtRows : join(taughtRows, askedRows),
      config,
      context,
      answers,
    );
    const fromEval =
      evalStore && from.evalStore !== null
        ? await textsOf(from.evalStore, evalStore, askedRows, config, context)
        : fromData;
    const take = (found: ReadonlyMap<number, AskedRow>, wantedRows: Uint32Array) =>
      [...wantedRows].map((row) => found.get(row)).filter((row) => row !== undefined);
    return {
      heldOut: data.heldOut && { store: measured, rows: heldOutRows, batching: data.heldOut },
      training: {
        store,
        rows: sampled,
        batching: evaluationBatching(store, sampled, lengths, config, context.opened.model),
      },
      asked: take(fromEval, askedRows),
      learned: take(fromData, learnedRows),
      taught: take(fromData, taughtRows),
      answers,
      heldOutCount: heldOutRows.length,
      dataHash: evalStore ? `${store.contentHash},${evalStore.contentHash}` : store.contentHash,
      close: () => data.close(),
    };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** The texts of wanted rows; running text has nothing to ask. */
async function textsOf(
  ...[data, store, rows, config, context, tally]: Parameters<typeof rowsOf>
): Promise<ReadonlyMap<number, AskedRow>> {
  const texts = new Map<number, AskedRow>();
  for (const [index, row] of await rowsOf(data, store, rows, config, context, tally)) {
    const asked = askedRow(row, config.thinking);
    if (asked) texts.set(index, asked);
  }
  return texts;
}

/** Wanted rows, found by their ids as `data` is read again, whose answers are counted. */
export async function rowsOf(
  data: RowsFrom,
  store: TokenStore,
  rows: Uint32Array,
  config: RunConfig,
  context: DataContext,
  tally?: AnswerTally,
): Promise<ReadonlyMap<number, TrainingRow>> {
  const wanted = new Map<string, number[]>();
  for (const row of rows) {
    const { ids, second = ids.length } = await store.row(row);
    const key = keyOf(ids.slice(0, second));
    wanted.set(key, [...(wanted.get(key) ?? []), row]);
  }
  const found = new Map<number, TrainingRow>();
  const isSorted = taskOf(config).samples === 'sorted';
  const again = await readStore(data, config, {
    ...context,
    // warnings were told when they were read first
    emit: (event) => event.event === 'phase' && context.emit(event),
    onRow: (row, { ids, second = ids.length }, maxLength) => {
      const asked = tally && askedRow(row, config.thinking);
      if (asked) tally.add(asked.answer);
      const kept = isSorted ? withEnd(ids, maxLength) : ids.slice(0, Math.min(second, maxLength));
      const stored = wanted.get(keyOf(Int32Array.from(kept)));
      for (const index of stored ?? []) found.set(index, row);
    },
  });
  await again.close();
  return found;
}

function join(a: Uint32Array, b: Uint32Array): Uint32Array {
  return Uint32Array.from([...a, ...b]);
}

/** Up to `count` of `rows` in an order drawn by `seed`, so that the first few are a fair sample as well. */
function drawRows(rows: RowNumbers, count: number, seed: number): Uint32Array {
  return Rng.fromSeed(streamSeed(seed, 'assess')).shuffle(rows.slice()).slice(0, count);
}

function keyOf(ids: Int32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
    .digest('base64');
}
