/**
 * Checks a configuration against the rows of its settings and fills in what is left out. What is wrong becomes one error that a person can
 * act on: every wrong setting by the name under which it was given (a flag, or a key of a file), what it accepts, and what came.
 */
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { type Machine, refusalsIn, type Setting, type Type } from '../../../common/settings/row.ts';
import { type ConfigOf, valueAt, withImplied } from '../../../common/settings/table.ts';
import { closest, ofRow } from '../../../common/values.ts';
import { usualThreads } from '../../processes.ts';

/** How an error calls the setting at `path` (`lora.rank`): a key of a file, or a flag. */
export type SettingNaming = (path: string) => string;

type Tree = Record<string, unknown>;

const MACHINE: Machine = { cores: usualThreads };

/** A parser of the settings of `rows`. It throws `AppError('bad-config')` that names every wrong setting. */
export function parserOf<const Rows extends readonly Setting[]>(
  rows: Rows,
): (input: unknown, name?: SettingNaming) => ConfigOf<Rows> {
  // at its first use: a process parses few of the tables
  let schema: z.ZodObject | undefined;
  return (input, name = (path) => `"${path}"`) => {
    schema ??= schemaOf(rows).superRefine((given, context) => {
      for (const message of refusalsOf(rows, given)) context.addIssue({ code: 'custom', message });
    });
    const { success, data, error } = schema.safeParse(input);
    if (success) return settled(rows, data) as ConfigOf<Rows>;
    const messages = error.issues.flatMap((issue) => messagesOf(issue, rows, input, name));
    throw new AppError('bad-config', [...new Set(messages)].join('\n'), '');
  };
}

/** The values that hold, in the order of the rows: defaults that depend on others filled in, and what has no meaning left out. */
function settled(rows: readonly Setting[], given: Tree): Tree {
  const config: Tree = {};
  const beside = withImplied(given);
  for (const { name, settle } of rows) {
    const named = valueAt(beside, name);
    const value = settle ? ofRow(settle, named, beside, MACHINE) : named;
    if (value === undefined) continue;
    const [outer = '', leaf] = name.split('.');
    config[outer] = leaf === undefined ? value : { ...(config[outer] as Tree), [leaf]: value };
  }
  return config;
}

/** What stands against settings beside each other, with their names in braces. */
function refusalsOf(rows: readonly Setting[], given: Tree): string[] {
  return rows.flatMap((row) => {
    const value = valueAt(given, row.name);
    const among = 'of' in row.type ? row.type.of : undefined;
    const isOther = among !== undefined && value !== undefined && !among.includes(value as number);
    return [
      ...(isOther ? [`{${row.name}} must be ${oneOf(among)}; got ${value}`] : []),
      ...refusalsIn(ofRow(row.allowed, value, given) ?? null),
    ];
  });
}

function messagesOf(
  issue: z.core.$ZodIssue,
  rows: readonly Setting[],
  input: unknown,
  name: SettingNaming,
): string[] {
  const known = rows.filter(({ flag }) => flag !== false);
  const path = issue.path.join('.');
  if (issue.code === 'custom')
    return [`${issue.message.replace(/\{([\w.]+)\}/g, (_, key: string) => name(key))}.`];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path === '' ? key : `${path}.${key}`, known, name));
  }
  const row = known.find((one) => path === one.name || path.startsWith(`${one.name}.`));
  if (!row) {
    const what = path === '' ? 'A configuration' : name(path);
    return [
      `${what} must be an object of settings; got ${quote(path === '' ? input : valueAt(input, path))}.`,
    ];
  }
  const value = valueAt(input, row.name);
  if (value === undefined) return [`${name(row.name)} is missing: ${row.about}.`];
  return [`${name(row.name)} must be ${expected(row.type)}; got ${quote(value)}.`];
}

function unknownKey(key: string, known: readonly Setting[], name: SettingNaming): string {
  const leaf = key.split('.').at(-1) ?? key;
  const kebab = leaf.replace(/_/g, '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const camel = leaf.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
  const meant =
    known.find((row) => row.name.split('.').at(-1) === camel || row.alsoCalled?.includes(kebab))?.name ??
    closest(
      key,
      known.map((row) => row.name),
    );
  return `There is no setting ${name(key)}.${meant ? ` Did you mean "${meant}"?` : ''}`;
}

function quote(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The schema of settings, made from their rows, and what a row accepts in words. */

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
