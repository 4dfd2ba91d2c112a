/** JSON Lines: each line is a record of its own, so one that is broken is left out and the next is read. */
import { type JsonLine, parseJsonLine } from '../jsonl.ts';
import { decodedChunks } from './encoding.ts';
import { splitLines } from './lines.ts';
import type { RawRecord, Reader } from './reader.ts';

/** Bytes of lines whose values are given together: few enough to be gone before the collector takes them for lasting. */
const BATCH_BYTES = 64 * 1024;

/** Reads JSON Lines. */
export const readJsonLines: Reader = async function* (source, context) {
  for await (const lines of splitLines(decodedChunks(source, context))) {
    let records: RawRecord[] = [];
    let bytes = 0;
    // the content's own count is exact where it is the file's
    const fromFile = source.isGzip ? source.position() : undefined;
    for (const raw of lines) {
      const parsed: JsonLine = parseJsonLine(raw, source.path);
      if (parsed === undefined) continue;
      const doneBytes = fromFile ?? Math.min(raw.endByte, source.bytes);
      records.push({ ...parsed, where: `${source.path}:${raw.line}`, doneBytes });
      bytes += raw.bytes?.length ?? 0;
      if (bytes < BATCH_BYTES) continue;
      yield records;
      [records, bytes] = [[], 0];
    }
    yield records;
  }
};
