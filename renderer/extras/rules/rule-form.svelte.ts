/** A rule as it is written in the form; what each kind asks for. */
import type { Rule, RuleKind } from '../../../common/extras/rules/rules.ts';
import { locale } from '../../../common/words/language.ts';

type Field = 'text' | 'lines' | 'bounds' | 'language' | 'none';

/** The values of rules come from here, not from their schemas, because a page can't run zod. */
export const FIELD_OF: Readonly<Record<RuleKind, Field>> = {
  json: 'lines',
  equals: 'none',
  contains: 'text',
  matches: 'text',
  number: 'bounds',
  words: 'bounds',
  characters: 'bounds',
  language: 'language',
  tool: 'text',
  script: 'lines',
};
export const KINDS = Object.keys(FIELD_OF) as RuleKind[];

/** What a rule calls the text of its field. */
const NAMED: Readonly<Partial<Record<RuleKind, string>>> = {
  json: 'schema',
  contains: 'text',
  matches: 'pattern',
  tool: 'name',
  script: 'code',
};
/** Kinds of which an empty field means something. */
const MAY_BE_EMPTY: ReadonlySet<RuleKind> = new Set(['json', 'tool']);

export class RuleForm {
  kind = $state<RuleKind>('json');
  text = $state('');
  language = $state(locale().slice(0, 2));
  least = $state<number | null>(null);
  most = $state<number | null>(null);

  /** Null while something is missing. */
  readonly rule = $derived.by((): Rule | null => {
    const { kind, text, language, least, most } = this;
    const field = FIELD_OF[kind];
    if (field === 'none') return { kind } as Rule;
    if (field === 'language') return { kind, language } as Rule;
    if (field === 'bounds') {
      const bounds = { ...(least !== null && { least }), ...(most !== null && { most }) };
      const hasNone = least === null && most === null;
      return hasNone && kind !== 'number' ? null : ({ kind, ...bounds } as Rule);
    }
    const given = text.trim();
    if (given === '') return MAY_BE_EMPTY.has(kind) ? ({ kind } as Rule) : null;
    return { kind, [NAMED[kind]!]: given } as Rule;
  });
}
