/** Documents that rows are written of, read in processes that only read: a hostile one costs itself and nothing else. */
import path from 'node:path';
import type { CallInput } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type { DocumentProgress } from '../../../common/extras/documents/calls.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { ENDPOINT } from '../../../common/settings/computing.ts';
import { say } from '../../../common/words/language.ts';
import { filesOf, prepareEndpoint } from '../../app/answering.ts';
import type { Parts } from '../../app/parts.ts';
import type { WorkIo } from '../../app/work-here.ts';
import type { InputOf } from '../../engine/session/call-table.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';

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

/**
 * Rows from documents, which go to `send` as they are written; nothing is kept. The model is a GGUF file, made where there is none, and the
 * engine's call lets it write.
 */
export async function rowsFromDocuments(
  { allowed, engine, store }: Pick<Parts, 'allowed' | 'engine' | 'store'>,
  { paths, of, perPassage }: CallInput<'documents', 'write'>,
  send: (news: DocumentProgress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await allowed.read(paths);
  const { model, adapter } = filesOf(store, of, 'runId' in of ? 'after' : 'before');
  const hear = (event: CallEvent) => {
    if ('proposed' in event || 'passages' in event) send(event);
    else if ('event' in event && event.event === 'phase' && event.detail) send({ doing: event.detail });
  };
  const work = <Name extends 'export' | 'endpoint' | 'documents'>(
    name: Name,
    input: InputOf<Name>,
    { emit = hear }: WorkIo,
  ) => engine.aside(name, input, { signal, onEvent: emit });
  const documents = await readDocuments(paths, engine, { emit: hear, signal });
  const { file } = await prepareEndpoint({ model, run: adapter, type: ENDPOINT.type }, work, { emit: hear });
  const asked = { documents, file, perPassage };
  send({ done: await work('documents', asked, {}) });
}
