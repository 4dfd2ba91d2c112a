/** Reads a document that anybody may have made, in a thread with limits on its time and memory. */
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../../common/errors.ts';
import { said, say } from '../../../../common/words/language.ts';
import { decodedChunks } from '../rows/readers/encoding.ts';
import { openSource, type Source } from '../rows/readers/source.ts';
import { zipKind } from '../rows/readers/xlsx.ts';
import { programPath } from '../rows/threads.ts';
import type { Block, DocumentFault } from './block.ts';
import { type DocumentAnswer, type DocumentKind, type DocumentTask, ENDINGS } from './kinds.ts';

const MOST_BYTES = 200e6;
/** A book of a thousand pages takes some ten seconds. */
const MOST_MS = 120_000;
const MOST_HEAP_MB = 1500;

export interface Limits {
  readonly milliseconds: number;
  readonly heapMb: number;
}

type Read = (
  task: DocumentTask,
  path: string,
  signal: AbortSignal,
  limits: Limits,
) => Promise<DocumentAnswer>;

/** The headings and paragraphs of a document. Throws an AppError for what cannot be read, and for what takes too much. */
export async function readDocument(
  path: string,
  signal: AbortSignal,
  limits: Limits = { milliseconds: MOST_MS, heapMb: MOST_HEAP_MB },
  read: Read = inThread,
): Promise<readonly Block[]> {
  const source = await openSource(path, signal);
  const kind = kindOf(source);
  if (source.bytes > MOST_BYTES) throw refusal('too-long', path);
  const isText = kind !== 'pdf' && kind !== 'docx';
  const bytes = isText ? await decoded(source, signal) : await source.whole(MOST_BYTES, signal);
  const answer = await read({ kind, bytes: new Uint8Array(bytes) }, path, signal, limits);
  if (!('blocks' in answer)) throw refusal(answer.fault ?? 'damaged', path, answer.reason);
  if (answer.blocks.length > 0) return answer.blocks;
  throw refusal(kind === 'pdf' ? 'pictures' : 'empty', path);
}

const endingOf = (path: string): string => /\.(\w+)(?:\.gz)?$/.exec(path.toLowerCase())?.[1] ?? '';

/** Whether a file's name is that of a document. */
export function isDocumentName(name: string): boolean {
  return Object.values(ENDINGS).some((endings) => endings.includes(endingOf(name)));
}

/** By its content, since names lie; of texts by the name. */
function kindOf({ head, path }: Source): DocumentKind {
  const start = head.subarray(0, 1024).toString('latin1');
  if (start.includes('%PDF-')) return 'pdf';
  if (start.startsWith('PK\u0003\u0004')) {
    if (zipKind(head) === 'docx') return 'docx';
    throw refusal('unknown', path);
  }
  const ending = endingOf(path);
  if (/^\s*(?:\ufeff|ï»¿)?\s*<(?:!doctype html|html|\?xml[^>]*>\s*<(?:!doctype html|html))/i.test(start))
    return 'html';
  if (ENDINGS.html.includes(ending)) return 'html';
  if (ENDINGS.markdown.includes(ending)) return 'markdown';
  const isUtf16 = start.startsWith('ÿþ') || start.startsWith('þÿ');
  if (!isUtf16 && head.subarray(0, 1024).some((byte) => byte < 9)) throw refusal('unknown', path);
  return 'text';
}

async function decoded(source: Source, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of decodedChunks(source, { signal, note: () => {} })) {
    total += piece.length;
    if (total > MOST_BYTES) throw refusal('too-long', source.path);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function inThread(
  task: DocumentTask,
  path: string,
  signal: AbortSignal,
  { milliseconds, heapMb }: Limits,
): Promise<DocumentAnswer> {
  const program = programPath(join(import.meta.dirname, 'document-thread.ts'));
  const worker = new Worker(program, {
    workerData: task,
    transferList: [task.bytes.buffer as ArrayBuffer],
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  const ended = Promise.withResolvers<DocumentAnswer>();
  worker.once('message', ended.resolve);
  worker.once('error', (error: NodeJS.ErrnoException) =>
    ended.reject(
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? refusal('too-long', path)
        : refusal('damaged', path, error.message),
    ),
  );
  worker.once('exit', () => ended.reject(refusal('damaged', path)));
  const late = setTimeout(() => ended.reject(refusal('too-slow', path)), milliseconds);
  const stop = () => ended.reject(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    return await ended.promise;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

type Refused = DocumentFault['kind'] | 'damaged' | 'too-slow' | 'pictures' | 'empty' | 'unknown';

/** What is wrong, and what to do. */
export const REFUSED_DOCUMENTS: Readonly<Record<Refused, readonly [what: string, hint: string]>> = {
  locked: ['it needs a password', 'Save a copy without a password.'],
  'too-long': ['it is too long', 'Divide it into several files.'],
  'too-slow': ['reading it takes too long', 'Save it again with another program, or as text.'],
  damaged: ['it is damaged', 'Open it in its program and save it again.'],
  pictures: ['its pages are pictures, without text', 'Run text recognition (OCR) on it first.'],
  empty: ['there is no text in it', 'Choose another file.'],
  unknown: ['its format is not known', 'Choose a PDF, Word (.docx), HTML, Markdown or text file.'],
};

function refusal(kind: Refused, path: string, reason = ''): AppError {
  const [what, hint] = REFUSED_DOCUMENTS[kind];
  const cause = reason === '' ? undefined : new Error(reason);
  return new AppError(
    `document-${kind}`,
    say`${basename(path)} can't be read: ${said(what)}.`,
    said(hint),
    cause && { cause },
  );
}
