/** The kinds of documents, and how the content of each becomes blocks. */
import { type Block, DocumentFault } from './block.ts';

export type DocumentKind = 'pdf' | 'docx' | 'html' | 'markdown' | 'text';

/** Of names, without the dot. */
export const ENDINGS: Readonly<Record<DocumentKind, readonly string[]>> = {
  pdf: ['pdf'],
  docx: ['docx'],
  html: ['html', 'htm', 'xhtml'],
  markdown: ['md', 'markdown'],
  text: ['txt'],
};

/** Texts come decoded. */
export interface DocumentTask {
  readonly kind: DocumentKind;
  readonly bytes: Uint8Array;
}

/** `fault` is null where a document is damaged. */
export type DocumentAnswer =
  | { readonly blocks: readonly Block[] }
  | { readonly fault: DocumentFault['kind'] | null; readonly reason: string };

type Read = (bytes: Uint8Array) => Promise<Block[]>;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');

const READERS: Readonly<Record<DocumentKind, Read>> = {
  pdf: async (bytes) => (await import('./pdf.ts')).pdfBlocks(bytes),
  docx: async (bytes) => (await import('./markup.ts')).docxBlocks(bytes),
  html: async (bytes) => (await import('./markup.ts')).htmlBlocks(text(bytes)),
  markdown: async (bytes) => (await import('./block.ts')).markdownBlocks(text(bytes)),
  text: async (bytes) => (await import('./block.ts')).textBlocks(text(bytes)),
};

/** Reads a document here; never rejects. */
export function answerTo({ kind, bytes }: DocumentTask): Promise<DocumentAnswer> {
  return READERS[kind](bytes).then(
    (blocks): DocumentAnswer => ({ blocks }),
    (error: unknown): DocumentAnswer => ({
      fault: error instanceof DocumentFault ? error.kind : null,
      reason: error instanceof Error ? error.message : String(error),
    }),
  );
}
