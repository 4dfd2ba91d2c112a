/** The schema of settings, made from their rows, and what a row accepts in words. */
import { z } from 'zod';
import type { Setting, Type } from '../../../common/settings/row.ts';

/** A strict object of the settings; names with a dot are inside an object of their own. */
export function schemaOf(rows: readonly Setting[]): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  for (const row of rows) {
    const [outer = '', leaf] = row.name.split('.');
    if (leaf === undefined) shape[outer] = memberOf(row);
    else shape[outer] ??= objectOf(rows.filter(({ name }) => name.startsWith(`${outer}.`)));
  }
  return z.strictObject(shape);
}

/** An object may be left out: it has its defaults then, or, where its settings have none, it is not there. */
function objectOf(rows: readonly Setting[]): z.ZodType {
  const inner = z.strictObject(
    Object.fromEntries(rows.map((row) => [row.name.split('.')[1]!, memberOf(row)])),
  );
  return rows.some(({ required }) => required) ? inner.optional() : inner.prefault({});
}

function memberOf(row: Setting): z.ZodType {
  const type = typeOf(row.type);
  if (row.required) return type;
  return row.default === undefined ? type.optional() : type.default(row.default);
}

function typeOf(type: Type): z.ZodType {
  const text = z.string().min(1);
  switch (type.kind) {
    case 'boolean':
      return z.boolean();
    case 'choice':
      return z.enum(type.choices as [string, ...string[]]);
    case 'number':
    case 'integer': {
      const number = (type.kind === 'integer' ? z.int() : z.number()).min(type.min).max(type.max);
      return type.word === undefined ? number : z.union([z.literal(type.word), number]);
    }
    case 'path':
      return text;
    case 'paths':
      return z.union([text, z.array(text).min(1)]);
    case 'texts':
      return z.union([text, z.array(text)]);
    case 'names': {
      const names = z.array(text).min(1);
      return type.word === undefined ? names : z.union([z.literal(type.word), names]);
    }
    case 'text': {
      const limited = z.string().max(type.most ?? Number.POSITIVE_INFINITY);
      const least = type.mayBeEmpty ? limited : limited.min(1);
      return type.pattern ? least.regex(type.pattern) : least;
    }
  }
}

/** What a type accepts, in words that follow "must be": `a whole number from 1 to 4096`. */
export function expected(type: Type): string {
  switch (type.kind) {
    case 'boolean':
      return 'true or false';
    case 'choice':
      return oneOf(type.choices);
    case 'number':
    case 'integer': {
      const kind = type.kind === 'integer' ? 'a whole number' : 'a number';
      return `${type.word === undefined ? '' : `${type.word} or `}${kind} from ${type.min} to ${type.max}`;
    }
    case 'names':
      return type.word === undefined ? 'a list of names' : `${type.word} or a list of names`;
    case 'paths':
    case 'texts':
      return 'a text that is not empty or a list of names';
    default:
      return 'a text that is not empty';
  }
}

/** `4, 8 or 16`. */
export function oneOf(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
