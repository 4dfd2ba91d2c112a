/**
 * The language in which this process speaks to a person. English sentences stand where they are composed, and are the key under which
 * `german/` has the German ones: so code reads as plain English, and a sentence without a translation is still said.
 */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;

export type Language = keyof typeof LANGUAGES;

/** How figures and dates are written. */
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** Sentences by their English, values as `{0}`, `{1}` in the order in which English has them. */
type Sentences = Readonly<Record<string, string>>;

/** What a language has beside sentences: nouns by their English singular, as one and as many. */
type Nouns = Readonly<Record<string, readonly [one: string, many: string]>>;

let current: Language = 'en';
let sentences: Sentences = {};
let nouns: Nouns = {};

/** The language of this process; English until another one is chosen. */
export function language(): Language {
  return current;
}

/** The locale for `Intl`. */
export function locale(): string {
  return LOCALES[current];
}

/** The language that a system's or a browser's name of one (`de-AT`) asks for; English where it is not spoken here. */
export function languageOf(name: string | undefined): Language {
  const [code = ''] = (name ?? '').toLowerCase().split(/[-_.@]/);
  return code in LANGUAGES ? (code as Language) : 'en';
}

/** From now on this process speaks that language. */
export async function useLanguage(chosen: Language): Promise<void> {
  const { SENTENCES, NOUNS } =
    chosen === 'de' ? await import('./german/german.ts') : { SENTENCES: {}, NOUNS: {} };
  current = chosen;
  sentences = SENTENCES;
  nouns = NOUNS;
}

/** What `work` writes in English, whatever language this process speaks: for files that go out into the world. */
export function inEnglish<Written>(work: () => Written): Written {
  const kept = [current, sentences, nouns] as const;
  [current, sentences, nouns] = ['en', {}, {}];
  try {
    return work();
  } finally {
    [current, sentences, nouns] = kept;
  }
}

/** A sentence in the language of this process: say`Row ${row} has no answer.` */
export function say(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return filled(sentences[keyOf(parts)] ?? keyOf(parts), values);
}

/** A sentence that stands in a table and has no values. */
export function said(english: string): string {
  return sentences[english] ?? english;
}

/** Both forms of a noun: `row`, `rows`. */
export function noun(one: string, many: string): readonly [one: string, many: string] {
  return nouns[one] ?? [one, many];
}

/** The key of a sentence: its values numbered. */
function keyOf(parts: readonly string[]): string {
  return parts.reduce((text, part, index) => `${text}{${index - 1}}${part}`);
}

function filled(sentence: string, values: readonly (string | number)[]): string {
  if (values.length === 0) return sentence;
  return sentence.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const value = values[Number(index)];
    return value === undefined ? whole : String(value);
  });
}
