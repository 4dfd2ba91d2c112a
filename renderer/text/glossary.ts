/**
 * The glossary of the page's language, and links to it. Its words are found in texts by themselves; `[[word]]` or `[[word|as shown]]` marks
 * one by hand. What stands in backticks is a command or a name to type.
 */
import { hyphenated } from '../../common/values.ts';
import { withUnits } from '../../common/words/format.ts';
import { locale } from '../../common/words/language.ts';
import type { EntryText, GlossaryEntry, GlossaryText } from './page.ts';
import { glossaryText } from './text.ts';

/** The id comes of the English name, so that an address leads to the same entry in every language. */
function entryFrom([english, text]: readonly [string, EntryText]): GlossaryEntry {
  const { also = [], ...others } = text;
  return { ...others, ...(also.length > 0 && { also }), id: hyphenated(english) };
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
    return byName.get(hyphenated(word)) ?? null;
  }
  return { sections, entries, entryOf };
}

export type Glossary = ReturnType<typeof glossaryOf>;

export const { sections: glossarySections, entries: glossary, entryOf } = glossaryOf(glossaryText, locale());

export type Piece =
  | { readonly text: string }
  | { readonly term: string; readonly text: string }
  | { readonly code: true; readonly text: string };

/** The pieces of a text in order; its numbers stay with their units. */
export function piecesOf(text: string): Piece[] {
  return withUnits(text)
    .split(/(\[\[[^\]]+\]\]|`[^`]+`)/)
    .filter(Boolean)
    .map((part): Piece => {
      if (/^`[^`]+`$/.test(part)) return { code: true, text: part.slice(1, -1) };
      const inside = /^\[\[([^\]|]+)(?:\|([^\]]+))?\]\]$/.exec(part);
      if (!inside) return { text: part };
      const term = inside[1] ?? '';
      return { term, text: inside[2] ?? term };
    });
}

/** The same without marks, for places that cannot hold links. */
export function plainText(text: string): string {
  return piecesOf(text)
    .map((piece) => piece.text)
    .join('');
}

/** What a whole word may not stand in: a word, a path, the name of a file. Han and Hiragana write no spaces, so any of it may be beside. */
const PART = '[[\\p{L}\\p{N}_\\/\\-]--[\\p{Script=Han}\\p{Script=Hiragana}]]';

/** Finds a glossary's names as whole words, also with an ending; not in a path, in the name of a file or in a compound. */
export function namesPattern({ entries }: Pick<Glossary, 'entries'>, words: GlossaryText): RegExp {
  const left = new Set(Object.values(words.notLookedFor).flat());
  const names = entries
    .flatMap(({ word, also = [] }) => [word, ...also])
    .filter((name) => !left.has(name.toLowerCase()));
  // longer names first: "held-out loss" is not a loss that happens to be held out
  const alternatives = [...names, ...words.meansElse]
    .toSorted((one, other) => other.length - one.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('|');
  const endings = words.endings.join('|');
  return new RegExp(
    `(?<!${PART}|[\\p{L}\\p{N}]\\.)(?:${alternatives})(?:${endings})?(?!${PART}|\\.[\\p{L}\\p{N}])`,
    'giv',
  );
}

const PATTERN = namesPattern({ entries: glossary }, glossaryText);

interface Found {
  readonly at: number;
  readonly term: string;
}

/** Where names of the glossary stand in a text without marks; every time that they do. */
export function termsIn(text: string): Found[] {
  return [...text.matchAll(PATTERN)]
    .filter(([term]) => entryOf(term) !== null)
    .map((match) => ({ at: match.index, term: match[0] }));
}

/** What a label is about: it is a name of the glossary, or the first one in it; null where there is none. */
export function termOf(label: string): string | null {
  return entryOf(label) === null ? (termsIn(label)[0]?.term ?? null) : label;
}

/** The pieces of a text with a link for each entry of the glossary, at its first place, and for each mark. */
export function linked(text: string): Piece[] {
  const pieces = piecesOf(text);
  const seen = new Set(pieces.map((piece) => ('term' in piece ? entryOf(piece.term)?.id : undefined)));
  return pieces.flatMap((piece) => ('term' in piece || 'code' in piece ? [piece] : cut(piece.text, seen)));
}

function cut(text: string, seen: Set<string | undefined>): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of termsIn(text)) {
    const id = entryOf(found.term)?.id;
    if (seen.has(id)) continue;
    seen.add(id);
    pieces.push({ text: text.slice(from, found.at) }, { term: found.term, text: found.term });
    from = found.at + found.term.length;
  }
  return [...pieces, { text: text.slice(from) }].filter((piece) => piece.text !== '');
}
