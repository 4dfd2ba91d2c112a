/** What was found about the columns of a file, in words: a note, or the error with the mapping that settles it. */

import { basename } from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import { percent } from '../../../../common/words/format.ts';
import { said, say } from '../../../../common/words/language.ts';
import { mapText } from '../../../../common/words/mapping.ts';
import { excerpt } from './bad-row.ts';
import type { Column } from './columns.ts';
import type { Candidate, Detection, SchemaKind } from './detect.ts';
import type { DataNote } from './readers/source.ts';

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
}

/** A reading of columns as people see it. */
export function foundSchema(
  { kind, mapping, reason, confidence }: Candidate,
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
export function schemaNote(path: string, { kind, map, reason, confidence }: FoundSchema): DataNote {
  const file = basename(path);
  const words = said(KIND_WORDS[kind]);
  if (confidence === 1)
    return { code: 'data-schema', message: say`${file} is read as ${words}: ${reason}.`, expected: true };
  return {
    code: 'data-schema',
    message: say`${file} is read as ${words} (${percent(confidence)} sure): ${reason}. If that is wrong, choose other columns than ${map ?? ''}.`,
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
    say`Fettle can't tell which columns of ${file} are the question and the answer. It has ${columns.slice(0, 12).join(', ')}.`,
    say`Choose the columns. Perhaps: ${ideas.map(({ mapping }) => mapText(mapping)).join('  ·  ')}`,
  );
}
