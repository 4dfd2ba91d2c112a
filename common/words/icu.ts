/** Messages as translators write them, in ICU's MessageFormat: each is read once, because that takes longer than using it. */
import { IntlMessageFormat } from 'intl-messageformat';

/** What a message's arguments stand for: by name, or by number in the order of the English. */
export type Value = string | number | boolean | null | undefined;
export type Values = Readonly<Record<string, Value>> | readonly Value[];

const made = new Map<string, IntlMessageFormat>();

/** A message in the language of `locale`, with its values. */
export function written(message: string, locale: string, values: Values): string {
  if (!/\{|'['{}<>]/.test(message)) return message;
  const key = `${locale} ${message}`;
  const found = made.get(key) ?? new IntlMessageFormat(message, locale, undefined, { ignoreTag: true });
  made.set(key, found);
  return String(found.format(values as Record<string, string | number>));
}
