/**
 * The language in which this process speaks to a person. English sentences stand where they are composed, and their text is the key under
 * which `words/` has the others: so code reads as plain English, a sentence without a translation is still said, and one that changes asks
 * for a new translation.
 */
import { EXTRA_TOPICS } from '../extras/words.ts';
import type { formatMessage, Values } from './icu.ts';

/** A language is a line here and a folder of its name in `words/`; the locale is for `Intl`. */
export const LANGUAGES = {
  en: { name: 'English', locale: 'en-GB' },
  de: { name: 'Deutsch', locale: 'de-DE' },
  es: { name: 'Español', locale: 'es-ES' },
  fr: { name: 'Français', locale: 'fr-FR' },
  ja: { name: '日本語', locale: 'ja-JP' },
  zh: { name: '简体中文', locale: 'zh-CN' },
} as const;

export type Language = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as Language[];

/** The files of a language's sentences; one that it lacks is said in English. */
export const SENTENCE_TOPICS: readonly string[] = [
  'app',
  'assess',
  'computer',
  'data',
  'devices',
  'doctor',
  'figures',
  'files',
  'hardware',
  'hub',
  'models',
  'nouns',
  'runs',
  'settings',
  'targets',
  'terminal',
  'training',
  ...EXTRA_TOPICS,
];

/** ICU messages by their English, whose values are numbered: `{0}`, `{1}`. */
export type Sentences = Readonly<Record<string, string>>;

/** What a language says, and what writes it; English needs neither. */
interface Spoken {
  readonly language: Language;
  readonly sentences: Sentences;
  readonly write: typeof formatMessage | null;
}

const ENGLISH: Spoken = { language: 'en', sentences: {}, write: null };

let current: Spoken = ENGLISH;

/** The language of this process; English until another one is chosen. */
export function language(): Language {
  return current.language;
}

/** The locale for `Intl`. */
export function locale(): string {
  return LANGUAGES[current.language].locale;
}

/**
 * The language that a system's or a browser's name of one (`de-AT`) asks for; English where it is not spoken here. Any Chinese is simplified
 * Chinese: who reads the traditional script reads it more easily than English, and Settings has both.
 */
export function languageOf(name: string | undefined): Language {
  const [code = ''] = (name ?? '').toLowerCase().split(/[-_.@]/);
  return Object.hasOwn(LANGUAGES, code) ? (code as Language) : 'en';
}

/** The language that a terminal's environment asks for, by what POSIX reads for messages; an empty variable asks for nothing. */
export function terminalLanguage(env: Readonly<Record<string, string | undefined>>): Language {
  return languageOf(env.FETTLE_LANGUAGE || env.LC_ALL || env.LC_MESSAGES || env.LANG);
}

/** From now on this process speaks that language. */
export async function useLanguage(chosen: Language): Promise<void> {
  current = chosen === 'en' ? ENGLISH : await spoken(chosen);
}

async function spoken(chosen: Language): Promise<Spoken> {
  const [{ formatMessage }, sentences] = await Promise.all([import('./icu.ts'), sentencesOf(chosen)]);
  return { language: chosen, sentences, write: formatMessage };
}

/** All sentences of a language other than English. */
export async function sentencesOf(chosen: Language): Promise<Sentences> {
  const files = SENTENCE_TOPICS.map(
    (topic) => import(`../../words/${chosen}/sentences/${topic}.json`, { with: { type: 'json' } }),
  );
  const read = await Promise.allSettled(files);
  return Object.assign({}, ...read.map((file) => (file.status === 'fulfilled' ? file.value.default : {})));
}

/** What `work` writes in English, whatever language this process speaks: for files that go out into the world. */
export function inEnglish<Written>(work: () => Written): Written {
  const kept = current;
  current = ENGLISH;
  try {
    return work();
  } finally {
    current = kept;
  }
}

/** A sentence in the language of this process: say`Row ${row} has no answer.` */
export function say(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return (
    translated(() => keyOf(parts), values) ??
    parts.reduce((text, part, index) => `${text}${values[index - 1]}${part}`)
  );
}

/** A sentence that stands in a table and has no values. */
export function said(english: string): string {
  return translated(() => keyOf([english]), []) ?? english;
}

/** A count and what is counted, in English as one and as many; `shown` is the count as it is written there: 1 row, 12 rows. */
export function counted(count: number, shown: string, one: string, many: string): string {
  return translated(() => keyOfNoun(one, many), [count]) ?? `${shown} ${count === 1 ? one : many}`;
}

/** Undefined where the language lacks it. */
function translated(key: () => string, values: Values): string | undefined {
  const { write, sentences } = current;
  const message = write ? sentences[key()] : undefined;
  return message && write?.(message, locale(), values);
}

/** The key of a sentence, which is an ICU message too: its values numbered, what stands in braces in quotes. */
export function keyOf(parts: readonly string[]): string {
  return parts.map(quoted).reduce((text, part, index) => `${text}{${index - 1}}${part}`);
}

/** The key of a noun that is counted. */
export function keyOfNoun(one: string, many: string): string {
  return `{0, plural, one {# ${one}} other {# ${many}}}`;
}

function quoted(text: string): string {
  return text.replace(/\{[a-z][\w.]*\}|[{}]+/gi, "'$&'");
}
