/** Running text: `[[word]]` or `[[word|as shown]]` becomes a link to the glossary, and what stands in backticks is a command or a name to type. */
import { measured } from '../../common/words/format.ts';

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
