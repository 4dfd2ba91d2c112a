/** Reads rotary settings in both spellings: `rope_parameters` (Transformers 5) and `rope_theta` with `rope_scaling` (older). */
import type { Rope, RopeScaling } from '../nn/rope.ts';
import { ConfigReader, unsupported } from './config-reader.ts';

/** The rotation of heads of `headDim` dimensions; unknown scalings are refused by name. */
export function readRope(config: ConfigReader, headDim: number, maxPositions: number): Rope {
  const settings = config.object('rope_parameters') ?? config.object('rope_scaling') ?? new ConfigReader({});
  if (settings.has('full_attention') || settings.has('sliding_attention'))
    throw unsupported('its rotary settings differ by layer');
  const theta = settings.has('rope_theta')
    ? settings.number('rope_theta')
    : config.number('rope_theta', 10000);
  const partial = settings.has('partial_rotary_factor')
    ? settings.number('partial_rotary_factor')
    : config.number('partial_rotary_factor', 1);
  const width = Math.floor(headDim * partial);
  const type = settings.text(settings.has('rope_type') ? 'rope_type' : 'type', 'default');
  const read = SCALINGS[type];
  if (!read) throw unsupported(`its rotary scaling "${type}" is not implemented`);
  return { width, theta, scaling: read(settings, config, maxPositions) };
}

type ScalingReader = (settings: ConfigReader, config: ConfigReader, maxPositions: number) => RopeScaling;

const SCALINGS: Readonly<Record<string, ScalingReader>> = {
  default: () => ({ type: 'default' }),
  linear: (s) => ({ type: 'linear', factor: s.number('factor') }),
  dynamic: (s, _, maxPositions) => ({
    type: 'dynamic',
    factor: s.number('factor'),
    originalPositions: maxPositions,
  }),
  llama3: (s) => ({
    type: 'llama3',
    factor: s.number('factor'),
    lowFactor: s.number('low_freq_factor'),
    highFactor: s.number('high_freq_factor'),
    originalPositions: s.size('original_max_position_embeddings'),
  }),
  yarn: (s, _, maxPositions) => ({
    type: 'yarn',
    factor: s.number('factor'),
    originalPositions: s.optionalSize('original_max_position_embeddings') ?? maxPositions,
    betaFast: optional(s, 'beta_fast') ?? 32,
    betaSlow: optional(s, 'beta_slow') ?? 1,
    truncate: s.flag('truncate', true),
    attentionFactor: yarnAttention(s),
  }),
  longrope: (s, c, maxPositions) => {
    const originalPositions =
      c.optionalSize('original_max_position_embeddings') ??
      s.optionalSize('original_max_position_embeddings') ??
      maxPositions;
    return {
      type: 'longrope',
      short: s.numbers('short_factor'),
      long: s.numbers('long_factor'),
      originalPositions,
      attentionFactor: longropeAttention(s, maxPositions, originalPositions),
    };
  },
  gguf_divisors: (s) => ({ type: 'divisors', divisors: s.numbers('divisors') }),
};

function optional(settings: ConfigReader, key: string): number | null {
  const value = settings.json[key];
  return value === undefined || value === null ? null : settings.number(key);
}

// m(scale) = 0.1 scale ln(factor) + 1 (Peng et al. 2023); two scales give their quotient
function yarnAttention(s: ConfigReader): number {
  const given = optional(s, 'attention_factor');
  if (given !== null) return given;
  const factor = s.number('factor');
  const m = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const [scale, allDim] = [optional(s, 'mscale'), optional(s, 'mscale_all_dim')];
  return scale && allDim ? m(scale) / m(allDim) : m(1);
}

function longropeAttention(s: ConfigReader, maxPositions: number, originalPositions: number): number {
  const given = optional(s, 'attention_factor');
  if (given !== null) return given;
  const ratio = optional(s, 'factor') ?? maxPositions / originalPositions;
  return ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(originalPositions));
}
