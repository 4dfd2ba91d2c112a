import type { CallIo } from '../../session/call-row.ts';
import type { DocumentRowsOptions } from './document-rows.ts';

export const document = async (path: string, { stop }: CallIo) =>
  (await import('../../../rows/documents/read-document.ts')).readDocument(path, stop);
export const documentFiles = async (paths: readonly string[]) =>
  (await import('../../../rows/documents/read-document.ts')).documentFiles(paths);
export const documents = async (options: DocumentRowsOptions, io: CallIo) =>
  (await import('./document-rows.ts')).documentRows(options, io);
