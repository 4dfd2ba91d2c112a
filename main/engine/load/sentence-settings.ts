/**
 * How a model makes one vector of a text, as sentence-transformers notes it beside the weights: modules.json lists what follows the
 * encoder, and small files how tokens are pooled, how long a text may be and what is put before it.
 */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { readJsonIfPresent } from '../data/tokens/tokenizer/folder.ts';
import { unsupported } from '../models/config-reader.ts';
import { POOLING, type Pooling } from '../nn/pooling.ts';

export interface SentenceSettings {
  readonly pooling: Pooling;
  /** Whether vectors have the length one. */
  readonly isUnit: boolean;
  /** Tokens of a text, the special ones included; null where the files say nothing. */
  readonly maxTokens: number | null;
  readonly isLowerCase: boolean;
  /** What is put before a text, by its use: `query: `. */
  readonly prompts: Readonly<Record<string, string>>;
  /** The prompt that stands before texts of no named use; empty for none. */
  readonly prompt: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The settings of the model in `folder`. One that was never made for sentences takes the mean, as sentence-transformers does. */
export async function readSentenceSettings(folder: string): Promise<SentenceSettings> {
  const modules = await modulesOf(folder);
  const pooling = modules.find(({ kind }) => kind === 'Pooling');
  const own = await fieldsOf(path.join(folder, 'sentence_bert_config.json'));
  const tokenizer = await fieldsOf(path.join(folder, 'tokenizer_config.json'));
  const { prompts, prompt } = promptsIn(
    await fieldsOf(path.join(folder, 'config_sentence_transformers.json')),
  );
  const poolingFields = pooling ? await fieldsOf(path.join(folder, pooling.path, 'config.json')) : {};
  if (poolingFields.include_prompt === false && prompt !== '')
    throw unsupported('its vectors leave out the words that are put before each text (include_prompt)');
  return {
    ...{ prompts, prompt },
    pooling: pooling ? poolingIn(poolingFields) : 'mean',
    isUnit: modules.some(({ kind }) => kind === 'Normalize'),
    maxTokens: lengthIn(own.max_seq_length) ?? lengthIn(tokenizer.model_max_length),
    isLowerCase: own.do_lower_case === true,
  };
}

interface Module {
  /** The last part of its class. */
  readonly kind: string;
  /** Its folder beside the weights. */
  readonly path: string;
}

const KNOWN = ['Transformer', 'Pooling', 'Normalize'];

async function modulesOf(folder: string): Promise<readonly Module[]> {
  const file = path.join(folder, 'modules.json');
  const json = await readJsonIfPresent(file);
  if (json === undefined) return [];
  if (!Array.isArray(json)) throw damaged(file);
  const modules = json.map((entry: unknown): Module => {
    if (!isRecord(entry) || typeof entry.type !== 'string' || typeof entry.path !== 'string')
      throw damaged(file);
    // a folder of this name, and no way to another one
    if (!/^[\w-]*$/.test(entry.path)) throw damaged(file);
    return { kind: entry.type.split('.').at(-1)!, path: entry.path };
  });
  const other = modules.find(({ kind }) => !KNOWN.includes(kind));
  if (other) throw unsupported(`its vectors go through a module of the type "${other.kind}" (modules.json)`);
  if (modules[0]?.kind !== 'Transformer' || modules[0].path !== '') throw damaged(file);
  return modules;
}

function poolingIn(fields: Fields): Pooling {
  const older = Object.entries(fields).flatMap(([key, on]) =>
    on === true && key.startsWith('pooling_mode_') ? key.slice('pooling_mode_'.length) : [],
  );
  const named =
    fields.pooling_mode ?? older.map((name) => name.replace(/^(cls|mean|max|weightedmean)_tokens?$/, '$1'));
  const modes = [named].flat().map(String);
  const [mode = 'mean'] = modes;
  if (modes.length <= 1 && Object.hasOwn(POOLING, mode)) return mode as Pooling;
  throw unsupported(`its vectors are pooled by ${modes.map((name) => `"${name}"`).join(' and ')}`);
}

/** Prompts by their use; absurdly long ones are no prompts. */
function promptsIn(fields: Fields): Pick<SentenceSettings, 'prompts' | 'prompt'> {
  const listed = isRecord(fields.prompts) ? Object.entries(fields.prompts) : [];
  const prompts = Object.fromEntries(
    listed.filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length < 2000,
    ),
  );
  const name = fields.default_prompt_name;
  return { prompts, prompt: typeof name === 'string' && Object.hasOwn(prompts, name) ? prompts[name]! : '' };
}

// tokenizers that know no limit name an astronomical one
function lengthIn(value: unknown): number | null {
  return Number.isInteger(value) && (value as number) > 2 && (value as number) <= 1 << 24
    ? (value as number)
    : null;
}

async function fieldsOf(file: string): Promise<Fields> {
  const json = await readJsonIfPresent(file);
  if (json === undefined) return {};
  if (isRecord(json)) return json;
  throw damaged(file);
}

function damaged(file: string): AppError {
  return new AppError('bad-model-config', say`${file} is damaged.`, say`Download the model again.`);
}
