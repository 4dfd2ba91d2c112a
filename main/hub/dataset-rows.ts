/** The first rows of a data set before it is downloaded, as the Hub's own viewer has read them; none where it has not. */
import type { RawTable } from '../../common/protocol/protocol.ts';
import { type Connection, readAtMost } from './connection.ts';

const VIEWER = 'https://datasets-server.huggingface.co';
const ROWS = 5;
const CELL_CHARS = 300;
const MOST_BYTES = 10_000_000;
const PATIENCE_MS = 12_000;

interface Split {
  readonly config: string;
  readonly split: string;
}

/** Rows of the split that `part` names; null where the viewer has none, cannot be reached, or a mirror stands for the Hub. */
export async function firstRows(
  connection: Connection,
  repo: string,
  part: string,
  signal?: AbortSignal,
): Promise<RawTable | null> {
  if (connection.hasMirror) return null;
  const viewer = connection.isHub ? VIEWER : `${connection.hubUrl}/viewer`;
  const within = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]);
  const ask = async (path: string, asked: Readonly<Record<string, string>>) => {
    const response = await connection.get(
      `${viewer}/${path}?${new URLSearchParams(asked)}`,
      {},
      {
        what: path,
        signal: within,
      },
    );
    return JSON.parse((await readAtMost(response, MOST_BYTES)).toString('utf8')) as unknown;
  };
  try {
    const { splits } = (await ask('splits', { dataset: repo })) as { splits: Split[] };
    const split = splitOf(splits, part);
    if (!split) return null;
    const { config, split: name } = split;
    return tableOf(await ask('first-rows', { dataset: repo, config, split: name }));
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/** The split whose names stand in the part's; of several the one with both, else the first of training. */
export function splitOf(splits: readonly Split[], part: string): Split | undefined {
  const words = part.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const closeness = ({ config, split }: Split) =>
    (words.includes(split.toLowerCase()) ? 2 : 0) +
    (part.toLowerCase().includes(config.toLowerCase()) ? 1 : 0);
  return splits.toSorted((a, b) => closeness(b) - closeness(a))[0];
}

function tableOf(answer: unknown): RawTable {
  const { features, rows } = answer as {
    features: { name: string }[];
    rows: { row: Record<string, unknown> }[];
  };
  const columns = features.map(({ name }) => String(name));
  const cells = rows.slice(0, ROWS).map(({ row }) => columns.map((column) => cellOf(row[column])));
  return { columns, rows: cells };
}

function cellOf(value: unknown): string {
  const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
  return text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS - 1)}…` : text;
}
