/** A mapping of columns applied to records; its notation is in common/words/mapping.ts. */

import { basename } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { percent } from '../../common/words/format.ts';
import { said, say } from '../../common/words/language.ts';
import { type Mapping, mapText, type PromptTemplate, SURE, sameColumn } from '../../common/words/mapping.ts';
import { marks } from '../../common/words/marks.ts';
import { badRow, excerpt, notA } from './bad-row.ts';
import { type Column, valueAt, valueMessages, valueText } from './columns.ts';
import type { Candidate, Detection, SchemaKind } from './detect.ts';
import type { LooseRow, LooseTurn } from './loose-row.ts';
import type { DataNote } from './readers/source.ts';
import type { FoundSeveral } from './several.ts';
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
      ? say`It has the columns ${columns.join(marks().comma)}. Write a brace that is no column twice: {{ }}.`
      : say`It has the columns ${columns.join(marks().comma)}.`,
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

/** What was found about the columns of a file, in words: a note, or the error with the mapping that settles it. */

/** What was found about a file, for people. */
export interface FoundSchema {
  readonly kind: SchemaKind | 'mixed';
  /** As `--map` takes it; undefined where each record has its own shape. */
  readonly map: string | undefined;
  readonly reason: string;
  readonly confidence: number;
  readonly alternatives: readonly {
    readonly kind: SchemaKind;
    readonly map: string;
    readonly confidence: number;
  }[];
  readonly columns: readonly { readonly name: string; readonly filled: number; readonly example: string }[];
  /** Where a text can have several categories. */
  readonly several?: FoundSeveral;
}

/** A reading of columns as people see it. */
export function foundSchema(
  { kind, mapping, reason, confidence, several }: Candidate,
  alternatives: readonly Candidate[],
  columns: readonly Column[],
): FoundSchema {
  return {
    kind,
    reason,
    confidence,
    map: mapText(mapping),
    alternatives: alternatives
      .filter((one) => one.kind !== 'preference')
      .map((one) => ({ kind: one.kind, map: mapText(one.mapping), confidence: one.confidence })),
    columns: shownColumns(columns),
    ...(several && { several }),
  };
}

/** What is shown of columns. */
export function shownColumns(columns: readonly Column[]): FoundSchema['columns'] {
  return columns.map(({ name, filled, example }) => ({ name, filled, example }));
}

export const KIND_WORDS: Readonly<Record<FoundSchema['kind'], string>> = {
  messages: 'conversations',
  sharegpt: 'conversations (ShareGPT)',
  alpaca: 'instructions and answers (Alpaca)',
  'prompt-completion': 'prompts and completions',
  'question-answer': 'questions and answers',
  label: 'texts with a category',
  preference: 'preferences',
  text: 'running text',
  mixed: 'rows of several shapes',
};

/** What was found, in one sentence; a guess says how to overrule it. */
export function schemaNote(path: string, { kind, reason, confidence }: FoundSchema): DataNote {
  const file = basename(path);
  const words = said(KIND_WORDS[kind]);
  if (confidence >= SURE)
    return { code: 'data-schema', message: say`${file} is read as ${words}: ${reason}.`, expected: true };
  return {
    code: 'data-schema',
    message: say`${file} is read as ${words} (${percent(confidence)} sure): ${reason}. Wrong? Change it under Columns.`,
  };
}

/** What to say where it is not clear which columns are what; shows them, and what to write. */
export function unclearError(file: string, detection: Detection): AppError {
  const columns = detection.columns.map(
    ({ name, example }) => `${name} (“${excerpt(example).slice(0, 40)}”)`,
  );
  const ideas = [detection, ...detection.alternatives]
    .filter(({ kind }) => kind !== 'preference')
    .slice(0, 3);
  return new AppError(
    'data-schema',
    say`Fettle can't tell which columns of ${file} are the question and the answer. It has ${columns.slice(0, 12).join(marks().comma)}.`,
    say`Choose the columns, for example ${ideas.map(({ mapping }) => `\`${mapText(mapping)}\``).join(' · ')}.`,
  );
}
