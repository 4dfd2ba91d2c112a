/** The engine calls of finding passages by meaning. It imports types and the makers of rows alone. */
import type { VectorsTrained } from '../../../../common/extras/find/vectors.ts';
import type { FilePassages, TextVectorsResult } from '../../../../common/protocol/protocol.ts';
import type { FoundEncoder } from '../../load/find-encoders.ts';
import { COMPUTING, call, JOB, QUICK, READING } from '../../session/call-row.ts';
import type { VectorsAsked } from './text-vectors.ts';
import type { VectorsConfig } from './train-vectors.ts';

/** What of a file is searched in. */
export const passages = call<{ readonly file: string; readonly words: number }, FilePassages>(
  READING,
  'reader',
  { hasStrays: true },
);
/** Encoders in Fettle's folder of models and in Hugging Face's cache, the smallest first. */
export const encoders = call<void, readonly FoundEncoder[]>(QUICK, 'reader');
/** Vectors of texts; the encoder stays open for the next call. */
export const vectors = call<VectorsAsked, TextVectorsResult>(COMPUTING, 'vectors');
/** Trains an encoder by the vectors of queries and their passages. */
export const trainVectors = call<VectorsConfig, VectorsTrained>(JOB, 'sorter');
