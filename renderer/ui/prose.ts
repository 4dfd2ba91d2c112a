/**
 * Running text: `[[word]]` or `[[word|as shown]]` becomes a link to the glossary, what stands in backticks is
 * a command or a name to type, and words of the glossary are found by themselves, so that no text has to mark
 * them and none can forget it.
 */
import { measured } from '../../common/words/format.ts';
import { entryOf, glossary } from '../text/glossary.ts';

export type Piece =
  | { readonly text: string }
  | { readonly term: string; readonly text: string }
  | { readonly code: true; readonly text: string };

/** The pieces of a text in order; its numbers stay with their units. */
export function piecesOf(text: string): Piece[] {
  return measured(text)
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

/** Names that are not looked for in running text, and why; a label that is one still leads to its entry. */
export const NOT_LOOKED_FOR: Readonly<Record<string, string>> = {
  ...named('stands in nearly every sentence, and means what it means elsewhere', [
    'model',
    'models',
    'row',
    'rows',
    'example',
    'run',
    'runs',
  ]),
  ...named('mostly means something else there', [
    'full',
    'architecture',
    'query',
    'few examples',
    'generation',
    'precision',
    'operations',
    'targets',
    'transfer',
    'schedule',
    'template',
  ]),
};

/** Words around a name that give it another meaning. */
export const MEANS_ELSE: readonly string[] = [
  'even steps',
  'plan step',
  'needs attention',
  'layer by layer',
  'access token',
  'read token',
  'the token',
  'a token is kept',
];

function named(why: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, why]));
}

const names = glossary
  .flatMap(({ word, also = [] }) => [word, ...also])
  .filter((name) => !(name.toLowerCase() in NOT_LOOKED_FOR));

/** Longer names first: "held-out loss" is not a loss that happens to be held out. */
const alternatives = [...names, ...MEANS_ELSE]
  .toSorted((a, b) => b.length - a.length)
  .map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  .join('|');

/** Whole words, also in the plural; not in the middle of a path, of the name of a file or of a compound. */
const PATTERN = new RegExp(
  `(?<![\\p{L}\\p{N}_/-]|[\\p{L}\\p{N}]\\.)(?:${alternatives})(?:s)?(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])`,
  'giu',
);

interface Found {
  readonly at: number;
  readonly text: string;
  /** The name as the glossary has it. */
  readonly term: string;
}

/** Where names of the glossary stand in a text without marks; every time that they do. */
export function termsIn(text: string): Found[] {
  return [...text.matchAll(PATTERN)].flatMap((match) => {
    const [found] = match;
    const term = [found, found.slice(0, -1)].find((name) => entryOf(name) !== null);
    return term === undefined ? [] : [{ at: match.index, text: found, term }];
  });
}

/** What a label is about: it is a name of the glossary, or the first one in it; null where there is none. */
export function termOf(label: string): string | null {
  return entryOf(label) === null ? (termsIn(label)[0]?.term ?? null) : label;
}

/**
 * The pieces of a text with a link for each entry of the glossary, at its first place, and for each mark.
 * What `except` is about has its link elsewhere, as beside the label of a control.
 */
export function linked(text: string, except = ''): Piece[] {
  const pieces = piecesOf(text);
  const known = [termOf(except), ...pieces.map((piece) => ('term' in piece ? piece.term : null))];
  const seen = new Set(known.map((term) => term && entryOf(term)?.id));
  return pieces.flatMap((piece) => ('term' in piece || 'code' in piece ? [piece] : cut(piece.text, seen)));
}

function cut(text: string, seen: Set<string | null | undefined>): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of termsIn(text)) {
    const id = entryOf(found.term)?.id;
    if (seen.has(id)) continue;
    seen.add(id);
    pieces.push({ text: text.slice(from, found.at) }, { term: found.term, text: found.text });
    from = found.at + found.text.length;
  }
  return [...pieces, { text: text.slice(from) }].filter((piece) => piece.text !== '');
}
