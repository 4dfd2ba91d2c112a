/** A mapping of columns applied to records; its notation is in common/words/mapping.ts. */

import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { type Mapping, type PromptTemplate, sameColumn } from '../../../../common/words/mapping.ts';
import { badRow, notA } from './bad-row.ts';
import { valueAt, valueMessages, valueText } from './columns.ts';
import type { LooseRow, LooseTurn } from './loose-row.ts';
import { type Fields, looseChat } from './shapes.ts';

/** The name that a column really has: as given, or in another case. Throws `AppError('data-map')` with all names. */
export function findColumn(
  given: string,
  columns: readonly string[],
  isTemplate: boolean,
  file: string,
): string {
  const found = columns.find((name) => name === given) ?? columns.find((name) => sameColumn(name, given));
  if (found !== undefined) return found;
  throw new AppError(
    'data-map',
    say`${file} has no column “${given}”.`,
    isTemplate
      ? say`It has the columns ${columns.join(', ')}. Write a brace that is no column twice: {{ }}.`
      : say`It has the columns ${columns.join(', ')}.`,
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
  return looseChat(record, valueMessages(value) ?? value, column, where);
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
  throw badRow(where, notA(column, say`text`, value), say`Choose another column.`);
}
