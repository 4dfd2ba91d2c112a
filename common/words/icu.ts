/** Messages as translators write them, in ICU's MessageFormat: each is read once, because that takes longer than using it. */
import { IntlMessageFormat } from 'intl-messageformat';

/** What a message's arguments stand for: by name, or by number in the order of the English. */
export type Value = string | number | boolean | null | undefined;
export type Values = Readonly<Record<string, Value>> | readonly Value[];

const made = new Map<string, IntlMessageFormat>();

/** Stands beside values that begin or end with a Chinese sign; no text has it. */
const EDGE = '\uE000';
const SIGN = '[\\p{Script=Han}，。：；？！、（）“”]';
const AT_EDGE = new RegExp(`^${SIGN}|${SIGN}$`, 'u');
/** Chinese has a space beside Latin letters and digits, none between its own signs. */
const EDGES = new RegExp(
  `(?<=${SIGN}${EDGE}) (?=${EDGE}?${SIGN})|(?<=${SIGN}) (?=${EDGE}${SIGN})|${EDGE}`,
  'gu',
);

/** A message in the language of `locale`, with its values. */
export function formatMessage(message: string, locale: string, values: Values): string {
  if (!/\{|'['{}<>]/.test(message)) return message;
  const key = `${locale} ${message}`;
  const found = made.get(key) ?? new IntlMessageFormat(message, locale, undefined, { ignoreTag: true });
  made.set(key, found);
  const given = locale.startsWith('zh') ? marked(values) : values;
  const text = String(found.format(given as Record<string, string | number>));
  return text.includes(EDGE) ? text.replace(EDGES, '') : text;
}

function marked(values: Values): Values {
  const mark = (value: Value) =>
    typeof value === 'string' && AT_EDGE.test(value) ? `${EDGE}${value}${EDGE}` : value;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, mark(value)]));
}
