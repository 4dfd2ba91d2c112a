/** Where the template library writes and cuts texts as JavaScript does: what Python, whose templates these are, makes of the same. */
import { Environment } from '@huggingface/jinja';

/** A value of the template language. */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

/** A value, or a function of plain values, as the library has it. */
export function runtimeValue(plain: unknown): Value {
  return new Environment().set('value', plain) as Value;
}

/** What `{{ value }}` writes: `str(value)`. */
export function printed(value: Value): string {
  return value.type === 'StringValue' ? (value.value as string) : represented(value);
}

/** `repr(value)`, as within a list. */
function represented(value: Value): string {
  const { type, value: inner } = value;
  const list = () => [...(inner as readonly Value[])].map(represented);
  switch (type) {
    case 'BooleanValue':
      return inner === true ? 'True' : 'False';
    case 'NullValue':
      return 'None';
    case 'UndefinedValue':
      return '';
    case 'StringValue':
      return quoted(inner as string);
    case 'ArrayValue':
      return `[${list().join(', ')}]`;
    case 'TupleValue':
      return list().length === 1 ? `(${list()[0]},)` : `(${list().join(', ')})`;
    case 'ObjectValue': {
      const entries = [...(inner as ReadonlyMap<string, Value>)];
      return `{${entries.map(([key, item]) => `${quoted(key)}: ${represented(item)}`).join(', ')}}`;
    }
    default:
      return String(value);
  }
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `${mark}${text.replace(/[\\\n\r\t]/g, (char) => escapes[char]!).replaceAll(mark, (quote) => (mark === "'" ? `\\${quote}` : quote))}${mark}`;
}

/** What Python strips where it is not said: white space of Unicode with four separators, and no byte order mark. */
const isSpace = (char: string) =>
  '\x1c\x1d\x1e\x1f\x85'.includes(char) || (char !== '\ufeff' && /\s/.test(char));

/** `text.strip(chars)`, at the ends that are asked for. */
export function strip(
  text: string,
  chars: unknown,
  ends: { readonly left: boolean; readonly right: boolean },
): string {
  const goes = typeof chars === 'string' ? (char: string) => chars.includes(char) : isSpace;
  let from = 0;
  let to = text.length;
  while (ends.left && from < to) {
    const char = String.fromCodePoint(text.codePointAt(from)!);
    if (!goes(char)) break;
    from += char.length;
  }
  while (ends.right && from < to) {
    const char = /[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(to - 2, to))
      ? text.slice(to - 2, to)
      : text[to - 1]!;
    if (!goes(char)) break;
    to -= char.length;
  }
  return text.slice(from, to);
}

type Method = (text: string, first: unknown) => unknown;

/** Methods of texts that the library lacks, or whose arguments it passes over. */
const METHODS: ReadonlyMap<unknown, Method> = new Map<unknown, Method>([
  ['strip', (text, chars) => strip(text, chars, { left: true, right: true })],
  ['lstrip', (text, chars) => strip(text, chars, { left: true, right: false })],
  ['rstrip', (text, chars) => strip(text, chars, { left: false, right: true })],
  ['find', (text, part) => text.indexOf(String(part))],
  ['count', (text, part) => (part === '' ? text.length + 1 : text.split(String(part)).length - 1)],
  ['removeprefix', (text, part) => (text.startsWith(String(part)) ? text.slice(String(part).length) : text)],
  [
    'removesuffix',
    (text, part) => (part !== '' && text.endsWith(String(part)) ? text.slice(0, -String(part).length) : text),
  ],
]);

/** The method of `text` with that name; null for one that is left to the library. */
export function methodOf(text: string, name: unknown): Value | null {
  const method = METHODS.get(name);
  return method === undefined ? null : runtimeValue((first: unknown) => method(text, first));
}
