/** What each rule says of an answer; pure but for the detector of languages. A thread of its own runs it, because patterns may take forever. */
import { z } from 'zod';
import type { JudgedRow, Judgement, Rule, RuleKind } from '../../../../common/extras/rules/rules.ts';
import { isRecord, parsedJson } from '../../../../common/values.ts';
import { number } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { countWords } from '../../../../common/words/unspaced.ts';
import { spokenCalls } from '../../../rows/tool-calls.ts';
import { callsRight, normalised } from '../../eval/assess/task.ts';
import { openScript } from './script.ts';
import { badRule, type Judge, type Verdict } from './verdict.ts';

const RIGHT: Verdict = [1, ''];
/** Half of it: the right form with wrong content. */
const HALF = 0.5;

type Makers = {
  readonly [Kind in RuleKind]: (rule: Extract<Rule, { kind: Kind }>) => Judge | Promise<Judge>;
};

const MAKERS: Makers = {
  json: ({ schema }) => {
    const follows = schema === undefined ? null : schemaOf(schema);
    return (answer) => {
      const value = parsedJson(answer.trim());
      if (value === undefined) return [0, say`It isn’t JSON.`];
      const issue = follows?.safeParse(value).error?.issues[0];
      if (!issue) return RIGHT;
      const place = issue.path.join('.');
      return [HALF, say`It doesn’t follow the schema: ${place === '' ? '' : `${place}: `}${issue.message}`];
    };
  },
  equals: () => (answer, row) => {
    const wanted = wantedOf(row);
    const [one, other] = [parsedJson(answer.trim()), parsedJson(wanted.trim())];
    if (typeof other === 'object' && other !== null) {
      const share = one === undefined ? 0 : sharedFields(one, other);
      return share === 1 ? RIGHT : [share, say`It isn’t the row’s answer.`];
    }
    return normalised(answer) === normalised(wanted) ? RIGHT : [0, say`It isn’t the row’s answer.`];
  },
  contains: ({ text }) => {
    const wanted = normalised(text);
    return (answer) =>
      normalised(answer).includes(wanted) ? RIGHT : [0, say`It doesn’t contain “${text}”.`];
  },
  matches: ({ pattern }) => {
    const matcher = patternOf(pattern);
    return (answer) => (matcher.test(answer.trim()) ? RIGHT : [0, say`It doesn’t match the pattern.`]);
  },
  number: ({ least, most }) => {
    requireOrder(least, most);
    return (answer, row) => {
      const found = lastNumber(answer);
      if (found === null) return [0, say`It has no number.`];
      if (least !== undefined || most !== undefined)
        return isWithin(found, least, most) ? RIGHT : [0, say`${found} is out of range.`];
      const wanted = lastNumber(wantedOf(row));
      return found === wanted ? RIGHT : [0, say`${found} isn’t the row’s number.`];
    };
  },
  words: (bounds) => lengthJudge(bounds, countWords),
  characters: (bounds) => lengthJudge(bounds, (text) => [...text].length),
  language: async ({ language }) => {
    const { eld } = await import('eld/small');
    const known = new Set(Object.values(eld.info().Languages));
    if (!known.has(language))
      throw badRule(say`The language ${language} isn’t known.`, say`Use a code such as en, de or ja.`);
    return (answer) => {
      const found = eld.detect(answer).language;
      return found === language ? RIGHT : [0, say`It looks like another language: ${found || '–'}.`];
    };
  },
  tool: ({ name }) => {
    return (answer, row) => {
      if (name === undefined) {
        const { whole, tool } = callsRight(answer, wantedOf(row));
        return whole ? RIGHT : [tool ? HALF : 0, say`It doesn’t call the row’s tools.`];
      }
      const { calls } = spokenCalls(answer);
      return calls.some((call) => call.name === name) ? RIGHT : [0, say`It doesn’t call ${name}.`];
    };
  },
  script: ({ code }) => openScript(code),
};

/** Judges by all of `rules`. Throws an AppError for a rule that can't be. */
export async function openRules(
  rules: readonly Rule[],
): Promise<(answer: string, row: JudgedRow) => Judgement> {
  const judges = await Promise.all(
    rules.map((rule) => (MAKERS[rule.kind] as (rule: Rule) => Judge | Promise<Judge>)(rule)),
  );
  return (answer, row) => {
    const verdicts = judges.map((judge) => judge(answer, row));
    const failed = verdicts.find(([score]) => score < 1);
    const score = verdicts.reduce((sum, [one]) => sum + one, 0) / verdicts.length;
    return { passes: failed === undefined, score, reason: failed?.[1] ?? '' };
  };
}

function lengthJudge(
  { least, most }: { readonly least?: number | undefined; readonly most?: number | undefined },
  count: (text: string) => number,
): Judge {
  if (least === undefined && most === undefined)
    throw badRule(say`A length needs a lower or an upper bound.`, say`Say how long answers may be.`);
  requireOrder(least, most);
  return (answer) => {
    const found = count(answer.trim());
    if (isWithin(found, least, most)) return RIGHT;
    // the nearer, the better
    const share = found < (least ?? 0) ? found / least! : most! / found;
    return [Math.min(0.99, share), say`Its length is ${number(found)}.`];
  };
}

function requireOrder(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): void {
  if (least > most)
    throw badRule(say`Nothing is from ${number(least)} to ${number(most)}.`, say`Swap the two bounds.`);
}

const isWithin = (value: number, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY) =>
  value >= least && value <= most;

/** The last number in a text; groups of three may be parted by commas or spaces. */
function lastNumber(text: string): number | null {
  const found = text.match(/-?\d+(?:[,\u00a0\u202f]\d{3}(?!\d))*(?:\.\d+)?/g)?.at(-1);
  return found === undefined ? null : Number(found.replace(/[,\u00a0\u202f]/g, ''));
}

function wantedOf({ answer }: JudgedRow): string {
  if (answer !== undefined) return answer;
  throw badRule(
    say`This rule compares with the row’s answer, and there are rows without one.`,
    say`Give rows with answers, or choose another rule.`,
  );
}

/** The share of fields or entries that are the same on both sides; 1 where all of it is. */
function sharedFields(one: unknown, other: unknown): number {
  if (!isRecord(one) || !isRecord(other)) return isSame(one, other) ? 1 : 0;
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  if (names.length === 0) return 1;
  const same = names.filter((name) => Object.hasOwn(one, name) && isSame(one[name], other[name]));
  return same.length / names.length;
}

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, i) => isSame(value, other[i]));
  if (isRecord(one) && isRecord(other)) return sharedFields(one, other) === 1;
  return one === other;
}

function schemaOf(text: string) {
  const schema = parsedJson(text);
  if (!isRecord(schema))
    throw badRule(
      say`The schema isn’t a JSON object.`,
      say`Give a JSON schema, such as one with “type” and “properties”.`,
    );
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw badRule(
      say`The schema can’t be read: ${why}`,
      say`Leave that part out, or check it in a function.`,
    );
  }
}

function patternOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'su');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw badRule(say`The pattern can’t be read: ${why}`, say`Write a regular expression, such as ^\\d+$.`);
  }
}
