/**
 * Pieces of a text that should not be there: keys and passwords, card and account numbers, e-mail addresses and phone numbers of people.
 */

import { hasUnspaced } from '../../../common/words/unspaced.ts';

/** Pieces of a text that should not be there: found by the finders beside this file, replaced or masked here. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What stands in its place: `[EMAIL]`. */
  readonly placeholder: string;
}

export type Finder = (text: string) => Span[];

/** `text` with each span as `write` makes it; spans may be in any order, of overlapping ones the first counts. */
export function replaceSpans(
  text: string,
  spans: readonly Span[],
  write: (span: Span, piece: string) => string,
): string {
  let result = '';
  let done = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < done) continue;
    result += text.slice(done, span.start) + write(span, text.slice(span.start, span.end));
    done = span.end;
  }
  return result + text.slice(done);
}

export function overlaps(span: Span, others: readonly Span[]): boolean {
  return others.some(({ start, end }) => span.start < end && start < span.end);
}

const PLACEHOLDER = '[SECRET]';

/** Prefixes are documented by the services; the lengths keep words that only begin alike out. */
const KNOWN: readonly RegExp[] = [
  /\bsk-(?:proj-|ant-(?:api\d\d-)?|or-v1-|svcacct-)?[A-Za-z0-9_-]{20,}/g,
  /\b[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{22,}/g,
  /\bglpat-[A-Za-z0-9_-]{20,}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bAIza[0-9A-Za-z_-]{35}/g,
  /\bya29\.[0-9A-Za-z_-]{20,}/g,
  /\bxox[abeoprs]-[0-9A-Za-z-]{10,}/g,
  /\bhf_[A-Za-z0-9]{30,}/g,
  /\bnpm_[A-Za-z0-9]{36}/g,
  /\bpypi-[A-Za-z0-9_-]{40,}/g,
  /\bSG\.[\w-]{16,}\.[\w-]{30,}/g,
  /\bdop_v1_[0-9a-f]{64}/g,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g,
];
const HINT =
  /sk-|[rsp]k_|gh[pousr]_|github_pat|glpat|A[KS]IA|AIza|ya29|xox|hf_|npm_|pypi-|SG\.|dop_v1|eyJ|-----BEGIN|:\/\/[^\s/]+@|(?:key|secret|token|password|passwd|pwd)["']?\s*[:=]/i;
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g;
/** The password in `scheme://user:password@host`. */
const IN_ADDRESS = /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]+:([^\s@/]{4,})@/gi;
const NAMED_KEY =
  /(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token|token|password|passwd|pwd)["']?\s*[:=]\s*["']?([A-Za-z0-9+/_=.-]{16,})/gi;
const MADE_UP = /example|your|xxxx|placeholder|dummy|sample|test_?key|changeme|insert|\.{3}/i;
/** Bits a character: random letters and digits have 4 and more, words and repetitions less. */
const FEWEST_BITS = 3;
const FEWEST_BITS_NAMED = 3.3;

/** Keys, tokens and passwords in `text`. */
export const findKeys: Finder = (text) => {
  if (!HINT.test(text)) return [];
  const spans: Span[] = [];
  const add = (start: number, length: number) =>
    spans.push({ start, end: start + length, placeholder: PLACEHOLDER });
  for (const match of text.matchAll(PRIVATE_KEY)) if (match[0].length > 80) add(match.index, match[0].length);
  for (const pattern of KNOWN)
    for (const match of text.matchAll(pattern))
      if (looksRandom(match[0], FEWEST_BITS)) add(match.index, match[0].length);
  for (const match of text.matchAll(IN_ADDRESS)) {
    const secret = match[1]!;
    if (!MADE_UP.test(secret) && !/^(?:password|pass|pw|\$|<|\{|\*|\[)/i.test(secret))
      add(match.index + match[0].length - 1 - secret.length, secret.length);
  }
  for (const match of text.matchAll(NAMED_KEY)) {
    const secret = match[1]!;
    if (/\d/.test(secret) && /[a-z]/i.test(secret) && looksRandom(secret, FEWEST_BITS_NAMED))
      add(match.index + match[0].length - secret.length, secret.length);
  }
  return spans;
};

function looksRandom(secret: string, bits: number): boolean {
  // words in small letters with dashes are a name and no key
  const isMixed = /\d/.test(secret) || (/[a-z]/.test(secret) && /[A-Z]/.test(secret));
  return isMixed && !MADE_UP.test(secret) && entropy(secret) >= bits;
}

/** Shannon's entropy of the characters of `text`, in bits a character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

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
const NOT_A_CARD =
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
    if (isPlain && NOT_A_CARD.test(text.slice(Math.max(0, match.index - 30), match.index))) continue;
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

const ADDRESS = /(?<![\w.+%/@-])[\w.+%'-]{1,64}@(?:[\p{L}\d-]{1,63}\.)+\p{L}{2,24}(?![\w@])/gu;
const DEPARTMENT =
  /^(?:info|support|help|helpdesk|service|services|customer\.?service|care|sales|contact|kontakt|hello|office|admin|administrator|webmaster|postmaster|hostmaster|abuse|security|press|presse|media|jobs|careers|billing|accounts|orders|returns|privacy|legal|team|mail|news|newsletter|noreply|no-reply|donotreply|do-not-reply|root|git|user|username|name|you|me|someone|email|your\.?name|first\.last)$/i;
/** Reserved for examples and tests (RFC 2606 and RFC 6761). */
const EXAMPLE_HOST =
  /(?:^|\.)(?:example\.(?:com|net|org|edu)|(?:.*\.)?(?:example|test|invalid|localhost|local)|domain\.(?:com|tld)|company\.com|email\.com|yourdomain\.\w+)$/i;
/** `icon@2x.png`, `git@github.com:me/it.git` */
const NOT_A_HOST = /^\d+x\.|\.(?:png|jpe?g|gif|svg|webp|ico|js|mjs|ts|css|html?|json|ya?ml|xml|gz|exe|dll)$/i;

/** Addresses of people in `text`. */
export const findEmails: Finder = (text) => {
  if (!text.includes('@')) return [];
  const spans: Span[] = [];
  for (const match of text.matchAll(ADDRESS)) {
    const [local = '', host = ''] = match[0].split('@');
    if (DEPARTMENT.test(local) || EXAMPLE_HOST.test(host) || NOT_A_HOST.test(host)) continue;
    if (/^[.'-]|\.$|\.\./.test(local)) continue;
    spans.push({ start: match.index, end: match.index + match[0].length, placeholder: '[EMAIL]' });
  }
  return spans;
};

// Most long numbers are orders, prices, dates or coordinates: a phone number must look like one or follow a word for it.

const BEFORE = '(?<![\\w.,:/#=&%€$£+-])';
const AFTER = '(?![\\w/%€$£@]|[.,:-]\\d)';
/** International: a plus or 00, the country, and eight to fifteen digits in all (ITU-T E.164). */
const INTERNATIONAL = new RegExp(
  `${BEFORE}(?:\\+|00)[1-9]\\d{0,2}(?:[ ./-]?\\(0?\\d{0,4}\\)|[ ./-])?(?:[ ./-]?\\d{1,5}){2,6}${AFTER}`,
  'g',
);
/** North America: (212) 555-0142, 212-555-0142, 212.555.0142, with an optional 1 before. */
const AMERICAN = new RegExp(
  `${BEFORE}(?:1[ .-])?(?:\\([2-9]\\d{2}\\) ?|[2-9]\\d{2}[-.])[2-9]\\d{2}[-.]\\d{4}${AFTER}`,
  'g',
);
/** National numbers of other countries: a 0, an area, and groups: 030 1234567, 0171-2345678, 07700 900123. */
const NATIONAL = new RegExp(
  `${BEFORE}(?:\\(0\\d{1,5}\\) ?|0[1-9]\\d{1,4}[ /-])\\d{3,5}(?:[ -]?\\d{2,5}){0,3}${AFTER}`,
  'g',
);
/** France, Belgium and others: pairs. */
const PAIRS = new RegExp(`${BEFORE}0[1-9](?:[ .]\\d{2}){4}${AFTER}`, 'g');
/** Anything that is long enough after a word that announces it. */
const NAMED_PHONE =
  /(?:phone|telephone|tel|mobile|cell|whatsapp|fax|telefon|handy|mobil|rufnummer|tél|teléfono|móvil|call me (?:at|on)|ring me (?:at|on)|text me (?:at|on)|reach me (?:at|on))(?:\s*(?:number|nummer|no|nr))?(?:\s*(?:is|ist))?[\s.:=]{1,3}([+(]?\d[\d ()./-]{5,18}\d)(?!\d)/giu;
/** The same in Chinese and Japanese, which put nothing between. */
const NAMED_UNSPACED =
  /(?:电话|電話|手机|座机|致电|拨打|携帯|連絡先)(?:号码|号|番号)?(?:是|为|は)?[\s:：]{0,2}([+(]?\d[\d ()-]{5,18}\d)(?!\d)/gu;
/** China: mobile numbers, in one piece or in groups. */
const CHINESE = new RegExp(`${BEFORE}1[3-9]\\d([ -]?)\\d{4}\\1\\d{4}${AFTER}`, 'g');
/** Lines of companies: free numbers, and short ones. */
const FREE_LINE =
  /^(?:1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]|^(?:\+\d{1,2}[ .-]?)?0?800\D|^0[89]00|^\+?1[ .-]?\(?800/;
const NOT_A_PHONE =
  /(?:order|invoice|tracking|parcel|shipment|ticket|serial|imei|isbn|issn|article|item|sku|ref|reference|version|v|account|bestell\w*|rechnungs?\w*|sendungs?\w*|bestelnummer|#|nº|№|订单|运单|快递单|单号|编号|账号|注文|伝票|追跡)(?:号码|号|番号|是|为|は|：)*(?:\W{0,3}\b(?:number|no|nr|nummer|is|was|ist|code))*\W{0,3}$/i;
const DATE = /^(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ]\d{2,4})(?:[ T]\d{1,2})?$/;
const SEVEN_DIGITS = /\d(?:[ ()./-]{0,3}\d){6}/;
const FEWEST_DIGITS = 8;
const MOST_DIGITS = 15;

/** Phone numbers of people in `text`. */
export const findPhones: Finder = (text) => {
  if (!SEVEN_DIGITS.test(text)) return [];
  const found: Span[] = [];
  const others = [...findPayment(text), ...findKeys(text)];
  const add = (start: number, piece: string, fewest: number) => {
    const digits = piece.replace(/\D/g, '').length;
    const span = { start, end: start + piece.length, placeholder: '[PHONE]' };
    const before = text.slice(Math.max(0, start - 30), start);
    const isOther = DATE.test(piece) || FREE_LINE.test(piece) || NOT_A_PHONE.test(before);
    if (isOther || digits < fewest || digits > MOST_DIGITS) return;
    if (!overlaps(span, found) && !overlaps(span, others)) found.push(span);
  };
  for (const match of text.matchAll(NAMED_PHONE))
    add(match.index + match[0].length - match[1]!.length, match[1]!, 7);
  for (const match of text.matchAll(NAMED_UNSPACED))
    add(match.index + match[0].length - match[1]!.length, match[1]!, 7);
  for (const pattern of [INTERNATIONAL, AMERICAN, PAIRS, NATIONAL, ...(hasUnspaced(text) ? [CHINESE] : [])])
    for (const match of text.matchAll(pattern)) add(match.index, match[0], FEWEST_DIGITS);
  return found;
};
