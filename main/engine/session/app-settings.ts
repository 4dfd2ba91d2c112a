/** The settings of a run as the application's forms show them, from the schema that checks them. */
import { z } from 'zod';
import type { SettingInfo } from '../../../common/protocol/protocol.ts';
import { type Field, fieldsOf } from '../config/fields.ts';
import { RunFields } from '../config/schemas.ts';

/** Groups of fields that are no hyper-parameters: where files are, what computes. */
const OTHER_GROUPS = ['Files', 'Machine'];
/** Fields that have a place of their own in the wizard. */
const ELSEWHERE = ['map', 'promptTemplate', 'system', 'sheet', 'samplePrompts'];

/** All settings of a training run but files, data and machine, in the order of the schema. */
export function settingInfos(): SettingInfo[] {
  return fieldsOf(RunFields)
    .filter(({ path, doc }) => !OTHER_GROUPS.includes(doc.group) && !ELSEWHERE.includes(path))
    .map((field) => ({
      name: field.path,
      about: plainFlags(field.doc.about),
      group: field.doc.group,
      ...(fixedNumbers(field) ?? typeInfo(field.type)),
      fallback: plainFlags(field.doc.fallback ?? defaultInWords(field)),
    }));
}

type TypeInfo = Pick<SettingInfo, 'kind' | 'choices' | 'min' | 'max'>;

function typeInfo(type: z.ZodType): TypeInfo {
  const none = { choices: [], min: null, max: null };
  if (type instanceof z.ZodBoolean) return { kind: 'boolean', ...none };
  if (type instanceof z.ZodEnum) return { kind: 'choice', ...none, choices: type.options.map(String) };
  if (type instanceof z.ZodNumber) {
    const kind = type.format === 'safeint' ? 'integer' : 'number';
    return { kind, choices: [], min: type.minValue, max: type.maxValue };
  }
  if (!(type instanceof z.ZodUnion)) return { kind: 'text', ...none };
  // a word or a value of another type, such as `auto` or a number
  const options = type.options as z.ZodType[];
  const words = options.flatMap((option) => (option instanceof z.ZodLiteral ? [String(option.value)] : []));
  const other = options.find((option) => !(option instanceof z.ZodLiteral));
  return { ...(other ? typeInfo(other) : { kind: 'text' as const, ...none }), choices: words };
}

/** A number that is one of a few, as `4|8|16` in the help of the command line. */
function fixedNumbers({ type, doc }: Field): TypeInfo | null {
  const numbers = doc.value?.split('|') ?? [];
  if (!(type instanceof z.ZodNumber || type instanceof z.ZodOptional) || numbers.length < 2) return null;
  if (!numbers.every((one) => /^\d+$/.test(one))) return null;
  return { kind: 'choice', choices: numbers, min: null, max: null };
}

function defaultInWords({ fixedDefault, type }: Field): string {
  if (type instanceof z.ZodBoolean) return fixedDefault === true ? 'on' : 'off';
  return fixedDefault === undefined ? 'not set' : String(fixedDefault);
}

/** `--max-length` as a form calls it: `maxLength`. */
function plainFlags(text: string): string {
  return text.replace(/--([a-z][a-z-]*)/g, (_, flag: string) =>
    flag.replace(/-(\w)/g, (__, letter: string) => letter.toUpperCase()),
  );
}

/**
 * Settings whose names have a dot (`lora.rank`) as the tree that run.json is; lists may come as text with commas, new tokens with spaces.
 * Anything else is left for the schema to complain about.
 */
export function nestedSettings(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const tree: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const [outer, ...inner] = name.split('.');
    const branch = tree[outer!];
    if (inner.length === 0) tree[name] = isTree(value) && isTree(branch) ? { ...branch, ...value } : value;
    else tree[outer!] = { ...(isTree(branch) ? branch : {}), [inner.join('.')]: value };
  }
  const { lora, newTokens } = tree;
  if (typeof newTokens === 'string') tree.newTokens = newTokens.split(/\s+/).filter(Boolean);
  if (isTree(lora) && typeof lora.targets === 'string' && lora.targets !== 'all-linear')
    tree.lora = { ...lora, targets: lora.targets.split(',').map((part) => part.trim()) };
  return tree;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
