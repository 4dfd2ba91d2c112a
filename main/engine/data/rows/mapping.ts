/** A mapping of columns applied to records, and the flag that says it; its notation is in common/words/mapping.ts. */
import { AppError } from '../../../../common/errors.ts';
import {
  MAP_HINT,
  type Mapping,
  mapText,
  type PromptTemplate,
  sameColumn,
} from '../../../../common/words/mapping.ts';
import { badRow, describe } from './bad-row.ts';
import { valueAt, valueMessages, valueText } from './columns.ts';
import type { LooseRow, LooseTurn } from './loose-row.ts';
import { looseTurns } from './messages.ts';
import { complaint, type Fields } from './shapes.ts';

/** `--map …` as a shell takes it. */
export function mapFlag(mapping: Mapping): string {
  return asFlag(mapText(mapping));
}

/** The flag for a mapping in text form. */
export function asFlag(text: string): string {
  return /^[\w.,=+-]+$/.test(text) ? `--map ${text}` : `--map '${text.replaceAll("'", "'\\''")}'`;
}

/** The name that a column really has: as given, or in another case. Throws `AppError('data-map')` with all names. */
export function findColumn(given: string, columns: readonly string[], source: string, file: string): string {
  const found = columns.find((name) => name === given) ?? columns.find((name) => sameColumn(name, given));
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
