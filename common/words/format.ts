/**
 * How figures are written, in one place and in the language of this process: numbers with their thousands apart, bytes, lengths of time as
 * a person says them, dates. A figure that is not known is a dash.
 */
import { counted, type Language, language, locale, said, say } from './language.ts';
import { marks } from './marks.ts';

const DASH = '–';
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Maybe = number | null | undefined;

const known = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value);

/** Formats of a language, made once: to make one takes longer than to use it. */
const made = new Map<string, { format(value: number | Date): string }>();

function formatOf<Format extends { format(value: number | Date): string }>(key: string, make: () => Format) {
  const name = `${locale()} ${key}`;
  const found = made.get(name) ?? make();
  made.set(name, found);
  return found;
}

/** A number with its thousands apart and `digits` decimals (`least` of them even where they are 0): 12,345 or 0.25. */
export function number(value: Maybe, digits = 0, least = digits): string {
  if (!known(value)) return DASH;
  const options = { minimumFractionDigits: least, maximumFractionDigits: digits } as const;
  // `negative`: without it what rounds to nothing would be "-0"
  const make = () => new Intl.NumberFormat(locale(), { ...options, signDisplay: 'negative' });
  return formatOf(`${digits} ${least}`, make).format(value);
}

/** Names as a sentence lists them: "a.csv and b.csv". */
export const listOf = (names: readonly string[]): string => new Intl.ListFormat(locale()).format(names);

/** A number with two to four significant digits: 2.1e-4, 0.042, 1.42, 1,240. */
export function figure(value: Maybe): string {
  if (!known(value)) return DASH;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e9) return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
  if (size >= 100) return number(value);
  return number(value, size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** A number, already written, with its unit, from which no end of a line parts it: 12 GB, 86%. French counts octets: 12 Go. */
export function measure(value: string, unit: string): string {
  const isClose = unit === '%' ? WITHOUT_SPACE.has(language()) : isTight() && UNSPACED.test(unit);
  if (isClose) return `${value}${unit}`;
  return `${value}\u00a0${language() === 'fr' ? unit.replace(/^([kMGT]?)B\b/, '$1o') : unit}`;
}

/** Languages that write 86%, the others 86 %. */
const WITHOUT_SPACE: ReadonlySet<Language> = new Set(['en', 'ja', 'zh']);
/** Units of scripts that have no spaces: 3分; Chinese has a space beside digits: 3 分钟. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Katakana}]/u;
const isTight = () => language() === 'ja';

/** `text` with plain spaces, for a terminal and for files that programs read. */
export function plainSpaces(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

const MEASURES =
  /(\d) (%|[kMGT]?B(?:\/s)?|ms|s|min|h|k?Wh?|[GT]FLOP\/s|[Tt]okens\/s|GHz)(?![\p{Script=Latin}\p{N}])/gu;

/** A sentence that was written elsewhere, with its numbers and units as `measure` writes them. */
export function withUnits(text: string): string {
  return text.replace(MEASURES, (_, digit: string, unit: string) => measure(digit, unit));
}

/** A share as a percentage: 0.125 is 12.5%. */
export function percent(share: Maybe, digits = 0): string {
  return known(share) ? measure(number(share * 100, digits), '%') : DASH;
}

/** A share of which the least counts: 12%, 0.4%, 0.02%. */
export function smallPercent(share: number): string {
  return percent(share, share >= 0.01 || share === 0 ? 0 : share >= 0.001 ? 1 : 2);
}

/** A share with the interval that it lies in: 62% (55% to 69%). */
export function percentRange({
  value,
  low,
  high,
}: Readonly<Record<'value' | 'low' | 'high', number>>): string {
  return say`${percent(value)} (${percent(low)} to ${percent(high)})`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1,000, as systems and shops write them: 1.5 GB. */
export function bytes(value: Maybe): string {
  if (!known(value)) return DASH;
  let rest = Math.abs(value);
  let unit = 0;
  while (rest >= 999.5 && unit < BYTE_UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const text = unit === 0 || rest >= 99.95 ? number(rest) : number(rest, 1, 0);
  return measure(`${value < 0 ? '-' : ''}${text}`, BYTE_UNITS[unit] ?? '');
}

/** Sizes by which graphics cards are sold, in powers of 1,024. */
const CARD_SIZES = [2, 3, 4, 6, 8, 10, 11, 12, 16, 20, 24, 32, 40, 48, 64, 80, 94, 96, 128, 141, 180, 192];
/** A card shows less than its size: with some a sixteenth of it checks the rest. */
const CARD_SHARE = 0.93;
/** So much apart, nobody asks. */
const CARD_APART = 1.03;

/** The size on a card's box beside its `total` in powers of 1,000, where they read differently: " (sold as 24 GB)" of 25.8 GB. */
export function soldAs(total: number): string {
  const size = CARD_SIZES.find((one) => one * 2 ** 30 >= total * 0.995);
  if (!size || total < CARD_SHARE * size * 2 ** 30 || total < CARD_APART * size * 1e9) return '';
  return ` (${say`sold as ${measure(number(size), 'GB')}`})`;
}

/** Two amounts of bytes, the unit said once where both have it: 1.9 to 2.3 GB; one where they read the same. */
export function bytesRange(low: number, high: number): string {
  const [from, to] = [bytes(low), bytes(high)];
  if (from === to) return to;
  const [amount, unit] = from.split('\u00a0');
  return say`${to.endsWith(`\u00a0${unit}`) ? amount! : from} to ${to}`;
}

const COUNT_UNITS: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/** A large count in short: 135M, 1.5B. */
export function count(value: Maybe): string {
  if (!known(value)) return DASH;
  const row = COUNT_UNITS.find(([size]) => value >= size * 0.9995);
  if (!row) return number(value);
  const scaled = value / row[0];
  return `${scaled >= 99.95 ? number(scaled) : number(scaled, 1, 0)}${row[1]}`;
}

/** `one` or `many` by number, with the number: 1 row, 12 rows. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return counted(Math.round(value), number(value), one, many);
}

/** Minutes from which seconds say nothing. */
const EXACT = 10;

/** Units of a length of time: to which length they serve, their seconds and names, and the smaller unit beside them. */
const SPANS: readonly (readonly [
  below: number,
  large: number,
  name: string,
  small: number,
  smallName: string,
])[] = [
  [EXACT * MINUTE, MINUTE, 'min', 1, 's'],
  [HOUR, MINUTE, 'min', MINUTE, 's'],
  [2 * DAY, HOUR, 'h', MINUTE, 'min'],
  [Number.POSITIVE_INFINITY, DAY, 'days', HOUR, 'h'],
];

/** Rows with their share of all; no share where it is all of them, nothing where there are none: 12 rows (3%). */
export function rowsOfAll(rows: number, share: number): string {
  if (rows === 0) return '';
  return share === 1 ? plural(rows, 'row') : `${plural(rows, 'row')} (${smallPercent(share)})`;
}

/** A length of time as exactly as it is useful: 8 s, 3 min 20 s, 52 min, 2 h 5 min, 3 days. */
export function duration(seconds: Maybe): string {
  if (!known(seconds)) return DASH;
  if (seconds <= 0) return span(0, 's');
  if (seconds < 0.95) return span(seconds, 's', 1);
  if (seconds < 59.5) return span(Math.round(seconds), 's');
  for (const [below, large, name, small, smallName] of SPANS) {
    // rounded first, so that no "60 min" comes out of 59 min 59.7 s
    const rounded = Math.round(seconds / small) * small;
    if (rounded >= below) continue;
    const rest = Math.round((rounded % large) / small);
    const head = span(Math.floor(rounded / large), name);
    return rest === 0
      ? head
      : `${head}${isTight() && UNSPACED.test(said(smallName)) ? '' : ' '}${span(rest, smallName)}`;
  }
  return DASH;
}

/** Some of one unit of time; its short name may have a translation. */
function span(value: number, unit: string, digits = 0): string {
  return measure(number(value, digits), said(unit));
}

/** A length of time as a person says it: about 25 minutes, about 2 hours, under a minute. */
export function about(seconds: Maybe): string {
  if (!known(seconds)) return say`not known yet`;
  if (seconds < 50) return say`under a minute`;
  if (seconds < 90) return say`about a minute`;
  if (seconds < 55 * MINUTE) return say`about ${friendly(seconds / MINUTE)} minutes`;
  if (seconds < 100 * MINUTE)
    return seconds < 80 * MINUTE ? say`about an hour` : say`about an hour and a half`;
  if (seconds < 36 * HOUR) return say`about ${number(Math.round(seconds / HOUR))} hours`;
  return say`about ${number(Math.round(seconds / DAY))} days`;
}

/** Minutes as people round them: to one below 10, to five above 20. */
function friendly(minutes: number): string {
  const step = minutes < 20 ? 1 : 5;
  return number(Math.max(2, Math.round(minutes / step) * step));
}

/** What is left of something that goes on: "about 4 minutes left". */
export function left(seconds: Maybe): string {
  return known(seconds) ? say`${about(seconds)} left` : '';
}

/** Bytes a second: 12.5 MB/s. */
export function speed(bytesPerSecond: Maybe): string {
  return known(bytesPerSecond) ? `${bytes(bytesPerSecond)}/s` : DASH;
}

/** Tokens a second: 1,240 tokens/s, 3.2 tokens/s. */
export function rate(tokensPerSecond: Maybe): string {
  return known(tokensPerSecond)
    ? measure(number(tokensPerSecond, tokensPerSecond < 9.95 ? 1 : 0), said('tokens/s'))
    : DASH;
}

/** A loss with the digits that tell two steps apart: 2.141, 0.0423. */
export function loss(value: Maybe): string {
  if (!known(value)) return typeof value === 'number' ? String(value) : DASH;
  if (value >= 1e7) return value.toExponential(1);
  if (value === 0 || Math.abs(value) >= 0.1) return number(value, 3);
  const make = () =>
    new Intl.NumberFormat(locale(), { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  return Math.abs(value) < 1e-6 ? value.toPrecision(3) : formatOf('3 digits', make).format(value);
}

/** Floating point operations a second: 310 GFLOP/s. */
export function flops(value: Maybe): string {
  if (!known(value)) return DASH;
  return value >= 1e12
    ? measure(number(value / 1e12, 1), 'TFLOP/s')
    : measure(number(value / 1e9), 'GFLOP/s');
}

const LEAST_MONEY = 0.001;

/** An amount of money in a currency that the person has typed: 0.12 EUR, 0.004 EUR, less than 0.001 EUR. */
export function money(value: Maybe, currency: string): string {
  if (!known(value)) return DASH;
  if (value > 0 && value < LEAST_MONEY) return say`less than ${measure(number(LEAST_MONEY, 3), currency)}`;
  return measure(number(value, value !== 0 && Math.abs(value) < 0.095 ? 3 : 2), currency);
}

/** Energy: 0.35 kWh, 12 Wh. */
export function energy(kwh: Maybe): string {
  if (!known(kwh)) return DASH;
  return kwh < 0.1 ? measure(number(kwh * 1000, kwh < 0.01 ? 1 : 0), 'Wh') : measure(number(kwh, 2), 'kWh');
}

const DAY_PARTS = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const CLOCK_PARTS = { hour: '2-digit', minute: '2-digit' } as const;
const day = (time: Date) => formatOf('day', () => new Intl.DateTimeFormat(locale(), DAY_PARTS)).format(time);
const clock = (time: Date) =>
  formatOf('clock', () => new Intl.DateTimeFormat(locale(), CLOCK_PARTS)).format(time);

type Time = string | number | Date | null | undefined;

function moment(time: Time): Date | null {
  if (time === null || time === undefined) return null;
  const found = new Date(time);
  return Number.isNaN(found.getTime()) ? null : found;
}

/** A day: 3 Mar 2026. */
export function date(time: Time): string {
  const found = moment(time);
  return found ? day(found) : DASH;
}

/** A time of day: 22:05. */
export function timeOfDay(time: Time): string {
  const found = moment(time);
  return found ? clock(found) : DASH;
}

/** Day and time: 3 Mar 2026, 22:05. */
export function dateTime(time: Time): string {
  const found = moment(time);
  return found ? `${day(found)}${marks().gap === '' ? ' ' : marks().comma}${clock(found)}` : DASH;
}

/** How long ago: just now, 5 minutes ago, today 09:12, yesterday, or the day. */
export function ago(time: Time, now: Date = new Date()): string {
  const found = moment(time);
  if (!found) return DASH;
  const seconds = (now.getTime() - found.getTime()) / 1000;
  if (seconds < 0) return dateTime(found);
  if (seconds < 60) return say`just now`;
  if (seconds < HOUR) return say`${plural(Math.floor(seconds / 60), 'minute')} ago`;
  if (day(found) === day(now)) return say`today ${clock(found)}`;
  const yesterday = new Date(now.getTime() - DAY * 1000);
  if (day(found) === day(yesterday)) return say`yesterday ${clock(found)}`;
  return day(found);
}

/** A learning rate as people write it, the same everywhere: 2e-4, 2e-3, 0.01. */
export function rateText(rate: number): string {
  return rate !== 0 && Math.abs(rate) < 1e-2 ? rate.toExponential() : String(rate);
}

/** A path as a shell reads it back. */
export function shellWord(text: string): string {
  return /^[\w./:\\-]+$/.test(text) ? text : JSON.stringify(text);
}
