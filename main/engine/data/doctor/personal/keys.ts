/** Keys, tokens and passwords: by the prefixes of their makers, or by a name before them and their randomness. */

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
const NAMED =
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
  for (const match of text.matchAll(NAMED)) {
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
