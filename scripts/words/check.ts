/** What a language's folder in `words/` lacks, and what in it is wrong: sentences are compared with those that the sources say. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { keyOf, LANGUAGES, type Language, SENTENCE_TOPICS } from '../../common/words/language.ts';
import { spokenSentences } from './spoken.ts';
import { TABLES } from './tables.ts';

const WORDS = path.resolve(import.meta.dirname, '../../words');

/** A message, and where it stands. */
interface Found {
  readonly text: string;
  readonly at: string;
}

export const { said, early, nouns, texts } = spokenSentences();
export const inTables: readonly Found[] = Object.entries(TABLES).flatMap(([at, all]) =>
  all.map((text) => ({ text: keyOf([text]), at })),
);

/** What has to have a translation: sentences, and nouns that are counted in them; the pages have theirs in their texts. */
export const needed: readonly Found[] = [
  ...said,
  ...inTables,
  ...nouns.filter(({ at }) => !at.startsWith('renderer/')),
];

/** What may have one: whatever stands in the sources may be shown through a table. */
const possible = new Set([...[...needed, ...nouns].map(({ text }) => text), ...texts]);

/** What is wrong in a language, by kind; lines that name the place. */
export interface Report {
  /** Said in English until somebody translates it. */
  readonly missing: readonly string[];
  /** Translations of what is said no more: the English changed, or went. */
  readonly stale: readonly string[];
  /** Other values than the English has, or no ICU message. */
  readonly wrong: readonly string[];
  /** Translated twice. */
  readonly twice: readonly string[];
  /** Files that no list names, so that nobody reads them. */
  readonly unread: readonly string[];
}

export function reportOn(language: Language): Report {
  const folder = path.join(WORDS, language, 'sentences');
  const files = globSync('*.json', { cwd: folder }).sort();
  const all = files.flatMap((file) =>
    Object.entries(messagesIn(path.join(folder, file))).map(([key, message]) => ({
      key,
      message,
      at: `${language}/sentences/${file}`,
    })),
  );
  const keys = new Set(all.map(({ key }) => key));
  const { locale } = LANGUAGES[language];
  return {
    missing: needed.filter(({ text }) => !keys.has(text)).map(({ text, at }) => `${at}: ${text}`),
    stale: all.filter(({ key }) => !possible.has(key)).map(({ key, at }) => `${at}: ${key}`),
    wrong: all
      .filter(({ key, message }) => argumentsOf(key, 'en-GB') !== argumentsOf(message, locale))
      .map(({ message, at }) => `${at}: ${message}`),
    twice: all
      .filter(({ key }, index) => all.findIndex((one) => one.key === key) !== index)
      .map(({ key, at }) => `${at}: ${key}`),
    unread: files.filter((file) => !SENTENCE_TOPICS.includes(path.basename(file, '.json'))),
  };
}

function messagesIn(file: string): Record<string, string> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The names of a message's values, sorted; what the message lacks where it is none. */
function argumentsOf(message: string, locale: string): string {
  try {
    const { getAst } = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true });
    return [...new Set(namesIn(getAst()))].sort().join(', ');
  } catch (error) {
    return String(error);
  }
}

type Parts = ReturnType<IntlMessageFormat['getAst']>;

function namesIn(parts: Parts): string[] {
  return parts.flatMap((part) => {
    const name = 'value' in part && part.type !== 0 && typeof part.value === 'string' ? [part.value] : [];
    const branches =
      'options' in part ? Object.values(part.options).flatMap(({ value }) => namesIn(value)) : [];
    return [...name, ...branches];
  });
}
