/**
 * JSON from strangers is looked over before `JSON.parse` builds objects from it: `JSON.parse` silently keeps the last of two equal keys
 * (two readers may then see two different files), and a text of many million values costs far more memory than itself. The scan runs over
 * the text once and allocates only the keys.
 */
interface JsonLimits {
  readonly maxDepth: number;
  /** Most keys and commas, over the whole text: a bound on the number of values. */
  readonly maxItems: number;
}

/** Parses `text` after checking nesting, number of values and duplicate keys; throws a SyntaxError that says what is wrong. */
export function parseJsonStrictly(text: string, limits: JsonLimits): unknown {
  scan(text, limits);
  return JSON.parse(text);
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

function scan(text: string, limits: JsonLimits): void {
  // One entry per open object or list: the keys seen so far, or null in a list.
  const open: (Set<string> | null)[] = [];
  let items = 0;
  let expectsKey = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const end = endOfString(text, i);
      const names = open.at(-1);
      if (expectsKey && names) {
        items++;
        addKey(names, text.slice(i, end + 1));
      }
      expectsKey = false;
      i = end;
    } else if (char === OPEN_OBJECT || char === OPEN_LIST) {
      if (open.length >= limits.maxDepth)
        throw new SyntaxError(`it is nested deeper than ${limits.maxDepth} levels`);
      expectsKey = char === OPEN_OBJECT;
      open.push(expectsKey ? new Set() : null);
    } else if (char === CLOSE_OBJECT || char === CLOSE_LIST) {
      open.pop();
      expectsKey = false;
    } else if (char === COMMA) {
      items++;
      expectsKey = open.at(-1) != null;
    } else if (char === COLON) expectsKey = false;
    if (items > limits.maxItems) throw new SyntaxError(`it has more than ${limits.maxItems} keys and values`);
  }
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) return i;
    if (char === BACKSLASH) i++;
  }
  throw new SyntaxError('a string does not end');
}

function addKey(names: Set<string>, literal: string): void {
  const name = JSON.parse(literal) as string;
  if (names.has(name)) throw new SyntaxError(`the key "${shorten(name)}" appears twice`);
  names.add(name);
}

/** A name from an untrusted file, cut and stripped of control characters for use in a message. */
export function shorten(name: string, length = 100): string {
  const clean = name.replace(/\p{C}/gu, '\u{fffd}');
  return clean.length <= length ? clean : `${clean.slice(0, length)}…`;
}
