/**
 * Checks a configuration against the rows of its settings and fills in what is left out. What is wrong becomes one error that a person can
 * act on: every wrong setting by the name under which it was given (a flag, or a key of a file), what it accepts, and what came.
 */
import type { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { listed, type Machine, type Setting } from '../../../common/settings/row.ts';
import { type ConfigOf, valueAt } from '../../../common/settings/table.ts';
import { closest } from './closest.ts';
import { usualThreads } from './cores.ts';
import { expected, oneOf, schemaOf } from './schema.ts';

/** How an error calls the setting at `path` (`lora.rank`): a key of a file, or a flag. */
export type SettingNaming = (path: string) => string;

type Tree = Record<string, unknown>;

const MACHINE: Machine = { cores: usualThreads };

/**
 * What depends on others stands behind the rest of a saved run where it was left out, in this order; first those of `sparse` rows. A new
 * setting that settles comes after these.
 */
const FILLED_IN = [
  ...['maxLength', 'tokensPerMicroBatch', 'threads', 'epochs', 'learningRate', 'samplePrompts'],
  ...['newTokens', 'sheet', 'weightDecay', 'heldOut'],
];

/** A parser of the settings of `rows`. It throws `AppError('bad-config')` that names every wrong setting. */
export function parserOf<const Rows extends readonly Setting[]>(
  rows: Rows,
): (input: unknown, name?: SettingNaming) => ConfigOf<Rows> {
  const schema = schemaOf(rows).superRefine((given, context) => {
    for (const message of refusalsOf(rows, given)) context.addIssue({ code: 'custom', message });
  });
  const settling = settlingOrder(rows);
  return (input, name = (path) => `"${path}"`) => {
    const { success, data, error } = schema.safeParse(input);
    if (success) return settled(settling, data) as ConfigOf<Rows>;
    const messages = error.issues.flatMap((issue) => messagesOf(issue, rows, input, name));
    throw new AppError('bad-config', [...new Set(messages)].join('\n'), '');
  };
}

function settlingOrder(rows: readonly Setting[]): Setting[] {
  const place = ({ name, sparse }: Setting) => {
    const found = FILLED_IN.indexOf(name);
    return sparse ? -1 : found < 0 ? FILLED_IN.length : found;
  };
  return rows.filter(({ settle }) => settle).toSorted((a, b) => place(a) - place(b));
}

/** The values that hold: defaults that depend on others filled in, and what has no meaning left out. */
function settled(rows: readonly Setting[], given: Tree): Tree {
  const config: Tree = { ...given };
  for (const { name, settle, sparse } of rows) {
    const value = settle!(valueAt(given, name) as never, given, MACHINE);
    const [outer = '', leaf] = name.split('.');
    if (sparse || value === undefined) delete config[outer];
    if (value === undefined) continue;
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
      ...listed(row.allowed?.(value as never, given) ?? null),
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
      `${what} must be an object of settings; got ${shown(path === '' ? input : valueAt(input, path))}.`,
    ];
  }
  const value = valueAt(input, row.name);
  if (value === undefined) return [`${name(row.name)} is missing: ${row.about}.`];
  return [`${name(row.name)} must be ${expected(row.type)}; got ${shown(value)}.`];
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

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
