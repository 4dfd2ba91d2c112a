/**
 * How a model makes one vector of a text, as sentence-transformers notes it beside the weights: modules.json lists what follows the
 * encoder, and small files how tokens are pooled, how long a text may be and what is put before it.
 */
import path from 'node:path';
import { isRecord } from '../../../common/values.ts';
import { readJsonIfPresent } from '../data/tokens/tokenizer/folder.ts';
import { unsupported } from '../models/config-reader.ts';
import { damagedFile, MODULES, type SentenceModule, sentenceModules } from '../models/sentence-modules.ts';
import { DENSE_ACTIVATIONS, type Dense, type DenseActivation, POOLING, type Pooling } from '../nn/pooling.ts';

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
  /** Layers that pooled vectors go through; none where it is missing. */
  readonly dense?: readonly Dense[];
}

/** Where `sentenceFiles` says how tokens are pooled. */
export const POOLING_FILE = '1_Pooling/config.json';

/** What GGUF files leave to whoever reads them, as llama.cpp's server takes it. */
export const OF_GGUF: Omit<SentenceSettings, 'pooling'> = {
  isUnit: true,
  maxTokens: null,
  isLowerCase: false,
  prompts: {},
  prompt: '',
};

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
  const dense = await denseIn(folder, modules);
  return {
    prompts,
    prompt,
    ...(dense.length > 0 && { dense }),
    pooling: pooling ? poolingIn(poolingFields) : 'mean',
    isUnit: modules.some(({ kind }) => kind === 'Normalize'),
    maxTokens: lengthIn(own.max_seq_length) ?? lengthIn(tokenizer.model_max_length),
    isLowerCase: own.do_lower_case === true,
  };
}

/** Files of an encoder's layers behind pooling, below its folder. */
export async function denseFiles(folder: string): Promise<readonly string[]> {
  const modules = await modulesOf(folder);
  return modules.flatMap(({ kind, path: own }) =>
    kind === 'Dense' ? [`${own}/config.json`, `${own}/model.safetensors`] : [],
  );
}

async function denseIn(folder: string, modules: readonly SentenceModule[]): Promise<Dense[]> {
  const found = modules.filter(({ kind }) => kind === 'Dense');
  return await Promise.all(
    found.map(({ path: own }) => readDense(path.join(folder, own, 'config.json'), own)),
  );
}

async function readDense(file: string, own: string): Promise<Dense> {
  const fields = await fieldsOf(file);
  const { in_features: inputs, out_features: outputs, bias = true } = fields;
  if (!isSize(inputs) || !isSize(outputs) || typeof bias !== 'boolean') throw damagedFile(file);
  const activation = String(fields.activation_function ?? 'Tanh')
    .split('.')
    .at(-1)!;
  if (!Object.hasOwn(DENSE_ACTIVATIONS, activation))
    throw unsupported(`its vectors go through the function "${activation}" (${own})`);
  const other = (['module_input_name', 'module_output_name'] as const).find(
    (key) => (fields[key] ?? 'sentence_embedding') !== 'sentence_embedding',
  );
  if (other || fields.use_residual === true)
    throw unsupported(`a layer behind its pooling is used in another way (${other ?? 'use_residual'})`);
  return { path: own, inputs, outputs, bias, activation: activation as DenseActivation };
}

const isSize = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= 1 << 16;

async function modulesOf(folder: string): Promise<readonly SentenceModule[]> {
  const file = path.join(folder, MODULES);
  const json = await readJsonIfPresent(file);
  return json === undefined ? [] : sentenceModules(json, file);
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
  throw damagedFile(file);
}

/** sentence-transformers' names where they are longer. */
const MODES: Readonly<Record<string, string>> = {
  mean: 'mean_tokens',
  cls: 'cls_token',
  weightedmean: 'weightedmean_tokens',
};

/** The files beside the weights that say it, for vectors of so many numbers. */
export function sentenceFiles(
  { pooling, isUnit, maxTokens, isLowerCase }: SentenceSettings,
  width: number,
): Readonly<Record<string, unknown>> {
  const types = ['Transformer', 'Pooling', ...(isUnit ? ['Normalize'] : [])];
  return {
    [MODULES]: types.map((type, idx) => ({
      ...{ idx, name: String(idx), path: idx === 0 ? '' : `${idx}_${type}` },
      type: `sentence_transformers.models.${type}`,
    })),
    [POOLING_FILE]: {
      word_embedding_dimension: width,
      pooling_mode_mean_tokens: false,
      [`pooling_mode_${MODES[pooling] ?? pooling}`]: true,
    },
    ...(maxTokens !== null && {
      'sentence_bert_config.json': { max_seq_length: maxTokens, do_lower_case: isLowerCase },
    }),
  };
}
