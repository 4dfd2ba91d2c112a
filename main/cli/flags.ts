/**
 * The flags of a command, derived from the configuration's schema so that names, ranges and explanations exist
 * once. `lora.rsLora` becomes `--rs-lora`.
 */
import { z } from 'zod';
import { type Field, type FieldDoc, fieldsOf } from '../engine/config/fields.ts';

/** One `--flag`. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  readonly about: string;
  readonly group: string;
  /** Placeholder of its value; undefined for a switch. */
  readonly value?: string;
  readonly required?: boolean;
  /** The default in words. */
  readonly fallback?: string;
  /** Whether `--no-name` turns it off, and whether that is the more useful form. */
  readonly negatable?: boolean;
  readonly onByDefault?: boolean;
  readonly alsoCalled?: readonly string[];
  /** Given several times, its values become a list. */
  readonly repeats?: true;
  /** The configuration field that it sets. */
  readonly field?: Field;
}

export const JSON_FLAG: Flag = {
  name: 'json',
  about: 'print machine-readable JSON on stdout, and nothing else there',
  group: 'Output',
};

export const HELP_FLAG: Flag = { name: 'help', about: 'show this help', group: 'Output' };

/** One flag for each leaf of `schema`. */
export function flagsOf(schema: z.ZodObject): Flag[] {
  return fieldsOf(schema).map((field) => {
    const value = placeholder(field.type, field.doc);
    const fallback = field.doc.fallback ?? defaultInWords(field);
    return {
      name: field.doc.flag ?? flagName(field.path),
      about: field.doc.about,
      group: field.doc.group,
      required: field.required,
      negatable: value === undefined,
      onByDefault: field.fixedDefault === true,
      ...(value === undefined ? {} : { value }),
      ...(fallback === undefined ? {} : { fallback }),
      ...(field.doc.alsoCalled ? { alsoCalled: field.doc.alsoCalled } : {}),
      ...(field.doc.repeats ? { repeats: true } : {}),
      field,
    };
  });
}

/** The flag, without dashes, that sets the field at `path`. */
export function flagName(path: string): string {
  const leaf = path.split('.').at(-1) ?? path;
  return leaf.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The value of `field` that `text` stands for; text that does not fit is kept, so that the schema can complain. */
export function typedValue(field: Field, text: string): unknown {
  return convert(field.type, text);
}

function convert(type: z.ZodType, text: string): unknown {
  if (type instanceof z.ZodNumber) {
    return /^[-+.\d]/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
  }
  if (type instanceof z.ZodBoolean) return { true: true, false: false }[text] ?? text;
  if (type instanceof z.ZodArray) return text.split(',').map((part) => part.trim());
  if (!(type instanceof z.ZodUnion)) return text;
  const options = type.options as z.ZodType[];
  const other = options.find((option) => !(option instanceof z.ZodLiteral));
  return other && !options.some((option) => option.safeParse(text).success) ? convert(other, text) : text;
}

function placeholder(type: z.ZodType, doc: FieldDoc): string | undefined {
  if (doc.value) return doc.value;
  if (type instanceof z.ZodBoolean) return undefined;
  if (type instanceof z.ZodEnum) return type.options.join('|');
  return type instanceof z.ZodNumber ? 'N' : 'TEXT';
}

function defaultInWords(field: Field): string | undefined {
  if (field.fixedDefault === undefined || field.fixedDefault === false) return undefined;
  return field.fixedDefault === true ? 'on' : String(field.fixedDefault);
}
