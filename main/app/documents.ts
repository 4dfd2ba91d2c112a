/** Documents that rows are written of, read in processes that only read: a hostile one costs itself and nothing else. */
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { CallEvent } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import type { InputOf } from '../engine/session/call-table.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';

/** A document as headings and paragraphs. */
type ReadDocument = InputOf<'documents'>['documents'][number];

interface ReadingIo {
  emit(event: CallEvent): void;
  readonly signal?: AbortSignal | undefined;
}

/** The documents in `paths`, folders opened. What cannot be read in a folder is told and left out; a file that is named must be readable. */
export async function readDocuments(
  paths: readonly string[],
  engine: Pick<EngineCalls, 'document' | 'documentFiles'>,
  { emit, signal }: ReadingIo,
): Promise<ReadDocument[]> {
  const found = await engine.documentFiles(paths, { signal });
  const documents: ReadDocument[] = [];
  let refused: unknown;
  for (const [i, { file, isNamed }] of found.entries()) {
    emit({ event: 'phase', phase: 'read', fraction: i / found.length, detail: path.basename(file) });
    try {
      documents.push({ file, blocks: await engine.document(file, { signal }) });
    } catch (error) {
      if (isNamed || !(error instanceof AppError)) throw error;
      refused ??= error;
      emit({ event: 'warning', code: 'document-skipped', message: say`Left out: ${error.message}` });
    }
  }
  if (documents.length === 0) throw refused;
  return documents;
}
