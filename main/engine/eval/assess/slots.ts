/**
 * Sentences from attributes, and attributes from sentences: which attributes (`name[Blue Spice], food[French]`) recur in prompts and wanted
 * answers, and which of their values an answer names or invents.
 */

import { isRecord } from '../../../../common/values.ts';
import { hasUnspaced } from '../../../../common/words/unspaced.ts';

export interface Attribute {
  readonly key: string;
  readonly value: string;
  /** Where the value stands in the text; -1 where it is written otherwise there. */
  readonly at: number;
}

const KEY = String.raw`[\p{L}][\p{L}\p{N}_ -]{0,30}?`;

/** How attributes are written, the strictest first. */
const FORMATS: readonly ((text: string) => Attribute[])[] = [
  ofJson,
  ofPattern(new RegExp(String.raw`(${KEY})\s*\[([^\[\]]*)\]`, 'dgu')),
  ofPattern(new RegExp(String.raw`(?<=^|[,;|\n])[\s*-]*(${KEY})\s*[:=]\s*([^,;|\n]*[^,;|\s])`, 'dgu')),
];

function ofJson(text: string): Attribute[] {
  try {
    const value: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    if (!isRecord(value)) return [];
    return Object.entries(value).flatMap(([key, one]) =>
      [one].flat().flatMap((each) => (isScalar(each) ? [{ key, value: String(each), at: -1 }] : [])),
    );
  } catch {
    return [];
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function ofPattern(pattern: RegExp): (text: string) => Attribute[] {
  return (text) =>
    [...text.matchAll(pattern)].map(({ 1: key, 2: value, indices }) => ({
      key: key!.trim(),
      value: value!,
      at: indices![2]![0],
    }));
}

const patterns = new Map<string, RegExp | null>();
const MOST_PATTERNS = 10_000;

/** Finds `value` in a text, as whole words, whatever stands between them; null for one without a letter or digit. */
function patternOf(value: string): RegExp | null {
  const kept = patterns.get(value);
  if (kept !== undefined) return kept;
  const words = value.normalize('NFC').match(/[\p{L}\p{M}\p{N}]+/gu);
  const core = words?.join(String.raw`[^\p{L}\p{N}]+`) ?? '';
  const whole = hasUnspaced(value) ? core : String.raw`(?<![\p{L}\p{N}])${core}(?![\p{L}\p{N}])`;
  const pattern = words ? new RegExp(whole, 'giu') : null;
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(value, pattern);
  return pattern;
}

/** Whether `text` names `value`. */
export function names(text: string, value: string): boolean {
  const pattern = patternOf(value);
  return pattern !== null && text.normalize('NFC').search(pattern) >= 0;
}

/** A text in parts: what stands there, and the slots in which the values stood, the longest values found first. */
export type Template = readonly (string | { readonly slot: number })[];

/** `text` with a slot wherever it names one of `values`; the slot's number is the value's place. */
export function templateOf(text: string, values: readonly string[]): Template {
  const longestFirst = [...values.keys()].sort((a, b) => values[b]!.length - values[a]!.length);
  let parts: Template = [text.normalize('NFC')];
  for (const slot of longestFirst) {
    const pattern = patternOf(values[slot]!);
    if (!pattern) continue;
    parts = parts.flatMap((part) => {
      if (typeof part !== 'string') return [part];
      const rest = part.split(pattern);
      return rest.flatMap((one, i) => (i === 0 ? [one] : [{ slot }, one]));
    });
  }
  return parts.filter((part) => part !== '');
}

/** Attributes whose values recur in the other side of a row, as the training rows show. */
export interface Slots {
  /** Where attributes are listed. */
  readonly side: 'text' | 'answer';
  /** Of such a list the attributes that are slots, and those whose values are told in other words. */
  attributesOf(list: string): { readonly slots: Attribute[]; readonly others: Attribute[] };
  /** Values that an answer names only where its prompt has them. */
  readonly values: readonly string[];
}

interface AnsweredPrompt {
  readonly text: string;
  readonly answer: string;
}

/** Of rows that have an attribute, its value is on the other side of so many where it is a slot. */
const RECURS = 0.5;
/** Rows that have the attribute at least. */
const FEWEST = { rows: 3, share: 0.05 };
/** Rows that have a slot, where one side is a list of attributes. */
const NEARLY_ALL = 0.8;
/** Answers that name a value have it in their prompts: with less, the word means something else as well. */
const MEANS_IT = 0.95;
/** Rows that are looked at. */
const MOST_ROWS = 1000;

/** The slots of the training's rows; null where neither prompts nor answers are lists of attributes. */
export function slotsOf(all: readonly AnsweredPrompt[]): Slots | null {
  const rows = all.slice(0, MOST_ROWS);
  return slotsIn(rows, 'text') ?? slotsIn(rows, 'answer');
}

function slotsIn(rows: readonly AnsweredPrompt[], side: Slots['side']): Slots | null {
  const others = rows.map((row) => row[side === 'text' ? 'answer' : 'text']);
  for (const format of FORMATS) {
    const found = rows.map((row) => format(row[side]));
    const keys = recurringKeys(others, found);
    const having = found.filter((attributes) => attributes.some(({ key }) => keys.has(key)));
    if (keys.size === 0 || having.length < NEARLY_ALL * rows.length) continue;
    const isSlot = ({ key }: Attribute) => keys.has(key);
    return {
      side,
      attributesOf: (list) => {
        const attributes = format(list);
        return {
          slots: attributes.filter(isSlot),
          others: attributes.filter((one) => !isSlot(one)),
        };
      },
      values: tellingValues(
        rows,
        found.flatMap((attributes) => attributes.filter(isSlot).map(({ value }) => value)),
      ),
    };
  }
  return null;
}

function recurringKeys(others: readonly string[], found: readonly (readonly Attribute[])[]): Set<string> {
  const counts = new Map<string, { rows: number; named: number; values: Set<string> }>();
  for (const [i, attributes] of found.entries())
    for (const { key, value } of attributes) {
      const count = counts.get(key) ?? { rows: 0, named: 0, values: new Set() };
      count.rows++;
      count.values.add(value);
      if (names(others[i]!, value)) count.named++;
      counts.set(key, count);
    }
  const fewest = Math.max(FEWEST.rows, FEWEST.share * others.length);
  const recurs = [...counts].filter(
    ([, count]) => count.rows >= fewest && count.values.size > 1 && count.named >= RECURS * count.rows,
  );
  return new Set(recurs.map(([key]) => key));
}

function tellingValues(rows: readonly AnsweredPrompt[], values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => {
    const naming = rows.filter(({ answer }) => names(answer, value));
    const having = naming.filter(({ text }) => names(text, value));
    return naming.length > 0 && having.length >= MEANS_IT * naming.length;
  });
}

/** Of one answer, how many values it had to name and does, and how many it names and invents. */
export interface NamedSlots {
  readonly wanted: number;
  readonly present: number;
  readonly named: number;
  readonly invented: number;
}

/** What `said` names of the values that prompt and `wanted` name, and which known values it names that the prompt does not have. */
export function namedSlots(slots: Slots, prompt: string, said: string, wanted: string): NamedSlots {
  const list = slots.side === 'text' ? prompt : wanted;
  const values = slots.attributesOf(list).slots.map(({ value }) => value);
  const asked = values.filter((value) => names(prompt, value) && names(wanted, value));
  const known = [...new Set([...values, ...slots.values])];
  const named = templateOf(said, known).flatMap((part) =>
    typeof part === 'string' ? [] : [known[part.slot]!],
  );
  const distinct = [...new Set(named)];
  return {
    wanted: asked.length,
    present: asked.filter((value) => names(said, value)).length,
    named: distinct.length,
    invented: distinct.filter((value) => !names(prompt, value)).length,
  };
}
