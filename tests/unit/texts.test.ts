/** What people read: complete in both languages, and in plain words. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../../common/errors.ts';
import { CHARTS } from '../../common/step-figures.ts';
import { NOUNS, SENTENCES } from '../../common/words/german/german.ts';
import { PHASES, REMEDIES } from '../../common/words/run.ts';
import { MEASURES, RIGHT, RIVALS, SCORES } from '../../common/words/scores.ts';
import { VARIANT_NAMES } from '../../main/engine/eval/assess/report/html.ts';
import { FORGOT, LEARNED, TRAINED } from '../../main/engine/eval/assess/report/report.ts';
import { SHORT_NAMES } from '../../main/engine/eval/assess/report/sections.ts';
import { FORGOT as FORGOT_WORDS } from '../../main/engine/eval/assess/verdict.ts';
import { LEARNED as LEARNED_WORDS } from '../../main/engine/eval/assess/verdict-figures.ts';
import { PROMPTED } from '../../main/engine/eval/assess/verdict-rivals.ts';
import { CUDA } from '../../main/engine/exec/ort/nvidia-pack.ts';
import { describedProvider, PROVIDED_DEVICES } from '../../main/engine/exec/ort/providers.ts';
import { SOURCES } from '../../main/engine/export/prove.ts';
import { readCatalog, readEncoders } from '../../main/hub/catalog.ts';
import { WORDS as CONNECTION_WORDS } from '../../main/hub/hub-errors.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { CHECKS } from '../../main/rows/doctor/table.ts';
import { REFUSED_DOCUMENTS } from '../../main/rows/documents/read-document.ts';
import { KIND_WORDS } from '../../main/rows/mapping.ts';
import { FORMATS, READ_FORMATS, REFUSED, REFUSED_ZIPS } from '../../main/rows/readers/formats.ts';
import { FOREIGN_FIELDS } from '../../main/rows/shapes.ts';
import { FAILED } from '../../main/runs/rescue.ts';
import { catalogueTexts, type Sentence, spokenSentences } from '../helpers/sentences.ts';
import { settingTexts } from '../helpers/setting-texts.ts';

const GERMAN = path.resolve(import.meta.dirname, '../../common/words/german');

/** Those of the extras. */
const EXTRAS = path.resolve(GERMAN, '../../extras/german.ts');

/** Sentences of tables, which are translated where they are shown. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  phases: Object.values(PHASES),
  figures: CHARTS.flatMap(({ chart: { title, line, dots } }) =>
    [title, line, dots].filter((one) => one !== undefined),
  ),
  settings: settingTexts(),
  catalog: [...(await readCatalog(resourcesFolder())), ...(await readEncoders(resourcesFolder()))].flatMap(
    ({ languages, goodFor, licenceInWords }) => [languages, goodFor, licenceInWords],
  ),
  remedies: Object.values(REMEDIES),
  scores: [SCORES, RIVALS, MEASURES, RIGHT].flatMap((table) => Object.values(table)),
  report: [
    ...[TRAINED, VARIANT_NAMES, SHORT_NAMES].flatMap((table) => Object.values(table)),
    ...[LEARNED, FORGOT].flatMap((table) => Object.values(table).map(([, words]) => words)),
  ],
  errors: REFUSALS.flatMap(([, , what, hint]) => [what, hint]),
  rows: [...Object.values(KIND_WORDS), ...Object.values(FOREIGN_FIELDS), READ_FORMATS],
  files: [
    ...Object.values(FORMATS).map(({ words }) => words),
    ...REFUSED.flatMap(([, what, hint]) => [what, hint]),
    ...Object.values(REFUSED_ZIPS).flat(),
    ...Object.values(REFUSED_DOCUMENTS).flat(),
  ],
  verdict: [LEARNED_WORDS, FORGOT_WORDS, PROMPTED].flatMap((table) => Object.values(table)),
  devices: [
    ...Object.values(CUDA).flatMap(([, message, hint]) => [message, hint]),
    ...PROVIDED_DEVICES.map((device) => describedProvider(device).hint),
  ],
  runs: [...Object.values(FAILED), ...Object.values(SOURCES), ...Object.values(CONNECTION_WORDS)],
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

  it('have one German sentence, in one file', async () => {
    const keys: string[] = [];
    const files = readdirSync(GERMAN).filter((name) => name !== 'german.ts');
    for (const file of [...files.map((name) => path.join(GERMAN, name)), EXTRAS]) {
      const { NOUNS: _, ...tables } = await import(file);
      keys.push(...Object.values<object>(tables).flatMap((table) => Object.keys(table)));
    }
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(keys).toHaveLength(Object.keys(SENTENCES).length);
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
  it.each([...catalogueTexts()])('is in plain words: %s', (_, all) => {
    expect(all.length).toBeGreaterThan(0);
    expect(offences(all)).toEqual([]);
  });
});
