/** What people type into the search, as SQLite's full-text index wants it, and what of a run goes into that index. */

/** Letters, digits and private characters: what the index makes words of. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;

/**
 * A query that finds runs with all words of `text`, each the beginning of a word; null where nothing in it can be searched
 * for. Every word is quoted, so that no sign in it means anything.
 */
export function matchQuery(text: string): string | null {
  const words = text
    .replaceAll('\0', ' ')
    .split(/\s+/u)
    .filter((word) => SEARCHABLE.test(word));
  if (words.length === 0) return null;
  return words.map((word) => `"${word.replaceAll('"', '""')}"*`).join(' ');
}

/** The words of a setting or of tags: names and values one after the other. */
export function searchText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(searchText).join(' ');
  if (typeof value !== 'object') return wordsOf(String(value));
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${searchText(inner)}`)
    .join(' ');
}

/** Of a path only its end is what a person remembers; the folders above it are the same for most runs. */
function wordsOf(text: string): string {
  return /^(\/|⟦|[A-Za-z]:\\)/.test(text) ? (text.split(/[\\/]/).at(-1) ?? '') : text;
}
