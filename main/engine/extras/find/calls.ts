import type { CallIo } from '../../session/call-row.ts';
import type { RerankerConfig, VectorsConfig } from './configs.ts';
import type { RerankAsked } from './rerank.ts';
import type { VectorsAsked } from './text-vectors.ts';
import type { QuestionsAsked } from './vector-rows.ts';

export const passages = async (asked: { readonly file: string; readonly words: number }, { stop }: CallIo) =>
  (await import('../../../rows/documents/file-passages.ts')).filePassages(asked, stop);
export const questions = async (asked: QuestionsAsked, { stop }: CallIo) =>
  (await import('./vector-rows.ts')).questionsIn(asked, stop);
export const encoders = async () => (await import('../../load/find-encoders.ts')).encodersHere();
export const rerankers = async () => (await import('../../load/find-encoders.ts')).rerankersHere();
export const vectors = async (asked: VectorsAsked, { stop }: CallIo) =>
  (await import('./text-vectors.ts')).vectorsOf(asked, stop);
export const trainVectors = async (config: VectorsConfig, io: CallIo) =>
  (await import('./train-vectors.ts')).trainVectorsRun(config, io);
export const trainReranker = async (config: RerankerConfig, io: CallIo) =>
  (await import('./train-reranker.ts')).trainRerankerRun(config, io);
export const rerank = async (asked: RerankAsked, { stop }: CallIo) =>
  (await import('./rerank.ts')).rerankPassages(asked, stop);
