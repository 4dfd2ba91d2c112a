/** What a document is made of, whatever its format: headings and paragraphs in their order. */

export interface Block {
  /** 0: text; 1 to 6: a heading, the larger the lower. */
  readonly level: number;
  readonly text: string;
  /** Counted from 1, where the format has pages. */
  readonly page?: number;
}

/** What can be wrong inside a document, told by the thread that reads it. */
export class DocumentFault extends Error {
  readonly kind: 'locked' | 'too-long';

  constructor(kind: DocumentFault['kind']) {
    super(kind);
    this.kind = kind;
  }
}

/** More is a library, and not a document. */
const MOST_CHARS = 20e6;

/** Collects blocks with text, their white space made plain. */
export class Blocks {
  readonly list: Block[] = [];
  #characters = 0;

  add(level: number, text: string, page?: number): void {
    const plain = text
      .replace(/[^\S\n]+/g, ' ')
      .replace(/ ?\n ?/g, '\n')
      .trim();
    if (plain === '') return;
    this.#characters += plain.length;
    if (this.#characters > MOST_CHARS) throw new DocumentFault('too-long');
    this.list.push({ level, text: plain, ...(page !== undefined && { page }) });
  }
}
