/** The rows of a run: read from files, tokenised, cut to what the model reads; warns of what was lost. */

import { createHash } from 'node:crypto';
import { AppError } from '../../../common/errors.ts';
import type { RowsLeftOut } from '../../../common/protocol/protocol.ts';
import { defaultMicroBatch } from '../../../common/settings/rows.ts';
import { MODELS } from '../../../common/settings/suits.ts';
import { number, plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { dataBytes, readingOf } from '../../rows/read-rows.ts';
import type { DataNote } from '../../rows/readers/source.ts';
import { streamSeed } from '../../rows/rng.ts';
import type { TrainingRow } from '../../rows/schema.ts';
import type { RunConfig } from '../config/config.ts';
import { buildTokenStore, type DatasetProgress } from '../data/tokens/dataset.ts';
import type { RowSource } from '../data/tokens/encode-work.ts';
import { RowSections, type SectionLimits } from '../data/tokens/row-sections.ts';
import type { TokenStats, TokenStore } from '../data/tokens/token-store.ts';
import type { EncodedRow, Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { JobIo } from '../load/ready-model.ts';
import { taskOf } from '../tasks/registry.ts';
import type { LossSettings } from '../tasks/task.ts';
import { allRows, arrangeRows, type RunRows } from './arrange-rows.ts';
import { frozenLayers } from './kept-activations.ts';
import { SectionedBatching } from './sectioned-batching.ts';

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
  /** All rows; where they are in sections, those of the first one. */
  readonly store: TokenStore;
  readonly evalStore: TokenStore | null;
  /** What both are read from. */
  readonly from: { readonly store: RowsFrom; readonly evalStore: RowsFrom | null };
  /** Rows of an epoch, or of all sections. */
  readonly trainedRows: number;
  /** General rows, some of which are mixed in; null where nothing is replayed. */
  readonly replayStore: TokenStore | null;
  close(): Promise<void>;
}

/** Files, or rows that were read before. */
export type RowsFrom = string | readonly string[] | RowSource;

/**
 * Files from 32 MiB on are dealt to sections of 1 to 2 MiB: before the first step 300,000 short rows (36 MB) take 5 s of processor time so,
 * and 37 where all are tokenised.
 */
export const SECTION_LIMITS: SectionLimits = { from: 32 * 2 ** 20, bytes: 2 * 2 ** 20, rows: 1000 };

/** The same rows held out, and all others tokenised first. */
export const ONE_SECTION: SectionLimits = { ...SECTION_LIMITS, rows: Number.POSITIVE_INFINITY };

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
  Partial<
    Pick<
      RunConfig,
      | 'shareBeginnings'
      | 'inSections'
      | 'objective'
      | 'thinking'
      | 'threads'
      | 'newTokens'
      | 'method'
      | 'lora'
      | 'keepActivations'
      | keyof LossSettings
    >
  > & {
    readonly sheet?: string | undefined;
  };

export interface DataContext extends JobIo {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  /** Where the tokens are kept while the run lasts. */
  readonly folder: string;
  /** The file of general rows, where some are to be mixed in. */
  readonly replayFile?: string | null;
  /** When rows are dealt to sections; default `SECTION_LIMITS`. */
  readonly limits?: SectionLimits;
  /** Sees every readable row with its tokens before they are cut at `maxLength`. */
  onRow?(row: TrainingRow, encoded: EncodedRow, maxLength: number): void;
}

/** Reads and arranges the data of a run; what was cut, skipped or dropped is reported as warnings. */
export async function readRunData(config: DataSettings, context: DataContext): Promise<RunData> {
  const open: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const one of open.splice(0)) await one.close();
  };
  const read = async (from: RowsFrom, settings: RowSettings) => {
    const store = await readStore(from, settings, context);
    open.push(store);
    return store;
  };
  const { data, evalData, replay } = config;
  const { replayFile } = context;
  try {
    const limits = await limitsFor(config, context);
    const dealt = limits && (await dealRows(config, context, limits));
    if (dealt) open.push(dealt);
    const from = {
      store: dealt?.section(0) ?? data,
      evalStore: evalData ?? (dealt && dealt.heldOut > 0 ? dealt.heldOutRows() : null),
    };
    const store = await (dealt ? openStore(from.store, config, context) : read(from.store, config));
    if (dealt) open.push(store);
    const heldOut = from.evalStore !== null && evalData === undefined;
    const evalStore = await (heldOut
      ? openStore(from.evalStore!, cutFor(config, context), context)
      : evalData === undefined
        ? null
        : read(evalData, config));
    if (heldOut) open.push(evalStore!);
    const replayStore = replay > 0 && replayFile ? await read(replayFile, withoutReading(config)) : null;
    const stores = { store, evalStore, replayStore };
    const all = { ...stores, from, close };
    const settings = dealt ? { ...config, heldOut: 0 } : config;
    const arranged = arrangeRows(settings, context.opened, stores);
    const parts =
      dealt && new Parts(config, context, dealt, { first: store, heldOut: heldOut ? evalStore : null });
    if (!parts || dealt.sections === 1) return { ...all, ...arranged, trainedRows: arranged.rows.length };
    open.push(parts);
    const training = new SectionedBatching(dealt.sections, arranged.training, async (section) => {
      const rows = await parts.open(section);
      // neither the order of the first one nor its general rows
      const seed = streamSeed(config.seed, 'section', section);
      return arrangeRows({ ...settings, seed }, context.opened, { ...stores, store: rows }).training;
    });
    return { ...all, ...arranged, training, trainedRows: dealt.trained };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All rows of `config.data`, or those of them that a training holds out. */
export async function readPart(
  part: 'all' | 'held-out',
  config: Omit<DataSettings, 'evalData' | 'replay'>,
  context: DataContext,
): Promise<{ readonly store: TokenStore; readonly rows: Uint32Array; close(): Promise<void> }> {
  if (part === 'all') {
    const store = await readStore(config.data, config, context);
    return { store, rows: allRows(store.count), close: () => store.close() };
  }
  const all = { ...config, evalData: undefined, replay: 0 };
  const { store, evalStore, heldOutRows, close } = await readRunData(all, {
    ...context,
    limits: ONE_SECTION,
  });
  return { store: evalStore ?? store, rows: heldOutRows, close };
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

/**
 * The limits by which rows are dealt to sections; null where all are tokenised in the order of the files. How large these are decides
 * alone which rows are held out, so that every reading of them holds out the same ones; a run from before sections keeps its own.
 */
async function limitsFor(
  config: DataSettings,
  { opened, limits = SECTION_LIMITS }: DataContext,
): Promise<SectionLimits | null> {
  if (config.inSections === false || (await dataBytes([config.data].flat())) < limits.from) return null;
  const { samples, needsReference } = taskOf(config);
  const { method = 'full', lora, keepActivations, newTokens = [] } = config;
  // looked for in all rows, kept for each, or a row beside another one
  const keeps = keepActivations && lora && frozenLayers({ method, lora } as RunConfig, opened) > 0;
  const isWhole = needsReference || samples === 'pairs' || newTokens.length > 0 || keeps;
  return isWhole ? ONE_SECTION : limits;
}

function dealRows(config: DataSettings, context: DataContext, limits: SectionLimits): Promise<RowSections> {
  const heldOut = config.evalData === undefined ? config.heldOut : 0;
  return RowSections.read({
    ...readingOptions(config.data, config, context),
    heldOut,
    limits,
    seed: config.seed,
    maxLength: config.maxLength,
  });
}

/** Sections of rows after the first one, and what becomes of all rows, told once all were seen. */
class Parts {
  readonly #config: RowSettings;
  readonly #context: DataContext;
  readonly #dealt: RowSections;
  readonly #seen: Set<number>;
  #store: TokenStore;
  #stats: TokenStats;

  constructor(
    config: RowSettings,
    context: DataContext,
    dealt: RowSections,
    { first, heldOut }: { readonly first: TokenStore; readonly heldOut: TokenStore | null },
  ) {
    const { emit, tokenizer } = context;
    this.#config = cutFor(config, context);
    this.#context = context;
    this.#dealt = dealt;
    this.#store = first;
    this.#stats = heldOut ? sumOfStats(first.stats, heldOut.stats) : first.stats;
    this.#seen = new Set([0]);
    const isAll = dealt.sections === 1;
    const counted = isAll ? { stats: this.#stats } : first;
    for (const [code, message] of remarks(counted, this.#config.maxLength, tokenizer)) {
      const part = say`In the first of ${number(dealt.sections)} parts: ${message}`;
      emit({ event: 'warning', code, message: isAll || code === 'rows-skipped' ? message : part });
    }
  }

  /** The rows of a section; those of the one before are gone then. */
  async open(section: number): Promise<TokenStore> {
    const store = await openStore(this.#dealt.section(section), this.#config, this.#context);
    await this.#store.close();
    if (this.#seen.size > 1) this.#store.hashes.close();
    this.#store = store;
    if (!this.#seen.has(section)) this.#add(section, store.stats);
    return store;
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #add(section: number, stats: TokenStats): void {
    const { emit, tokenizer } = this.#context;
    this.#seen.add(section);
    this.#stats = sumOfStats(this.#stats, stats);
    if (this.#seen.size < this.#dealt.sections) return;
    for (const [code, message] of remarks({ stats: this.#stats }, this.#config.maxLength, tokenizer))
      if (code !== 'rows-skipped') emit({ event: 'warning', code, message });
  }
}

/** `config` with the length at which the model's rows are cut, where that it is less was said before. */
function cutFor<Config extends RowSettings>(config: Config, { opened }: DataContext): Config {
  return { ...config, maxLength: Math.min(config.maxLength, opened.model.maxPositions) };
}

function sumOfStats(a: TokenStats, b: TokenStats): TokenStats {
  const { skippedMessages, ...counts } = a;
  const sums = Object.entries(counts).map(([name, count]) => [name, count + b[name as keyof typeof counts]]);
  return { ...(Object.fromEntries(sums) as typeof counts), skippedMessages };
}

/** Reads and tokenises rows; what was cut, skipped or dropped is reported as warnings. */
export async function readStore(
  from: RowsFrom,
  config: RowSettings,
  context: DataContext,
): Promise<TokenStore> {
  const store = await openStore(from, config, context);
  const { maxLength } = cutFor(config, context);
  for (const [code, message] of remarks(store, maxLength, context.tokenizer))
    context.emit({ event: 'warning', code, message });
  return store;
}

async function openStore(from: RowsFrom, config: RowSettings, context: DataContext): Promise<TokenStore> {
  const { opened, onRow, tokenizer } = context;
  const maxLength = longestRow(config.maxLength, context);
  const task = taskOf(config);
  const store = await buildTokenStore({
    ...readingOptions(from, config, context),
    sharePrompts: opened.model.attendsOnly,
    maxPositions: opened.model.maxPositions,
    ...(config.threads !== undefined && { crew: { threads: config.threads } }),
    encodeRow: task.encoder(tokenizer, opened.model),
    encoderSource: task.encoderSource(opened),
    keepsEnd: task.samples === 'sorted',
    ...(onRow && { onRow: (row, encoded) => onRow(row, encoded, maxLength) }),
    maxLength,
  });
  try {
    checkVocabulary(store, context);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** How rows are read, and what is told meanwhile. */
function readingOptions(from: RowsFrom, config: RowSettings, { emit, folder, stop }: DataContext) {
  emit({ event: 'phase', phase: 'tokenize', fraction: 0 });
  const isRead = typeof from === 'object' && 'rows' in from;
  return {
    ...(isRead ? { source: from, files: [] } : { files: [from].flat() }),
    reading: readingOf(config),
    onBadRow: config.onBadRow,
    folder,
    signal: stop,
    onProgress: ({ doneBytes, totalBytes }: DatasetProgress) =>
      emit({ event: 'phase', phase: 'tokenize', fraction: doneBytes / Math.max(1, totalBytes) }),
    onNote: ({ code, message, expected }: DataNote) => {
      if (expected) emit({ event: 'phase', phase: 'tokenize', detail: message });
      else emit({ event: 'warning', code, message });
    },
  };
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
