/** Small questions about plain values, for every part. */

/** Whether `value` is an object with fields: not null, no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of `tree` by their path: `{lora: {rank: 8}}` has `lora.rank`. */
export function flattened(tree: Readonly<Record<string, unknown>>, prefix = ''): Record<string, unknown> {
  const entries = Object.entries(tree).flatMap(([name, value]): [string, unknown][] =>
    isRecord(value) ? Object.entries(flattened(value, `${prefix}${name}.`)) : [[prefix + name, value]],
  );
  return Object.fromEntries(entries);
}

/** Objects without the members that are undefined: what is left out and what is undefined mean the same in a call. */
type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** A copy of `value` without its undefined members. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}

/** `text` as it begins a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
