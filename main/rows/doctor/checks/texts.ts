/** Row checks of what stands in the texts: broken and odd characters, and personal data. */
import { type FindingKind, type RowCheck, textCheck } from '../finding.ts';
import { type Finder, findEmails, findKeys, findPayment, findPhones, replaceSpans } from '../personal.ts';

const MOJIBAKE: FindingKind = {
  code: 'mojibake',
  title: 'Broken characters',
  severity: 'harm',
  why: 'The model would learn to write “Ã©” instead of “é”.',
  rule: 'Characters that are valid UTF-8 when read back as Windows-1252 or Latin-1 bytes: one such place that stands for an accented letter, a quotation mark, a dash or an emoji, or three or more that are nearly everything beyond plain letters in the text. A text that holds the same character whole as well is left alone: it is about encodings.',
  fix: { name: 'mojibake', does: 'Repair characters', safe: true },
};

/** Windows-1252's characters for 0x80 to 0x9f (the Unicode Consortium's table), the five of Latin-1 that it has not as their codes. */
const HIGH =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';
const WINDOWS_1252 = Array.from(HIGH, (character, i) => [character.charCodeAt(0), 0x80 + i] as const).filter(
  ([unit, byte]) => unit !== byte,
);
const BYTES = new Map(WINDOWS_1252);
const TAIL = `[\\u0080-\\u00bf${WINDOWS_1252.map(([unit]) => String.fromCharCode(unit)).join('')}]`;
const SEQUENCE = new RegExp(
  `[\\u00c2-\\u00df]${TAIL}|[\\u00e0-\\u00ef]${TAIL}{2}|[\\u00f0-\\u00f4]${TAIL}{3}`,
  'gu',
);
const BEYOND_ASCII = /[^\p{ASCII}]/gu;
/** First characters that all of this begins with; most texts have none. */
const LEAD = /[\u00c2-\u00f4]/;
/** Accented letters, typographic marks, currency, emoji: characters by which one place alone gives it away. */
const TELLING =
  /^(?:[\u00a0-\u00ff]|[\u2010-\u2027\u2030-\u203a\u20ac\u2122]|[\u{1f300}-\u{1faff}]|\ufeff|[\u2190-\u21ff\u2600-\u27bf])$/u;
/** Leads of letters that stand before a mark in ordinary text: „Spaß“, «\u00a0café\u00a0». */
const COMMON_LEADS = /[\u00c2\u00c3\u00e2\u00f0\u00ef]/;
const FEWEST_PLACES = 3;
const SHARE_OF_PLACES = 0.8;
const MOST_LAYERS = 3;

interface Place {
  readonly at: number;
  readonly length: number;
  readonly decoded: string;
}

export const mojibake = textCheck(MOJIBAKE, {
  find: (text) => brokenPlaces(text)[0]?.at ?? -1,
  clean: (text) => unbroken(text),
});

/** `text` with broken characters put back, through as many layers as there are. */
function unbroken(text: string): string {
  let result = text;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const places = brokenPlaces(result);
    if (places.length === 0) break;
    let rebuilt = '';
    let end = 0;
    for (const { at, length, decoded } of places) {
      rebuilt += result.slice(end, at) + decoded;
      end = at + length;
    }
    result = rebuilt + result.slice(end);
  }
  return result;
}

function brokenPlaces(text: string): Place[] {
  if (!LEAD.test(text)) return [];
  const places: Place[] = [];
  for (const match of text.matchAll(SEQUENCE)) {
    const decoded = decode(match[0]);
    if (decoded !== null) places.push({ at: match.index, length: match[0].length, decoded });
  }
  if (places.length === 0) return [];
  const decoded = new Set(places.map((place) => place.decoded));
  const whole = new Set([...decoded].filter((character) => text.includes(character)));
  const telling = places.some((place) => isTelling(text, place, whole));
  return telling || areMostOf(text, places, whole) ? places : [];
}

function decode(sequence: string): string | null {
  const bytes = Uint8Array.from(sequence, (unit) => BYTES.get(unit.charCodeAt(0)) ?? unit.charCodeAt(0));
  const decoded = Buffer.from(bytes).toString('utf8');
  return decoded.includes('\ufffd') || [...decoded].length !== 1 ? null : decoded;
}

/** `whole`: the characters that the text holds unbroken as well. */
function isTelling(text: string, { at, decoded }: Place, whole: ReadonlySet<string>): boolean {
  if (!COMMON_LEADS.test(text[at]!) || !TELLING.test(decoded)) return false;
  const isQuoted = decoded.trim() !== '' && whole.has(decoded) && decoded > '\u00bf';
  // AMANHÃ» in capitals: the mark closes a quotation
  const isCapital = /\p{Lu}/u.test(text[at - 1] ?? '') && /[»«]/.test(text[at + 1] ?? '');
  return !isQuoted && !isCapital;
}

function areMostOf(text: string, places: readonly Place[], whole: ReadonlySet<string>): boolean {
  if (places.length < FEWEST_PLACES || whole.size > 0) return false;
  const beyond = text.match(BEYOND_ASCII)?.length ?? 0;
  const letters = places.filter(({ decoded }) => /\p{L}/u.test(decoded)).length;
  const within = places.reduce((sum, { length }) => sum + length, 0);
  return within >= SHARE_OF_PLACES * beyond && letters >= SHARE_OF_PLACES * places.length;
}

const LOST_CHARACTERS: FindingKind = {
  code: 'lost-characters',
  title: 'Lost characters (�)',
  severity: 'warning',
  why: 'A letter was lost here, so the model learns words with holes.',
  rule: 'U+FFFD in a text. Read the original file again with the right encoding where you can: nothing else brings the letters back.',
  fix: { name: 'lost-characters', does: 'Leave these rows out', safe: false },
};

const LOST = '\ufffd';

export const lostCharacters = {
  ...textCheck(LOST_CHARACTERS, { find: (text) => text.indexOf(LOST) }),
  repair: (row: Parameters<NonNullable<ReturnType<typeof textCheck>['repair']>>[0]) =>
    row.turns.some(({ content }) => content.includes(LOST)) ? null : row,
};

const CONTROL_CHARACTERS: FindingKind = {
  code: 'control-characters',
  title: 'Invisible characters',
  severity: 'warning',
  why: 'They look like nothing to you, but split or hide words for the model.',
  rule: 'Control codes other than line ends and tabs, colours of a terminal, byte order marks within a text, marks without width (not in scripts that need them), soft hyphens, and marks that turn the direction of writing in texts without such scripts.',
  fix: { name: 'control-characters', does: 'Remove invisible characters', safe: true },
};

/** What a terminal takes for a colour or a movement: an escape character, brackets, numbers, a letter. */
const TERMINAL_SEQUENCES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
const CODES = /(?![\t\n\r])\p{Cc}|[\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
const WIDTHLESS = /[\u00ad\u200b\u2060\u180e]/g;
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const NEEDS_WIDTHLESS = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;
/** The flags of England, Scotland and Wales are a black flag and tags. */
const FLAG_TAGS = /\u{1f3f4}[\u{e0020}-\u{e007f}]+/u;
/** What there is to look at more closely; most texts have nothing of it. */
const SUSPECT = /(?![\t\n\r])[\p{Cc}\p{Cf}]/u;

export const controlCharacters = textCheck(CONTROL_CHARACTERS, {
  find: (text) => {
    if (!SUSPECT.test(text)) return -1;
    // a broken letter is a lead and control codes: that is another finding
    const whole = unbroken(text);
    const cleaned = withoutControls(whole);
    if (cleaned === whole) return -1;
    let at = 0;
    while (at < cleaned.length && cleaned[at] === whole[at]) at++;
    return whole === text ? at : 0;
  },
  // codes that belong to broken letters are what those are put back from
  clean: (text) => (SUSPECT.test(text) && unbroken(text) === text ? withoutControls(text) : text),
});

function withoutControls(text: string): string {
  if (FLAG_TAGS.test(text)) return text;
  let result = text
    .replace(/\u0085/g, '\n')
    .replace(TERMINAL_SEQUENCES, '')
    .replace(CODES, '');
  if (!NEEDS_WIDTHLESS.test(result)) result = result.replace(WIDTHLESS, '');
  return RIGHT_TO_LEFT.test(result) ? result : result.replace(DIRECTIONS, '');
}

const WHY = 'A model can repeat what it was trained on to anyone who uses it.';

export const secrets = finderCheck(findKeys, {
  code: 'secrets',
  title: 'Keys and passwords',
  severity: 'harm',
  why: `${WHY} Renew these keys.`,
  rule: 'Keys with the prefixes of known services, private key blocks, passwords in addresses, and random-looking values (at least 3.3 bits of entropy a character) after a name such as api_key, token or password. Examples such as YOUR_KEY are passed over.',
  fix: { name: 'secrets', does: 'Replace with [SECRET]', safe: true },
});

export const paymentNumbers = finderCheck(findPayment, {
  code: 'payment-numbers',
  title: 'Card and account numbers',
  severity: 'harm',
  why: WHY,
  rule: 'Card numbers with a known beginning and length and a right check digit (Luhn), not after words such as order or tracking; IBANs with the length of their country and a right check number (modulo 97).',
  fix: { name: 'payment-numbers', does: 'Replace with [CARD] or [IBAN]', safe: true },
});

export const emailAddresses = finderCheck(findEmails, {
  code: 'email-addresses',
  title: 'Email addresses',
  severity: 'warning',
  why: WHY,
  rule: 'Addresses of people. Those of departments (info, support, orders, …) and of example domains are passed over.',
  fix: { name: 'email-addresses', does: 'Replace with [EMAIL]', safe: true },
});

export const phoneNumbers = finderCheck(findPhones, {
  code: 'phone-numbers',
  title: 'Phone numbers',
  severity: 'warning',
  why: WHY,
  rule: 'Numbers of 8 to 15 digits written as phone numbers are (with a country, an area in brackets, groups), or after a word such as phone or WhatsApp. Free lines (0800, 1-800), dates, prices, and numbers after words such as order or invoice are passed over.',
  fix: { name: 'phone-numbers', does: 'Replace with [PHONE]', safe: true },
});

function finderCheck(find: Finder, kind: FindingKind): RowCheck {
  return textCheck(kind, {
    find: (text) => find(text)[0]?.start ?? -1,
    clean: (text) => replaceSpans(text, find(text), ({ placeholder }) => placeholder),
  });
}
