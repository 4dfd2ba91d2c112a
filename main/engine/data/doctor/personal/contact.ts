/** E-mail addresses and phone numbers of people, not of departments, companies or examples. */
import { type Finder, findKeys, overlaps, type Span } from './keys.ts';
import { findPayment } from './payment.ts';

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
const NAMED =
  /(?:phone|telephone|tel|mobile|cell|whatsapp|fax|telefon|handy|mobil|rufnummer|tél|teléfono|móvil|call me (?:at|on)|ring me (?:at|on)|text me (?:at|on)|reach me (?:at|on))(?:\s*(?:number|nummer|no|nr))?(?:\s*(?:is|ist))?[\s.:=]{1,3}([+(]?\d[\d ()./-]{5,18}\d)(?!\d)/giu;
/** Lines of companies: free numbers, and short ones. */
const FREE_LINE =
  /^(?:1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]|^(?:\+\d{1,2}[ .-]?)?0?800\D|^0[89]00|^\+?1[ .-]?\(?800/;
const OTHER_NUMBER =
  /(?:order|invoice|tracking|parcel|shipment|ticket|serial|imei|isbn|issn|article|item|sku|ref|reference|version|v|account|bestell\w*|rechnungs?\w*|sendungs?\w*|bestelnummer|#|nº|№)(?:\W{0,3}\b(?:number|no|nr|nummer|is|was|ist|code))*\W{0,3}$/i;
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
    const isOther = DATE.test(piece) || FREE_LINE.test(piece) || OTHER_NUMBER.test(before);
    if (isOther || digits < fewest || digits > MOST_DIGITS) return;
    if (!overlaps(span, found) && !overlaps(span, others)) found.push(span);
  };
  for (const match of text.matchAll(NAMED))
    add(match.index + match[0].length - match[1]!.length, match[1]!, 7);
  for (const pattern of [INTERNATIONAL, AMERICAN, PAIRS, NATIONAL])
    for (const match of text.matchAll(pattern)) add(match.index, match[0], FEWEST_DIGITS);
  return found;
};
