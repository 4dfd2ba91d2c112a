/** What a language's folder in `words/` lacks, and what in it is wrong: sentences are compared with those that the sources say. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { keyOf, LANGUAGES, type Language, SENTENCE_TOPICS } from '../../common/words/language.ts';
import { PAGE_TOPICS } from '../../renderer/text/texts.ts';
import { pageMessages, topics } from './pages.ts';
import { spokenSentences } from './spoken.ts';
import { TABLES } from './tables.ts';

/** A message of a language, with what it is a translation of. */
interface Message {
  readonly key: string;
  readonly message: string;
  readonly at: string;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const WORDS = path.join(ROOT, 'words');

/** A message, and where it stands. */
interface Found {
  readonly text: string;
  readonly at: string;
}

export const { said, early, nouns, texts } = spokenSentences();
export const inTables: readonly Found[] = Object.entries(TABLES).flatMap(([at, all]) =>
  all.map((text) => ({ text: keyOf([text]), at })),
);

/** What has to have a translation: sentences, and nouns that are counted. */
export const needed: readonly Found[] = [...said, ...inTables, ...nouns];

/** What may have one: whatever stands in the sources may be shown through a table. */
const possible = new Set([...needed.map(({ text }) => text), ...texts]);

/** Marks as other languages write them; docs/terms has the rules. */
const FOREIGN_MARKS: Readonly<Partial<Record<Language, RegExp>>> = {
  // a narrow no-break space belongs before these marks and inside quotes
  fr: /[ \u00a0][;:!?»](?!\w)|«(?!\u202f)/,
  ja: /[ぁ-ヿ一-鿿] \d|\d [ぁ-ヿ一-鿿]|[ぁ-ヿ一-鿿][,;:!?]/,
  zh: /[一-鿿][,;:!?]/,
};

/** What is wrong in a language, by kind; lines that name the place. */
export interface Report {
  /** Said in English until somebody translates it. */
  readonly missing: readonly string[];
  /** Translations of what is said no more: the English changed its words or values, or went. */
  readonly stale: readonly string[];
  /** No ICU message, a sentence with other values than its English, or marks that the language writes otherwise. */
  readonly wrong: readonly string[];
  /** Translated twice. */
  readonly twice: readonly string[];
  /** Files that no list names, so that nobody reads them. */
  readonly unread: readonly string[];
  /** Much longer than the English where there is room for a few words: buttons, tabs, heads of columns. */
  readonly long: readonly string[];
}

export function reportOn(language: Language): Report {
  const [sentences, pages] = [onSentences(language), onPages(language)];
  return {
    missing: [...sentences.missing, ...pages.missing],
    stale: [...sentences.stale, ...pages.stale],
    wrong: [...sentences.wrong, ...pages.wrong],
    twice: sentences.twice,
    unread: [...sentences.unread, ...pages.unread],
    long: pages.long,
  };
}

function onSentences(language: Language): Report {
  const folder = path.join(WORDS, language, 'sentences');
  const files = globSync('*.json', { cwd: folder }).sort();
  const all: readonly Message[] = files.flatMap((file) =>
    Object.entries(wordsIn(path.join(folder, file)) as Record<string, string>).map(([key, message]) => ({
      key,
      message,
      at: `${language}/sentences/${file}`,
    })),
  );
  const keys = new Set(all.map(({ key }) => key));
  return {
    missing: needed.filter(({ text }) => !keys.has(text)).map(({ text, at }) => `${at}: ${text}`),
    stale: all.filter(({ key }) => !possible.has(key)).map(({ key, at }) => `${at}: ${key}`),
    wrong: all
      .filter(({ key, message }) => !isLike(key, message, language) || FOREIGN_MARKS[language]?.test(message))
      .map(({ message, at }) => `${at}: ${message}`),
    twice: all
      .filter(({ key }, index) => all.findIndex((one) => one.key === key) !== index)
      .map(({ key, at }) => `${at}: ${key}`),
    unread: files.filter((file) => !SENTENCE_TOPICS.includes(path.basename(file, '.json'))),
    long: [],
  };
}

function onPages(language: Language): Report {
  const topicsHere = globSync('*.json', { cwd: path.join(WORDS, language, 'pages') }).map((file) =>
    path.basename(file, '.json'),
  );
  const known = new Set(topics.map(({ topic }) => topic));
  const pairs = [...known].sort().map((topic) => {
    const file = (code: Language) => path.join(WORDS, code, 'pages', `${topic}.json`);
    const english = messagesOf(wordsIn(file('en')), topic);
    const other = topicsHere.includes(topic)
      ? messagesOf(wordsIn(file(language)), topic)
      : new Map<string, string>();
    return [english, other] as const;
  });
  const unlike = pairs.flatMap(([english, other]) =>
    [...other].filter(
      ([at, message]) => !isOneOfWords(at) && english.has(at) && !isLike(english.get(at)!, message, language),
    ),
  );
  /** A message with other values is shown in English, because the page changed since; one that can't be read is wrong. */
  const linesOf = (all: typeof unlike, isRead: boolean) =>
    all
      .filter(([, message]) => (argumentsOf(message, LANGUAGES[language].locale) !== null) === isRead)
      .map(([at, message]) => `${at}: ${message}`);
  const paths = (all: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>) =>
    [...all].filter(([at]) => !others.has(at) && !isOneOfWords(at)).map(([at, text]) => `${at}: ${text}`);
  return {
    missing: pairs.flatMap(([english, other]) => paths(english, other)),
    stale: [...pairs.flatMap(([english, other]) => paths(other, english)), ...linesOf(unlike, true)],
    wrong: [
      ...linesOf(unlike, false),
      ...pairs.flatMap(([, other]) =>
        [...other]
          .filter(([, message]) => FOREIGN_MARKS[language]?.test(message))
          .map(([at, message]) => `${at}: ${message}`),
      ),
    ],
    twice: [],
    unread: topicsHere
      .filter((topic) => !known.has(topic) || !PAGE_TOPICS.includes(topic))
      .map((topic) => `pages/${topic}.json`),
    long: pairs.flatMap(([english, other]) =>
      [...other]
        .filter(([at, message]) => !isOneOfWords(at) && isTooLong(english.get(at) ?? '', message))
        .map(([at, message]) => `${at}: ${message} (${english.get(at)})`),
    ),
  };
}

/** Texts of pages of which the English has changed since a commit, and the translation has not. Throws where git doesn't know the commit. */
export function olderThanEnglish(language: Language, since: string): string[] {
  execFileSync('git', ['rev-parse', '--verify', '--quiet', `${since}^{commit}`], { cwd: ROOT });
  return topics.flatMap(({ topic }) => {
    const [english, other] = (['en', language] as const).map((code) => {
      const file = `words/${code}/pages/${topic}.json`;
      const now = messagesOf(wordsIn(path.join(ROOT, file)), topic);
      return { now, before: messagesOf(wordsAt(since, file), topic) };
    });
    return unchangedIn(english!, other!);
  });
}

type Versions = Readonly<Record<'before' | 'now', ReadonlyMap<string, string>>>;

export function unchangedIn(english: Versions, other: Versions): string[] {
  return [...other.now]
    .filter(([at, message]) => {
      const was = english.before.get(at);
      return was !== undefined && was !== english.now.get(at) && message === other.before.get(at);
    })
    .map(([at, message]) => `${at}: ${message} (${english.now.get(at)})`);
}

/** A file of words at a commit; nothing where it wasn't there. */
function wordsAt(commit: string, file: string): unknown {
  try {
    return JSON.parse(
      execFileSync('git', ['show', `${commit}:${file}`], {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch {
    return {};
  }
}

/** Words of a text that names something: a button, a tab, a field. */
const LABEL_WORDS = 3;
/** Columns that every place for a label has. */
const LABEL_ROOM = 16;

/** Whether a label takes more than twice the room of the English one. */
function isTooLong(english: string, message: string): boolean {
  const isLabel = english !== '' && !/[{.:;?!]/.test(english) && english.split(' ').length <= LABEL_WORDS;
  const room = columnsOf(message);
  return isLabel && room > LABEL_ROOM && room > 2 * columnsOf(english);
}

/** Chinese and Japanese signs are twice as wide as letters. */
function columnsOf(text: string): number {
  return [...text].reduce(
    (sum, sign) => sum + (/[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uff00-\uff60]/.test(sign) ? 2 : 1),
    0,
  );
}

/** What the pages' own English lacks: values that a message has and the page doesn't give, and messages that can't be read. */
export const unanswered: readonly string[] = topics.flatMap((source) =>
  pageMessages(source)
    .filter(({ text, values }) => {
      const names = argumentsOf(text, LANGUAGES.en.locale);
      return names === null || names.some((name) => !values?.includes(name));
    })
    .map(({ at, text }) => `${at}: ${text}`),
);

/** What is read of a message, without its values and what chooses. */
export function wordsOf(message: string): string {
  return literalsIn(
    new IntlMessageFormat(message, LANGUAGES.en.locale, undefined, { ignoreTag: true }).getAst(),
  );
}

/** Lists of words have as many in a language as it needs. */
function isOneOfWords(at: string): boolean {
  return /\.\d+$/.test(at);
}

function messagesOf(words: unknown, at: string): Map<string, string> {
  if (typeof words === 'string') return new Map([[at, words]]);
  return new Map(
    Object.entries(Object(words)).flatMap(([name, child]) => [...messagesOf(child, `${at}.${name}`)]),
  );
}

/** Whether a translation is a message with the values of the English, or fewer of them. */
function isLike(english: string, message: string, language: Language): boolean {
  const [wanted, found] = [
    argumentsOf(english, LANGUAGES.en.locale),
    argumentsOf(message, LANGUAGES[language].locale),
  ];
  return wanted !== null && found !== null && found.join() === wanted.join();
}

function wordsIn(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The names of a message's values, sorted; null where it can't be read. */
function argumentsOf(message: string, locale: string): readonly string[] | null {
  try {
    const parts = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }).getAst();
    return [...new Set(namesIn(parts))].sort();
  } catch {
    return null;
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

function literalsIn(parts: Parts): string {
  return parts
    .map((part) => {
      if ('options' in part)
        return Object.values(part.options)
          .map(({ value }) => literalsIn(value))
          .join(' ');
      return part.type === 0 ? part.value : '';
    })
    .join('');
}
