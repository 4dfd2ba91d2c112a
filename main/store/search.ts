/** What people type into the search, as SQLite's full-text index wants it, and what of a run goes into that index. */

/** Letters, digits and private characters: what the index makes words of. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;

/** Where words may stand anywhere; in the settings every run has the same names and many numbers. */
const WRITTEN = '{name notes model data tags}';

/**
 * A query that finds runs with all words of `text`, each the beginning of a word; `rank 8` also finds the setting of exactly
 * that value. Null where nothing in it can be searched for. Every word is quoted, so that no sign in it means anything.
 */
export function matchQuery(text: string): string | null {
  const words = text
    .replaceAll('\0', ' ')
    .split(/\s+/u)
    .filter((word) => SEARCHABLE.test(word));
  const parts: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [word, next] = [words[i]!, words[i + 1]];
    const isSetting = next !== undefined && /^\d/.test(next) && !/^\d/.test(word);
    if (isSetting) i++;
    const start = `${quoted(word)}*`;
    parts.push(
      isSetting ? `(${quoted(`${word} ${next}`)} OR ${WRITTEN} : (${start} AND ${quoted(next)}*))` : start,
    );
  }
  return parts.length === 0 ? null : parts.join(' AND ');
}

function quoted(words: string): string {
  return `"${words.replaceAll('"', '""')}"`;
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
