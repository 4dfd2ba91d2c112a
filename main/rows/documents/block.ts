/** What a document is made of, whatever its format: headings and paragraphs in their order. */
export interface Block {
  /** 0: text; 1 to 6: a heading, the larger the lower. */
  readonly level: number;
  readonly text: string;
  /** Counted from 1, where the format has pages. */
  readonly page?: number;
}

/** What can be wrong inside a document, told by what reads it. */
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

/** Text and Markdown as blocks: paragraphs end at empty lines, and of Markdown `#` lines and underlined ones are headings. */
export function textBlocks(text: string): Block[] {
  const blocks = new Blocks();
  for (const paragraph of text.split(/\n\s*\n/)) blocks.add(0, paragraph);
  return blocks.list;
}

export function markdownBlocks(text: string): Block[] {
  const blocks = new Blocks();
  let paragraph: string[] = [];
  let fence: string | null = null;
  const end = () => {
    blocks.add(0, paragraph.join('\n'));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const mark = /^\s{0,3}(```|~~~)/.exec(line)?.[1];
    if (mark !== undefined && (fence === null || fence === mark)) {
      fence = fence === null ? mark : null;
      continue;
    }
    const [, marks = '', title = ''] = fence === null ? (/^(#{1,6})\s+(.*?)\s*#*$/.exec(line) ?? []) : [];
    const under =
      fence === null && paragraph.length === 1 ? /^\s{0,3}(=+|-+)\s*$/.exec(line)?.[1] : undefined;
    if (marks !== '') {
      end();
      blocks.add(marks.length, inline(title));
    } else if (under !== undefined) {
      const [underlined = ''] = paragraph;
      paragraph = [];
      blocks.add(under.startsWith('=') ? 1 : 2, underlined);
    } else if (line.trim() === '' && fence === null) end();
    else paragraph.push(fence === null ? inline(line) : line);
  }
  end();
  return blocks.list;
}

/** A line without what Markdown writes around words: emphasis, links, pictures, code. */
function inline(line: string): string {
  return line
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\w*])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*])/g, '$1')
    .replace(/`([^`]+)`/g, '$1')
    .replace(/^\s{0,3}>\s?/, '');
}
