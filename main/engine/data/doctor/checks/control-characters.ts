/** Characters that cannot be seen: control codes, escape sequences of terminals, marks without width. */
import { type FindingKind, textCheck } from '../finding.ts';
import { unbroken } from './mojibake.ts';

const KIND: FindingKind = {
  code: 'control-characters',
  title: 'Invisible control characters',
  severity: 'warning',
  why: 'They make tokens that no reader and no user ever writes, and hide words from the model that look right to you.',
  rule: 'Control codes other than line ends and tabs, colours of a terminal, byte order marks within a text, marks without width (not in scripts that need them), soft hyphens, and marks that turn the direction of writing in texts without such scripts.',
  fix: { name: 'control-characters', does: 'takes them out', safe: true },
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

export const controlCharacters = textCheck(KIND, {
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
