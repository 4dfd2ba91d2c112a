/** Jobs about data alone: no model is opened, and nothing of the engine's weight is loaded. */
import { AppError } from '../../../common/errors.ts';
import type { DataFileFound, DataShowResult, EngineEvent } from '../../../common/protocol/protocol.ts';
import type { DataConfig } from '../config/config.ts';
import { dataBytes, type FileFound, readingOf, readLooseRows } from '../data/rows/read-rows.ts';
import { strictRow } from '../data/rows/schema.ts';

const FIRST_ROWS = 3;
const KEPT_PROBLEMS = 5;
const PROGRESS_MS = 100;

/** How the rows of `config.data` are read: what was detected, how many there are, and the first ones. */
export async function showData(
  config: DataConfig,
  io: { emit(event: EngineEvent): void; readonly stop: AbortSignal },
): Promise<DataShowResult> {
  const paths = [config.data].flat();
  const totalBytes = await dataBytes(paths);
  const files: (DataFileFound & { rows: number; badRows: number })[] = [];
  const problems: string[] = [];
  const first: DataShowResult['first'][number][] = [];
  const notes: { code: string; message: string }[] = [];
  const badRow = (error: AppError) => {
    files.at(-1)!.badRows++;
    if (problems.length < KEPT_PROBLEMS) problems.push(error.message);
  };
  let reported = performance.now();
  const rows = readLooseRows(paths, {
    ...readingOf(config),
    signal: io.stop,
    onBadRow: badRow,
    onNote: ({ code, message }) => notes.push({ code, message }),
    onFile: (file) => files.push({ ...fileFound(file), rows: 0, badRows: 0 }),
  });
  for await (const { row, where, doneBytes } of rows) {
    if (performance.now() - reported > PROGRESS_MS) {
      reported = performance.now();
      io.emit({ event: 'phase', phase: 'read', fraction: doneBytes / Math.max(1, totalBytes) });
    }
    try {
      strictRow(row, where);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      badRow(error);
      continue;
    }
    files.at(-1)!.rows++;
    if (first.length >= FIRST_ROWS) continue;
    const turns = row.turns.map(({ role, content }) => ({ role, content }));
    first.push({ where, kind: row.kind, turns, contextTurns: row.contextTurns ?? 0 });
  }
  const sum = (key: 'rows' | 'badRows') => files.reduce((total, file) => total + file[key], 0);
  return { files, rows: sum('rows'), badRows: sum('badRows'), problems, notes, first };
}

function fileFound({ path, format, schema }: FileFound): DataFileFound {
  return {
    ...{ path, format },
    kind: schema?.kind ?? null,
    map: schema?.map ?? null,
    reason: schema?.reason ?? null,
    confidence: schema?.confidence ?? null,
    alternatives: schema?.alternatives ?? [],
    columns: schema?.columns ?? [],
  };
}
