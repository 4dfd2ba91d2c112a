/**
 * Turns what zod finds wrong into one error that a person can act on: every wrong field by the name under which it
 * was given (a flag, or a key of a file), what it accepts, and what came.
 */
import type { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { closest } from './closest.ts';
import { expected, type Field, type FieldName, fieldsOf } from './fields.ts';

/** Parses `input` with `schema`, whose fields are those of `fields`. Throws `AppError('bad-config')`. */
export function parseWith<S extends z.ZodType>(
  schema: S,
  fields: z.ZodObject,
  input: unknown,
  name: FieldName = (path) => `"${path}"`,
): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const known = fieldsOf(fields);
  const messages = new Set(result.error.issues.flatMap((issue) => messagesOf(issue, known, input, name)));
  throw new AppError('bad-config', [...messages].join('\n'), '');
}

function messagesOf(
  issue: z.core.$ZodIssue,
  known: readonly Field[],
  input: unknown,
  name: FieldName,
): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'custom') {
    return [`${issue.message.replace(/\{([\w.]+)\}/g, (_, key: string) => name(key))}.`];
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path === '' ? key : `${path}.${key}`, known, name));
  }
  const field = known.find((one) => path === one.path || path.startsWith(`${one.path}.`));
  if (!field) {
    const what = path === '' ? 'A configuration' : name(path);
    return [`${what} must be an object of settings; got ${shown(valueAt(input, issue.path))}.`];
  }
  const value = valueAt(input, field.path.split('.'));
  if (value === undefined) return [`${name(field.path)} is missing: ${field.doc.about}.`];
  return [`${name(field.path)} must be ${expected(field.type)}; got ${shown(value)}.`];
}

function unknownKey(key: string, known: readonly Field[], name: FieldName): string {
  const leaf = key.split('.').at(-1) ?? key;
  const kebab = leaf.replace(/_/g, '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const camel = leaf.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
  const paths = known.map((field) => field.path);
  const meant =
    known.find((field) => field.path.split('.').at(-1) === camel || field.doc.alsoCalled?.includes(kebab))
      ?.path ?? closest(key, paths);
  return `There is no setting ${name(key)}.${meant ? ` Did you mean "${meant}"?` : ''}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
