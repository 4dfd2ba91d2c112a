/** What people read: complete in both languages, and in plain words. */
import { describe, expect, it } from 'vitest';
import { NOUNS, SENTENCES } from '../../common/words/german/german.ts';
import { PHASES } from '../../common/words/phases.ts';
import { REMEDIES } from '../../common/words/remedies.ts';
import { CHECKS } from '../../main/engine/data/doctor/table.ts';
import { VARIANT_NAMES } from '../../main/engine/eval/assess/report/html.ts';
import { FORGOT, LEARNED, TRAINED } from '../../main/engine/eval/assess/report/report.ts';
import { SHORT_NAMES } from '../../main/engine/eval/assess/report/sections.ts';
import { readCatalog } from '../../main/hub/catalog.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { catalogueTexts, type Sentence, spokenSentences } from '../helpers/sentences.ts';
import { settingTexts } from '../helpers/setting-texts.ts';

/** Topics whose English is not in plain words yet. */
const NOT_YET: readonly string[] = [...['goals.ts', 'settings.ts', 'wizard.ts']];

/** Sentences of tables, which are translated where they are shown. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  phases: Object.values(PHASES),
  settings: settingTexts(),
  catalog: (await readCatalog(resourcesFolder())).flatMap(({ languages, goodFor, licenceInWords }) => [
    ...[languages, goodFor, licenceInWords],
  ]),
  remedies: Object.values(REMEDIES),
  report: [
    ...[TRAINED, VARIANT_NAMES, SHORT_NAMES].flatMap((table) => Object.values(table)),
    ...[LEARNED, FORGOT].flatMap((table) => Object.values(table).map(([, words]) => words)),
  ],
  doctor: CHECKS.flatMap(({ kind: { title, why, fix } }) => [
    ...[title, why],
    ...(fix ? [fix.does] : []),
    ...(fix?.instead ? [fix.instead.does] : []),
  ]),
};

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

const { said, early, nouns, texts } = spokenSentences();
const inTables = Object.entries(TABLES).flatMap(([at, all]) => all.map((text) => ({ text, at })));
const placeholders = (text: string) => [...new Set(text.match(/\{\d+\}/g))].sort();
const offences = (all: readonly Sentence[]) =>
  all.flatMap(({ text, at }) =>
    FORBIDDEN.filter(([, pattern]) => pattern.test(text.replace(SETTING, ''))).map(
      ([what]) => `${at}: ${what}: ${text}`,
    ),
  );

describe('sentences of main, engine and common', () => {
  it('finds them', () => {
    expect(said.length).toBeGreaterThan(15);
    expect(inTables.length).toBeGreaterThan(60);
  });

  it('have a German sentence each, with the same values', () => {
    const lacking = [...said, ...inTables].filter(({ text }) => {
      const german = SENTENCES[text];
      return german === undefined || placeholders(german).join() !== placeholders(text).join();
    });
    expect(lacking.map(({ text, at }) => `${at}: ${text}`)).toEqual([]);
  });

  it('are said when a language is chosen, not while files are imported', () => {
    expect(early.map(({ text, at }) => `${at}: ${text}`)).toEqual([]);
  });

  it('are still said where there is a German one', () => {
    const english = new Set([...[...said, ...inTables].map(({ text }) => text), ...texts]);
    expect(Object.keys(SENTENCES).filter((text) => !english.has(text))).toEqual([]);
  });

  it('count with nouns that German has', () => {
    expect(
      nouns
        .filter(({ text, at }) => !at.startsWith('renderer/') && NOUNS[text] === undefined)
        .map(({ text, at }) => `${at}: ${text}`),
    ).toEqual([]);
  });

  it('are in plain words', () => {
    expect(offences([...said, ...inTables])).toEqual([]);
  });
});

describe('the catalogue of the pages', () => {
  const topics = [...catalogueTexts()].filter(([topic]) => !NOT_YET.includes(topic));

  it.each(topics)('is in plain words: %s', (_, all) => {
    expect(all.length).toBeGreaterThan(0);
    expect(offences(all)).toEqual([]);
  });
});
