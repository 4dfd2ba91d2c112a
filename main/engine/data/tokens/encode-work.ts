/** Encoding rows for training in threads of their own, each with the tokenizer of the model. */
import { join } from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { ThreadEncoder } from '../../../rows/doctor/examine.ts';
import type { TrainingRow } from '../../../rows/schema.ts';
import { type Batch, receivedError, type SentError, sentError, type Work } from '../../../rows/threads.ts';
import type { ThinkingUse } from './conversation.ts';
import { type PairRows, rowEncoder, type TrainOn } from './encode.ts';
import { categoryEncoder } from './encode-category.ts';
import { encodedRow, storedRow, wordsOf } from './token-store.ts';
import { loadTokenizer, readTokenizerParts } from './tokenizer/load.ts';
import { assembleTokenizer, withNewTokens } from './tokenizer/parts.ts';
import type { EncodedRow, Tokenizer } from './tokenizer-types.ts';

/** What an encoder is made from, wherever it runs. */
export interface EncoderSource {
  /** The model's folder or file, or that of its tokenizer. */
  readonly tokenizer: string;
  readonly newTokens: readonly string[];
  readonly trainOn: TrainOn;
  readonly pairs?: PairRows;
  readonly thinking?: ThinkingUse;
  /** Of texts that are sorted into them. */
  readonly categories?: readonly string[];
}

/** A row of the files to train on or what is wrong with it, with its place. */
export interface ReadRow {
  readonly row: TrainingRow | AppError;
  readonly where: string;
  readonly doneBytes: number;
  /** Of its texts. */
  readonly characters?: number;
  /** Nobody has confirmed its answer. */
  readonly isUnconfirmed?: boolean;
}

/** Rows that somebody has read before: what a token store is built of in place of files. */
export interface RowSource {
  readonly bytes: number;
  /** Of all rows, where these are some of them. */
  readonly contentHash?: string;
  readonly skippedRows?: number;
  readonly skippedMessages?: readonly string[];
  rows(): AsyncIterable<ReadRow>;
}

/** The rows of a batch to encode; null for those that are already known to be bad. */
export type EncodeTask = readonly (TrainingRow | null)[];

/** The tokens of a batch one after the other, with the top bit set where a token is trained on. */
interface EncodeAnswer {
  readonly words: Uint32Array<ArrayBuffer>;
  /** [rows] how many of them each row has. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly errors: readonly (readonly [index: number, error: SentError])[];
}

type Encode = (row: TrainingRow) => EncodedRow;
type Encoded = readonly (EncodedRow | Error)[];

export async function encoderFrom(source: EncoderSource): Promise<Encode> {
  const { trainOn, pairs, thinking, categories } = source;
  const tokenizer = await tokenizerFrom(source);
  return categories
    ? categoryEncoder(tokenizer, categories)
    : rowEncoder(tokenizer, trainOn, pairs, thinking);
}

/** The same encoder in the doctor's threads. */
export function doctorEncoder(source: EncoderSource): ThreadEncoder<EncoderSource> {
  return { program: join(import.meta.dirname, 'doctor-thread.ts'), source };
}

async function tokenizerFrom({ tokenizer, newTokens }: EncoderSource): Promise<Tokenizer> {
  if (newTokens.length === 0) return await loadTokenizer(tokenizer);
  const { parts } = withNewTokens(await readTokenizerParts(tokenizer), newTokens);
  return assembleTokenizer(parts);
}

/** The work of encoding with `encode` here, and with what `source` describes in threads. */
export function encodingWork(
  encode: Encode,
  source: EncoderSource | undefined,
  totalBytes: number,
): Work<ReadRow, EncodeTask, EncodeAnswer, Encoded> {
  return {
    program: join(import.meta.dirname, 'encode-thread.ts'),
    data: source,
    here: ({ rows }) => rows.map(({ row }) => (row instanceof Error ? row : encodedOrError(row, encode))),
    taskOf: ({ rows }) => rows.map(({ row }) => (row instanceof Error ? null : row)),
    resultOf: received,
    totalBytes,
  };
}

function encodedOrError(row: TrainingRow, encode: Encode): EncodedRow | AppError {
  try {
    // the data check alone asks for it, and no thread sends it
    const { joinsBorder: _, ...encoded } = encode(row);
    return encoded;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** What a thread answers. */
export function encodeTask(rows: EncodeTask, encode: Encode): EncodeAnswer {
  const encoded = rows.map((row) => row && encodedOrError(row, encode));
  const lengths = Uint32Array.from(encoded, (row) => (row && 'ids' in row ? row.ids.length : 0));
  const words = new Uint32Array(lengths.reduce((sum, length) => sum + length, 0));
  const errors: (readonly [number, SentError])[] = [];
  let at = 0;
  for (const [index, row] of encoded.entries()) {
    if (row === null) continue;
    if (row instanceof AppError) errors.push([index, sentError(row)]);
    else {
      words.set(wordsOf(row, undefined, true), at);
      at += row.ids.length;
    }
  }
  return { words, lengths, errors };
}

function received({ words, lengths, errors }: EncodeAnswer, { rows }: Batch<ReadRow>): Encoded {
  const failed = new Map(errors);
  let at = 0;
  return rows.map(({ row }, i) => {
    if (row instanceof Error) return row;
    const error = failed.get(i);
    if (error) return receivedError(error);
    const from = at;
    at += lengths[i]!;
    return encodedRow(storedRow(words.subarray(from, at)));
  });
}
