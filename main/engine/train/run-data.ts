/** The rows of a run: read, tokenised, split, and arranged in micro-batches for training and for evaluation. */
import { createHash } from 'node:crypto';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../config/config.ts';
import { readingOf } from '../data/rows/read-rows.ts';
import type { TrainingRow } from '../data/rows/schema.ts';
import { splitRows } from '../data/rows/split.ts';
import { buildTokenStore } from '../data/tokens/dataset.ts';
import { joinRows, type RowStore, type TokenStore } from '../data/tokens/token-store.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { Batching } from './batching.ts';
import { nextToken } from './objective.ts';
import { chooseReplay, replayCount } from './replay.ts';
import { chooseRowShape, filledShape, type RowShape } from './row-shape.ts';

/** A hash of the rows that a run is measured on: two runs with the same one can be compared. Undefined where there are none. */
export function testRowsHash({
  store,
  evalStore,
  heldOutRows,
}: {
  readonly store: Pick<TokenStore, 'hashes'>;
  readonly evalStore: Pick<TokenStore, 'contentHash'> | null;
  readonly heldOutRows: Uint32Array;
}): string | undefined {
  if (heldOutRows.length === 0) return undefined;
  if (evalStore) return evalStore.contentHash;
  const rows = Array.from(heldOutRows, (row) => store.hashes.slice(2 * row, 2 * row + 2).join());
  return createHash('sha256').update(rows.sort().join(' ')).digest('hex');
}

/** How the rows of a run are split, mixed and arranged. */
export interface RunRows {
  /** Rows to train on, without those that are mixed in. */
  readonly rows: Uint32Array;
  /** How many rows are mixed in. */
  readonly replayedRows: number;
  readonly heldOutRows: Uint32Array;
  /** Tokens that the loss counts in an epoch. */
  readonly labelledTokens: number;
  readonly training: Batching;
  readonly heldOut: Batching | null;
}

export interface RunData extends RunRows {
  readonly store: TokenStore;
  readonly evalStore: TokenStore | null;
  /** General rows, some of which are mixed in; null where nothing is replayed. */
  readonly replayStore: TokenStore | null;
  close(): Promise<void>;
}

type DataSettings = Pick<
  RunConfig,
  | 'data'
  | 'evalData'
  | 'map'
  | 'promptTemplate'
  | 'system'
  | 'maxLength'
  | 'tokensPerMicroBatch'
  | 'splitMicroBatch'
  | 'trainOn'
  | 'packing'
  | 'heldOut'
  | 'onBadRow'
  | 'seed'
  | 'replay'
> & { readonly sheet?: string | undefined };

export interface DataContext {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  /** Where the tokens are kept while the run lasts. */
  readonly folder: string;
  /** The file of general rows, where some are to be mixed in. */
  readonly replayFile?: string | null;
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
  /** Sees every readable row with its tokens before they are cut at `maxLength`. */
  onRow?(row: TrainingRow, encoded: EncodedRow, maxLength: number): void;
}

/** Reads and arranges the data of a run; what was cut, skipped or dropped is reported as warnings. */
export async function readRunData(config: DataSettings, context: DataContext): Promise<RunData> {
  const store = await readStore(config.data, config, context);
  const evalStore = config.evalData === undefined ? null : await readStore(config.evalData, config, context);
  const replayStore = await readReplay(config, context);
  return {
    ...{ store, evalStore, replayStore },
    ...arrangeRows(config, context.opened, { store, evalStore, replayStore }),
    close: async () => {
      await store.close();
      await evalStore?.close();
      await replayStore?.close();
    },
  };
}

type Arrangement = Pick<
  DataSettings,
  'tokensPerMicroBatch' | 'splitMicroBatch' | 'packing' | 'heldOut' | 'seed' | 'replay'
>;

/** The rows of a run, those of `evalData` where there is any, and the general ones where some are mixed in. */
export interface RowSources {
  readonly store: RowStore & Pick<TokenStore, 'hashes'>;
  readonly evalStore: RowStore | null;
  readonly replayStore: RowStore | null;
}

/** Splits, mixes and arranges rows that have been read; no token is looked at. */
export function arrangeRows(
  config: Arrangement,
  { model, outline }: Pick<OpenedModel, 'model' | 'outline'>,
  { store, evalStore, replayStore }: RowSources,
): RunRows {
  const { count, hashes } = store;
  const split = evalStore
    ? { train: allRows(count), heldOut: allRows(evalStore.count) }
    : splitRows(count, { heldOut: config.heldOut, seed: config.seed, hashes });
  const { source, rows } = mixed(config, store, replayStore, split.train);
  const common = { pack: config.packing, seed: config.seed };
  const choice = { ...common, store: source, rows };
  const shape = chooseRowShape(model, outline.parameterCount, choice, config.tokensPerMicroBatch);
  const training = new Batching({ ...shape, ...choice, shuffle: true, split: config.splitMicroBatch });
  const { time, batch } = training.shape(0);
  // what is too large to be trained on at once is to be measured in parts as well
  const atOnce = { rowLength: time, rowsPerBatch: batch };
  const measured = evalStore ?? store;
  return {
    replayedRows: rows.length - split.train.length,
    rows: split.train,
    heldOutRows: split.heldOut,
    labelledTokens: rows.reduce((sum, row) => sum + source.labelled[row]!, 0),
    training,
    heldOut: split.heldOut.length === 0 ? null : evaluationBatching(measured, split.heldOut, atOnce, config),
  };
}

/** The general rows that are to be mixed in; null where none are. */
async function readReplay(config: DataSettings, context: DataContext): Promise<TokenStore | null> {
  if (config.replay === 0 || !context.replayFile) return null;
  return await readStore(context.replayFile, withoutReading(config), context);
}

/** The file of general rows has its own columns: what maps the person's rows does not fit it. */
export function withoutReading<Settings extends Partial<DataSettings>>({
  map: _,
  promptTemplate: __,
  system: ___,
  sheet: ____,
  ...settings
}: Settings): Omit<Settings, 'map' | 'promptTemplate' | 'system' | 'sheet'> {
  return settings;
}

/** The rows to train on with the share of general rows that `config` asks for. */
function mixed(
  config: Arrangement,
  store: RowStore,
  replayStore: RowStore | null,
  train: Uint32Array,
): { source: RowStore; rows: Uint32Array } {
  if (replayStore === null) return { source: store, rows: train };
  const wanted = replayCount(train.length, config.replay);
  const chosen = chooseReplay(replayStore.count, wanted, config.seed).map((row) => store.count + row);
  return { source: joinRows(store, replayStore), rows: Uint32Array.from([...train, ...chosen]) };
}

/** Reads and tokenises the files or folders of one setting. */
export async function readStore(
  data: string | readonly string[],
  config: Omit<DataSettings, 'data' | 'evalData' | 'replay' | 'splitMicroBatch'>,
  context: DataContext,
): Promise<TokenStore> {
  const { emit, folder, stop, tokenizer } = context;
  const maxLength = longestRow(config.maxLength, context);
  emit({ event: 'phase', phase: 'tokenize', fraction: 0 });
  const store = await buildTokenStore({
    files: [data].flat(),
    reading: readingOf(config),
    encodeRow: watched(nextToken.encoder(tokenizer, config), maxLength, context),
    maxLength,
    onBadRow: config.onBadRow,
    folder,
    signal: stop,
    onProgress: ({ doneBytes, totalBytes }) =>
      emit({ event: 'phase', phase: 'tokenize', fraction: doneBytes / Math.max(1, totalBytes) }),
    onNote: ({ code, message, expected }) => {
      if (expected) emit({ event: 'phase', phase: 'tokenize', detail: message });
      else emit({ event: 'warning', code, message });
    },
  });
  for (const [code, message] of remarks(store, maxLength)) emit({ event: 'warning', code, message });
  checkVocabulary(store, context);
  return store;
}

function watched(
  encodeRow: (row: TrainingRow) => EncodedRow,
  maxLength: number,
  context: DataContext,
): (row: TrainingRow) => EncodedRow {
  if (!context.onRow) return encodeRow;
  return (row) => {
    const encoded = encodeRow(row);
    context.onRow?.(row, encoded, maxLength);
    return encoded;
  };
}

/** Rows as long as their longest sample: an evaluation reads each row once, in order. */
export function evaluationBatching(
  store: RowStore,
  rows: Uint32Array,
  shape: RowShape,
  config: { packing: boolean; seed: number },
): Batching {
  const longest = rows.reduce((most, row) => Math.max(most, store.lengths[row]!), 1);
  const rowLength = Math.max(shape.rowLength, longest);
  const rowsPerBatch = Math.max(1, Math.floor((shape.rowLength * shape.rowsPerBatch) / rowLength));
  const data = { store, rows, pack: config.packing, seed: config.seed, shuffle: false };
  return new Batching({ ...data, ...filledShape({ rowLength, rowsPerBatch }, data) });
}

/** Optimizer steps of an epoch: the last may have fewer micro-batches than the others. */
export function stepsInEpoch(training: Batching, epoch: number, gradientAccumulation: number): number {
  return Math.ceil(training.batches(epoch) / gradientAccumulation);
}

/** The numbers of the first `count` rows. */
export function allRows(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** Tokens that a row may have: what was asked for, or what the model reads where that is less. */
export function longestRow(
  maxLength: number,
  { opened, emit }: Pick<DataContext, 'opened' | 'emit'>,
): number {
  const { maxPositions } = opened.model;
  if (maxLength <= maxPositions) return maxLength;
  const message = `This model reads ${maxPositions} tokens: rows are cut off there and not at ${maxLength}.`;
  emit({ event: 'warning', code: 'max-length', message });
  return maxPositions;
}

/** Fails for a tokenizer that does not belong to the model. */
export function checkVocabulary(
  { lengths }: Pick<TokenStore, 'lengths'>,
  { tokenizer, opened }: Pick<DataContext, 'tokenizer' | 'opened'>,
): void {
  if (tokenizer.vocabSize <= opened.model.vocabSize || lengths.length === 0) return;
  throw new AppError(
    'tokenizer.mismatch',
    `The tokenizer has ${tokenizer.vocabSize} tokens, the model only ${opened.model.vocabSize}.`,
    "Use the tokenizer that belongs to the model: its tokenizer.json lies in the model's folder.",
  );
}

/** What a person should know of rows that were read with this limit: codes and messages of warnings. */
export function remarks({ stats }: Pick<TokenStore, 'stats'>, maxLength: number): [string, string][] {
  const { skippedRows, truncatedRows, lostTokens, lostRows, unlabelledRows } = stats;
  const first = stats.skippedMessages[0] ?? '';
  const found: [number, string, string][] = [
    [skippedRows, 'rows-skipped', `${were(skippedRows, 'unreadable row')} skipped. The first: ${first}`],
    [
      truncatedRows,
      'rows-truncated',
      `${were(truncatedRows, 'row')} cut off at ${maxLength} tokens; in all ${were(lostTokens, 'token')} lost.`,
    ],
    [
      lostRows,
      'rows-without-answer',
      `${were(lostRows, 'row')} left out: what to train on begins beyond ${maxLength} tokens.`,
    ],
    [unlabelledRows, 'rows-unlabelled', `${were(unlabelledRows, 'row')} left out: nothing to train on.`],
  ];
  return found.filter(([count]) => count > 0).map(([, code, message]) => [code, message]);
}

function were(count: number, noun: string): string {
  return count === 1 ? `1 ${noun} was` : `${count} ${noun}s were`;
}
