/** Reads a model's config.json field by field. A missing key takes the default of the family's class, as Transformers has it. */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { Rope, RopeScaling } from '../nn/rope.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** The error for a model that Fettle cannot train, saying what about it is not supported; the registry adds what can be chosen. */
export function unsupported(what: string): AppError {
  return new AppError('unsupported-model', say`This model can't be used: ${what}.`, '');
}

/** The error for a configuration whose entries contradict each other or make no sense. */
export function mismatch(what: string): AppError {
  return new AppError(
    'bad-model-config',
    say`The model's configuration is not valid: ${what}.`,
    say`Download the model again, or choose another one.`,
  );
}

/** Tokens that a short convolution sees, at least two. */
export function readTaps(c: ConfigReader, key: string, fallback: number): number {
  const taps = c.size(key, fallback, 64);
  if (taps > 1) return taps;
  throw unsupported(`its convolutions see a single token (${key})`);
}

export class ConfigReader {
  readonly #json: JsonObject;
  /** The keys that were asked for. */
  readonly #read: Set<string>;

  constructor(json: JsonObject, read = new Set<string>()) {
    this.#json = json;
    this.#read = read;
  }

  /** The same configuration with other values instead of its own; what is read of it counts as read of this one. */
  with(change: Readonly<Record<string, Json>>): ConfigReader {
    return new ConfigReader({ ...this.#json, ...change }, this.#read);
  }

  /** The same with values for what is absent. */
  withDefaults(absent: JsonObject): ConfigReader {
    return new ConfigReader({ ...absent, ...this.#json }, this.#read);
  }

  /** All of it, which counts as read of none of its keys. */
  get json(): JsonObject {
    return this.#json;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#json);
  }

  /** Keys that say something and were not asked for. */
  get unread(): readonly string[] {
    return this.keys.filter((key) => this.#json[key] != null && !this.#read.has(key));
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** The value as it stands there. */
  raw(key: string): Json | undefined {
    this.#read.add(key);
    return this.#json[key];
  }

  /** A positive whole number; sizes beyond `limit` are refused as damaged files. */
  size(key: string, fallback?: number, limit = 1 << 24): number {
    const value = this.#value(key, fallback);
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= limit) return value;
    throw this.#wrong(key, `a whole number from 1 to ${limit}`, value);
  }

  /** A size that may be null or absent. */
  optionalSize(key: string, absent: number | null = null): number | null {
    return this.raw(key) === null ? null : this.has(key) ? this.size(key) : absent;
  }

  number(key: string, fallback?: number): number {
    const value = this.#value(key, fallback);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.#wrong(key, 'a number', value);
  }

  optionalNumber(key: string): number | null {
    return this.raw(key) == null ? null : this.number(key);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#value(key, fallback);
    if (typeof value === 'boolean') return value;
    throw this.#wrong(key, 'true or false', value);
  }

  text(key: string, fallback?: string): string {
    const value = this.#value(key, fallback);
    if (typeof value === 'string') return value;
    throw this.#wrong(key, 'a text', value);
  }

  numbers(key: string): number[] {
    const value = this.raw(key);
    if (Array.isArray(value) && value.every((v) => typeof v === 'number')) return value as number[];
    throw this.#wrong(key, 'a list of numbers', value);
  }

  texts(key: string): string[] | null {
    const value = this.raw(key);
    if (value === undefined || value === null) return null;
    if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value as string[];
    throw this.#wrong(key, 'a list of texts', value);
  }

  object(key: string): ConfigReader | null {
    const value = this.raw(key);
    if (value === undefined || value === null) return null;
    if (typeof value === 'object' && !Array.isArray(value)) return new ConfigReader(value as JsonObject);
    throw this.#wrong(key, 'an object', value);
  }

  #value(key: string, fallback: Json | undefined): Json | undefined {
    return this.raw(key) === undefined ? fallback : this.raw(key);
  }

  #wrong(key: string, expected: string, came: Json | undefined): AppError {
    const shown = came === undefined ? 'nothing' : JSON.stringify(came).slice(0, 80);
    return new AppError(
      'bad-model-config',
      say`The model's configuration is not valid: “${key}” should be ${expected}, but is ${shown}.`,
      say`Download the model again, or choose another one.`,
    );
  }
}

// Rotary settings in both spellings: `rope_parameters` (Transformers 5) and `rope_theta` with `rope_scaling` (older).

export interface RopeOptions {
  /** The kind of layers of a configuration whose `rope_parameters` have settings for each; older spellings scale those that see all. */
  readonly layers?: 'full_attention' | 'sliding_attention';
  /** The default of `rope_theta`. */
  readonly theta?: number;
  /** The key beside the scaling that holds it, where it is not `rope_theta`; null for none. */
  readonly thetaKey?: string | null;
  /** Whether the class of the family rotates `partial_rotary_factor` of each head, whatever the scaling is. */
  readonly partial?: boolean;
  /** Other names of a scaling, such as `su`. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** The default of `original_max_position_embeddings`, which wins over one in the rotary settings. */
  readonly originalPositions?: number;
  /** Whether a class with longrope reads all tokens again when a text first passes the original length. */
  readonly rereads?: boolean;
}

/** The rotation of heads of `headDim` dimensions; unknown scalings are refused by name. */
export function readRope(
  config: ConfigReader,
  headDim: number,
  maxPositions: number,
  options: RopeOptions = {},
): Rope {
  const { thetaKey = 'rope_theta', partial = false, renamed = {} } = options;
  const settings = ropeSettings(config, options.layers);
  const beside = thetaKey === null ? undefined : config.raw(thetaKey);
  const theta = settings.has('rope_theta')
    ? settings.number('rope_theta')
    : beside === undefined
      ? (options.theta ?? 10000)
      : config.number(thetaKey!);
  if (theta <= 0) throw mismatch(`rope_theta is ${theta}, which is not above 0`);
  const factor = partialFactor(settings, config);
  const width = partial ? Math.floor(headDim * factor) : headDim;
  if (width <= 0 || width > headDim || width % 2 !== 0)
    throw mismatch(`${width} dimensions of a head of ${headDim} cannot be rotated in pairs`);
  const named = settings.text(settings.has('rope_type') ? 'rope_type' : 'type', 'default');
  const type = Object.hasOwn(renamed, named) ? renamed[named]! : named;
  const read = Object.hasOwn(SCALINGS, type) ? SCALINGS[type] : undefined;
  if (!read) throw unsupported(`its rotary scaling "${type}" is not implemented`);
  if (partial && type === 'proportional')
    throw unsupported('its rotary scaling "proportional" is not implemented in this family');
  const rotated = partial ? 1 : factor;
  // Transformers' classes of these families ignore the factor without a scaling, and fail with one that honours it
  if (rotated !== 1 && type !== 'default' && type !== 'proportional')
    throw unsupported(`it turns a part of each head (partial_rotary_factor) with the scaling "${type}"`);
  const { originalPositions, rereads = false } = options;
  const isByLayer = options.layers !== undefined;
  const shared = { settings, config, headDim: width, maxPositions };
  const inputs = { ...shared, rotated, originalPositions, rereads, isByLayer };
  return { width, theta, scaling: read(inputs) };
}

/** Transformers lets a `rope_scaling` that says something win over `rope_parameters`. */
function ropeSettings(config: ConfigReader, layers: RopeOptions['layers']): ConfigReader {
  const older = config.object('rope_scaling');
  const scaling = older && older.keys.length > 0 ? older : null;
  const parameters = config.object('rope_parameters') ?? new ConfigReader({});
  const isByLayer = (settings: ConfigReader) =>
    settings.has('full_attention') || settings.has('sliding_attention');
  if (scaling && isByLayer(scaling))
    throw unsupported('its rotary settings differ by layer in their older spelling (rope_scaling)');
  if (layers === undefined) {
    if (isByLayer(parameters)) throw unsupported('its rotary settings differ by layer (rope_parameters)');
    return scaling ?? parameters;
  }
  if (parameters.keys.length > 0 && !isByLayer(parameters))
    throw unsupported('its rotary settings do not say for which layers they are (rope_parameters)');
  const own = parameters.object(layers) ?? new ConfigReader({});
  if (scaling === null || layers !== 'full_attention') return own;
  // the classes of these families look for the newer name alone
  if (!scaling.has('rope_type')) throw unsupported('its rope_scaling does not name its type (rope_type)');
  return own.with(scaling.json);
}

function partialFactor(settings: ConfigReader, config: ConfigReader): number {
  return (
    settings.optionalNumber('partial_rotary_factor') ?? config.optionalNumber('partial_rotary_factor') ?? 1
  );
}

interface ScalingInputs {
  readonly settings: ConfigReader;
  readonly config: ConfigReader;
  readonly headDim: number;
  readonly maxPositions: number;
  /** The part of a head's dimensions that is rotated. */
  readonly rotated: number;
  /** The family's default of `original_max_position_embeddings`. */
  readonly originalPositions: number | undefined;
  readonly rereads: boolean;
  /** Whether the settings are those of some layers. */
  readonly isByLayer: boolean;
}

const SCALINGS: Readonly<Record<string, (inputs: ScalingInputs) => RopeScaling>> = {
  default: () => ({ type: 'default' }),
  linear: ({ settings }) => ({ type: 'linear', factor: factorOf(settings) }),
  dynamic: ({ settings, maxPositions }) => ({
    type: 'dynamic',
    factor: factorOf(settings),
    originalPositions: maxPositions,
  }),
  llama3: (inputs) => ({
    type: 'llama3',
    factor: factorOf(inputs.settings),
    lowFactor: inputs.settings.number('low_freq_factor'),
    highFactor: inputs.settings.number('high_freq_factor'),
    originalPositions: originalPositions(inputs),
  }),
  yarn: (inputs) => {
    const { settings: s, maxPositions } = inputs;
    const original = originalPositions(inputs);
    const factor = s.raw('factor') === null ? maxPositions / original : factorOf(s);
    return {
      type: 'yarn',
      factor,
      originalPositions: original,
      // Transformers takes 0 for these two as not given
      betaFast: s.optionalNumber('beta_fast') || 32,
      betaSlow: s.optionalNumber('beta_slow') || 1,
      truncate: truncateIn(s, inputs.isByLayer),
      attentionFactor: yarnAttention(s, factor),
    };
  },
  longrope: (inputs) => {
    const { settings: s, headDim, maxPositions } = inputs;
    const original = originalPositions(inputs);
    return {
      type: 'longrope',
      short: divisors(s, 'short_factor', headDim),
      long: divisors(s, 'long_factor', headDim),
      originalPositions: original,
      attentionFactor: longropeAttention(s, maxPositions, original),
      rereads: inputs.rereads,
    };
  },
  proportional: ({ settings, headDim, rotated }) => ({
    type: 'proportional',
    factor: settings.number('factor', 1),
    rotatedPairs: Math.floor((rotated * headDim) / 2),
  }),
  gguf_divisors: ({ settings, headDim }) => ({
    type: 'divisors',
    divisors: divisors(settings, 'divisors', headDim),
  }),
};

/** Positions that the model was first trained with; one beside settings for all layers wins over one in them. */
function originalPositions(inputs: ScalingInputs): number {
  const { settings, config, maxPositions, isByLayer } = inputs;
  return (
    (isByLayer ? null : config.optionalSize('original_max_position_embeddings')) ??
    inputs.originalPositions ??
    settings.optionalSize('original_max_position_embeddings') ??
    maxPositions
  );
}

function truncateIn(s: ConfigReader, isByLayer: boolean): boolean {
  const truncate = s.raw('truncate') === null ? false : s.flag('truncate', true);
  // Transformers looks for it beside the settings of layers, not in them
  if (isByLayer && !truncate) throw unsupported('YaRN keeps broken borders in some of its layers (truncate)');
  return truncate;
}

function factorOf(settings: ConfigReader): number {
  const factor = settings.number('factor');
  if (factor > 0) return factor;
  throw mismatch(`the rotary scaling's factor is ${factor}, which is not above 0`);
}

function divisors(settings: ConfigReader, key: string, headDim: number): number[] {
  const list = settings.numbers(key);
  if (list.length === headDim / 2 && list.every((x) => x > 0)) return list;
  throw mismatch(
    `the rotary scaling's ${key} should list ${headDim / 2} numbers above 0, but lists ${list.length}`,
  );
}

// m(scale) = 0.1 scale ln(factor) + 1 (Peng et al. 2023); two scales give their quotient
function yarnAttention(s: ConfigReader, factor: number): number {
  const given = s.optionalNumber('attention_factor');
  if (given !== null) return given;
  const m = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const [scale, allDim] = [s.optionalNumber('mscale'), s.optionalNumber('mscale_all_dim')];
  return scale && allDim ? m(scale) / m(allDim) : m(1);
}

function longropeAttention(s: ConfigReader, maxPositions: number, originalPositions: number): number {
  const given = s.optionalNumber('attention_factor');
  if (given !== null) return given;
  const ratio = s.optionalNumber('factor') ?? maxPositions / originalPositions;
  return ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(originalPositions));
}
