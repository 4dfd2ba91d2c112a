/** Documents that anybody may have made, found and read. */
import { basename } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { FoundDocument } from '../../../common/protocol/protocol.ts';
import { said, say } from '../../../common/words/language.ts';
import { watched } from '../../watched.ts';
import { decodedChunks } from '../readers/encoding.ts';
import { filesInFolder, isDirectory } from '../readers/files.ts';
import { openSource, type Source } from '../readers/source.ts';
import { zipKind } from '../readers/xlsx.ts';
import type { Block, DocumentFault } from './block.ts';
import { answerTo, type DocumentKind, ENDINGS } from './kinds.ts';

const MOST_BYTES = 200e6;

/** The headings and paragraphs of a document. Throws an AppError for what cannot be read, and for what takes too much. */
export async function readDocument(path: string, signal: AbortSignal): Promise<readonly Block[]> {
  const source = await openSource(path, signal);
  const kind = kindOf(source);
  if (source.bytes > MOST_BYTES) throw refusal('too-long', path);
  const isText = kind !== 'pdf' && kind !== 'docx';
  const bytes = isText ? await decoded(source, signal) : await source.whole(MOST_BYTES, signal);
  const answer = await watched(path, source.bytes, () => answerTo({ kind, bytes: new Uint8Array(bytes) }));
  signal.throwIfAborted();
  if (!('blocks' in answer)) throw refusal(answer.fault ?? 'damaged', path, answer.reason);
  if (answer.blocks.length > 0) return answer.blocks;
  throw refusal(kind === 'pdf' ? 'pictures' : 'empty', path);
}

const endingOf = (path: string): string => /\.(\w+)(?:\.gz)?$/.exec(path.toLowerCase())?.[1] ?? '';

/** Whether a file's name is that of a document. */
export function isDocumentName(name: string): boolean {
  return Object.values(ENDINGS).some((endings) => endings.includes(endingOf(name)));
}

/** The documents that `paths` stand for, folders opened. */
export async function documentFiles(paths: readonly string[]): Promise<FoundDocument[]> {
  const found: FoundDocument[] = [];
  for (const one of paths) {
    const isFolder = await isDirectory(one);
    const files = isFolder ? await filesInFolder(one, isDocumentName) : [one];
    if (files.length === 0)
      throw new AppError(
        'no-data',
        say`The folder ${one} has no document.`,
        say`Choose a folder with PDF, Word (.docx), HTML, Markdown or text files.`,
      );
    found.push(...files.map((file) => ({ file, isNamed: !isFolder })));
  }
  return found;
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

type Refused = DocumentFault['kind'] | 'damaged' | 'pictures' | 'empty' | 'unknown';

/** What is wrong, and what to do. */
export const REFUSED_DOCUMENTS: Readonly<Record<Refused, readonly [what: string, hint: string]>> = {
  locked: ['it needs a password', 'Save a copy without a password.'],
  'too-long': ['it is too long', 'Divide it into several files.'],
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
