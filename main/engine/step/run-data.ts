/** The rows of a run: read from files, tokenised, cut to what the model reads; warns of what was lost. */

import { createHash } from 'node:crypto';
import { AppError } from '../../../common/errors.ts';
import type { RowsLeftOut } from '../../../common/protocol/protocol.ts';
import { defaultMicroBatch } from '../../../common/settings/rows.ts';
import { MODELS } from '../../../common/settings/suits.ts';
import { number, plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { readingOf } from '../../rows/read-rows.ts';
import type { TrainingRow } from '../../rows/schema.ts';
import type { RunConfig } from '../config/config.ts';
import { buildTokenStore } from '../data/tokens/dataset.ts';
import type { TokenStats, TokenStore } from '../data/tokens/token-store.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { JobIo } from '../load/ready-model.ts';
import { taskOf } from '../tasks/registry.ts';
import type { LossSettings } from '../tasks/task.ts';
import { arrangeRows, type RunRows } from './arrange-rows.ts';

/**
 * A hash of the rows that a run is measured on: runs with the same one can be compared. Undefined without
 * rows.
 */
export function testRowsHash({
  store,
  evalStore,
  heldOutRows,
}: {
  readonly store: { readonly hashes: { at(index: number): number | undefined } };
  readonly evalStore: Pick<TokenStore, 'contentHash'> | null;
  readonly heldOutRows: Uint32Array;
}): string | undefined {
  if (heldOutRows.length === 0) return undefined;
  if (evalStore) return evalStore.contentHash;
  const hash = createHash('sha256');
  let between = '';
  // in the order of the texts, a part at a time: those of a million rows would take 100 MB
  for (let digit = 0; digit < 10; digit++) {
    const texts: string[] = [];
    for (const row of heldOutRows) {
      const low = String(store.hashes.at(2 * row));
      if (low.startsWith(String(digit))) texts.push(`${low},${store.hashes.at(2 * row + 1)}`);
    }
    for (const text of texts.sort()) {
      hash.update(between + text);
      between = ' ';
    }
  }
  return hash.digest('hex');
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
> &
  Partial<Pick<RunConfig, 'shareBeginnings' | 'objective' | 'thinking' | 'threads' | keyof LossSettings>> & {
    readonly sheet?: string | undefined;
  };

export interface DataContext extends JobIo {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  /** Where the tokens are kept while the run lasts. */
  readonly folder: string;
  /** The file of general rows, where some are to be mixed in. */
  readonly replayFile?: string | null;
  /** Sees every readable row with its tokens before they are cut at `maxLength`. */
  onRow?(row: TrainingRow, encoded: EncodedRow, maxLength: number): void;
}

/** Reads and arranges the data of a run; what was cut, skipped or dropped is reported as warnings. */
export async function readRunData(config: DataSettings, context: DataContext): Promise<RunData> {
  const open: TokenStore[] = [];
  const close = async () => {
    for (const store of open) await store.close();
  };
  const read = async (files: string | readonly string[], settings: RowSettings) => {
    const store = await readStore(files, settings, context);
    open.push(store);
    return store;
  };
  const { data, evalData, replay } = config;
  const { replayFile } = context;
  try {
    const store = await read(data, config);
    const evalStore = evalData === undefined ? null : await read(evalData, config);
    const replayStore = replay > 0 && replayFile ? await read(replayFile, withoutReading(config)) : null;
    const stores = { store, evalStore, replayStore };
    return { ...stores, ...arrangeRows(config, context.opened, stores), close };
  } catch (error) {
    await close();
    throw error;
  }
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

type RowSettings = Omit<DataSettings, 'data' | 'evalData' | 'replay' | 'splitMicroBatch'>;

export async function readStore(
  data: string | readonly string[],
  config: RowSettings,
  context: DataContext,
): Promise<TokenStore> {
  const { emit, folder, stop, tokenizer, opened, onRow } = context;
  const maxLength = longestRow(config.maxLength, context);
  const task = taskOf(config);
  emit({ event: 'phase', phase: 'tokenize', fraction: 0 });
  const store = await buildTokenStore({
    files: [data].flat(),
    reading: readingOf(config),
    sharePrompts: opened.model.attendsOnly,
    maxPositions: opened.model.maxPositions,
    ...(config.threads !== undefined && { crew: { threads: config.threads } }),
    encodeRow: task.encoder(tokenizer, opened.model),
    encoderSource: task.encoderSource(opened),
    keepsEnd: task.samples === 'sorted',
    ...(onRow && { onRow: (row, encoded) => onRow(row, encoded, maxLength) }),
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
  try {
    for (const [code, message] of remarks(store, maxLength, tokenizer))
      emit({ event: 'warning', code, message });
    checkVocabulary(store, context);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Tokens that a row may have: what was asked for, or what the model reads where that is less. */
export function longestRow(
  maxLength: number,
  { opened, emit }: Pick<DataContext, 'opened' | 'emit'>,
): number {
  const { maxPositions } = opened.model;
  if (maxLength <= maxPositions) return maxLength;
  const message = say`This model reads at most ${number(maxPositions)} tokens, so rows are cut off there, not at ${number(maxLength)}.`;
  emit({ event: 'warning', code: 'max-length', message });
  return maxPositions;
}

export interface Lengths {
  readonly maxLength: number;
  readonly tokensPerMicroBatch: number;
}

/** `config` for a model that reads `maxPositions` tokens; a default micro-batch follows that length. */
export function withinModel<Config extends Lengths>(config: Config, maxPositions: number): Config {
  const { maxLength, tokensPerMicroBatch } = config;
  if (maxLength <= maxPositions) return config;
  const follows = tokensPerMicroBatch === defaultMicroBatch(maxLength);
  const micro = follows ? defaultMicroBatch(maxPositions) : tokensPerMicroBatch;
  return { ...config, maxLength: maxPositions, tokensPerMicroBatch: micro };
}

/** Fails for a tokenizer that does not belong to the model. */
export function checkVocabulary(
  { lengths }: Pick<TokenStore, 'lengths'>,
  { tokenizer, opened }: Pick<DataContext, 'tokenizer' | 'opened'>,
): void {
  if (tokenizer.vocabSize <= opened.model.vocabSize || lengths.length === 0) return;
  throw new AppError(
    'tokenizer.mismatch',
    say`The tokenizer has ${number(tokenizer.vocabSize)} tokens, but the model knows only ${number(opened.model.vocabSize)}.`,
    say`Use the tokenizer that belongs to the model.`,
  );
}

/** Rows that are neither trained on nor held out. */
export function leftOutOf({ skippedRows, lostRows, unlabelledRows }: TokenStats): RowsLeftOut {
  return { unreadable: skippedRows, tooLong: lostRows, empty: unlabelledRows };
}

/** What a person should know of rows that were read with this limit: codes and messages of warnings. */
export function remarks(
  { stats }: Pick<TokenStore, 'stats'>,
  maxLength: number,
  { chat }: Pick<Tokenizer, 'chat'>,
): [string, string][] {
  const { instructedRows, toolRows, skippedRows, truncatedRows, lostTokens, lostRows, unlabelledRows } =
    stats;
  const first = stats.skippedMessages[0] ?? '';
  const found: [number, string, string][] = [
    [
      instructedRows > 0 && chat?.foldsSystem() ? instructedRows : 0,
      'system-folded',
      say`This model doesn't read instructions (a system message) separately. In ${plural(instructedRows, 'row')} they go before the first question.`,
    ],
    [
      toolRows > 0 && chat?.foldsTools() ? toolRows : 0,
      'tools-folded',
      say`This model wasn't made to use tools. In ${plural(toolRows, 'row')} they go into the instructions, and calls are text. ${MODELS.tools[0]!} was.`,
    ],
    [skippedRows, 'rows-skipped', say`${plural(skippedRows, 'unreadable row')} skipped. The first: ${first}`],
    [
      truncatedRows,
      'rows-truncated',
      say`${plural(truncatedRows, 'row')} cut off at ${number(maxLength)} tokens, ${plural(lostTokens, 'token')} in all.`,
    ],
    [
      lostRows,
      'rows-without-answer',
      say`${plural(lostRows, 'row')} left out: the answer begins after ${number(maxLength)} tokens.`,
    ],
    [unlabelledRows, 'rows-unlabelled', say`${plural(unlabelledRows, 'row')} left out: nothing to train on.`],
  ];
  return found.filter(([count]) => count > 0).map(([, code, message]) => [code, message]);
}
