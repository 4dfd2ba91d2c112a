/**
 * HTML by templates that escape. Everything a report shows came from a model or from someone's data, and a page that a
 * person opens must not run what is written there: only what this file made is taken as HTML.
 */

/** A piece of HTML that is safe to put into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template whose values are escaped, unless they are HTML already; lists are joined, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, piece, i) => text + rendered(parts[i - 1]) + piece));
}

/** `text` with what HTML gives a meaning replaced, and without control characters, which no page may hold. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  const printable = text.toWellFormed().replace(/(?![\t\n])[\p{Cc}\ufffe\uffff]/gu, '\ufffd');
  return printable.replace(/[&<>"']/g, (character) => entities[character]!);
}

function rendered(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return escaped(String(part));
  return Array.isArray(part) ? part.map(rendered).join('') : '';
}
