/** Objects without the members that are undefined: what is left out and what is undefined mean the same in a call. */

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** A copy of `value` without its undefined members. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}
