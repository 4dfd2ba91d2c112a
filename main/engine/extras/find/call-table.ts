/** The engine calls of finding passages by meaning. It imports types and the makers of rows alone. */
import type { RerankerTrained, VectorsTrained } from '../../../../common/extras/find/vectors.ts';
import type { FilePassages, TextVectorsResult } from '../../../../common/protocol/protocol.ts';
import type { FoundEncoder } from '../../load/find-encoders.ts';
import { COMPUTING, call, JOB, QUICK, READING } from '../../session/call-row.ts';
import type { RerankerConfig, VectorsConfig } from './configs.ts';
import type { RerankAsked } from './rerank.ts';
import type { VectorsAsked } from './text-vectors.ts';
import type { QuestionsAsked } from './vector-rows.ts';

/** A step ends, and what was learned is written. */
const KEEPING_MS = 60_000;

/** What of a file is searched in. */
export const passages = call<{ readonly file: string; readonly words: number }, FilePassages>(
  READING,
  'reader',
  { hasStrays: true },
);
/** Questions of files with the passages that answer them. */
export const questions = call<
  QuestionsAsked,
  readonly { readonly question: string; readonly passage: string }[]
>(READING, 'reader');
/** Encoders in Fettle's folder of models and in Hugging Face's cache, the smallest first. */
export const encoders = call<void, readonly FoundEncoder[]>(QUICK, 'reader');
export const rerankers = call<void, readonly FoundEncoder[]>(QUICK, 'reader');
/** Vectors of texts; the encoder stays open for the next call. */
export const vectors = call<VectorsAsked, TextVectorsResult>(COMPUTING, 'vectors');
/** Trains an encoder by the vectors of queries and their passages. */
export const trainVectors = call<VectorsConfig, VectorsTrained>(JOB, 'sorter', { keepingMs: KEEPING_MS });
/** Trains a reranker on queries with right and wrong passages. */
export const trainReranker = call<RerankerConfig, RerankerTrained>(JOB, 'sorter', { keepingMs: KEEPING_MS });
/** How well passages answer a question; the reranker stays open for the next call. */
export const rerank = call<RerankAsked, readonly number[]>(COMPUTING, 'vectors');
