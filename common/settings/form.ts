/** The settings of a run as the application's forms show them: kind, limits, names and words, all from their rows. */
import { capitalised, isRecord, ofRow } from '../values.ts';
import { number } from '../words/format.ts';
import { said, say } from '../words/language.ts';
import { type Beside, refusalsIn, type Setting, type Type } from './row.ts';
import { ROWS, settingOf, valueAt, withImplied } from './table.ts';

/** One setting, for the switch "All settings". */
export interface SettingInfo {
  /** With a dot for settings of LoRA: `lora.rank`. */
  readonly name: string;
  readonly about: string;
  readonly group: string;
  readonly kind: 'number' | 'integer' | 'boolean' | 'choice' | 'text';
  readonly choices: readonly string[];
  readonly min: number | null;
  readonly max: number | null;
  /** The default in words where it is not one value ("2e-4 for lora, 2e-5 for full"). */
  readonly fallback: string;
  /** Whether it is a list with spaces between its texts. */
  readonly spaced?: true;
}

/** Groups of settings that are no hyper-parameters: where files are, what computes. */
const OTHER_GROUPS = ['Files', 'Machine'];

/** All settings of a training run but files, data and machine, in the order of the table. */
export function settingInfos(): SettingInfo[] {
  return ROWS.filter(
    ({ group, ownPlace, flag }) => !OTHER_GROUPS.includes(group) && !ownPlace && flag !== false,
  ).map((row) => ({
    name: row.name,
    about: plainFlags(row.about),
    group: row.group,
    ...typeInfo(row),
    fallback: plainFlags(row.fallback ?? defaultInWords(row)),
  }));
}

/** A setting that nobody has named. */
const UNSET = Symbol('unset');
/** Numbers of every size that a setting may have. */
const SIZES = [0, 1e-6, 0.1, 1, 10, 100, 1000, 10_000];

/**
 * Whether a setting has an effect beside the others of a run, by the rules of the rows: whether two of its values are allowed, are used,
 * and come to different things.
 */
export function applies(name: string, given: Readonly<Record<string, unknown>>): boolean {
  const row = settingOf(name);
  if (!row) return false;
  const run = { method: 'lora', lora: LIKE_ANY, ...(nestedSettings(given) as object) };
  const without = withValue(run, name, undefined);
  const usual = refusalsOf(without);
  const outcomes = samplesOf(row).flatMap((sample) => {
    const value = sample === UNSET ? undefined : sample;
    const tried = value === undefined ? without : withValue(run, name, value);
    const isText =
      row.type.kind !== 'number' &&
      row.type.kind !== 'integer' &&
      typeof value === 'string' &&
      !isChoice(row);
    if (!isText && refusalsOf(tried).some((refusal) => !usual.includes(refusal))) return [];
    const beside = withImplied(tried as Beside);
    const held = row.settle ? ofRow(row.settle, valueAt(beside, name), beside, { cores: () => 1 }) : value;
    const settled = withValue(run, name, held) as Beside;
    if (value !== undefined && row.unused?.(value, withImplied(settled))) return [];
    return [JSON.stringify(held) ?? ''];
  });
  return new Set(outcomes).size > 1;
}

/** Adapters with which rules can reckon where a run has none. */
const LIKE_ANY = { rank: 16, dropout: 0 };

const isChoice = ({ type }: Setting) => type.kind === 'choice';

/** Values of each sort that the setting may have. */
function samplesOf({ type, default: usual }: Setting): unknown[] {
  const unset = usual === undefined ? [UNSET] : [];
  if (type.kind === 'boolean') return [...unset, true, false];
  if (type.kind === 'choice') return [...unset, ...type.choices];
  if (!('min' in type)) return [UNSET, 'x'];
  const { min, max, of } = type;
  return [...unset, ...(of ?? [min, max, ...SIZES.filter((size) => size > min && size < max)])];
}

/** What stands against settings, each row with its own value. */
function refusalsOf(run: object): string[] {
  return ROWS.flatMap((row) => {
    const value = valueAt(run, row.name) ?? row.default;
    return value === undefined ? [] : refusalsIn(ofRow(row.allowed, value, run as Beside) ?? null);
  });
}

/** The settings with another value at a name that may have a dot. */
function withValue(run: object, name: string, value: unknown): object {
  const [outer, inner] = name.split('.');
  if (inner === undefined) return { ...run, [name]: value };
  const branch = valueAt(run, outer!);
  return { ...run, [outer!]: { ...(isRecord(branch) ? branch : {}), [inner]: value } };
}

function typeInfo({ type }: Setting): Pick<SettingInfo, 'kind' | 'choices' | 'min' | 'max' | 'spaced'> {
  const none = { choices: [], min: null, max: null };
  if (type.kind === 'boolean') return { ...none, kind: type.kind };
  if (type.kind === 'choice') return { ...none, kind: type.kind, choices: type.choices };
  const choices = 'word' in type && type.word !== undefined ? [type.word] : [];
  if (!('min' in type)) return { ...none, kind: 'text', choices, ...('spaced' in type && { spaced: true }) };
  const { kind, min, max, of } = type;
  return of ? { ...none, kind: 'choice', choices: of.map(String) } : { kind, choices, min, max };
}

function defaultInWords({ default: value, type }: Setting): string {
  if (type.kind === 'boolean') return value === true ? 'on' : 'off';
  return value === undefined ? 'not set' : String(value);
}

/** `--max-length` as a form calls it: `maxLength`. */
function plainFlags(text: string): string {
  return text.replace(/--([a-z][a-z-]*)/g, (_, flag: string) =>
    flag.replace(/-(\w)/g, (__, letter: string) => letter.toUpperCase()),
  );
}

/**
 * Settings whose names have a dot (`lora.rank`) as the tree that run.json is; lists may come as text, with commas or spaces by their rows.
 * Anything else is left for the schema to complain about.
 */
export function nestedSettings(given: unknown): unknown {
  if (!isRecord(given)) return given;
  const tree: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const [outer, ...inner] = name.split('.');
    const branch = tree[outer!];
    if (inner.length === 0)
      tree[name] = isRecord(value) && isRecord(branch) ? { ...branch, ...value } : value;
    else tree[outer!] = { ...(isRecord(branch) ? branch : {}), [inner.join('.')]: value };
  }
  return ROWS.reduce<object>((settings, { name, type }) => {
    const list = listIn(type, valueAt(settings, name));
    return list === undefined ? settings : withValue(settings, name, list);
  }, tree);
}

/** The list that a form has as text; undefined for anything else. */
function listIn(type: Type, value: unknown): string[] | undefined {
  if (typeof value !== 'string') return undefined;
  if (type.kind === 'names' && value !== type.word) return value.split(',').map((part) => part.trim());
  return type.kind === 'texts' && type.spaced ? [...tokenList(value)] : undefined;
}

/** New tokens that may come as one text. */
export function tokenList(given: string | readonly string[]): readonly string[] {
  return typeof given === 'string' ? given.split(/\s+/).filter(Boolean) : given;
}

/** A setting's name as people read it; `saveEveryMinutes` is Save every minutes. */
export function settingName(name: string): string {
  const words = name.replace(/([A-Z]|\d+)/g, ' $1').toLowerCase();
  return said(rowOf(name)?.words?.name ?? capitalised(words));
}

/** The heading of a group of settings. */
export function settingGroup(group: string): string {
  return said(group);
}

/** What a setting means, in half a sentence. */
export function settingAbout({ name, about }: Pick<SettingInfo, 'name' | 'about'>): string {
  return said(rowOf(name)?.words?.about ?? about);
}

/** Its default in words. */
export function settingDefault({ name, fallback }: Pick<SettingInfo, 'name' | 'fallback'>): string {
  const usual = rowOf(name)?.words?.usual;
  return usual === undefined ? valueWords(name, fallback) : said(usual);
}

/** A value of a setting in words: a choice by its name, a rate as rates are written, `true` as on. */
export function valueWords(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? say`on` : say`off`;
  const { write, values } = rowOf(name)?.words ?? {};
  if (write && Number.isFinite(Number(value))) return write(Number(value));
  return said(values?.[String(value)] ?? String(value));
}

/** How a number of a setting, or of a plan's field, is written where not as others are. */
export function writerOf(name: string): ((value: number) => string) | undefined {
  return rowOf(name)?.words?.write;
}

/** Which values a number may have; empty where there is no limit worth a word. */
export function rangeWords({ kind, min, max }: Pick<SettingInfo, 'kind' | 'min' | 'max'>): string {
  if (min === null || (kind !== 'number' && kind !== 'integer')) return '';
  const isOpen = max === null || max >= 1e6;
  // the least number that the engine takes is there to rule out 0
  if (min > 0 && min < 1e-3) return isOpen ? say`above 0` : say`above 0, at most ${short(max)}`;
  return isOpen ? say`at least ${short(min)}` : say`${short(min)} to ${short(max)}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value);
}

/** The row of run.json, or of a plan's field, of that name. */
function rowOf(name: string): Setting | undefined {
  return settingOf(name) ?? ROWS.find(({ plan }) => plan?.field === name);
}
