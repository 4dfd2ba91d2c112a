/** Rules as they are typed: `json=schema.json`, `words=5..20`, `script=check.js`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { RULE_KINDS, Rule, type RuleKind } from '../../../common/extras/rules/rules.ts';
import { badUsage } from '../../cli/arguments.ts';

const FORMS: { readonly [Kind in RuleKind]: { readonly form: string; read(value: string): object } } = {
  json: {
    form: 'json or json=SCHEMA-FILE',
    read: (value) => (value === '' ? {} : { schema: textOf(value) }),
  },
  equals: { form: 'equals', read: () => ({}) },
  contains: { form: 'contains=TEXT', read: (text) => ({ text }) },
  matches: { form: 'matches=PATTERN', read: (pattern) => ({ pattern }) },
  number: { form: 'number or number=LEAST..MOST', read: boundsOf },
  words: { form: 'words=LEAST..MOST', read: boundsOf },
  characters: { form: 'characters=LEAST..MOST', read: boundsOf },
  language: { form: 'language=CODE', read: (language) => ({ language }) },
  tool: { form: 'tool or tool=NAME', read: (name) => (name === '' ? {} : { name }) },
  script: { form: 'script=FILE.js', read: (file) => ({ code: textOf(file) }) },
};

export const RULE_FORMS: readonly string[] = RULE_KINDS.map((kind) => FORMS[kind].form);

/** Throws an AppError for a rule that can't be read. */
export function ruleOf(text: string): Rule {
  const [, kind = '', value = ''] = /^([a-z]+)(?:=(.*))?$/s.exec(text) ?? [];
  const known = RULE_KINDS.find((one) => one === kind);
  const found = known && Rule.safeParse({ kind: known, ...FORMS[known].read(value) });
  if (found?.success) return found.data;
  throw badUsage(
    known
      ? `--rule ${text} can't be read: it is written ${FORMS[known].form}.`
      : `There is no rule “${kind || text}”.`,
    `Rules are ${RULE_FORMS.join(', ')}.`,
  );
}

function boundsOf(text: string): object {
  const [least, most] = text.includes('..') ? text.split('..') : [text, text];
  const of = (side: string | undefined) =>
    side === undefined || side.trim() === '' ? undefined : Number(side);
  return { least: of(least), most: of(most) };
}

function textOf(file: string): string {
  try {
    return readFileSync(path.resolve(file), 'utf8');
  } catch (cause) {
    throw new AppError('bad-usage', `${file} can't be read.`, 'Check the path of the file.', { cause });
  }
}
