/** Card numbers and bank accounts, told from other long numbers by their check digits. */
import type { Finder, Span } from './keys.ts';

/** Digits in one piece, in fours, or as American Express and Diners print them. */
const CARD =
  /(?<![\w.,/+-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w/-]|[.,]\d)/g;
/** Beginnings and lengths that card companies use (ISO/IEC 7812 issuer numbers). */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^5[1-5]|^2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)/, [16]],
  [/^3[47]/, [15]],
  [/^6011|^64[4-9]|^65/, [16, 19]],
  [/^35(?:2[89]|[3-8])/, [16]],
  [/^3(?:0[0-5]|[689])/, [14]],
  [/^62/, [16, 17, 18, 19]],
  [/^(?:50|5[6-9]|6[37])/, [16, 18, 19]],
];
/** Words before a long number that say that it is something else. */
const OTHER_NUMBER =
  /(?:order|invoice|tracking|parcel|shipment|ticket|serial|imei|isbn|article|item|ref(?:erence)?|customer|bestell\w*|rechnungs?\w*|sendungs?\w*|id|no|nr)(?:\W{0,3}\b(?:number|no|nr|nummer|is|was|ist|code))*\W{0,3}$/i;
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])/g;

/** Lengths of IBANs by country (SWIFT's IBAN registry). */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    [
      [15, 'NO'],
      [16, 'BE'],
      [18, 'DK FI FO GL NL'],
      [19, 'MK SI'],
      [20, 'AT BA EE KZ LT LU XK'],
      [21, 'CH HR LI LV'],
      [22, 'BG BH CR DE GB GE IE ME RS VA'],
      [23, 'AE GI IL IQ TL'],
      [24, 'AD CZ ES MD PK RO SA SE SK TN VG'],
      [25, 'LY PT ST'],
      [26, 'IS TR'],
      [27, 'FR GR IT MC MR SM'],
      [28, 'AL AZ BY CY DO GT HU LB PL SV'],
      [29, 'BR EG PS QA UA'],
      [30, 'JO KW MU'],
      [31, 'MT SC'],
      [32, 'LC'],
    ] as const
  ).flatMap(([length, countries]) => countries.split(' ').map((country) => [country, length] as const)),
);
const DIGITS = /\d{2}/;

/** Card and account numbers in `text`. */
export const findPayment: Finder = (text) =>
  DIGITS.test(text) ? [...findCards(text), ...findIbans(text)] : [];

function findCards(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(CARD)) {
    const digits = match[0].replace(/[ -]/g, '');
    if (!isCard(digits)) continue;
    const isPlain = digits.length === match[0].length;
    if (isPlain && OTHER_NUMBER.test(text.slice(Math.max(0, match.index - 30), match.index))) continue;
    spans.push({ start: match.index, end: match.index + match[0].length, placeholder: '[CARD]' });
  }
  return spans;
}

function findIbans(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(IBAN)) {
    const length = IBAN_LENGTHS.get(match[0].slice(0, 2));
    if (length === undefined) continue;
    const piece = firstCharacters(match[0], length);
    if (piece === null || !isIban(piece)) continue;
    spans.push({ start: match.index, end: match.index + piece.length, placeholder: '[IBAN]' });
  }
  return spans;
}

/** The beginning of `text` that has `count` characters without spaces; a word that follows may have been taken in. */
function firstCharacters(text: string, count: number): string | null {
  let seen = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== ' ') seen++;
    if (seen === count) return /[A-Z0-9]/.test(text[i + 1] ?? ' ') ? null : text.slice(0, i + 1);
  }
  return null;
}

/** Whether `digits` has the beginning, the length and the check digit of a payment card. */
export function isCard(digits: string): boolean {
  const known = ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length));
  return known && !/^(\d)\1+$/.test(digits) && passesLuhn(digits);
}

/** Luhn's formula (ISO/IEC 7812-1): every second digit from the right doubled, the sum divisible by ten. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** Whether `text`, spaces aside, is an IBAN: length of its country, and 1 as its remainder modulo 97 (ISO 13616). */
export function isIban(text: string): boolean {
  const iban = text.replace(/ /g, '');
  if (IBAN_LENGTHS.get(iban.slice(0, 2)) !== iban.length || !/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban))
    return false;
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4))
    for (const digit of String(Number.parseInt(character, 36)))
      remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder === 1;
}
