import type { CallIo } from '../../session/call-row.ts';
import type { VectorsAsked } from './text-vectors.ts';
import type { VectorsConfig } from './train-vectors.ts';

export const passages = async (asked: { readonly file: string; readonly words: number }, { stop }: CallIo) =>
  (await import('../../../rows/documents/file-passages.ts')).filePassages(asked, stop);
export const encoders = async () => (await import('../../load/find-encoders.ts')).encodersHere();
export const vectors = async (asked: VectorsAsked, { stop }: CallIo) =>
  (await import('./text-vectors.ts')).vectorsOf(asked, stop);
export const trainVectors = async (config: VectorsConfig, io: CallIo) =>
  (await import('./train-vectors.ts')).trainVectorsRun(config, io);
