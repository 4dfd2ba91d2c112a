/** The rows of a sorter: texts with an answer each, or with one for each of several columns, split into those to learn from and test rows. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { ColumnKind } from '../../../common/protocol/protocol.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { mapText, parseMap } from '../../../common/words/mapping.ts';
import { isUnconfirmed } from '../../rows/about.ts';
import { valueAt, valueText } from '../../rows/columns.ts';
import type { LooseRow } from '../../rows/loose-row.ts';
import type { Message } from '../../rows/messages.ts';
import { dataBytes, firstRecords, type ReadOptions, readingOf, readLooseRows } from '../../rows/read-rows.ts';
import { Rng, streamSeed } from '../../rows/rng.ts';
import { strictRow, type TrainingRow } from '../../rows/schema.ts';
import { splitHash, splitRows } from '../../rows/split.ts';
import { tableColumns } from '../../rows/table-columns.ts';
import type { SorterConfig } from '../config/config.ts';
import type { AnsweredText } from '../eval/answered-text.ts';
import { type AskedRow, answeredText, askedRow } from '../eval/assess/prompts.ts';
import { MOST_LABELS } from '../eval/assess/task.ts';
import { AnswerTally, placeIn } from '../eval/classify/closed-set.ts';
import { kindOf, textColumn, type WantedColumn, wantedColumn } from '../eval/rivals/columns.ts';
import type { LadderRows } from '../eval/rivals/rung.ts';
import type { JobIo } from '../load/ready-model.ts';

/** Rows that it learns from and is asked, at most: more take minutes and change little. */
const MOST_TAUGHT = 20_000;
const MOST_ASKED = 2000;
/** Records that tell which column has the texts. */
const LOOKED_AT = 200;

/** A text with its answer in each column; empty where that says nothing. */
interface AnsweredRow {
  readonly text: string;
  readonly answers: readonly string[];
  readonly isUnconfirmed: boolean;
}

/** Names the column of the texts where a person has named those to fill. */
export async function withColumns(given: SorterConfig): Promise<SorterConfig> {
  const { answer, data } = given;
  if (answer === undefined || data === undefined) return given;
  const config = { ...given, answer: [answer].flat() };
  if (config.promptTemplate !== undefined)
    throw new AppError(
      'bad-config',
      say`Columns are filled from one text.`,
      say`Leave out the prompt template.`,
    );
  const paths = [data].flat();
  const reading = readingOf(config);
  const names = await namesIn(paths, config);
  const file = basename(paths[0]!);
  const wanted = [answer].flat().map((one) => wantedColumn(one, names, file).name);
  if (config.map !== undefined) {
    const { text, prompt } = parseMap(config.map);
    const texts = text ?? prompt;
    if (texts) return { ...config, map: mapText({ text: texts }) };
  }
  const { records } = await firstRecords(paths, LOOKED_AT, reading);
  return { ...config, map: mapText({ text: [textColumn(records.filter(isRecord), wanted)] }) };
}

async function namesIn(paths: readonly string[], config: SorterConfig): Promise<readonly string[]> {
  const { map: _, ...reading } = readingOf(config);
  const names = await tableColumns(paths, reading);
  if (names) return names;
  throw new AppError(
    'data-map',
    say`${basename(paths[0]!)} is no table with columns.`,
    say`Several columns are filled from a table: CSV, Excel, Parquet, or JSON with plain values.`,
  );
}

/** Reads the rows twice: for their answers and the split, and for the texts of those that are learned or asked. */
export async function readRows(
  config: SorterConfig,
  { emit, stop }: Pick<JobIo, 'emit' | 'stop'>,
): Promise<LadderRows & { readonly skippedRows: number; readonly kinds: readonly ColumnKind[] | null }> {
  const data = [config.data ?? []].flat();
  const evalData = config.evalData === undefined ? null : [config.evalData].flat();
  const total = (await dataBytes(data)) + (evalData ? await dataBytes(evalData) : 0);
  const wanted = await wantedOf(config, data);
  let skippedRows = 0;
  const hashes: number[] = [];
  const reading = {
    ...readingOf(config),
    signal: stop,
    onBadRow: (error: AppError) => {
      if (config.onBadRow === 'stop') throw error;
      skippedRows++;
    },
  };
  let lastFraction = -1;
  const tell = (fraction: number) => {
    // a message for each row would take longer than the row
    if (fraction - lastFraction < 0.01) return;
    lastFraction = fraction;
    emit({ event: 'phase', phase: 'read', fraction, detail: say`Reading the rows` });
  };
  const tallies = (wanted ?? [null]).map(() => new AnswerTally());
  const first = answeredRows(data, reading, wanted, (bytes) => tell(bytes / total / 2));
  for await (const { text, answers, isUnconfirmed } of first) {
    for (const [i, answer] of answers.entries()) if (answer !== '') tallies[i]!.add(answer);
    // with several columns a text that several people have filled stays on one side
    hashes.push(...splitHash(hashOf(wanted ? text : `${text}\0${answers[0]}`), isUnconfirmed));
  }
  const categories = tallies.map((tally, i) => requireClosed(tally, wanted?.[i]?.name));
  const kinds = wanted?.map((one, i) => kindOf(one, categories[i]!)) ?? null;
  const { heldOut, seed } = config;
  const split = splitRows(hashes.length / 2, {
    heldOut: evalData ? 0 : heldOut,
    seed,
    hashes: [Uint32Array.from(hashes)],
  });
  const drawn = (rows: Uint32Array, most: number) =>
    new Set(Rng.fromSeed(streamSeed(seed, 'assess')).shuffle(rows).subarray(0, most));
  const taughtNumbers = drawn(split.train.slice(), MOST_TAUGHT);
  const askedNumbers = drawn(split.heldOut.slice(), MOST_ASKED);
  const taught: AnsweredRow[] = [];
  const asked: AnsweredRow[] = [];
  let row = 0;
  for await (const one of answeredRows(data, { ...reading, onBadRow: () => {} }, wanted, (bytes) =>
    tell(0.5 + bytes / total / 2),
  )) {
    if (taughtNumbers.has(row)) taught.push(one);
    else if (askedNumbers.has(row)) asked.push(one);
    row++;
  }
  if (evalData) {
    // drawn, since files often have their rows in the order of their categories
    const rng = Rng.fromSeed(streamSeed(seed, 'assess'));
    let count = 0;
    for await (const one of answeredRows(evalData, reading, wanted, () => {})) {
      const place = count < MOST_ASKED ? count : rng.below(count + 1);
      if (place < MOST_ASKED) asked[place] = one;
      count++;
    }
  }
  const columns = categories.map((answers, i) => columnRows(answers, taught, asked, i, wanted?.[i]?.name));
  stop.throwIfAborted();
  const [own, ...others] = columns;
  return { ...own!, seed, skippedRows, kinds, ...(others.length > 0 && { others }) };
}

/** Texts with their answers, whatever these are; of many rows some. */
export interface Answered {
  readonly rows: readonly AnsweredText[];
  readonly skippedRows: number;
}

/** Null where columns were named, which are categories or nothing. */
export async function readAnswered(
  config: SorterConfig,
  { stop }: Pick<JobIo, 'stop'>,
): Promise<Answered | null> {
  if (config.answer !== undefined) return null;
  let skippedRows = 0;
  const reading = { ...readingOf(config), signal: stop, onBadRow: () => void skippedRows++ };
  const rows: AnsweredText[] = [];
  for await (const { text, answers } of answeredRows([config.data ?? []].flat(), reading, null, () => {})) {
    if (rows.length === MOST_TAUGHT) break;
    rows.push({ text, answer: answers[0]! });
  }
  return { rows, skippedRows };
}

async function wantedOf(config: SorterConfig, data: readonly string[]): Promise<WantedColumn[] | null> {
  if (config.answer === undefined) return null;
  const names = await namesIn(data, config);
  const wanted = [config.answer].flat().map((one) => wantedColumn(one, names, basename(data[0]!)));
  const twice = wanted.find(({ name }, i) => wanted.findIndex((one) => one.name === name) !== i);
  if (!twice) return wanted;
  throw new AppError('bad-column', say`The column “${twice.name}” is named twice.`, say`Name it once.`);
}

/** What one column has to learn from and to be asked. Throws an AppError where it has none. */
function columnRows(
  answers: readonly string[],
  taught: readonly AnsweredRow[],
  asked: readonly AnsweredRow[],
  column: number,
  name: string | undefined,
): Omit<LadderRows, 'seed' | 'others'> {
  const of = (rows: readonly AnsweredRow[]) =>
    rows.flatMap(({ text, answers: all }) => (all[column] === '' ? [] : [{ text, answer: all[column]! }]));
  const tests = of(asked);
  if (tests.length === 0)
    throw new AppError(
      'no-rows',
      name === undefined
        ? say`These settings leave no test rows.`
        : say`These settings leave no test rows for the column “${name}”.`,
      say`Raise the share of test rows.`,
    );
  const place = placeIn(answers);
  const known = of(taught).filter(({ answer }) => place(answer) >= 0);
  if (known.length === 0)
    throw new AppError('no-rows', say`No row is left to train on.`, say`Lower the share of test rows.`);
  return { answers, taught: known, asked: tests };
}

async function* answeredRows(
  paths: readonly string[],
  reading: ReadOptions,
  wanted: readonly WantedColumn[] | null,
  onBytes: (done: number) => void,
): AsyncGenerator<AnsweredRow> {
  for await (const { row, record, where, doneBytes } of readLooseRows(paths, reading)) {
    onBytes(doneBytes);
    const strict = strictly(row, where, reading);
    const asked = wanted ? questionOf(strict, reading.system) : strict && askedRow(strict);
    if (!asked) continue;
    const { text, answer } = answeredText(asked);
    const answers = wanted ? wanted.map(({ name }) => filledIn(record, name)) : [answer];
    if (answers.some((one) => one !== '')) yield { text, answers, isUnconfirmed: isUnconfirmed(row) };
  }
}

/** What a record has in a column; empty where it has nothing. */
export function filledIn(record: unknown, column: string): string {
  const value = isRecord(record) ? valueAt(record, column) : undefined;
  return (value === undefined || value === null ? undefined : valueText(value))?.trim() ?? '';
}

function strictly(row: LooseRow, where: string, { onBadRow }: ReadOptions): TrainingRow | null {
  try {
    return strictRow(row, where);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    onBadRow?.(error);
    return null;
  }
}

/** The question of a row; a text alone is a question, without a known answer. */
export function questionOf(row: TrainingRow | null, system: string | undefined): AskedRow | null {
  if (row?.kind !== 'text') return row && askedRow(row);
  const preamble: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  return { turns: [...preamble, { role: 'user', content: row.text }], answer: '' };
}

/** Equal for equal rows, which fall on the same side of the split. */
function hashOf(text: string): [low: number, high: number] {
  const hash = createHash('sha256').update(text).digest();
  return [hash.readUInt32LE(0), hash.readUInt32LE(4)];
}

function requireClosed(tally: AnswerTally, column?: string): readonly string[] {
  const answers = tally.closed;
  if (answers) return answers;
  throw new AppError(
    'no-categories',
    column === undefined
      ? say`The answers of these rows are no categories: nearly every row has another one, or all have the same.`
      : say`The column “${column}” holds no categories: nearly every row has another one, or all have the same.`,
    say`Sorting needs rows that share their answers, 2 to ${MOST_LABELS} different ones.`,
  );
}
