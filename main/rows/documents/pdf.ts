/** A PDF as blocks: it has glyphs at places, so lines, paragraphs and headings are told by distances and sizes. */
import { getDocumentProxy } from 'unpdf';
import { type Block, Blocks, DocumentFault } from './block.ts';

interface Line {
  readonly text: string;
  readonly page: number;
  /** Height of its letters, and of its baseline above the lower edge of the page. */
  readonly size: number;
  readonly y: number;
}

/** By this factor letters of headings are larger than most. */
const LARGER = 1.12;
const HEADING_CHARS = 160;
/** A gap between lines that is this much larger than usual ends a paragraph. */
const WIDER = 1.35;
const MOST_PAGES = 5000;

export async function pdfBlocks(bytes: Uint8Array): Promise<Block[]> {
  const pages = await linesOf(bytes);
  return blocksOf(withoutRunning(pages));
}

/** Lines by page. Nothing is fetched, drawn or run. */
async function linesOf(data: Uint8Array): Promise<Line[][]> {
  const options = { isEvalSupported: false, useSystemFonts: false, disableFontFace: true, verbosity: 0 };
  const pdf = await getDocumentProxy(data, options).catch((cause: Error) => {
    throw cause.name === 'PasswordException' ? new DocumentFault('locked') : cause;
  });
  try {
    if (pdf.numPages > MOST_PAGES) throw new DocumentFault('too-long');
    const pages: Line[][] = [];
    for (let page = 1; page <= pdf.numPages; page++) {
      const one = await pdf.getPage(page);
      const { items } = await one.getTextContent();
      pages.push(pageLines(items as readonly Item[], page));
      one.cleanup();
    }
    return pages;
  } finally {
    await pdf.loadingTask.destroy();
  }
}

interface Item {
  readonly str?: string;
  /** The last two are the place, the middle ones the size. */
  readonly transform: readonly number[];
  readonly width: number;
  readonly hasEOL?: boolean;
}

function pageLines(items: readonly Item[], page: number): Line[] {
  const lines: Line[] = [];
  // put together at its end: a line may have a million pieces, and to look at a text that grows copies it each time
  let pieces: string[] = [];
  let [size, y, right] = [0, 0, 0];
  const end = () => {
    const text = pieces.join('').trim();
    if (text !== '') lines.push({ text, page, size, y });
    [pieces, size] = [[], 0];
  };
  for (const { str = '', transform, width, hasEOL } of items) {
    const [, , c = 0, d = 0, at = 0, height = 0] = transform;
    const letters = Math.hypot(c, d);
    if (str.trim() !== '') {
      if (pieces.length > 0 && Math.abs(height - y) > 0.6 * Math.max(letters, size)) end();
      // a gap between pieces of a line is a space, also where none is written
      const isSpaced = pieces.at(-1)?.endsWith(' ') ?? true;
      if (!isSpaced && at - right > 0.2 * letters) pieces.push(' ');
      [size, y, right] = [Math.max(size, letters), height, at + width];
    }
    if (str !== '') pieces.push(str);
    if (hasEOL) end();
  }
  end();
  return lines;
}

/** Without what stands at the edge of most pages: numbers, titles of chapters. */
function withoutRunning(pages: readonly (readonly Line[])[]): Line[] {
  const key = ({ text }: Line) => text.replace(/\d+/g, '#');
  const edges = (lines: readonly Line[]) =>
    [...new Set([lines[0], lines.at(-1)])].filter((line) => line !== undefined);
  const counts = new Map<string, number>();
  for (const line of pages.flatMap(edges)) counts.set(key(line), (counts.get(key(line)) ?? 0) + 1);
  const isRunning = (line: Line) =>
    /^\W*\d+\W*$/.test(line.text) || (counts.get(key(line)) ?? 0) >= Math.max(3, pages.length / 2);
  return pages.flatMap((lines) => {
    const running = new Set(edges(lines).filter(isRunning));
    return lines.filter((line) => !running.has(line));
  });
}

function blocksOf(lines: readonly Line[]): Block[] {
  const body = usualSize(lines);
  const isHeading = ({ size, text }: Line) =>
    size > LARGER * body && text.length <= HEADING_CHARS && /\p{L}/u.test(text);
  const sizes = [...new Set(lines.filter(isHeading).map(({ size }) => Math.round(size)))].sort(
    (a, b) => b - a,
  );
  const levelOf = (line: Line) =>
    isHeading(line) ? Math.min(6, sizes.indexOf(Math.round(line.size)) + 1) : 0;
  const gap = usualGap(lines, body);
  const blocks = new Blocks();
  let open: Line[] = [];
  const end = () => {
    if (open.length > 0) blocks.add(levelOf(open[0]!), joined(open), open[0]!.page);
    open = [];
  };
  for (const line of lines) {
    const last = open.at(-1);
    if (last && !follows(last, line, gap, levelOf)) end();
    open.push(line);
  }
  end();
  return blocks.list;
}

function follows(last: Line, line: Line, gap: number, levelOf: (line: Line) => number): boolean {
  if (levelOf(last) !== levelOf(line)) return false;
  // over a page's end a sentence goes on, and a new one may begin a paragraph
  if (last.page !== line.page) return levelOf(line) === 0 && !/[.!?:"”)]$/.test(last.text);
  const down = last.y - line.y;
  return down < WIDER * Math.max(gap, levelOf(line) > 0 ? line.size : 0) && down > -4 * gap;
}

/** The size of most letters. */
function usualSize(lines: readonly Line[]): number {
  const letters = new Map<number, number>();
  for (const { size, text } of lines) {
    const rounded = Math.round(2 * size) / 2;
    letters.set(rounded, (letters.get(rounded) ?? 0) + text.length);
  }
  return [...letters].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

/** The distance of a line to the next one of its paragraph: of all between lines of that size a small one. */
function usualGap(lines: readonly Line[], size: number): number {
  const isBody = (line: Line) => Math.abs(line.size - size) < (LARGER - 1) * size;
  const gaps = lines
    .flatMap((line, index) => {
      const next = lines[index + 1];
      const isNext = next && next.page === line.page && next.y < line.y && isBody(line) && isBody(next);
      return isNext ? [line.y - next.y] : [];
    })
    .sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 4)] ?? Number.POSITIVE_INFINITY;
}

/** Lines as a paragraph; a word that was divided at a line's end is put together. */
function joined(lines: readonly Line[]): string {
  const pieces = lines.map(({ text }, i) => {
    const next = lines[i + 1]?.text;
    if (next === undefined) return text;
    const isDivided = /\p{Ll}[-\u00ad]$/u.test(text.slice(-3)) && /^\p{Ll}/u.test(next);
    return isDivided ? text.slice(0, -1) : `${text} `;
  });
  return pieces.join('');
}
