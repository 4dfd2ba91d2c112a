import { say } from '../../../common/words/language.ts';
import { decodedChunks, lineFault, splitLines } from './encoding.ts';
import type { RawRecord, Reader, Source } from './source.ts';

/** Reads plain text. */
export const readText: Reader = (source, context) => readPassages(source, context, false);

/** Reads Markdown. */
export const readMarkdown: Reader = (source, context) => readPassages(source, context, true);

async function* readPassages(source: Source, context: Parameters<Reader>[1], isMarkdown: boolean) {
  const cutter = new PassageCutter(isMarkdown);
  const place = (line: number) => ({ where: `${source.path}:${line}`, doneBytes: source.position() });
  const rows = (passages: ReturnType<PassageCutter['end']>): RawRecord[] =>
    passages.map(({ text, line }) => ({ value: { text }, ...place(line) }));
  for await (const lines of splitLines(decodedChunks(source, context))) {
    yield lines.flatMap((raw) => {
      const fault = lineFault(raw, source.path, say`Put each paragraph on a line of its own.`);
      if (fault) return [{ error: fault, ...place(raw.line) }];
      const text = raw.bytes!.toString('utf8');
      return rows(cutter.add(text.endsWith('\r') ? text.slice(0, -1) : text, raw.line));
    });
  }
  yield rows(cutter.end());
}

/** Up to this length paragraphs share a passage. */
export const PASSAGE_CHARS = 1500;
/** A paragraph beyond this length is cut, at the end of a line or a sentence. */
const HUGE_CHARS = 4 * PASSAGE_CHARS;

/** A passage and the line that it begins on. */
interface Passage {
  readonly text: string;
  readonly line: number;
}

/** Takes lines one by one; `isMarkdown` makes `#` lines headings and keeps fenced code together. */
export class PassageCutter {
  readonly #isMarkdown: boolean;
  #paragraph: string[] = [];
  #paragraphLine = 0;
  #paragraphChars = 0;
  #passage: string[] = [];
  #passageLine = 0;
  #passageChars = 0;
  /** Whether the passage so far is headings only. */
  #onlyHeadings = true;
  #fence: string | undefined;

  constructor(isMarkdown: boolean) {
    this.#isMarkdown = isMarkdown;
  }

  /** Takes a line and gives the passages that are complete with it. */
  add(text: string, line: number): Passage[] {
    const out: Passage[] = [];
    const wasFenced = this.#fence !== undefined;
    this.#followFence(text);
    if (text.trim() === '' && !wasFenced) this.#endParagraph(out);
    else if (this.#isMarkdown && !wasFenced && /^#{1,6}\s/.test(text)) this.#heading(text, line, out);
    else {
      if (this.#paragraph.length === 0) this.#paragraphLine = line;
      this.#paragraph.push(text.trimEnd());
      this.#paragraphChars += text.length + 1;
      if (this.#paragraphChars > HUGE_CHARS) this.#cutHuge(out);
    }
    return out;
  }

  /** The rest. */
  end(): Passage[] {
    const out: Passage[] = [];
    this.#endParagraph(out);
    this.#endPassage(out);
    return out;
  }

  #followFence(text: string): void {
    const fence = /^\s{0,3}(```|~~~)/.exec(text)?.[1];
    if (!this.#isMarkdown || fence === undefined) return;
    if (this.#fence === undefined) this.#fence = fence;
    else if (this.#fence === fence) this.#fence = undefined;
  }

  #heading(text: string, line: number, out: Passage[]): void {
    this.#endParagraph(out);
    if (!this.#onlyHeadings) this.#endPassage(out);
    this.#append(text.trimEnd(), line);
  }

  #endParagraph(out: Passage[]): void {
    if (this.#paragraph.length === 0) return;
    const text = this.#paragraph.join('\n');
    if (this.#passageChars + text.length > PASSAGE_CHARS && !this.#onlyHeadings) this.#endPassage(out);
    this.#append(text, this.#paragraphLine);
    this.#onlyHeadings = false;
    this.#paragraph = [];
    this.#paragraphChars = 0;
  }

  /** Gives all of a huge paragraph but its last piece, which goes on. */
  #cutHuge(out: Passage[]): void {
    const pieces = cutText(this.#paragraph.join('\n'));
    const rest = pieces.pop() ?? '';
    if (!this.#onlyHeadings) this.#endPassage(out);
    for (const piece of pieces) {
      this.#append(piece, this.#paragraphLine);
      this.#endPassage(out);
    }
    this.#paragraph = [rest];
    this.#paragraphChars = rest.length;
  }

  #append(text: string, line: number): void {
    if (this.#passage.length === 0) this.#passageLine = line;
    this.#passage.push(text);
    this.#passageChars += text.length + 2;
  }

  #endPassage(out: Passage[]): void {
    const text = this.#passage.join('\n\n');
    if (text.trim() !== '') out.push({ text, line: this.#passageLine });
    this.#passage = [];
    this.#passageChars = 0;
    this.#onlyHeadings = true;
  }
}

/** Pieces of at most `PASSAGE_CHARS`, cut at the last line end, sentence end or space that fits. */
function cutText(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > PASSAGE_CHARS) {
    const window = text.slice(start, start + PASSAGE_CHARS);
    const end = lastBreak(window);
    pieces.push(window.slice(0, end).trim());
    start += end;
  }
  return [...pieces.filter((piece) => piece !== ''), text.slice(start).trimStart()];
}

function lastBreak(window: string): number {
  const least = window.length / 3;
  for (const pattern of [
    /\n(?=[^\n]*$)/,
    /[.!?。！？]["')\]]*\s(?=[^.!?]*$)/,
    /[。！？](?=[^。！？]*$)/,
    /\s(?=\S*$)/,
  ]) {
    const found = pattern.exec(window);
    if (found && found.index + found[0].length > least) return found.index + found[0].length;
  }
  // never between the two halves of one character
  const last = window.charCodeAt(window.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? window.length - 1 : window.length;
}
