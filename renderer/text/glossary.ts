/** The glossary of the page's language: sections, entries, and the entry that a word in a text leads to. */
import type { GlossaryEntry, GlossaryRow } from './page.ts';
import { glossarySections as rows } from './text.ts';

const idOf = (word: string) =>
  word
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

function entryFrom([word, short, more, also]: GlossaryRow): GlossaryEntry {
  return { id: idOf(word), word, short, ...(more ? { more } : {}), ...(also ? { also } : {}) };
}

const byWord = (a: GlossaryEntry, b: GlossaryEntry) => a.word.localeCompare(b.word, 'en');

/** All entries by section, in alphabetical order. */
export const glossarySections: readonly {
  readonly title: string;
  readonly entries: readonly GlossaryEntry[];
}[] = Object.entries(rows).map(([title, entries]) => ({
  title,
  entries: entries.map(entryFrom).sort(byWord),
}));

export const glossary: readonly GlossaryEntry[] = glossarySections.flatMap(({ entries }) => entries);

const byName = new Map(
  glossary.flatMap((entry) =>
    [entry.id, entry.word, ...(entry.also ?? [])].map((name) => [name.toLowerCase(), entry] as const),
  ),
);

/** The entry of a word in any of its spellings; null where there is none. */
export function entryOf(word: string): GlossaryEntry | null {
  return byName.get(word.toLowerCase()) ?? null;
}
