/** Jobs about data alone: no model is opened, and nothing of the engine's weight is loaded. */

import { AppError } from '../../../common/errors.ts';
import type {
  ChatTurn,
  DataFileFound,
  DataShowResult,
  EditableAsked,
  EditableRow,
  EditableRows,
  EditedRows,
  RawTable,
  RowEdits,
} from '../../../common/protocol/protocol.ts';
import { isRecord } from '../../../common/values.ts';
import { marks } from '../../../common/words/marks.ts';
import { writeStreamAtomic } from '../../atomic.ts';
import { badRow } from '../../rows/bad-row.ts';
import { nameFit } from '../../rows/columns.ts';
import { LineWriter, requireFree } from '../../rows/doctor/repair-files.ts';
import { type LooseRow, looseToJson, turnText } from '../../rows/loose-row.ts';
import { looseTurns, type Message } from '../../rows/messages.ts';
import {
  dataBytes,
  type FileFound,
  type FoundSheets,
  firstRecords,
  readingOf,
  readLooseRows,
} from '../../rows/read-rows.ts';
import { dataFiles } from '../../rows/readers/files.ts';
import { strictRow } from '../../rows/schema.ts';
import { type FoundSeveral, severalWords } from '../../rows/several.ts';
import type { DataConfig } from '../config/config.ts';
import type { JobIo } from '../load/ready-model.ts';

const FIRST_ROWS = 3;
const KEPT_PROBLEMS = 5;
const PROGRESS_MS = 100;

/** How the rows of `config.data` are read: what was detected, how many there are, and the first ones. */
export async function showData(config: DataConfig, io: JobIo): Promise<DataShowResult> {
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
    const said = (turns: LooseRow['turns']) =>
      turns.map((turn) => ({ role: turn.role, content: turnText(turn) }));
    first.push({
      where,
      kind: row.kind,
      turns: said(row.turns),
      contextTurns: row.contextTurns ?? 0,
      ...(row.rejected && { rejected: said(row.rejected) }),
      ...(row.rated !== undefined && { rated: row.rated }),
    });
  }
  const sum = (key: 'rows' | 'badRows') => files.reduce((total, file) => total + file[key], 0);
  return { files, rows: sum('rows'), badRows: sum('badRows'), problems, notes, first };
}

function fileFound({ path, format, schema }: FileFound): DataFileFound {
  return {
    path,
    format,
    kind: schema?.kind ?? null,
    map: schema?.map ?? null,
    reason: schema?.reason ?? null,
    confidence: schema?.confidence ?? null,
    alternatives: schema?.alternatives ?? [],
    columns: schema?.columns ?? [],
    ...(schema?.several && { several: severalFound(schema.several) }),
  };
}

function severalFound(several: FoundSeveral): NonNullable<DataFileFound['several']> {
  const { columns, separator } = several;
  return {
    words: `${severalWords(several)}${marks().end}`,
    column: separator === null ? null : columns[0]!,
  };
}

const RAW_ROWS = 50;
/** A page shows no more of a cell at once. */
const CELL_CHARS = 2000;

/** Why no rows were made of a table that can be read: a person has to say which columns are what. */
type LookProblem = Pick<AppError, 'code' | 'message' | 'hint'>;

const UNCLEAR_CODES: readonly string[] = ['data-schema', 'data-map'];

export interface LookedAt extends DataShowResult {
  readonly raw: RawTable;
  readonly sheets: FoundSheets | null;
  readonly problem: LookProblem | null;
}

/** What `fettle data show` says of the files of `config`, with the first 50 records of the first one. */
export async function look(config: DataConfig, io: JobIo): Promise<LookedAt> {
  const options = { ...readingOf(config), signal: io.stop };
  const { records, sheets } = await firstRecords([config.data].flat(), RAW_ROWS, options);
  const raw = rawTable(records);
  try {
    return { ...(await showData(config, io)), raw, sheets, problem: null };
  } catch (error) {
    if (!(error instanceof AppError) || !UNCLEAR_CODES.includes(error.code)) throw error;
    const { code, message, hint } = error;
    const nothing = { files: [], rows: 0, badRows: 0, problems: [], notes: [], first: [] };
    return { ...nothing, raw, sheets, problem: { code, message, hint } };
  }
}

/** Records as a table: columns in the order in which fields are met, nested values as compact JSON. */
export function rawTable(records: readonly unknown[]): RawTable {
  const fields = records.map(fieldsOf);
  const columns = [...new Set(fields.flatMap((record) => Object.keys(record)))];
  return { columns, rows: fields.map((record) => columns.map((column) => cell(record[column]))) };
}

/** A record that is no object (a line of JSON may be a text or a list) has one field. */
function fieldsOf(record: unknown): Readonly<Record<string, unknown>> {
  return isRecord(record) ? record : { value: record };
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : (compactJson(value) ?? String(value));
  return text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS - 1)}…` : text;
}

/** Parquet holds whole numbers that JSON cannot. */
function compactJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))?.replace(
    /^"(.*)"$/s,
    '$1',
  );
}

/**
 * Rows as a person edits them, one by one: pages of them to look at, and a copy of the data in which some are changed, left out or new. The
 * files that are read stay as they are.
 */

/** A longer text is no matter for a text field. */
const MOST_CHARS = 20_000;

export interface EditConfig extends RowEdits {
  readonly data: DataConfig;
  readonly out: string;
}

/** `count` rows from the one numbered `from`; how many there are in all only with the first ones, which are read to the end. */
export async function editableRows(
  { data, from, count, like }: EditableAsked & { readonly data: DataConfig },
  { stop }: Pick<JobIo, 'stop'>,
): Promise<EditableRows> {
  const placeOf = like && placeAmong(like);
  const rows: EditableRow[] = [];
  let number = 0;
  for await (const { row } of readLooseRows([data.data].flat(), { ...own(data, stop), onBadRow: () => {} })) {
    const place = placeOf?.(row);
    if (number >= from && rows.length < count && place !== -1)
      rows.push({ ...editableRow(row, number), ...(place !== undefined && { like: place }) });
    number++;
    if (from > 0 && rows.length === count) return { rows, total: null };
  }
  return { rows, total: number };
}

/** Which of `like` a row is like: it asks the same, and its answer ends alike, after what is thought there. -1 for none. */
function placeAmong(like: NonNullable<EditableAsked['like']>): (row: LooseRow) => number {
  const plain = (text: string) => text.replace(/\s+/gu, ' ').trim();
  const wanted = like.map(({ text, answer }) => ({ text: plain(text), answer: plain(answer) }));
  return ({ turns }) => {
    const last = turns.findLastIndex(({ role }) => role === 'assistant');
    if (last < 0) return -1;
    const before = turns.slice(0, last).filter(({ role }) => role !== 'system');
    const asked = plain(before.map(({ content }) => content).join('\n'));
    const said = plain(turns[last]!.content);
    return wanted.findIndex(({ text, answer }) => text === asked && said.endsWith(answer));
  };
}

/** Writes all rows to `out` as JSON Lines, with the changes made and the new rows at the end. */
export async function writeEdited(
  { data, out, changes, added }: EditConfig,
  { stop }: Pick<JobIo, 'stop'>,
): Promise<EditedRows> {
  const paths = [data.data].flat();
  await requireFree(out, await dataFiles(paths), false);
  const edits = new Map(changes.map(({ row, turns }) => [row, turns]));
  let unreadable = 0;
  const onBadRow = () => void unreadable++;
  return writeStreamAtomic(out, async (file) => {
    const lines = new LineWriter(file);
    let number = 0;
    let rows = 0;
    const add = async (row: LooseRow) => {
      await lines.line(looseToJson(row));
      rows++;
    };
    for await (const { row } of readLooseRows(paths, { ...own(data, stop), onBadRow })) {
      const turns = edits.get(number++);
      if (turns === undefined) await add(row);
      else if (turns !== null) await add(withTurns(row, turns));
    }
    for (const row of added) await add(row);
    await lines.finish();
    return { path: out, rows, unreadable };
  });
}

/** How the rows are read, without the system message that a person gave for all of them: it stays beside the copy. */
function own(data: DataConfig, signal: AbortSignal) {
  const { system: _, ...reading } = readingOf(data);
  return { ...reading, signal };
}

function editableRow({ kind, turns }: LooseRow, number: number): EditableRow {
  const isLong = turns.some(({ content }) => content.length > MOST_CHARS);
  return {
    number,
    kind,
    isLong,
    turns: turns.map(({ role, content }) => ({ role, content: content.slice(0, MOST_CHARS) })),
  };
}

/** A system message that was put in front, or taken out, moves where the learned part of a chat begins. */
function withTurns(row: LooseRow, turns: LooseRow['turns']): LooseRow {
  const contextTurns = row.contextTurns && row.contextTurns + turns.length - row.turns.length;
  return { ...row, turns: keptTools(row.turns, turns), ...(contextTurns && { contextTurns }) };
}

/** Edited texts with the calls and results that stood there: of an equal number of turns in their places. */
function keptTools(before: LooseRow['turns'], edited: LooseRow['turns']): LooseRow['turns'] {
  const shift = edited.length - before.length;
  return edited.map((turn, i) => {
    const old = before[i - shift];
    return old?.role === turn.role ? { ...old, content: turn.content } : turn;
  });
}

/** Prompts for a model to answer, from files of them or from rows: what stands there before the answer. */

/** A longer one leaves no room for an answer. */
const MOST_PROMPT_CHARS = 20_000;
const LISTS = ['messages', 'conversations', 'prompt', 'chosen'] as const;
/** Fields that hold no prompt when they are texts. */
const SAID: ReadonlySet<string> = new Set(['messages', 'conversations', 'chosen', 'rejected']);
const ROLES: readonly string[] = ['system', 'user', 'assistant'] satisfies readonly Message['role'][];

export interface PromptsAsked {
  readonly paths: readonly string[];
  readonly most: number;
}

/** Each prompt once, in the order of the files; what holds none is left out. */
export async function promptsOf(
  { paths, most }: PromptsAsked,
  { stop }: Pick<JobIo, 'stop'>,
): Promise<ChatTurn[][]> {
  const found = new Map<string, ChatTurn[]>();
  for (const path of paths) {
    const { records } = await firstRecords([path], most, { signal: stop });
    for (const prompt of records.flatMap(promptsIn)) {
      const isUsable =
        prompt.at(-1)?.role === 'user' && prompt.every(({ content }) => content.length <= MOST_PROMPT_CHARS);
      if (isUsable) found.set(JSON.stringify(prompt), prompt);
    }
  }
  return [...found.values()].slice(0, most);
}

function promptsIn(record: unknown): ChatTurn[][] {
  if (typeof record === 'string') return asked(record);
  if (!isRecord(record)) return [];
  const list = LISTS.find((name) => Array.isArray(record[name]));
  if (list !== undefined) return conversation(record[list]);
  const texts = Object.entries(record).filter(
    (field): field is [string, string] => typeof field[1] === 'string' && !SAID.has(field[0]),
  );
  const [question] = texts.toSorted(([a], [b]) => questionFit(b) - questionFit(a));
  if (question === undefined || (texts.length > 1 && questionFit(question[0]) === 0)) return [];
  const [name, text] = question;
  if (name === 'text') return text.split('\n').flatMap(asked);
  const { input } = record;
  const isAlpaca = name === 'instruction' && typeof input === 'string' && input.trim() !== '';
  return asked(isAlpaca ? `${text}\n\n${input}` : text);
}

/** How much a field's name sounds like a question, or else like any text. */
function questionFit(name: string): number {
  return nameFit(name, 'question') || nameFit(name, 'text') / 2;
}

function asked(text: string): ChatTurn[][] {
  return text.trim() === '' ? [] : [[{ role: 'user', content: text.trim() }]];
}

/** A conversation without its last answer. */
function conversation(value: unknown): ChatTurn[][] {
  let turns: ReturnType<typeof looseTurns>;
  try {
    turns = looseTurns(value, () => badRow('', '', ''));
  } catch {
    return [];
  }
  const last = turns.findLastIndex(({ role }) => role === 'user');
  if (last < 0 || turns.some(({ role }) => !ROLES.includes(role))) return [];
  return [turns.slice(0, last + 1).map(({ role, content }) => ({ role: role as ChatTurn['role'], content }))];
}
