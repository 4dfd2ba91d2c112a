/** Each language says the glossary's terms in the words agreed there: in the names of settings, on pages and in sentences. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingInfos, settingName } from '../../../common/settings/form.ts';
import { LANGUAGE_CODES, type Language } from '../../../common/words/language.ts';
import { glossaryOf, namesPattern } from '../../../renderer/text/glossary.ts';
import type { GlossaryText } from '../../../renderer/text/page.ts';
import { textsIn } from '../../../renderer/text/texts.ts';

const WORDS = path.resolve(import.meta.dirname, '../../../words');
/** What an entry's word is tested on: fewer uses say little, as plurals and compounds are not found. */
const LEAST_USES = 20;
const LEAST_SHARE = 0.25;
const read = (file: string) => JSON.parse(readFileSync(path.join(WORDS, file), 'utf8')) as object;
const filesOf = (folder: string) => readdirSync(path.join(WORDS, folder)).map((file) => `${folder}/${file}`);

/** The texts in a file by the path of their names. */
function textsOf(value: unknown, at = ''): [string, string][] {
  if (typeof value === 'string') return [[at, value]];
  return Object.entries(value as object).flatMap(([name, inner]) => textsOf(inner, `${at}.${name}`));
}

/** A language's glossary, and which of its entries a text names. */
async function glossaryIn(code: Language, leavesOut: boolean) {
  const { glossaryText } = (await textsIn(code)) as { glossaryText: GlossaryText };
  const glossary = glossaryOf(glossaryText, code);
  const pattern = namesPattern(glossary, leavesOut ? glossaryText : { ...glossaryText, notLookedFor: {} });
  const named = (text: string) =>
    new Set([...text.matchAll(pattern)].flatMap(([name]) => glossary.entryOf(name)?.id ?? []));
  return { ...glossary, named };
}

const english = await glossaryIn('en', true);
const pages = new Map(
  filesOf('en/pages')
    .filter((file) => !file.endsWith('glossary.json'))
    .map((file) => [path.basename(file), new Map(textsOf(read(file)))]),
);

describe.each(LANGUAGE_CODES.filter((code) => code !== 'en'))('words agreed in %s', async (code) => {
  const glossary = await glossaryIn(code, false);
  const sentences = new Map(filesOf(`${code}/sentences`).flatMap((file) => Object.entries(read(file))));
  const settings = settingInfos().map(({ name }) => {
    const label = settingName(name);
    return { label, here: String(sentences.get(label) ?? label) };
  });

  it('give each setting a name of its own', () => {
    const names = settings.map(({ here }) => here);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('name a setting as the glossary does', () => {
    const other = settings.filter(({ label, here }) => {
      const id = english.entryOf(label)?.id;
      return id !== undefined && glossary.entryOf(here)?.id !== id;
    });
    expect(other).toEqual([]);
  });

  it('stand where the English has them', () => {
    const translated = [...pages].flatMap(([file, texts]) =>
      textsOf(read(`${code}/pages/${file}`)).map(([name, here]) => [texts.get(name) ?? '', here] as const),
    );
    const uses = new Map<string, { all: number; agreed: number }>();
    for (const [said, here] of [...sentences, ...translated]) {
      if (typeof here !== 'string') continue;
      const agreed = glossary.named(here);
      for (const id of english.named(said)) {
        const so = uses.get(id) ?? { all: 0, agreed: 0 };
        uses.set(id, { all: so.all + 1, agreed: so.agreed + Number(agreed.has(id)) });
      }
    }
    const often = [...uses].filter(([, { all }]) => all >= LEAST_USES);
    expect(often.length).toBeGreaterThan(10);
    expect(often.filter(([, { all, agreed }]) => agreed < LEAST_SHARE * all)).toEqual([]);
  });
});
