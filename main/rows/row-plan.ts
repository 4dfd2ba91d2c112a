/**
 * How the records of one file become rows: decided once from a sample, then applied to each record. What a person says wins; then a
 * record's own shape; then what was detected in the file's columns.
 */

import { basename } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { isRecord } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { type Mapping, mapText, parseMap, parseTemplate } from '../../common/words/mapping.ts';
import { marks } from '../../common/words/marks.ts';
import { columnsOf, valueAt } from './columns.ts';
import { type Candidate, type Detection, detectSchema, detectSeveral, ENOUGH_CONFIDENCE } from './detect.ts';
import type { LooseRow } from './loose-row.ts';
import {
  type FoundSchema,
  findColumn,
  foundSchema,
  mappedRow,
  schemaNote,
  shownColumns,
  unclearError,
} from './mapping.ts';
import { preferenceReader, readRated } from './preferences.ts';
import type { FormatName } from './readers/formats.ts';
import type { DataNote } from './readers/source.ts';
import { type FoundSeveral, foundSeveral, joinedBy, partsOf, separatorOf, severalWords } from './several.ts';
import { type Fields, looseRow, requireFields, type ShapeName, shapeOf } from './shapes.ts';

/** What a person said about the data. */
interface Wishes {
  readonly map?: string;
  readonly promptTemplate?: string;
  readonly system?: string;
}

export interface RowPlan {
  readonly schema: FoundSchema | undefined;
  readonly notes: readonly DataNote[];
  /** The row of a record; null where it is left out. Throws `AppError('bad-row')`. */
  row(record: unknown, where: string): LooseRow | null;
}

/** Formats whose records are objects with shapes of their own. */
const OBJECT_FORMATS: readonly FormatName[] = ['jsonl', 'json'];

/** The plan for a file, from a sample of its records. Throws `AppError('data-schema')` where it is not clear. */
export function planRows(
  path: string,
  format: FormatName,
  sample: readonly unknown[],
  wishes: Wishes,
): RowPlan {
  const records = sample.filter(isRecord);
  const plan =
    wishes.map !== undefined || wishes.promptTemplate !== undefined
      ? explicitPlan(path, records, wishes)
      : 2 * records.filter((record) => preferenceReader(record)).length > records.length
        ? preferencePlan(path, records)
        : OBJECT_FORMATS.includes(format)
          ? objectPlan(path, records)
          : format === 'text' || format === 'markdown'
            ? passagePlan(path)
            : tablePlan(path, records);
  const { system } = wishes;
  const read = severalPlan(plan, records);
  return system === undefined
    ? read
    : { ...read, row: (record, where) => addSystem(read.row(record, where), system) };
}

/** Says that texts can have several categories, and reads a list of them as one text. */
function severalPlan(plan: RowPlan, records: readonly Fields[]): RowPlan {
  const { schema } = plan;
  const several = schema && (schema.several ?? severalIn(schema, records));
  if (!several) return plan;
  const isSaid = schema.reason === severalWords(several);
  const note = { code: 'data-several', message: `${severalWords(several)}${marks().end}` };
  const [column] = several.columns;
  const row = (record: unknown, where: string) =>
    plan.row(several.separator === 'list' ? spelled(record, column!) : record, where);
  return { schema: { ...schema, several }, notes: isSaid ? plan.notes : [...plan.notes, note], row };
}

/** Where a person chose the column of the answer, or where a record has its own shape beside its categories. */
function severalIn({ map, kind }: FoundSchema, records: readonly Fields[]): FoundSeveral | undefined {
  if (map === undefined) return kind === 'text' ? detectSeveral(records)?.several : undefined;
  const { answer } = parseMap(map);
  if (answer?.length !== 1) return undefined;
  const separator = separatorOf(records.map((record) => valueAt(record, answer[0]!)));
  return separator ? foundSeveral({ columns: answer, separator }, records) : undefined;
}

function spelled(record: unknown, column: string): unknown {
  if (!isRecord(record) || !isThere(record[column])) return record;
  return { ...record, [column]: partsOf(record[column], 'list').join(joinedBy('list')) };
}

/** Records with a better and a worse answer, or with a rated one. */
function preferencePlan(path: string, records: readonly Fields[]): RowPlan {
  const row = (record: unknown, where: string) => {
    const read = preferenceReader(record);
    return read ? read(record as Fields, where) : looseRow(record, where);
  };
  const isRated = records.some((record) => preferenceReader(record) === readRated);
  const schema = {
    kind: 'preference' as const,
    map: undefined,
    reason: isRated ? say`its answers are rated` : say`it has better and worse answers`,
    confidence: 1,
    alternatives: [],
    columns: shownColumns(columnsOf(records)),
  };
  return { schema, notes: [schemaNote(path, schema)], row };
}

function passagePlan(path: string): RowPlan {
  const reason = say`it is running text, cut between its paragraphs`;
  const schema = {
    kind: 'text' as const,
    map: undefined,
    reason,
    confidence: 1,
    alternatives: [],
    columns: [],
  };
  return { schema, notes: [schemaNote(path, schema)], row: looseRow };
}

function explicitPlan(path: string, records: readonly Fields[], { map, promptTemplate }: Wishes): RowPlan {
  const columns = columnsOf(records);
  const names = [
    ...new Set([...columns.map(({ name }) => name), ...records.flatMap((record) => Object.keys(record))]),
  ];
  const find = (isTemplate: boolean) => (name: string) =>
    records.length === 0 ? name : findColumn(name, names, isTemplate, path);
  const given = map === undefined ? undefined : withColumns(parseMap(map), find(false));
  const template = promptTemplate === undefined ? undefined : parseTemplate(promptTemplate);
  const used = template?.columns.map(find(true)) ?? [];
  const mapping = completed(given, template && used, (columns) => detectedAnswer(path, records, columns));
  const found = template && {
    ...template,
    columns: used,
    fill: filledBy(template, find(true)),
  };
  const reason = say`you chose the columns`;
  const kind = mapping.messages ? 'messages' : mapping.text ? 'text' : 'question-answer';
  const schema = foundSchema({ kind, mapping, reason, confidence: 1 }, [], columns);
  const row = (record: unknown, where: string) =>
    mappedRow(requireFields(record, where), mapping, where, found);
  return { schema, notes: [schemaNote(path, schema)], row };
}

/** What was said, with the answer looked for where only the prompt was named. */
function completed(
  given: Mapping | undefined,
  templated: readonly string[] | undefined,
  findAnswer: (promptColumns: readonly string[]) => Mapping,
): Mapping {
  const prompt = templated ?? given?.prompt;
  if (prompt === undefined) {
    if (given?.text || given?.messages) return given;
    throw mapMisses(say`An answer is chosen, but no question.`);
  }
  if (templated && (given?.text || given?.messages))
    throw mapMisses(say`A template is for a question, but no question is chosen.`);
  return { ...(given?.answer ? {} : findAnswer(prompt)), ...given, prompt };
}

function mapMisses(what: string): AppError {
  return new AppError('bad-usage', what, say`Choose the columns of the question and of the answer.`);
}

function filledBy(template: ReturnType<typeof parseTemplate>, find: (name: string) => string) {
  return (value: (column: string) => string) => template.fill((column) => value(find(column)));
}

function withColumns(mapping: Mapping, find: (name: string) => string): Mapping {
  return Object.fromEntries(
    Object.entries(mapping).map(([part, columns]) => [part, (columns as readonly string[]).map(find)]),
  );
}

/** The answer beside a template, looked for among the columns that the template does not use. */
function detectedAnswer(path: string, records: readonly Fields[], used: readonly string[]): Mapping {
  const detection = detectSchema(records);
  const candidates: Candidate[] = detection ? [detection, ...detection.alternatives] : [];
  const fit = candidates.find(
    ({ mapping, confidence }) =>
      confidence >= ENOUGH_CONFIDENCE && mapping.answer?.every((column) => !used.includes(column)),
  );
  if (fit) return { answer: fit.mapping.answer!, ...(fit.mapping.system && { system: fit.mapping.system }) };
  const left = detection?.columns.filter(({ name }) => !used.includes(name)) ?? [];
  if (left.length === 1) return { answer: [left[0]!.name] };
  if (detection === undefined) return { answer: ['answer'] };
  throw unclearError(path, detection);
}

/** JSON: each record by its own shape; for those without one, what the file's fields say. */
function objectPlan(path: string, records: readonly Fields[]): RowPlan {
  const whole = records.filter(isWhole);
  const rest = records.filter((record) => !isWhole(record));
  const detection = rest.length === 0 ? undefined : detectSchema(rest);
  const isClear = detection !== undefined && detection.confidence >= ENOUGH_CONFIDENCE;
  if (whole.length === 0 && detection && !isClear && !rest.some((record) => shapeOf(record)))
    throw unclearError(path, detection);
  const mapping = isClear && detection.kind !== 'preference' ? detection.mapping : undefined;
  const row = (record: unknown, where: string): LooseRow | null => {
    if (!isRecord(record) || isWhole(record)) return looseRow(record, where);
    const preference = preferenceReader(record);
    if (preference) return preference(record, where);
    return mapping && answersWith(record, mapping)
      ? mappedRow(record, mapping, where)
      : looseRow(record, where);
  };
  if (whole.length > 0) {
    const schema = ownShapes(whole, mapping === undefined ? [] : rest);
    return { schema, notes: [schemaNote(path, schema), ...unusedLabelNotes(path, whole)], row };
  }
  if (mapping === undefined || detection === undefined) return { schema: undefined, notes: [], row };
  const schema = foundSchema(detection, detection.alternatives, detection.columns);
  return { schema, notes: [schemaNote(path, schema)], row };
}

/** CSV, Excel, Parquet: every record has the same columns. */
function tablePlan(path: string, records: readonly Fields[]): RowPlan {
  const detection = detectSchema(records);
  if (detection === undefined) {
    return { schema: undefined, notes: [], row: looseRow };
  }
  if (detection.confidence < ENOUGH_CONFIDENCE) throw unclearError(path, detection);
  const schema = foundSchema(detection, detection.alternatives, detection.columns);
  const row = (record: unknown, where: string) => tableRow(record, detection, where);
  return { schema, notes: [schemaNote(path, schema)], row };
}

/** A pair of lists of messages (Parquet can hold them) is read as such; all else by its columns. */
function tableRow(record: unknown, { kind, mapping }: Detection, where: string): LooseRow {
  const fields = requireFields(record, where);
  const isSplitChat = kind === 'prompt-completion' && Array.isArray(fields.prompt);
  return isSplitChat ? looseRow(fields, where) : mappedRow(fields, mapping, where);
}

/** Whether a record has a shape of its own, with its answer. */
function isWhole(record: Fields): boolean {
  const shape = shapeOf(record);
  if (shape === undefined) return false;
  if (shape === 'prompt-completion') return isThere(record.prompt) && isThere(record.completion);
  return shape !== 'alpaca' || isThere(record.output) || isThere(record.response);
}

function answersWith(record: Fields, { answer, text, messages }: Mapping): boolean {
  return [answer, text, messages].some((columns) =>
    columns?.some((column) => isThere(valueAt(record, column))),
  );
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const SHAPE_FIELDS: Readonly<Record<ShapeName, string>> = {
  messages: 'messages',
  sharegpt: 'conversations',
  'prompt-completion': 'prompt + completion',
  alpaca: 'instruction + output',
  text: 'text',
};

function ownShapes(whole: readonly Fields[], others: readonly Fields[]): FoundSchema {
  const shapes = [...new Set(whole.map((record) => shapeOf(record)!))];
  const kind = shapes.length === 1 && others.length === 0 ? shapes[0]! : 'mixed';
  const reason = say`its rows have ${shapes.map((shape) => SHAPE_FIELDS[shape]).join(marks().comma)}`;
  return {
    kind,
    map: undefined,
    reason,
    confidence: 1,
    alternatives: [],
    columns: shownColumns(columnsOf(whole)),
  };
}

/** A label beside "text" is not used, as ever in JSON; its owner may not know. */
function unusedLabelNotes(path: string, whole: readonly Fields[]): DataNote[] {
  if (!whole.every((record) => shapeOf(record) === 'text')) return [];
  const detection = detectSchema(whole);
  const label = [detection, ...(detection?.alternatives ?? [])].find(
    (one) => one?.mapping.answer && one.confidence >= 0.8,
  );
  if (!label) return [];
  const name = label.mapping.answer![0]!;
  const message = say`${basename(path)} is read as running text, so its column “${name}” is not used. To train on it, choose it as the answer: ${mapText(label.mapping)}`;
  return [{ code: 'data-unused', message }];
}

/** Puts the system message before a row that has none; running text has no place for one. */
function addSystem(row: LooseRow | null, system: string): LooseRow | null {
  if (row === null || row.kind === 'text' || row.turns.some(({ role }) => role === 'system')) return row;
  const turns = [{ role: 'system', content: system }, ...row.turns];
  return row.contextTurns === undefined
    ? { ...row, turns }
    : { ...row, turns, contextTurns: row.contextTurns + 1 };
}
