/** Row checks of what only some rows have: two answers to a question, ratings, and tools. */

import { z } from 'zod';
import { percent, plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import type { LooseRow } from '../../loose-row.ts';
import type { Tool } from '../../tool-calls.ts';
import type { CorpusCheck, FindingKind, RowCheck } from '../finding.ts';
import { betterAndWorse } from '../row-parts.ts';

const EQUAL: FindingKind = {
  code: 'equal-answers',
  title: 'Better and worse answer are the same',
  severity: 'harm',
  why: 'Such a pair says nothing, and training on it only costs time.',
  rule: 'The answers are equal but for spaces at their ends.',
  fix: { name: 'equal-answers', does: 'Leave these rows out', safe: true },
};

export const equalAnswers: RowCheck = {
  kind: EQUAL,
  find: ({ row }) => {
    const answers = betterAndWorse(row);
    return answers && answers.better.trim() === answers.worse.trim() ? { text: answers.better, at: 0 } : null;
  },
  repair: (row) => {
    const answers = betterAndWorse(row);
    return answers && answers.better.trim() === answers.worse.trim() ? null : row;
  },
};

const CONTRADICTORY: FindingKind = {
  code: 'contradictory-pairs',
  title: 'Contradictory pairs',
  severity: 'harm',
  why: 'The model is pulled to both sides and learns neither.',
  rule: 'Two rows have the same question and the same two answers, and each calls another one better.',
  fix: { name: 'contradictory-pairs', does: 'Leave these rows out', safe: false },
};

export const contradictoryPairs: CorpusCheck = {
  kind: CONTRADICTORY,
  conclude: ({ corpus, gone }) => {
    const found = corpus.pairs.contradictions.filter((pair) => pair.every((row) => !gone[row]));
    if (found.length === 0) return null;
    const rows = [...new Set(found.flat())].sort((a, b) => a - b);
    const examples = found.slice(0, 3).map(([first, second]) => ({
      row: second,
      beside: { row: first, of: 'data' as const },
    }));
    return { rows: rows.length, examples, drop: Uint32Array.from(rows) };
  },
};

const LONGER: FindingKind = {
  code: 'longer-answers',
  title: 'Better answers are longer',
  severity: 'warning',
  why: 'The model learns to write more, even where that is not what made the answers better.',
  rule: 'In more than three of four pairs the better answer is the longer one, and in all it is half as long again. People tend to prefer longer answers (Singhal and others, 2310.03716).',
  fix: null,
};

/** Below these it may be chance, or no harm. */
const FEWEST_PAIRS = 20;
const MOST_LONGER = 0.75;
const MOST_RATIO = 1.5;

export const longerAnswers: CorpusCheck = {
  kind: LONGER,
  conclude: ({ corpus: { pairs } }) => {
    const share = pairs.longer / Math.max(1, pairs.count);
    const ratio = pairs.betterCharacters / Math.max(1, pairs.worseCharacters);
    if (pairs.count < FEWEST_PAIRS || share <= MOST_LONGER || ratio <= MOST_RATIO) return null;
    return {
      rows: pairs.longer,
      examples: pairs.longest.map((row) => ({ row })),
      detail: say`The better answer is longer in ${percent(share)} of ${plural(pairs.count, 'pair')}.`,
    };
  },
};

const WRONG_CALLS: FindingKind = {
  code: 'wrong-calls',
  title: 'Calls that don’t fit their tool',
  severity: 'harm',
  why: 'The model would learn to call tools that are not there, or with arguments that they refuse.',
  rule: 'The tools of the row have no tool of that name, or its JSON schema refuses the arguments: one is missing, of another type, or not among the values allowed. Patterns and formats are not checked.',
  fix: { name: 'wrong-calls', does: 'Leave these rows out', safe: false },
};

export const wrongCalls: RowCheck = {
  kind: WRONG_CALLS,
  find: ({ row }) => {
    const text = problemOf(row);
    return text === null ? null : { text, at: 0 };
  },
  repair: (row) => (problemOf(row) === null ? row : null),
};

/** What is wrong with the first wrong call of a row; null where all fit, or where no tools say what does. */
function problemOf({ turns, tools }: LooseRow): string | null {
  if (!tools) return null;
  for (const { name, arguments: given } of turns.flatMap(({ calls = [] }) => calls)) {
    const tool = tools.find((one) => one.function.name === name);
    if (!tool) return say`there is no tool “${name}”`;
    const problem = schemaOf(tool)?.safeParse(given).error?.issues[0];
    if (problem) return `${[name, ...problem.path.map(String)].join('.')}: ${problem.message}`;
  }
  return null;
}

/** Schemas that were made, by their text: the rows of a file have the same few tools. */
const SCHEMAS = new Map<string, z.ZodType | null>();
const MOST_SCHEMAS = 1000;

function schemaOf({ function: { parameters } }: Tool): z.ZodType | null {
  if (!parameters) return null;
  const key = JSON.stringify(parameters);
  const known = SCHEMAS.get(key);
  if (known !== undefined) return known;
  const made = madeSchema(key);
  if (SCHEMAS.size < MOST_SCHEMAS) SCHEMAS.set(key, made);
  return made;
}

/** What a data file brings must not keep a regular expression busy. */
const NOT_CHECKED = new Set([
  'pattern',
  'patternProperties',
  'propertyNames',
  'format',
  'default',
  '$schema',
  '$id',
]);
/** Names that Python's types have in data of older tools. */
const TYPES: Readonly<Record<string, string>> = {
  dict: 'object',
  float: 'number',
  int: 'integer',
  str: 'string',
  bool: 'boolean',
  list: 'array',
  tuple: 'array',
};

/** Null for a schema that cannot be understood: it refuses nothing. */
function madeSchema(json: string): z.ZodType | null {
  try {
    return z.fromJSONSchema(plainSchema(JSON.parse(json)) as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return null;
  }
}

function plainSchema(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const all = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (NOT_CHECKED.has(key)) return [];
    if (key === 'type') return knownType(value);
    if (key === 'properties' || key === '$defs' || key === 'definitions')
      return [[key, mapped(value, plainSchema)]];
    return [
      [
        key,
        Array.isArray(value) && key !== 'enum'
          ? value.map(plainSchema)
          : key === 'const'
            ? value
            : plainSchema(value),
      ],
    ];
  });
  return Object.fromEntries(all);
}

/** A type that no JSON schema knows, such as `any`, refuses nothing. */
function knownType(type: unknown): [string, unknown][] {
  if (typeof type !== 'string') return [['type', type]];
  const known = TYPES[type.toLowerCase()] ?? type.toLowerCase();
  return ['object', 'number', 'integer', 'string', 'boolean', 'array', 'null'].includes(known)
    ? [['type', known]]
    : [];
}

function mapped(value: unknown, map: (one: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, map(one)]));
}
