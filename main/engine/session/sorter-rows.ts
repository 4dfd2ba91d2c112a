/** The rows of a sorter: texts with an answer each, or with one for each of several columns, split into those to learn from and test rows. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { ColumnKind, SorterSet } from '../../../common/protocol/protocol.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { mapText, parseMap, sameColumn } from '../../../common/words/mapping.ts';
import { isUnconfirmed } from '../../rows/about.ts';
import { valueAt, valueText } from '../../rows/columns.ts';
import { detectSeveral } from '../../rows/detect.ts';
import { GOALS } from '../../rows/doctor/checks/balance.ts';
import type { LooseRow } from '../../rows/loose-row.ts';
import type { Message } from '../../rows/messages.ts';
import { dataBytes, firstRecords, type ReadOptions, readingOf, readLooseRows } from '../../rows/read-rows.ts';
import { Rng, streamSeed } from '../../rows/rng.ts';
import { strictRow, type TrainingRow } from '../../rows/schema.ts';
import { categoriesIn, likelySeparator, type Several, separatorOf } from '../../rows/several.ts';
import type { Fields } from '../../rows/shapes.ts';
import { splitHash, splitRows } from '../../rows/split.ts';
import { tableColumns } from '../../rows/table-columns.ts';
import type { SorterConfig } from '../config/config.ts';
import type { AnsweredText } from '../eval/answered-text.ts';
import { type AskedRow, answeredText, askedRow } from '../eval/assess/prompts.ts';
import { MOST_LABELS } from '../eval/assess/task.ts';
import { AnswerTally, keyOf, placeIn } from '../eval/classify/closed-set.ts';
import { HAS_NOT_OR_HAS } from '../eval/classify/sets.ts';
import { kindOf, severalText, textColumn, type WantedColumn, wantedColumn } from '../eval/rivals/columns.ts';
import type { LadderColumn, LadderRows } from '../eval/rivals/rung.ts';
import type { TrueSet } from '../eval/rivals/set-figures.ts';
import type { JobIo } from '../load/ready-model.ts';

/** Rows that it learns from and is asked, at most: more take minutes and change little. */
const MOST_TAUGHT = 20_000;
const MOST_ASKED = 2000;
/** Records that tell which column has the texts. */
const LOOKED_AT = 200;

/** A text with its answers in each column: one, none where that says nothing, or several categories. */
interface AnsweredRow {
  readonly text: string;
  readonly answers: readonly (readonly string[])[];
  readonly isUnconfirmed: boolean;
}

/** Names the column of the texts where a person has named those to fill. */
export async function withColumns(asked: SorterConfig): Promise<SorterConfig> {
  const given = await withSeveral(asked);
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
  const wanted = [answer].flat().flatMap((one) => {
    const { name, several } = wantedColumn(one, names, file);
    return several?.columns ?? [name];
  });
  if (config.map !== undefined) {
    const { text, prompt } = parseMap(config.map);
    const texts = text ?? prompt;
    if (texts) return { ...config, map: mapText({ text: texts }) };
  }
  const { records } = await firstRecords(paths, LOOKED_AT, reading);
  return { ...config, map: mapText({ text: [textColumn(records.filter(isRecord), wanted)] }) };
}

/** Names the column whose cells hold several categories, where a person has named none. */
async function withSeveral(given: SorterConfig): Promise<SorterConfig> {
  const { answer, data, promptTemplate } = given;
  if (answer !== undefined || data === undefined || promptTemplate !== undefined) return given;
  const several = await severalOf([data].flat(), given);
  return several === null ? given : { ...given, ...several };
}

async function severalOf(paths: readonly string[], config: SorterConfig) {
  const reading = readingOf(config);
  const records = (await firstRecords(paths, LOOKED_AT, reading)).records.filter(isRecord);
  if (config.map === undefined) {
    const detected = detectSeveral(records);
    if (!detected) return null;
    const { several, mapping } = detected;
    const text = mapping.text ?? mapping.prompt ?? [];
    return { answer: [severalText(several)], map: mapText({ text }) };
  }
  const { answer } = parseMap(config.map);
  if (answer?.length !== 1) return null;
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const column = names.find((name) => sameColumn(name, answer[0]!));
  const separator = column === undefined ? null : separatorIn(records, column);
  return separator ? { answer: [severalText({ columns: [column!], separator })] } : null;
}

function separatorIn(records: readonly Fields[], column: string) {
  return separatorOf(records.map((record) => valueAt(record, column)));
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

interface SorterRowsRead extends LadderRows {
  readonly skippedRows: number;
  /** Where columns were named, those that are learned. */
  readonly kinds: readonly ColumnKind[] | null;
  readonly sets: readonly TrueSet[];
}

/** Reads the rows twice: for their answers and the split, and for the texts of those that are learned or asked. */
export async function readRows(
  config: SorterConfig,
  { emit, stop }: Pick<JobIo, 'emit' | 'stop'>,
): Promise<SorterRowsRead> {
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
  const tallies = (wanted ?? [null]).map((one) => new AnswerTally(one?.several ? MOST_NAMES : MOST_LABELS));
  const first = answeredRows(data, reading, wanted, (bytes) => tell(bytes / total / 2));
  for await (const { text, answers, isUnconfirmed } of first) {
    for (const [i, own] of answers.entries()) for (const answer of own) tallies[i]!.add(answer);
    // with several columns a text that several people have filled stays on one side
    hashes.push(...splitHash(hashOf(wanted ? text : `${text}\0${answers[0]?.[0]}`), isUnconfirmed));
  }
  const sets: FoundSet[] = [];
  const learned = (wanted ?? [null]).flatMap((one, place): LearnedColumn[] => {
    if (!one?.several) return [plainColumn(one, place, requireClosed(tallies[place]!, one?.name))];
    const set = setOf(one.name, place, one.several, tallies[place]!);
    sets.push(set);
    return categoryColumns(set, wanted!);
  });
  const kinds = wanted && learned.map(({ kind }) => kind!);
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
  const [own, ...others] = learned.map((column) => columnRows(column, taught, asked));
  const truths = sets.map((set): TrueSet => {
    const of = ({ answers }: AnsweredRow) => [...new Set(answers[set.place]!.map(set.spelled))];
    return { ...set, taught: taught.map(of), asked: asked.map(of) };
  });
  stop.throwIfAborted();
  return {
    ...own!,
    seed,
    learnsAsked: !evalData,
    skippedRows,
    kinds,
    sets: truths,
    ...(others.length > 0 && { others }),
  };
}

/** What one head learns: the answer of a row, empty where it has none. */
interface LearnedColumn {
  /** Null where nobody named columns. */
  readonly kind: ColumnKind | null;
  readonly answers: readonly string[];
  answerOf(row: AnsweredRow): string;
}

function plainColumn(wanted: NamedColumn | null, place: number, answers: readonly string[]): LearnedColumn {
  const kind = wanted && kindOf(wanted, answers);
  return { kind, answers, answerOf: (row) => row.answers[place]![0] ?? '' };
}

/** A question of yes and no for each category. */
function categoryColumns(
  { name: of, place, categories, spelled }: FoundSet,
  wanted: readonly NamedColumn[],
): LearnedColumn[] {
  const [no, yes] = HAS_NOT_OR_HAS;
  return categories.map((category) => {
    const isTaken = wanted.some(({ name }) => name === category);
    const name = isTaken ? `${of}: ${category}` : category;
    return {
      kind: { name, type: 'noul', yes, of },
      answers: HAS_NOT_OR_HAS,
      answerOf: ({ answers }) => (answers[place]!.some((one) => spelled(one) === category) ? yes : no),
    };
  });
}

/** Categories that are learned at most, and names that are counted to find those that most rows have. */
const MOST_CATEGORIES = 100;
const MOST_NAMES = 20_000;

/** Several categories a text, as they were found. */
interface FoundSet extends Pick<SorterSet, 'name' | 'columns' | 'separator' | 'categories' | 'left'> {
  /** Among the columns that were named. */
  readonly place: number;
  /** A category as it is mostly written. */
  spelled(category: string): string;
}

/** Throws an AppError where not two categories have enough rows. */
function setOf(name: string, place: number, { columns, separator }: Several, tally: AnswerTally): FoundSet {
  const least = GOALS.labels.harm;
  const counts = tally.counts.map(({ answer, rows }) => ({ category: answer, rows }));
  const isLearned = ({ rows }: { readonly rows: number }, i: number) => rows >= least && i < MOST_CATEGORIES;
  const categories = counts.filter(isLearned).map(({ category }) => category);
  const left = counts.filter((one, i) => !isLearned(one, i));
  const spellings = new Map(counts.map(({ category }) => [keyOf(category), category]));
  const spelled = (category: string) => spellings.get(keyOf(category)) ?? category;
  if (categories.length >= 2) return { name, columns, separator, place, categories, left, spelled };
  throw new AppError(
    'no-categories',
    say`Too few rows have a category in “${name}”.`,
    say`Each of at least two categories needs ${least} rows.`,
  );
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
    rows.push({ text, answer: answers[0]![0]! });
  }
  return { rows, skippedRows };
}

/** A column whose separator is known, where it holds several categories. */
type NamedColumn = Omit<WantedColumn, 'several'> & { readonly several?: Several };

async function wantedOf(config: SorterConfig, data: readonly string[]): Promise<NamedColumn[] | null> {
  if (config.answer === undefined) return null;
  const names = await namesIn(data, config);
  const { records } = await firstRecords(data, LOOKED_AT, readingOf(config));
  const fields = records.filter(isRecord);
  const wanted = [config.answer].flat().map((one): NamedColumn => {
    const column = wantedColumn(one, names, basename(data[0]!));
    const { name, type, several } = column;
    if (several) return { ...column, several: withSeparator(several, fields) };
    const separator = type === undefined ? separatorIn(fields, name) : null;
    if (separator) return { name, several: { columns: [name], separator } };
    const { several: _, ...plain } = column;
    return plain;
  });
  const twice = wanted.find(({ name }, i) => wanted.findIndex((one) => one.name === name) !== i);
  if (!twice) return wanted;
  throw new AppError('bad-column', say`The column “${twice.name}” is named twice.`, say`Name it once.`);
}

/** What one column has to learn from and to be asked. Throws an AppError where it has none. */
function columnRows(
  { kind, answers, answerOf }: LearnedColumn,
  taught: readonly AnsweredRow[],
  asked: readonly AnsweredRow[],
): LadderColumn {
  const of = (rows: readonly AnsweredRow[]) =>
    rows.flatMap((row) => {
      const answer = answerOf(row);
      return answer === '' ? [] : [{ text: row.text, answer }];
    });
  const tests = of(asked);
  if (tests.length === 0)
    throw new AppError(
      'no-rows',
      kind === null
        ? say`These settings leave no test rows.`
        : say`These settings leave no test rows for the column “${kind.name}”.`,
      say`Raise the share of test rows.`,
    );
  const place = placeIn(answers);
  const known = of(taught).filter(({ answer }) => place(answer) >= 0);
  if (known.length === 0)
    throw new AppError('no-rows', say`No row is left to train on.`, say`Lower the share of test rows.`);
  return { answers, taught: known, asked: tests, ...(kind?.of !== undefined && { of: kind.of }) };
}

async function* answeredRows(
  paths: readonly string[],
  reading: ReadOptions,
  wanted: readonly NamedColumn[] | null,
  onBytes: (done: number) => void,
): AsyncGenerator<AnsweredRow> {
  for await (const { row, record, where, doneBytes } of readLooseRows(paths, reading)) {
    onBytes(doneBytes);
    const strict = strictly(row, where, reading);
    const asked = wanted ? questionOf(strict, reading.system) : strict && askedRow(strict);
    if (!asked) continue;
    const { text, answer } = answeredText(asked);
    const own = (one: string) => (one === '' ? [] : [one]);
    const answers = wanted?.map(({ name, several }) =>
      several ? categoriesIn(record, several) : own(filledIn(record, name)),
    ) ?? [own(answer)];
    // a text without any category is an answer, too
    const isAnswered = answers.some((one, i) => one.length > 0 || wanted?.[i]?.several !== undefined);
    if (isAnswered) yield { text, answers, isUnconfirmed: isUnconfirmed(row) };
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

function withSeparator(several: NonNullable<WantedColumn['several']>, records: readonly Fields[]): Several {
  if ('separator' in several) return several;
  const values = records.map((record) => valueAt(record, several.columns[0]!));
  return { ...several, separator: likelySeparator(values) };
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
