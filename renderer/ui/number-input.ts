/** What a person has typed into a number field: the number, nothing, or words about what was expected. */
import { locale } from '../../common/words/language.ts';
import { common } from '../text/text.ts';

interface Typed {
  readonly value: number | null;
  readonly problem: string | null;
}

/** The mark before decimals in the language of the page. */
function decimalMark(): '.' | ',' {
  return (0.5).toLocaleString(locale()).includes(',') ? ',' : '.';
}

/**
 * A number with a point before its decimals. The last mark is that of the decimals, whatever the language; only whole groups
 * of three after the other mark are thousands (`1,000`; in German `1.000`).
 */
function plainNumber(text: string): string {
  const decimals = decimalMark();
  const groups = decimals === '.' ? ',' : '.';
  if (new RegExp(`^[-+]?[1-9]\\d{0,2}(?:\\${groups}\\d{3})+$`).test(text)) return text.replaceAll(groups, '');
  const at = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  if (at < 0) return text;
  return `${text.slice(0, at).replaceAll(text[at] === '.' ? ',' : '.', '')}.${text.slice(at + 1)}`;
}

/** A number that was written with a point, with the mark of the page's language. */
export function inLanguage(text: string): string {
  return text.replace('.', decimalMark());
}

/** Reads numbers as people write them: `2e-4`, `0,5`, `1 000`; empty is null without a problem. */
export function readNumber(text: string, min?: number, max?: number): Typed {
  const trimmed = text.trim().replace(/[\s\u00a0\u202f_]/g, '');
  if (trimmed === '') return { value: null, problem: null };
  const value = Number(plainNumber(trimmed));
  const outside = (min !== undefined && value < min) || (max !== undefined && value > max);
  if (!Number.isFinite(value) || outside) return { value: null, problem: common.wantNumber(min, max) };
  return { value, problem: null };
}

/** The number as it is edited: no thousands, short exponents for small ones. */
export function writeNumber(value: number | null): string {
  if (value === null) return '';
  const size = Math.abs(value);
  return inLanguage(size > 0 && size < 1e-3 ? value.toExponential().replace('e+', 'e') : String(value));
}

/** The next value up or down, without the noise of binary fractions, inside the bounds. */
export function stepped(value: number | null, step: number, min?: number, max?: number): number {
  const digits = Math.max(0, -Math.floor(Math.log10(Math.abs(step) || 1)) + 2);
  const next = Number(((value ?? min ?? 0) + step).toFixed(Math.min(12, digits)));
  return Math.min(max ?? Number.POSITIVE_INFINITY, Math.max(min ?? Number.NEGATIVE_INFINITY, next));
}
