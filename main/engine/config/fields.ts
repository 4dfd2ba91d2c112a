/**
 * What people read about a configuration field, attached to its schema: `--help`, error messages and the app's
 * forms all take their words from here.
 */
import { z } from 'zod';

/** The words for one field. */
export interface FieldDoc {
  /** What it does, in one line. */
  readonly about: string;
  /** Heading under which help lists it. */
  readonly group: string;
  /** Placeholder of its value, such as `FILE`; derived from the type when left out. */
  readonly value?: string;
  /** The default in words, where it depends on other fields. */
  readonly fallback?: string;
  /** Names that other tools use for it, in flag spelling; suggested when someone types them. */
  readonly alsoCalled?: readonly string[];
  /** What its flag is called where that is not the name of the field. */
  readonly flag?: string;
  /** Whether its flag may be given several times; the values become a list. */
  readonly repeats?: true;
}

/** How an error calls the field at `path` (`lora.rank`): a key of a file, or a flag. */
export type FieldName = (path: string) => string;

const DOCS = z.registry<FieldDoc>();

/** Attaches `doc` to a schema and returns the schema. */
export function documented<S extends z.ZodType>(schema: S, doc: FieldDoc): S {
  DOCS.add(schema, doc);
  return schema;
}

/** A leaf of a configuration schema. */
export interface Field {
  /** Keys from the root, joined by dots: `lora.rank`. */
  readonly path: string;
  readonly schema: z.ZodType;
  /** The type without default and optionality. */
  readonly type: z.ZodType;
  readonly required: boolean;
  /** The default where it is a constant. */
  readonly fixedDefault: unknown;
  readonly doc: FieldDoc;
}

/** All documented leaves of `schema`, nested objects included, in the order they are written. */
export function fieldsOf(schema: z.ZodObject, prefix = ''): Field[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, member]) => {
    const { type, required, fixedDefault } = unwrap(member);
    if (type instanceof z.ZodObject) return fieldsOf(type, `${prefix}${key}.`);
    const doc = DOCS.get(member);
    if (!doc) return [];
    return [{ path: `${prefix}${key}`, schema: member, type, required, fixedDefault, doc }];
  });
}

/** What a field accepts, in words that follow "must be": `a whole number from 1 to 4096`. */
export function expected(type: z.ZodType): string {
  if (type instanceof z.ZodEnum) return oneOf(type.options.map(String));
  if (type instanceof z.ZodLiteral) return String(type.value);
  if (type instanceof z.ZodBoolean) return 'true or false';
  if (type instanceof z.ZodArray) return 'a list of names';
  if (type instanceof z.ZodUnion) return (type.options as z.ZodType[]).map(expected).join(' or ');
  if (type instanceof z.ZodNumber) return numberRange(type);
  return 'a text that is not empty';
}

function numberRange(type: z.ZodNumber): string {
  const kind = type.format === 'safeint' ? 'a whole number' : 'a number';
  return `${kind} from ${type.minValue} to ${type.maxValue}`;
}

function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function unwrap(schema: z.ZodType): { type: z.ZodType; required: boolean; fixedDefault: unknown } {
  if (schema instanceof z.ZodOptional)
    return { type: schema.unwrap() as z.ZodType, required: false, fixedDefault: undefined };
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { type: schema.unwrap() as z.ZodType, required: false, fixedDefault: schema.def.defaultValue };
  }
  return { type: schema, required: true, fixedDefault: undefined };
}
