/**
 * The flags of a command, derived from the rows of its settings so that names, ranges and explanations exist once. `lora.rsLora` becomes
 * `--rs-lora`.
 */
import type { Setting, Type } from '../../common/settings/row.ts';

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
  /** The row that it sets. */
  readonly setting?: Setting;
}

export const JSON_FLAG: Flag = {
  name: 'json',
  about: 'print JSON on stdout',
  group: 'Output',
};

export const HELP_FLAG: Flag = { name: 'help', about: 'show this help', group: 'Output' };

/** One flag for each setting that a person may give. */
export function flagsOf(rows: readonly Setting[]): Flag[] {
  return rows
    .filter(({ flag }) => flag !== false)
    .map((row): Flag => {
      const { about, group, alsoCalled, repeats } = row;
      const value = row.value ?? placeholder(row.type);
      const fallback = row.fallback ?? defaultInWords(row);
      return {
        name: flagOf(row),
        about,
        group,
        required: row.required === true,
        negatable: value === undefined,
        onByDefault: row.default === true,
        ...(value !== undefined && { value }),
        ...(fallback !== undefined && { fallback }),
        ...(alsoCalled && { alsoCalled }),
        ...(repeats && { repeats }),
        setting: row,
      };
    });
}

/** The flag of a row, without dashes. */
export function flagOf({ name, flag }: Pick<Setting, 'name' | 'flag'>): string {
  return flag || flagName(name);
}

/** The flag, without dashes, that sets what a configuration calls `name`. */
export function flagName(name: string): string {
  const leaf = name.split('.').at(-1) ?? name;
  return leaf.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The value that `text` stands for; text that does not fit is kept, so that the schema can complain. */
export function typedValue(type: Type, text: string): unknown {
  switch (type.kind) {
    case 'number':
    case 'integer':
      return /^[-+.\d]/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return { true: true, false: false }[text] ?? text;
    case 'names':
      return text === type.word ? text : text.split(',').map((part) => part.trim());
    default:
      return text;
  }
}

function placeholder(type: Type): string | undefined {
  switch (type.kind) {
    case 'boolean':
      return undefined;
    case 'choice':
      return type.choices.join('|');
    case 'number':
    case 'integer':
      return type.of?.join('|') ?? 'N';
    default:
      return 'TEXT';
  }
}

function defaultInWords({ default: value }: Setting): string | undefined {
  if (value === undefined || value === false) return undefined;
  return value === true ? 'on' : String(value);
}
