/** Flags of a command as the arguments of a tool: their JSON Schema, and back from arguments to a command line. */
import type { Setting, Type } from '../../../common/settings/row.ts';
import type { Flag } from '../../cli/arguments.ts';
import { refused, type Use } from './grants.ts';

export interface JsonSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

export type Given = Readonly<Record<string, unknown>>;

/** What `names` of `flags` look like as arguments; `required` are required besides those that the command requires. */
export function schemaOf(
  flags: readonly Flag[],
  names: readonly string[],
  required: readonly string[] = [],
): JsonSchema {
  const shown = names.map((name) => flagNamed(flags, name));
  return {
    type: 'object',
    properties: Object.fromEntries(shown.map((flag) => [flag.name, propertyOf(flag)])),
    required: shown.filter((flag) => flag.required || required.includes(flag.name)).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** The flag of that name; a tool that names another one is a mistake of its table. */
export function flagNamed(flags: readonly Flag[], name: string): Flag {
  const flag = flags.find((one) => one.name === name);
  if (!flag) throw new Error(`internal: there is no flag --${name}`);
  return flag;
}

function propertyOf({ about, fallback, setting, value, repeats }: Flag): object {
  const description = `${about}${fallback === undefined ? '' : ` (default: ${fallback})`}`;
  if (value === undefined) return { type: 'boolean', description };
  // a list of types is less portable: clients that know one type alone refuse it
  if (!setting) return { anyOf: [{ type: 'string' }, { type: 'number' }], description };
  const one = schemaOfValue(setting.type);
  const isList = repeats === true || setting.type.kind === 'paths';
  return isList ? { type: 'array', items: one, minItems: 1, description } : { ...one, description };
}

function schemaOfValue(type: Type): object {
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { enum: type.choices };
    case 'number':
    case 'integer': {
      const number = { type: type.kind, minimum: type.min, maximum: type.max };
      return type.word === undefined ? number : { anyOf: [number, { const: type.word }] };
    }
    default:
      return { type: 'string' };
  }
}

/** The command line for `given`: a value stands in the same word as its flag, so that none can be taken for another flag. */
export function argvOf(flags: readonly Flag[], given: Given): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const flag = flagNamed(flags, name);
    if (flag.value === undefined) return [value === false ? `--no-${name}` : `--${name}`];
    return [value].flat().map((one) => `--${name}=${String(one)}`);
  });
}

/** A path among arguments, and what it is for. */
export interface PathArgument {
  readonly name: string;
  readonly given: string;
  readonly use: Use;
}

const WRITTEN: ReadonlySet<string> = new Set(['out']);
const MODELS: ReadonlySet<string> = new Set(['model', 'encoder']);

/** The paths that a row of settings with that value names. */
export function pathsOf({ name, type }: Pick<Setting, 'name' | 'type'>, value: unknown): PathArgument[] {
  if (value === undefined || value === null) return [];
  if (type.kind !== 'path' && type.kind !== 'paths') return [];
  const use = WRITTEN.has(name) ? 'write' : MODELS.has(name) ? 'model' : 'read';
  return [value].flat().map((one) => {
    const given = String(one);
    if (given.includes('\0')) throw refused('A path holds a zero character.', 'Name a file that is there.');
    return { name, given, use };
  });
}
