/** The columns of a sample of records: their names, nested ones by path, and what their values are like. */
import { messageFields } from './messages.ts';
import { type Fields, isFields } from './shapes.ts';

export interface Column {
  /** A field's name, or `data.question` for one inside another. */
  readonly name: string;
  /** Share of the records in which it has a value. */
  readonly filled: number;
  /** Of its values: the share that are text (or numbers, or lists of texts), numbers alone, lists of messages. */
  readonly texts: number;
  readonly numbers: number;
  readonly conversations: number;
  /** Whether messages are written as JSON inside a text. */
  readonly isJsonText: boolean;
  /** Whether its messages have `from` and `value`. */
  readonly isShareGpt: boolean;
  readonly distinct: number;
  readonly meanChars: number;
  readonly meanWords: number;
  readonly maxChars: number;
  readonly example: string;
}

/** The columns of `records` in the order in which they are first met; objects are opened, one level. */
export function columnsOf(records: readonly Fields[]): Column[] {
  const names = new Set(records.flatMap(columnNames));
  return [...names].map((name) => columnOf(name, records));
}

function columnNames(record: Fields): string[] {
  return Object.entries(record).flatMap(([key, value]) =>
    isFields(value) ? Object.keys(value).map((inner) => `${key}.${inner}`) : [key],
  );
}

/** The value in a column: of the field with that name, or of a field inside a field. */
export function valueAt(record: Fields, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const outer = name.slice(0, dot);
    const inner = Object.hasOwn(record, outer) ? record[outer] : undefined;
    if (isFields(inner)) return valueAt(inner, name.slice(dot + 1));
  }
  return undefined;
}

/** A value as text: a number or yes/no is written out, of a list of texts the first is taken; undefined for others. */
export function valueText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
    return value[0];
  return undefined;
}

/** The list of messages in a value, from JSON in a text where it is one; undefined where there is none. */
export function valueMessages(value: unknown): readonly unknown[] | undefined {
  const list = typeof value === 'string' && /^\s*\[\s*\{/.test(value) ? parsed(value) : value;
  return Array.isArray(list) && list.length > 0 && messageFields(list[0]) !== undefined ? list : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function columnOf(name: string, records: readonly Fields[]): Column {
  const values = records.map((record) => valueAt(record, name)).filter((value) => !isEmpty(value));
  const texts = values.map(valueText).filter((text) => text !== undefined);
  const lists = values.map(valueMessages).filter((list) => list !== undefined);
  const share = (count: number) => (values.length === 0 ? 0 : count / values.length);
  const mean = (of: (text: string) => number) =>
    texts.reduce((sum, text) => sum + of(text), 0) / Math.max(1, texts.length);
  return {
    name,
    filled: values.length / Math.max(1, records.length),
    texts: share(texts.length),
    numbers: share(texts.filter((text) => /^\s*[-+]?[\d.,]+\s*$/.test(text)).length),
    conversations: share(lists.length),
    isJsonText: values.some((value) => typeof value === 'string') && lists.length > 0,
    isShareGpt: lists.length > 0 && messageFields(lists[0]![0])?.[0] === 'from',
    distinct: new Set(texts).size,
    meanChars: mean((text) => text.length),
    meanWords: mean((text) => text.trim().split(/\s+/).length),
    maxChars: texts.reduce((most, text) => Math.max(most, text.length), 0),
    example: texts[0] ?? '',
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}
