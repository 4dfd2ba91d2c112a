/** What the commands about runs share: the open history, and runs in words. */
import type { RunRow } from '../../../common/api/contract.ts';
import { openHistory, settleKilled } from '../../app/history.ts';
import type { Store } from '../../store/store.ts';
import type { Streams } from '../command.ts';
import { duration, loss, printable } from '../words.ts';

/** Characters of an id that are shown: enough to tell any two of some thousand runs apart. */
export const ID_CHARS = 8;

/** Does `work` with the history of this computer; repairs made on opening are told on stderr. */
export async function withHistory<T>({ err }: Streams, work: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openHistory();
  try {
    if (store.notice !== null) err.write(`${store.notice}\n`);
    settleKilled(store);
    return await work(store);
  } finally {
    store.close();
  }
}

const LEARNED: Readonly<Record<string, string>> = {
  yes: 'learned',
  partly: 'learned partly',
  no: 'did not learn',
  unknown: 'learned: not known',
};
const FORGOT: Readonly<Record<string, string>> = {
  nothing: 'forgot nothing',
  little: 'forgot a little',
  much: 'forgot much',
  unknown: 'forgot: not known',
};

/** What was measured of a run, shortly; a dash where nothing was. */
export function verdictText({ learned, forgot }: Pick<RunRow, 'learned' | 'forgot'>): string {
  if (learned === null && forgot === null) return '-';
  return [learned && LEARNED[learned], forgot && FORGOT[forgot]].filter(Boolean).join(', ');
}

/** `2026-11-25 10:12`, in the time zone of this computer. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

export const lossText = (value: number | null) => (value === null ? '-' : loss(value));
export const timeText = (seconds: number | null) => (seconds === null ? '-' : duration(seconds));

/** Rows in columns; what does not fit into `most` characters of a column is cut. */
export function columnsText(rows: readonly (readonly string[])[], most: number): string[] {
  const cells = rows.map((row) => row.map((cell) => shortened(printable(cell).replace(/\s+/g, ' '), most)));
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

function shortened(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}
