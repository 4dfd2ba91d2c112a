/**
 * The notation of which column is what, `prompt=subject+body,answer=label`, and of prompt templates with columns in braces: as
 * `--map` and `--prompt-template` take it, and as the data step of the window writes it.
 */
import { AppError } from '../errors.ts';

/** Confidence from which a detected reading of rows need not be looked at. */
export const SURE = 0.9;

/** Columns by what they are; several are joined by an empty line. Exactly one of prompt, text and messages is there. */
export interface Mapping {
  readonly prompt?: readonly string[];
  readonly answer?: readonly string[];
  readonly system?: readonly string[];
  readonly text?: readonly string[];
  readonly messages?: readonly string[];
}

export type MappingPart = keyof Mapping;

/** What people write for each part. */
const SPELLINGS: Readonly<Record<MappingPart, readonly string[]>> = {
  prompt: ['prompt', 'question', 'input', 'instruction', 'user', 'query'],
  answer: ['answer', 'completion', 'output', 'response', 'label', 'target', 'assistant', 'reply'],
  system: ['system'],
  text: ['text', 'content'],
  messages: ['messages', 'conversations', 'conversation', 'chat'],
};
const PARTS = new Map(
  Object.entries(SPELLINGS).flatMap(([part, names]) => names.map((name) => [name, part as MappingPart])),
);

const MAP_HINT =
  'Write for example --map prompt=question,answer=answer or --map prompt=subject+body,answer=label or --map text=body or --map messages=chat.';

/** The parts of a text in this notation; one that cannot be read has no `part`. */
export function mapParts(text: string) {
  return splitOutsideQuotes(text, ',').map((item) => {
    const [name = '', columns = '', ...more] = splitOutsideQuotes(item, '=');
    const isWhole = columns.trim() !== '' && more.length === 0;
    return {
      item: item.trim(),
      part: isWhole ? PARTS.get(name.trim().toLowerCase()) : undefined,
      columns: splitOutsideQuotes(columns, '+').map(unquoted),
    };
  });
}

/** Reads what was given as `--map`. Throws `AppError('bad-usage')`. */
export function parseMap(text: string): Mapping {
  const mapping: { [P in MappingPart]?: readonly string[] } = {};
  for (const { item, part, columns } of mapParts(text)) {
    if (part === undefined) throw badMap(`cannot read "${item}"`);
    if (mapping[part]) throw badMap(`"${part}" is given twice`);
    mapping[part] = columns;
  }
  const wholes = [mapping.prompt ?? mapping.answer, mapping.text, mapping.messages].filter(Boolean);
  if (wholes.length > 1) throw badMap('a row is a prompt with its answer, or text, or messages');
  if (wholes.length === 0) throw badMap('it names no prompt, text or messages');
  return mapping;
}

function badMap(why: string): AppError {
  return new AppError('bad-usage', `--map: ${why}.`, MAP_HINT);
}

/** The mapping as `--map` takes it, its parts in the order in which it has them. */
export function mapText(mapping: Mapping): string {
  return Object.entries(mapping)
    .map(([part, columns]) => `${part}=${(columns as readonly string[]).map(quoted).join('+')}`)
    .join(',');
}

/** Whether two names mean the same column: case and outer spaces do not count. */
export function sameColumn(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** The prompt with the values of columns in braces; doubled braces stand for themselves. */
export interface PromptTemplate {
  readonly columns: readonly string[];
  fill(value: (column: string) => string): string;
}

/** Reads a prompt template. */
export function parseTemplate(text: string): PromptTemplate {
  const parts = text.split(/(\{\{|\}\}|\{[^{}]*\})/);
  const columnOf = (part: string) => (/^\{[^{}]+\}$/.test(part) ? part.slice(1, -1).trim() : undefined);
  return {
    columns: [...new Set(parts.map(columnOf).filter((column) => column !== undefined))],
    fill: (value) =>
      parts
        .map((part) => {
          const column = columnOf(part);
          if (column !== undefined) return value(column);
          return part === '{{' ? '{' : part === '}}' ? '}' : part;
        })
        .join(''),
  };
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const pieces = [''];
  let isQuoted = false;
  for (const char of text) {
    if (char === '"') isQuoted = !isQuoted;
    if (char === separator && !isQuoted) pieces.push('');
    else pieces[pieces.length - 1] += char;
  }
  return pieces;
}

function unquoted(name: string): string {
  return name.trim().replace(/^"(.*)"$/s, '$1');
}

function quoted(name: string): string {
  return /[,=+"]|^\s|\s$/.test(name) ? `"${name}"` : name;
}
