/**
 * Lines of text files of any size: bytes come in chunks and a line lives only as long as it is looked at. A line
 * beyond the limit is given without its bytes, because it is an error and must not fill the memory.
 */

const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface RawLine {
  /** Without the line end; null for a line beyond the limit, whose bytes were not kept. */
  readonly bytes: Buffer | null;
  /** Counted from 1. */
  readonly line: number;
  /** Bytes of the content up to the end of this line. */
  readonly endByte: number;
}

/** What to say of a line whose bytes were not kept. */
export const LINE_LIMIT = 'lines of at most 64 MB, got a longer one';

/** The lines that end in each chunk. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawLine[]> {
  let pieces: Buffer[] = [];
  let pending = 0;
  let consumed = 0;
  let line = 0;
  const take = (rest: Buffer, endByte: number): RawLine => {
    const bytes =
      pending + rest.length > MAX_LINE_BYTES ? null : pending > 0 ? Buffer.concat([...pieces, rest]) : rest;
    pieces = [];
    pending = 0;
    return { bytes, line: ++line, endByte };
  };
  for await (const chunk of chunks) {
    const lines: RawLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end), consumed + end + 1));
      start = end + 1;
    }
    pending += chunk.length - start;
    if (pending > MAX_LINE_BYTES) pieces = [];
    else if (start < chunk.length) pieces.push(chunk.subarray(start));
    consumed += chunk.length;
    yield lines;
  }
  if (pending > 0) yield [take(Buffer.alloc(0), consumed)];
}
