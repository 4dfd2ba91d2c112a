/**
 * From data files to a token store, in one pass over them: read, check, tokenise, cut, count, write. Everything
 * that does not reach training is counted, so that a person can be told what became of each row.
 */

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AppError, assert } from '../../../../common/errors.ts';
import { number } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { isUnconfirmed } from '../../../rows/about.ts';
import type { PlacedRow } from '../../../rows/loose-row.ts';
import { dataBytes, type Reading, readAllRows } from '../../../rows/read-rows.ts';
import type { DataNote } from '../../../rows/readers/source.ts';
import {
  canonicalText,
  hasInstructions,
  hasTools,
  strictRow,
  type TrainingRow,
} from '../../../rows/schema.ts';
import { type CrewSize, charactersOf, inBatches, inThreads } from '../../../rows/threads.ts';
import { CommonBeginning } from './beginning.ts';
import { withOtherAnswer, withSharedPrompt } from './encode.ts';
import { type EncoderSource, encodingWork, type ReadRow, type RowSource } from './encode-work.ts';
import type { TokenFacts, TokenStats, TokenStore } from './token-store.ts';
import { LengthCounter, TokenStoreWriter } from './token-writer.ts';
import type { EncodedRow } from './tokenizer-types.ts';
import { TOO_MUCH } from './too-much.ts';

export interface DatasetOptions {
  /** Data files, or folders of them. */
  readonly files: readonly string[];
  /** Rows of them that somebody has read, in their place. */
  readonly source?: RowSource;
  /** How their records become rows, where a person has said so. */
  readonly reading?: Reading;
  /** Tokens of a row; an `AppError` from it makes the row a bad one, except for a model without a chat template. */
  readonly encodeRow: (row: TrainingRow) => EncodedRow;
  /** What threads make the same encoder from; without it this thread encodes alone. */
  readonly encoderSource?: EncoderSource;
  readonly crew?: CrewSize;
  /** Sees every encoded row in order, before it is cut. */
  readonly onRow?: (row: TrainingRow, encoded: EncodedRow) => void;
  /** The most tokens of a stored row, at least 2. */
  readonly maxLength: number;
  /** The most tokens that the model reads: no limit above it helps. */
  readonly maxPositions?: number;
  /** Rows that are too long keep their last word, a category, and lose tokens before it. Default false. */
  readonly keepsEnd?: boolean;
  /** Keeps what the two sequences of a row begin with once. Default false. */
  readonly sharePrompts?: boolean;
  /** Reading ends with the row in which so many bytes of the files are done; without it they are read to the end. */
  readonly mostBytes?: number;
  /** Stores rows whole: they are cut at `maxLength` later, or at another limit. */
  readonly isWhole?: boolean;
  /** Called for each stored row, in order. */
  readonly onStored?: (isText: boolean) => void;
  /** `stop` throws at the first bad row, `skip` leaves it out and counts it. */
  readonly onBadRow: 'stop' | 'skip';
  /** Where the token file goes; it disappears with `close()` and with the process. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DatasetProgress) => void;
  /** What was decided about the files, such as their encoding and which columns are what. */
  readonly onNote?: (note: DataNote) => void;
}

export interface DatasetProgress {
  /** Bytes of the data files that are done, and their size. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Rows written so far. */
  readonly rows: number;
}

const KEPT_MESSAGES = 5;
/** Longest time without letting timers, signals and messages of the process have their turn. */
const TURN_MS = 20;
const PROGRESS_MS = 100;
/** Longer than any row. */
const WHOLE = Number.MAX_SAFE_INTEGER;
/** What the encoder says of a model that no row suits: the model is wrong then, not the row. */
const NOT_THE_ROW: ReadonlySet<string> = new Set(['chat-template.missing', TOO_MUCH]);

type Counts = {
  -readonly [K in Exclude<keyof TokenStats, 'skippedMessages' | 'skippedRows' | 'rows'>]: number;
};

/**
 * Reads and tokenises `files`. Throws `AppError` codes `bad-row` (with `onBadRow: 'stop'`), `no-rows` (nothing to train
 * on in the whole file), those of reading and writing, and the signal's reason when it is aborted.
 */
export async function buildTokenStore(options: DatasetOptions): Promise<TokenStore> {
  assert(options.maxLength >= 2, `rows of at most ${options.maxLength} tokens predict nothing`);
  const totalBytes = options.source?.bytes ?? (await dataBytes(options.files));
  const writer = await TokenStoreWriter.create(options.folder);
  const build = new Build(options, writer, totalBytes);
  try {
    await build.run();
    return await writer.finish(build.facts());
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** The state of one pass. */
class Build {
  readonly #options: DatasetOptions;
  readonly #writer: TokenStoreWriter;
  readonly #totalBytes: number;
  readonly #hash = createHash('sha256');
  readonly #bad: BadRows;
  readonly #profile = new LengthCounter();
  readonly #beginning = new CommonBeginning();
  readonly #counts: Counts = {
    tokens: 0,
    labelledTokens: 0,
    readRows: 0,
    instructedRows: 0,
    toolRows: 0,
    ...noCuts(),
  };
  /** Of the files, as far as they were read. */
  #share = 1;
  #turnStart = performance.now();
  /** Of the row that is being added. */
  #isUnconfirmed = false;
  #reported = 0;
  #ratedBefore: EncodedRow | null = null;
  /** The first rated row, until there is an answer of another one. */
  #firstRated: EncodedRow | null = null;

  constructor(options: DatasetOptions, writer: TokenStoreWriter, totalBytes: number) {
    const { source, onBadRow } = options;
    this.#options = options;
    this.#writer = writer;
    this.#totalBytes = totalBytes;
    this.#bad = new BadRows(onBadRow, source?.skippedRows, source?.skippedMessages);
  }

  async run(): Promise<void> {
    const { encodeRow, encoderSource, crew } = this.#options;
    const work = encodingWork(encodeRow, encoderSource, this.#totalBytes);
    const size = encoderSource ? crew : { threads: 0 };
    for await (const { batch, result } of inThreads(inBatches(this.#rows()), work, size)) {
      for (const [i, read] of batch.rows.entries()) {
        await this.#addRow(read, result[i]!);
        await this.#takeTurns(read.doneBytes);
      }
    }
    if (this.#firstRated) await this.#addPieces(withOtherAnswer(this.#firstRated, this.#firstRated), false);
    if (this.#writer.count === 0) throw noRowsError(this.#options, this.#stats());
    this.#report(this.#totalBytes);
  }

  /** All rows, each with what it costs to send it. */
  async *#rows() {
    const { source, mostBytes = Number.POSITIVE_INFINITY } = this.#options;
    for await (const row of source?.rows() ?? readRows(this.#options)) {
      const { doneBytes, characters = 0 } = row;
      yield { row, characters, doneBytes };
      if (doneBytes < mostBytes) continue;
      this.#share = Math.min(1, doneBytes / Math.max(1, this.#totalBytes));
      return;
    }
  }

  facts(): TokenFacts {
    return {
      contentHash: this.#options.source?.contentHash ?? this.#hash.digest('hex'),
      stats: this.#stats(),
      profile: this.#profile.finish(),
      beginning: this.#beginning.finish(),
      share: this.#share,
    };
  }

  #stats(): TokenStats {
    const { rows: skippedRows, messages: skippedMessages } = this.#bad;
    return { rows: this.#writer.count, ...this.#counts, skippedRows, skippedMessages };
  }

  async #addRow({ row, where, isUnconfirmed = false }: ReadRow, encoded: EncodedRow | Error): Promise<void> {
    if (row instanceof Error) return this.#bad.add(row);
    if (encoded instanceof Error) return this.#bad.add(encodingError(encoded, where));
    this.#options.onRow?.(row, encoded);
    this.#isUnconfirmed = isUnconfirmed;
    this.#counts.readRows++;
    if (hasInstructions(row)) this.#counts.instructedRows++;
    if (hasTools(row)) this.#counts.toolRows++;
    this.#profile.add(encoded, row.kind === 'text');
    this.#hash.update(`${canonicalText(row)}\n`);
    if (row.kind === 'rated') await this.#addRated(encoded);
    else await this.#addPieces(encoded, row.kind === 'text');
  }

  /** Rated answers get the answer before them as a second sequence; the first one that of the second row. */
  async #addRated(row: EncodedRow): Promise<void> {
    const before = this.#ratedBefore;
    this.#ratedBefore = row;
    if (before === null) {
      this.#firstRated = row;
      return;
    }
    const first = this.#firstRated;
    this.#firstRated = null;
    if (first) await this.#addPieces(withOtherAnswer(first, row), false);
    await this.#addPieces(withOtherAnswer(row, before), false);
  }

  async #addPieces(row: EncodedRow, isText: boolean): Promise<void> {
    const { maxLength, isWhole = false, sharePrompts = false, keepsEnd, onStored } = this.#options;
    const stored = sharePrompts ? withSharedPrompt(row) : row;
    this.#beginning.add(stored);
    for (const piece of cutAt(stored, { isText, keepsEnd }, isWhole ? WHOLE : maxLength, this.#counts)) {
      this.#counts.labelledTokens += await this.#writer.add(piece, this.#isUnconfirmed);
      this.#counts.tokens += piece.ids.length;
      onStored?.(isText);
      if (isText) await this.#takeTurns(null);
    }
  }

  /** Lets the rest of the process run and reports progress, both only now and then. */
  async #takeTurns(doneBytes: number | null): Promise<void> {
    const now = performance.now();
    if (now - this.#turnStart < TURN_MS) return;
    if (doneBytes !== null && now - this.#reported >= PROGRESS_MS) {
      this.#reported = now;
      this.#report(doneBytes);
    }
    await setImmediate();
    this.#options.signal?.throwIfAborted();
    this.#turnStart = performance.now();
  }

  #report(doneBytes: number): void {
    const totalBytes = Math.max(this.#totalBytes, doneBytes);
    this.#options.onProgress?.({ doneBytes, totalBytes, rows: this.#writer.count });
  }
}

/** The rows that cannot be used: the first one is thrown where they `stop`, otherwise they are counted. */
export class BadRows {
  readonly #onBadRow: DatasetOptions['onBadRow'];
  readonly messages: string[];
  rows: number;

  constructor(onBadRow: DatasetOptions['onBadRow'], rows = 0, messages: readonly string[] = []) {
    this.#onBadRow = onBadRow;
    this.rows = rows;
    this.messages = [...messages];
  }

  add(error: Error): void {
    const bad = error instanceof AppError && error.code === 'bad-row';
    if (!bad || this.#onBadRow === 'stop') throw error;
    this.rows++;
    if (this.messages.length < KEPT_MESSAGES) this.messages.push(error.message);
  }
}

/** All rows of the files, each a row to train on or what is wrong with it. */
export async function* readRows({
  files,
  reading,
  signal,
  onNote,
}: Pick<DatasetOptions, 'files' | 'reading' | 'signal' | 'onNote'>): AsyncGenerator<ReadRow> {
  const options = { ...reading, ...(signal && { signal }), ...(onNote && { onNote }) };
  for await (const placed of readAllRows(files, options)) {
    const { error, doneBytes } = placed;
    if (error) yield { row: error, where: '', doneBytes };
    else yield { ...readRow(placed), doneBytes, characters: charactersOf(placed.row) };
  }
}

/** A row to train on, or what is wrong with it. */
function readRow({ row, where }: PlacedRow): Omit<ReadRow, 'doneBytes'> {
  try {
    return { row: strictRow(row, where), where, isUnconfirmed: isUnconfirmed(row) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { row: error, where };
  }
}

/** What the encoder says of a row, with its place; of the model as it is. */
function encodingError(cause: Error, where: string): Error {
  if (!(cause instanceof AppError) || NOT_THE_ROW.has(cause.code)) return cause;
  const message = cause.message.startsWith(where) ? cause.message : `${where}: ${cause.message}`;
  return new AppError('bad-row', message, cause.hint, { cause });
}

/** What is wrong where nothing is left to train on. */
export function noRowsError(
  {
    files,
    maxLength,
    maxPositions = Number.POSITIVE_INFINITY,
  }: Pick<DatasetOptions, 'files' | 'maxLength' | 'maxPositions'>,
  {
    readRows,
    skippedRows,
    lostRows,
    skippedMessages,
  }: Pick<TokenStats, 'readRows' | 'skippedRows' | 'lostRows' | 'skippedMessages'>,
): AppError {
  const name = files.map((file) => basename(file)).join(', ');
  const hint = say`Choose a file with one example in each row, such as CSV or JSON Lines.`;
  if (readRows + skippedRows === 0) return new AppError('no-rows', say`${name} is empty.`, hint);
  if (readRows === 0) {
    const message = say`None of the ${number(skippedRows)} rows of ${name} can be used. The first:\n${skippedMessages.join('\n')}`;
    return new AppError('no-rows', message, hint);
  }
  const message = say`None of the ${number(readRows)} rows of ${name} has an answer within the length limit of ${number(maxLength)} tokens. Longer: ${number(lostRows)}, unusable: ${number(skippedRows)}.`;
  const way =
    maxLength < maxPositions
      ? say`Raise the length limit, or check that the rows have answers.`
      : say`This model reads no longer rows: choose another model, or shorten the rows.`;
  return new AppError('no-rows', message, way);
}

/** Whether a label from `start` + 1 to before `end` is counted; the one at `start` never is, for nothing predicts it. */
function hasLabel(labels: readonly number[], start: number, end: number): boolean {
  for (let t = start + 1; t < Math.min(end, labels.length); t++) if (labels[t]! >= 0) return true;
  return false;
}

// The one rule of cutting at the length limit, for rows being tokenised and for tokenised ones.

/** What cutting has done so far; see TokenStats. */
export interface CutCounts {
  truncatedRows: number;
  lostTokens: number;
  lostRows: number;
  unlabelledRows: number;
  splitTexts: number;
  splitRows: number;
}

export function noCuts(): CutCounts {
  return { truncatedRows: 0, lostTokens: 0, lostRows: 0, unlabelledRows: 0, splitTexts: 0, splitRows: 0 };
}

/** At most `maxLength` of `words`: the first ones, and the last. */
export function withEnd(words: readonly number[], maxLength: number): number[] {
  return words.length <= maxLength ? [...words] : [...words.slice(0, maxLength - 1), words.at(-1)!];
}

/** What a row is to whoever cuts it: running text, or one that keeps its last word. */
interface CutKind {
  readonly isText: boolean;
  readonly keepsEnd?: boolean | undefined;
}

/**
 * What is kept of `row` with at most `maxLength` tokens in a sequence; what happens is added to `counts`. Running text becomes rows that
 * overlap by one token: a row's first token is not predicted, so each token of the text but its first is predicted exactly once. Of two
 * sequences both keep a part of their answer, or the row is lost.
 */
export function* cutAt(
  row: EncodedRow,
  { isText, keepsEnd = false }: CutKind,
  maxLength: number,
  counts: CutCounts,
): Generator<EncodedRow> {
  const { ids, labels, second, shared = 0 } = row;
  const { length } = ids;
  if (keepsEnd && length > maxLength) {
    counts.truncatedRows++;
    counts.lostTokens += length - maxLength;
    return yield { ids: withEnd(ids, maxLength), labels: withEnd(labels, maxLength) };
  }
  if (isText && length > maxLength) {
    counts.splitTexts++;
    for (let start = 0; start + 1 < length; start += maxLength - 1) {
      counts.splitRows++;
      const end = Math.min(length, start + maxLength);
      yield { ids: ids.slice(start, end), labels: labels.slice(start, end) };
    }
    return;
  }
  const sequences =
    second === undefined
      ? [[0, length]]
      : [
          [0, second],
          [second, length],
        ];
  const kept = sequences.map(([start, end], i) => {
    const most = maxLength - (i === 1 ? shared : 0);
    return [start!, Math.min(end!, start! + most)] as const;
  });
  // a label of the prompt alone is no answer
  const isLabelled = ([start, end]: readonly number[]) =>
    hasLabel(labels, Math.max(start!, (start === 0 ? (row.promptEnd ?? 0) : 0) - 1), end!);
  if (!sequences.every(isLabelled)) counts.unlabelledRows++;
  else if (!kept.every(isLabelled)) counts.lostRows++;
  else {
    const left = kept.reduce((sum, [start, end]) => sum + end - start, 0);
    if (left === length) return yield row;
    counts.truncatedRows++;
    counts.lostTokens += length - left;
    const pieces = <T>(all: readonly T[]) => kept.flatMap(([start, end]) => all.slice(start, end));
    yield { ...row, ids: pieces(ids), labels: pieces(labels), ...(second && { second: kept[0]![1] }) };
  }
}
