/** From the flags of `fettle learn` to a question that the textbook answers; what is wrong is said with the flag's name. */

import type { z } from 'zod';
import type { AppError } from '../../../common/errors.ts';
import { closest } from '../../../common/values.ts';
import { type Arguments, badUsage, type Flag, flagName } from '../../cli/arguments.ts';
import { readCatalog } from '../../hub/catalog.ts';
import { resourcesFolder } from '../../paths.ts';
import { type ModelShape, shapeOf } from '../../plan/shapes.ts';

const SIZES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };

export const MODEL_FLAGS: readonly Flag[] = [
  {
    name: 'parameters',
    value: 'N',
    about: 'weights of the model: 7e9, 7B, 124M',
    group: 'Model',
    fallback: '7B',
    alsoCalled: ['params', 'size', 'n'],
  },
  {
    name: 'model',
    value: 'OWNER/NAME',
    about: 'a model of the catalog, with its own size and shape',
    group: 'Model',
    alsoCalled: ['repo', 'name'],
  },
  {
    name: 'method',
    value: 'full|lora|qlora',
    about: 'train all weights, adapters, or adapters on a 4-bit model',
    group: 'Method',
    fallback: 'full',
  },
  {
    name: 'rank',
    value: 'N',
    about: 'rank of the adapters',
    group: 'Method',
    fallback: '16',
    alsoCalled: ['lora-rank', 'r'],
  },
  {
    name: 'targets',
    value: 'all|attention|query-value',
    about: 'layers with an adapter',
    group: 'Method',
    fallback: 'all',
    alsoCalled: ['layers', 'target-modules'],
  },
];

/** The question of `schema` that the flags ask, without a model's name: its size and shape are in it. Throws `AppError('bad-usage')`. */
export async function questionOf<Schema extends z.ZodObject>(
  schema: Schema,
  { values }: Arguments,
): Promise<Omit<z.output<Schema>, 'repo'> & { readonly shape: ModelShape | null }> {
  const given = [...values]
    .filter(([name]) => !['json', 'model', 'graph'].includes(name))
    .map(([name, value]) => [camel(name), typeof value === 'string' ? typedNumber(value) : value]);
  const read = schema.safeParse(Object.fromEntries(given));
  if (!read.success) throw wrongFlag(read.error.issues[0]!, values);
  const model = values.get('model') as string | undefined;
  if (model === undefined) return { ...read.data, shape: null };
  return { ...read.data, parameters: await parametersIn(model), shape: shapeOf(model) };
}

async function parametersIn(repo: string): Promise<number> {
  const catalog = await readCatalog(resourcesFolder());
  const found = catalog.find((each) => each.repo === repo);
  if (found) return found.parameters;
  const meant = closest(
    repo,
    catalog.map((each) => each.repo),
  );
  throw badUsage(
    `--model must be a model of the catalog; got "${repo}".`,
    meant ? `Did you mean ${meant}?` : 'For example: --model mistralai/Mistral-7B-v0.3, or --parameters 7B.',
  );
}

/** `7B` is 7 billion; what is no number stays as it was typed. */
function typedNumber(text: string): number | string {
  const [, digits, unit] = /^([\d.]+(?:e[+-]?\d+)?)([kmbt]?)$/i.exec(text) ?? [];
  return digits === undefined ? text : Number(digits) * (SIZES[unit?.toLowerCase() ?? ''] ?? 1);
}

function wrongFlag(issue: z.core.$ZodIssue, values: ReadonlyMap<string, unknown>): AppError {
  const name = flagName(String(issue.path[0] ?? ''));
  return badUsage(
    `--${name} is not right: ${issue.message}; got "${values.get(name)}".`,
    '`fettle learn memory --help` and `fettle learn time --help` show what each flag takes.',
  );
}

function camel(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
