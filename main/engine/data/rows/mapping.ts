/**
 * Which columns make a row: as a person writes it (`prompt=subject+body,answer=label`), as detection finds it, and
 * applied to a record. What is detected can always be written down, and so corrected.
 */
import { AppError } from '../../../../common/errors.ts';
import { badRow, describe } from './bad-row.ts';
import { valueAt, valueMessages, valueText } from './columns.ts';
import type { LooseRow, LooseTurn } from './loose-row.ts';
import { looseTurns } from './messages.ts';
import { complaint, type Fields } from './shapes.ts';

/** Columns by what they are; several are joined by an empty line. Exactly one of prompt, text and messages is there. */
export interface Mapping {
  readonly prompt?: readonly string[];
  readonly answer?: readonly string[];
  readonly system?: readonly string[];
  readonly text?: readonly string[];
  readonly messages?: readonly string[];
}

type Part = keyof Mapping;

/** What people write for each part. */
const PARTS = new Map<string, Part>(
  Object.entries({
    ...{
      prompt: 'prompt',
      question: 'prompt',
      input: 'prompt',
      instruction: 'prompt',
      user: 'prompt',
      query: 'prompt',
    },
    ...{ answer: 'answer', completion: 'answer', output: 'answer', response: 'answer', label: 'answer' },
    ...{ target: 'answer', assistant: 'answer', reply: 'answer' },
    ...{ system: 'system', text: 'text', content: 'text' },
    ...{ messages: 'messages', conversations: 'messages', conversation: 'messages', chat: 'messages' },
  } as const),
);

const MAP_HINT =
  'Write for example --map prompt=question,answer=answer or --map prompt=subject+body,answer=label or --map text=body or --map messages=chat.';

/** Reads what was given as `--map`. Throws `AppError('bad-usage')`. */
export function parseMap(text: string): Mapping {
  const mapping: { [P in Part]?: string[] } = {};
  for (const item of splitOutsideQuotes(text, ',')) {
    const [name = '', columns = '', ...more] = splitOutsideQuotes(item, '=');
    const part = PARTS.get(name.trim().toLowerCase());
    if (part === undefined || columns.trim() === '' || more.length > 0)
      throw badMap(`cannot read "${item.trim()}"`);
    if (mapping[part]) throw badMap(`"${part}" is given twice`);
    mapping[part] = splitOutsideQuotes(columns, '+').map(unquoted);
  }
  const wholes = [mapping.prompt ?? mapping.answer, mapping.text, mapping.messages].filter(Boolean);
  if (wholes.length > 1) throw badMap('a row is a prompt with its answer, or text, or messages');
  if (wholes.length === 0) throw badMap('it names no prompt, text or messages');
  return mapping;
}

function badMap(why: string): AppError {
  return new AppError('bad-usage', `--map: ${why}.`, MAP_HINT);
}

/** The mapping as `--map` takes it. */
export function mapText(mapping: Mapping): string {
  return Object.entries(mapping)
    .map(([part, columns]) => `${part}=${(columns as readonly string[]).map(quoted).join('+')}`)
    .join(',');
}

/** `--map …` as a shell takes it. */
export function mapFlag(mapping: Mapping): string {
  return asFlag(mapText(mapping));
}

/** The flag for a mapping in text form. */
export function asFlag(text: string): string {
  return /^[\w.,=+-]+$/.test(text) ? `--map ${text}` : `--map '${text.replaceAll("'", "'\\''")}'`;
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

/** The name that a column really has: as given, or in another case. Throws `AppError('data-map')` with all names. */
export function findColumn(given: string, columns: readonly string[], source: string, file: string): string {
  const same = (a: string) => a.trim().toLowerCase() === given.trim().toLowerCase();
  const found = columns.find((name) => name === given) ?? columns.find(same);
  if (found !== undefined) return found;
  const braces = source === '--prompt-template' ? ' A brace that is no column is written twice: {{ }}.' : '';
  throw new AppError(
    'data-map',
    `${file} has no column "${given}", which ${source} names.`,
    `It has the columns ${columns.join(', ')}.${braces}`,
  );
}

/** The row that `mapping` makes of a record; `where` begins the message of its `bad-row` errors. */
export function mappedRow(
  record: Fields,
  mapping: Mapping,
  where: string,
  template?: PromptTemplate,
): LooseRow {
  if (mapping.messages) return mappedChat(record, mapping.messages[0]!, where);
  if (mapping.text) return { kind: 'text', turns: [joined(record, mapping.text, 'text', where)] };
  const system = mapping.system ? joined(record, mapping.system, 'system', where) : undefined;
  const prompt = template
    ? templated(record, template, where)
    : joined(record, mapping.prompt ?? [], 'user', where);
  const answer = joined(record, mapping.answer ?? [], 'assistant', where);
  const hasSystem = system !== undefined && system.content.trim() !== '';
  return { kind: 'completion', turns: [...(hasSystem ? [system] : []), prompt, answer] };
}

function mappedChat(record: Fields, column: string, where: string): LooseRow {
  const value = valueAt(record, column);
  const turns = looseTurns(valueMessages(value) ?? value, complaint(where, column));
  return { kind: 'chat', turns, ...(column === 'messages' ? {} : { field: column }) };
}

function joined(record: Fields, columns: readonly string[], role: string, where: string): LooseTurn {
  const texts = columns.map((column) => textAt(record, column, where));
  const present = texts.filter((text) => text !== undefined);
  // one column keeps its spacing; an empty one among several leaves no gap
  const content =
    columns.length === 1 ? (present[0] ?? '') : present.filter((text) => text.trim() !== '').join('\n\n');
  const turn = { role, content, field: columns.join(' + ') };
  return present.length === 0 ? { ...turn, missing: true } : turn;
}

/** A prompt whose columns are all empty is empty, whatever words stand around them. */
function templated(record: Fields, template: PromptTemplate, where: string): LooseTurn {
  const shown = (column: string) => textAt(record, column, where) ?? '';
  const isEmpty =
    template.columns.length > 0 && template.columns.every((column) => shown(column).trim() === '');
  return {
    role: 'user',
    content: isEmpty ? '' : template.fill(shown),
    field: template.columns.join(' + '),
  };
}

function textAt(record: Fields, column: string, where: string): string | undefined {
  const value = valueAt(record, column);
  if (value === undefined || value === null) return undefined;
  const text = valueText(value);
  if (text !== undefined) return text;
  throw badRow(where, `"${column}" to be text`, describe(value), MAP_HINT);
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
