import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { QuantisedFormat } from '../ir/dtype.ts';
import { parseJsonStrictly, shorten } from './json-scan.ts';

/**
 * `adapter_config.json` of a LoRA adapter as the PEFT library writes it. Everything that changes what the adapter
 * computes is either understood here or refused by name; settings that only concerned its training are ignored.
 */
export interface LoraAdapterConfig {
  readonly r: number;
  readonly loraAlpha: number;
  readonly loraDropout: number;
  /** Module names or their endings, sorted. */
  readonly targetModules: readonly string[];
  /** True where the base weights are [in, out] (GPT-2's Conv1D); A stays [r, in] and B [out, r]. */
  readonly fanInFanOut: boolean;
  /** Scale by alpha / sqrt(r) instead of alpha / r. */
  readonly useRslora: boolean;
  /** DoRA: each module has magnitudes besides A and B. */
  readonly useDora: boolean;
  readonly baseModel: string | null;
  /** Ranks and alphas of modules that differ, by module name or ending. */
  readonly rankPattern: Readonly<Record<string, number>>;
  readonly alphaPattern: Readonly<Record<string, number>>;
  /**
   * How the matrices were kept beside which it was trained: quantised, or in the 16 bits of their files (16); missing or null: as the model
   * has them. PEFT has no key for it and may refuse one that it does not know, so it stands in the metadata of the tensors' file.
   */
  readonly base?: QuantisedFormat | 16 | null;
  /** Whether the adapted model is the language part of a multimodal one, whose modules have longer names in PEFT. */
  readonly inWrapper?: boolean;
  /** The numbers of the layers that have adapters, from 0; missing or null: all of them. */
  readonly layers?: readonly number[] | null;
  /** The ids of tokens whose rows are trained beside a table, by the last part of the table's name; missing or null: none. */
  readonly tokenIndices?: Readonly<Record<string, readonly number[]>> | null;
  /** Whether a head that sorts was trained whole beside the adapters; missing: no. */
  readonly sorts?: boolean;
}

type Json = Record<string, unknown>;

/** PEFT's type of tasks for models that sort; it lists the names of such heads itself. */
const SORTS = 'SEQ_CLS';
const HEADS: readonly unknown[] = ['score', 'classifier'];

/** Parses and checks the text of an `adapter_config.json`; `path` is for messages. */
export function parseAdapterConfig(text: string, path: string): LoraAdapterConfig {
  const json = parseObject(text, path);
  if (json.peft_type !== 'LORA') throw unsupported(path, `is of the type ${quote(json.peft_type)}, not LORA`);
  const { modules_to_save: saved } = json;
  const isHead =
    json.task_type === SORTS && Array.isArray(saved) && saved.every((one) => HEADS.includes(one));
  refuseUnsupported(isHead ? { ...json, modules_to_save: null } : json, path);
  return {
    r: positiveInteger(json.r, 'r', path),
    loraAlpha: positive(json.lora_alpha, 'lora_alpha', path),
    loraDropout: dropoutOf(json.lora_dropout ?? 0, path),
    targetModules: targetsOf(json.target_modules, path),
    fanInFanOut: flag(json, 'fan_in_fan_out', path),
    useRslora: flag(json, 'use_rslora', path),
    useDora: flag(json, 'use_dora', path),
    baseModel: typeof json.base_model_name_or_path === 'string' ? json.base_model_name_or_path : null,
    rankPattern: patternOf(json.rank_pattern, 'rank_pattern', path, positiveInteger),
    alphaPattern: patternOf(json.alpha_pattern, 'alpha_pattern', path, positive),
    layers: layersOf(json.layers_to_transform, path),
    tokenIndices: tokenIndicesOf(json.trainable_token_indices, path),
    sorts: json.task_type === SORTS,
  };
}

/** The text of an `adapter_config.json` that PEFT since 0.9 loads: only keys that every such version knows. */
export function formatAdapterConfig(config: LoraAdapterConfig): string {
  const json = {
    alpha_pattern: config.alphaPattern,
    auto_mapping: null,
    base_model_name_or_path: config.baseModel,
    bias: 'none',
    fan_in_fan_out: config.fanInFanOut,
    inference_mode: true,
    init_lora_weights: true,
    layer_replication: null,
    layers_pattern: null,
    layers_to_transform: config.layers ?? null,
    loftq_config: {},
    lora_alpha: config.loraAlpha,
    lora_dropout: config.loraDropout,
    megatron_config: null,
    megatron_core: 'megatron.core',
    modules_to_save: config.sorts ? ['score'] : null,
    peft_type: 'LORA',
    r: config.r,
    rank_pattern: config.rankPattern,
    revision: null,
    target_modules: config.targetModules.toSorted(),
    task_type: config.sorts ? SORTS : 'CAUSAL_LM',
    // known since PEFT 0.15, and only there where it is needed
    ...(config.tokenIndices && { trainable_token_indices: config.tokenIndices }),
    use_dora: config.useDora,
    use_rslora: config.useRslora,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Rank, alpha and scale that the config gives to `module` (a full name such as `model.layers.0.self_attn.q_proj`). */
export function loraScaling(
  config: LoraAdapterConfig,
  module: string,
): { r: number; alpha: number; scale: number } {
  const r = matchPattern(config.rankPattern, module) ?? config.r;
  const alpha = matchPattern(config.alphaPattern, module) ?? config.loraAlpha;
  return { r, alpha, scale: alpha / (config.useRslora ? Math.sqrt(r) : r) };
}

// PEFT matches `(.*\.)?(key)$` and takes the first key that does; `^key` asks for the whole name.
function matchPattern(pattern: Readonly<Record<string, number>>, module: string): number | undefined {
  for (const [key, value] of Object.entries(pattern)) {
    const whole = key.startsWith('^') ? key.slice(1) : key;
    if (module === whole || (whole === key && module.endsWith(`.${key}`))) return value;
  }
  return undefined;
}

// Settings that change the forward pass, and the values that leave it alone.
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  use_qalora: isOff,
  use_bdlora: isOff,
  lora_bias: isOff,
  bias: (value) => value === 'none' || isOff(value),
  modules_to_save: isOff,
  layer_replication: isOff,
  target_parameters: isOff,
  alora_invocation_tokens: isOff,
  arrow_config: isOff,
  kasa_config: isOff,
  monteclora_config: isOff,
  velora_config: isOff,
  // The other initialisations change the base weights: without that the adapter computes something else.
  init_lora_weights: (value) =>
    typeof value !== 'string' || ['gaussian', 'eva', 'orthogonal'].includes(value),
};

function refuseUnsupported(json: Json, path: string): void {
  for (const [key, isNeutral] of Object.entries(NEUTRAL)) {
    const value = json[key];
    if (!isNeutral(value)) throw unsupported(path, `uses ${key} (${quote(value)})`);
  }
}

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function parseObject(text: string, path: string): Json {
  let json: unknown;
  try {
    json = parseJsonStrictly(text, { maxDepth: 8, maxItems: 100_000 });
  } catch (error) {
    throw invalid(path, `it is not JSON: ${shorten((error as Error).message, 200)}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalid(path, 'it is not a JSON object');
  return json as Json;
}

/** The layers that PEFT is to look for; the tensors alone say which there are. */
function layersOf(value: unknown, path: string): readonly number[] | null {
  if (value === undefined || value === null) return null;
  const layers = [value].flat() as unknown[];
  if (layers.every((layer) => Number.isSafeInteger(layer) && (layer as number) >= 0))
    return layers as number[];
  throw invalid(path, `layers_to_transform is ${quote(value)}, expected numbers of layers`);
}

/** Ids by table; PEFT also takes a bare list, which means the embedding and does not say what it is called. */
function tokenIndicesOf(value: unknown, path: string): Record<string, number[]> | null {
  if (isOff(value)) return null;
  if (Array.isArray(value))
    throw unsupported(path, 'uses trainable_token_indices without the name of a table');
  const isList = (ids: unknown) =>
    Array.isArray(ids) && ids.every((id) => Number.isSafeInteger(id) && (id as number) >= 0);
  if (typeof value === 'object' && Object.values(value!).every(isList))
    return value as Record<string, number[]>;
  throw invalid(path, `trainable_token_indices is ${quote(value)}, expected lists of token ids`);
}

function targetsOf(value: unknown, path: string): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value.toSorted();
  throw invalid(path, `target_modules is ${quote(value)}, expected a list of names`);
}

function patternOf(
  value: unknown,
  key: string,
  path: string,
  check: (value: unknown, key: string, path: string) => number,
): Record<string, number> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(path, `${key} is not a map`);
  const entries = Object.entries(value).map(([module, number]) => {
    // Keys are regular expressions; real files use names. A stranger's expression could run for ever.
    if (!/^\^?[\w.-]+$/.test(module))
      throw unsupported(path, `has the expression "${shorten(module)}" in ${key}`);
    return [module, check(number, `${key} of ${module}`, path)];
  });
  return Object.fromEntries(entries);
}

function positiveInteger(value: unknown, key: string, path: string): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw invalid(path, `${shorten(key)} is ${quote(value)}, expected a positive whole number`);
}

function positive(value: unknown, key: string, path: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(path, `${shorten(key)} is ${quote(value)}, expected a positive number`);
}

function flag(json: Json, key: string, path: string): boolean {
  const value = json[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw invalid(path, `${key} is ${quote(value)}, expected true or false`);
}

function dropoutOf(value: unknown, path: string): number {
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw invalid(path, `lora_dropout is ${quote(value)}, expected a number from 0 to below 1`);
}

function quote(value: unknown): string {
  return shorten(JSON.stringify(value) ?? 'missing', 60);
}

function unsupported(path: string, reason: string): AppError {
  return new AppError(
    'adapter-unsupported',
    say`The adapter ${path} is not supported: it ${reason}.`,
    say`Use a plain LoRA adapter, or merge this one with the tool that made it.`,
  );
}

function invalid(path: string, reason: string): AppError {
  return new AppError(
    'adapter-invalid',
    say`${path} is not a valid adapter configuration: ${reason}.`,
    say`Download the adapter again, or check the file.`,
  );
}
