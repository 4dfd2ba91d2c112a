/** The engine calls of rows from documents. It imports types and the makers of rows alone. */
import type { RowsResult } from '../../../../common/extras/documents/news.ts';
import type { FoundDocument } from '../../../../common/protocol/protocol.ts';
import { call, JOB, READING } from '../../session/call-row.ts';
import type { DocumentBlocks, DocumentRowsOptions } from './document-rows.ts';

/** A document as headings and paragraphs. */
export const document = call<string, DocumentBlocks['blocks']>(READING, 'reader', { hasStrays: true });
export const documentFiles = call<readonly string[], readonly FoundDocument[]>(READING, 'reader');
export const documents = call<DocumentRowsOptions, RowsResult>(JOB, 'aside');
