/** Rows from documents: a model on this computer writes them. */
import { z } from 'zod';
import { api, filePaths, streams, subject } from '../../api/base.ts';
import type { DocumentNews, RowsResult } from './news.ts';

export type { LeftOut, ProposedRow, RowsResult } from './news.ts';

/** Rows that a model is asked for about each passage of a document. */
export const PER_PASSAGE = 3;

/** Rows of documents on their way: what is prepared, rows as they are written, and in the end what was left out. */
export type DocumentProgress = DocumentNews | { readonly doing: string } | { readonly done: RowsResult };

export const documents = {
  /** Lets a model that is here, or the trained one of a run, write rows about documents; the page keeps those that it wants. */
  write: api
    .input(
      z.object({
        paths: filePaths,
        of: subject,
        perPassage: z.int().min(1).max(10).default(PER_PASSAGE),
      }),
    )
    .output(streams<DocumentProgress>()),
};
