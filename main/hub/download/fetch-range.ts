/** Fetches one range of a file, from where it was cut the last time, until it is whole. */
import { Passing, unreachable } from '../errors.ts';
import type { Connection } from '../net/connection.ts';
import { withRetries } from '../net/retry.ts';
import type { Tuning } from '../tuning.ts';
import type { PartFile } from './part-file.ts';
import type { Range } from './record.ts';

/** Thrown where a server answers with the whole file instead of the range: then the file comes in one piece. */
export class NoRanges extends Error {}

export interface Source {
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly repo: string;
  readonly url: string;
  readonly name: string;
  /** Of the whole file. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  /** Called as bytes arrive. */
  readonly onBytes: () => void;
}

/** Resolves when `range` is whole. A connection that is cut costs the time to make a new one, and no byte that is here. */
export async function fetchRange(source: Source, part: PartFile, range: Range): Promise<void> {
  const what = `Downloading ${source.name} of ${source.repo}`;
  await withRetries(() => receive(source, part, range, what), {
    tuning: source.tuning,
    signal: source.signal,
    reached: () => range.done,
    giveUp: (cause) => unreachable(what, cause, source.connection.proxy),
  });
}

async function receive(source: Source, part: PartFile, range: Range, what: string): Promise<void> {
  const first = range.start + range.done;
  if (first === range.end) return;
  const isWhole = first === 0 && range.end === source.bytes;
  const headers = {
    // a compressed answer would have another length and no ranges
    'accept-encoding': 'identity',
    ...(!isWhole && { range: `bytes=${first}-${range.end - 1}` }),
  };
  const { repo, signal } = source;
  const response = await source.connection.get(source.url, headers, { what, repo, signal });
  try {
    checkRange(response, first, range, source);
    await copy(response, source, part, range);
  } finally {
    if (range.start + range.done < range.end) await response.body?.cancel().catch(() => {});
  }
}

async function copy(response: Response, source: Source, part: PartFile, range: Range): Promise<void> {
  for await (const chunk of response.body ?? []) {
    source.signal.throwIfAborted();
    if (range.start + range.done + chunk.length > range.end)
      throw new Passing('the server sent more than the file has');
    await part.append(range, chunk);
    source.onBytes();
  }
  if (range.start + range.done < range.end) throw new Passing('the connection was cut');
}

function checkRange({ status, headers }: Response, first: number, range: Range, { bytes }: Source): void {
  if (status === 206) {
    const said = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    const fits =
      said &&
      Number(said[1]) === first &&
      Number(said[2]) < range.end &&
      [String(bytes), '*'].includes(said[3]!);
    if (!fits) throw new Passing('the server sent another part of the file');
    return;
  }
  if (first !== 0 || range.end !== bytes) throw new NoRanges();
}
