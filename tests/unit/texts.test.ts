/** What people read: complete in English and German, right in each language, and in plain words. */
import { describe, expect, it } from 'vitest';
import { LANGUAGE_CODES } from '../../common/words/language.ts';
import {
  early,
  inTables,
  reportOn,
  said,
  unanswered,
  unchangedIn,
  wordsOf,
} from '../../scripts/words/check.ts';
import { pageMessages, topics } from '../../scripts/words/pages.ts';
import type { Sentence } from '../../scripts/words/spoken.ts';

/** What may not stand in a text, and why. */
const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a flag', /(?<![-\w])--[a-z]/],
  ['a command', /\bnpm |\bnpx |`?\bfettle [a-z]+\b/],
  ['a variable of the environment', /\b[A-Z]{2,}_[A-Z_]+\b/],
  ['a name of code', /\b(?!chrF|cuDNN|kWh|kB\b|macOS|iPhone|arXiv)[a-z]+[A-Z]\w*|\b[a-z]+_[a-z_]+\b(?!\.\w)/],
  ['a part of the program', /\b(?:graphs?|sessions?|probes?|ladders?)\b/i],
  ['what a check expected', /\bexpected\b.*\bgot\b/i],
  ['old words', /\bshall\b|whether or not|all the same|\banew\b|in place of|\bcomes? to\b|that which/i],
  [
    'words of Fettle alone',
    /by heart|likeness|untouched model|rounded by chance|rounded weights|kept apart/i,
  ],
  ['words of Fettle alone', /\bmend(?:s|ed|ing)?\b|in vain|put right|foretold|way there|computed again/i],
  ['"we"', /\bwe\b/i],
];

/** A setting in a sentence: its flag on the command line, its name in the app. */
const SETTING = /\{[a-z][\w.]*\}/gi;

const offences = (all: readonly Sentence[]) =>
  all.flatMap(({ text, at }) =>
    FORBIDDEN.filter(([, pattern]) => pattern.test(wordsOf(text).replace(SETTING, ''))).map(
      ([what]) => `${at}: ${what}: ${text}`,
    ),
  );

describe('the words of German', () => {
  it('are complete, and none is left over', () => {
    const { missing, stale } = reportOn('de');
    expect({ missing, stale }).toEqual({ missing: [], stale: [] });
  });
});

// a sentence that changes must not wait for its translations: until then it is shown in English
describe.each(LANGUAGE_CODES.filter((code) => code !== 'en'))('the words of %s', (language) => {
  it('read as ICU messages and have the values of the English', () => {
    const { wrong, twice, unread } = reportOn(language);
    expect({ wrong, twice, unread }).toEqual({ wrong: [], twice: [], unread: [] });
  });
});

it('a translation is older where its English alone has changed', () => {
  const texts = (...all: readonly string[]) => new Map(all.map((text, index) => [`page.${index}`, text]));
  const english = {
    before: texts('A run', 'A row', 'A file'),
    now: texts('A try', 'A line', 'A file', 'New'),
  };
  const german = { before: texts('Lauf', 'Reihe', 'Datei'), now: texts('Lauf', 'Zeile', 'Datei', 'Neu') };
  expect(unchangedIn(english, german)).toEqual(['page.0: Lauf (A try)']);
});

describe('sentences of main, engine and common', () => {
  it('finds them', () => {
    expect(said.length).toBeGreaterThan(15);
    expect(inTables.length).toBeGreaterThan(60);
  });

  it('are said when a language is chosen, not while files are imported', () => {
    expect(early.map(({ text, at }) => `${at}: ${text}`)).toEqual([]);
  });

  it('are in plain words', () => {
    expect(offences([...said, ...inTables])).toEqual([]);
  });
});

describe('the texts of the pages', () => {
  it('are given each value that they have', () => {
    expect(unanswered).toEqual([]);
  });

  it.each(topics.map((source) => [source.topic, pageMessages(source)] as const))(
    'are in plain words: %s',
    (_, all) => {
      expect(all.length).toBeGreaterThan(0);
      expect(offences(all)).toEqual([]);
    },
  );
});
