/** The glossary of the page's language: sections, entries, and the entry that a word in a text leads to. */
import { locale } from '../../common/words/language.ts';
import type { EntryText, GlossaryEntry, GlossaryText } from './page.ts';
import { glossaryText } from './text.ts';

const idOf = (english: string) =>
  english
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** The id comes of the English name, so that an address leads to the same entry in every language. */
function entryFrom([english, text]: readonly [string, EntryText]): GlossaryEntry {
  return { word: english, ...text, id: idOf(english) };
}

/** A glossary as its pages and texts need it. */
export function glossaryOf(text: GlossaryText, language?: string) {
  const byWord = (a: GlossaryEntry, b: GlossaryEntry) => a.word.localeCompare(b.word, language);
  const sections = Object.values(text.sections).map(({ title, entries }) => ({
    title,
    entries: Object.entries(entries).map(entryFrom).sort(byWord),
  }));
  const entries = sections.flatMap((section) => section.entries);
  const byName = new Map(
    entries.flatMap((entry) =>
      [entry.id, entry.word, ...(entry.also ?? [])].map((name) => [name.toLowerCase(), entry] as const),
    ),
  );
  /** The entry of a word in any of its spellings and with any ending, or of its English name; null where there is none. */
  function entryOf(word: string): GlossaryEntry | null {
    const name = word.toLowerCase();
    for (const ending of ['', ...text.endings]) {
      const found = name.endsWith(ending) && byName.get(name.slice(0, name.length - ending.length));
      if (found) return found;
    }
    return byName.get(idOf(word)) ?? null;
  }
  return { sections, entries, entryOf };
}

export const { sections: glossarySections, entries: glossary, entryOf } = glossaryOf(glossaryText, locale());
