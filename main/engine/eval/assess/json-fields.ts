/** Answers that are JSON objects: whether they can be read, and which of their fields are right. */
import { tally } from './text.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The object that an answer holds, or null. The whole answer must be it; a code fence around it, which chat models like
 * to add, is forgiven.
 */
export function parseObject(answer: string): JsonObject | null {
  const fenced = /^```(?:json)?\s*([\s\S]*?)\s*```$/i.exec(answer.trim());
  try {
    const value: unknown = JSON.parse(fenced?.[1] ?? answer);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}

/** A value in one spelling: keys sorted, white space in texts single. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.replace(/\s+/gu, ' ').trim());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}

/** For each field of `wanted`, whether `said` has the same value. */
export function fieldsRight(said: JsonObject | null, wanted: JsonObject): Map<string, boolean> {
  return new Map(
    Object.entries(wanted).map(([key, value]) => [
      key,
      said !== null && Object.hasOwn(said, key) && canonical(said[key]) === canonical(value),
    ]),
  );
}

/** Whether `said` has exactly the fields of `wanted` with its values. */
export function allRight(said: JsonObject | null, wanted: JsonObject): boolean {
  return said !== null && canonical(said) === canonical(wanted);
}

/** A field of the training answers and the values that it takes, most frequent first, as they are shown. */
export interface JsonField {
  readonly name: string;
  readonly values: readonly string[];
  /** Whether the values are few enough to be a choice. */
  readonly choice: boolean;
  readonly type: 'text' | 'number' | 'yes or no' | 'list' | 'object' | 'mixed';
}

const MOST_CHOICES = 30;

/** The fields of `answers`, most common first; a choice has at most 30 values and each four times on average. */
export function jsonFields(answers: readonly JsonObject[]): JsonField[] {
  const names = tally(answers.flatMap((answer) => Object.keys(answer)));
  return names.map(([name]) => {
    const values = answers.filter((answer) => Object.hasOwn(answer, name)).map((answer) => answer[name]);
    const counted = tally(values.map(shownValue));
    const scalar = values.every((value) => typeof value !== 'object' || value === null);
    const choice = scalar && counted.length <= MOST_CHOICES && 4 * counted.length <= values.length;
    return { name, values: counted.map(([text]) => text), choice, type: typeOf(values) };
  });
}

/**
 * The field that is the label of an answer: of those that are a choice of two or more the one with the most values, so
 * `topic` rather than `urgent`; null where there is none.
 */
export function labelField(fields: readonly JsonField[]): string | null {
  const choices = fields.filter((field) => field.choice && field.values.length >= 2);
  const best = choices.reduce<JsonField | null>(
    (most, field) => (most === null || field.values.length > most.values.length ? field : most),
    null,
  );
  return best?.name ?? null;
}

/** A field's value as a person reads it: texts without quotes. */
export function shownValue(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\s+/gu, ' ').trim() : canonical(value);
}

function typeOf(values: readonly unknown[]): JsonField['type'] {
  const kinds = new Set(values.filter((value) => value !== null).map(kindOf));
  return kinds.size === 1 ? [...kinds][0]! : 'mixed';
}

function kindOf(value: unknown): JsonField['type'] {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'yes or no';
  return Array.isArray(value) ? 'list' : 'object';
}
