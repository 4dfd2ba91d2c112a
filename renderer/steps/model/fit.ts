/**
 * Whether a model fits into this computer's memory, before anything of it has been read: an estimate from its number of
 * weights alone. The plan step computes the same from the graph that will run.
 */
export type Fit = 'good' | 'warn' | 'bad';

export interface Need {
  readonly weights: number;
  readonly state: number;
  readonly working: number;
  readonly program: number;
  readonly total: number;
}

/** The engine computes in float32 and loads every weight as that, whatever the file holds. */
const BYTES_PER_WEIGHT = 4;
/** A trained weight has itself, its gradient and Adam's two moments, each in float32. */
const BYTES_PER_TRAINED = 16;
/** Adapters of rank 16 on all linear layers: 0.6 % of a model of 7 billion weights, 3.6 % of one of 135 million. */
const ADAPTER_SHARE = 0.03;
/** Values of a step per token, layer and channel at their peak; with it SmolLM2-135M comes to what was measured (docs/log.md). */
const VALUES_PER_CHANNEL = 24;
const TOKENS = 1024;
/** Node, onnxruntime and Fettle itself. */
const PROGRAM_BYTES = 250e6;
/** Up to this share of the free memory a model is comfortable. */
const COMFORTABLE = 0.75;

/** Bytes that training needs, for 1,024 tokens at once. */
export function memoryNeed(parameters: number, method: 'lora' | 'full' = 'lora'): Need {
  const trained = method === 'full' ? parameters : parameters * ADAPTER_SHARE;
  const weights = BYTES_PER_WEIGHT * parameters;
  // of fully trained weights, `weights` has the first quarter already
  const state = trained * (method === 'full' ? BYTES_PER_TRAINED - BYTES_PER_WEIGHT : BYTES_PER_TRAINED);
  const working = 4 * TOKENS * VALUES_PER_CHANNEL * depthTimesWidth(parameters);
  return {
    weights,
    state,
    working,
    program: PROGRAM_BYTES,
    total: weights + state + working + PROGRAM_BYTES,
  };
}

/** Layers x width of a usual transformer: weights are 12 L d², and d is about 100 L. */
function depthTimesWidth(parameters: number): number {
  const width = Math.cbrt(parameters / 0.12);
  return parameters / (12 * width);
}

export function fitOf(need: number, free: number): Fit {
  if (need > free) return 'bad';
  return need > free * COMFORTABLE ? 'warn' : 'good';
}

/** The largest number of weights whose training needs at most three quarters of `free` bytes; 0 where none fits. */
export function largestModel(free: number, method: 'lora' | 'full' = 'lora'): number {
  let low = 0;
  let high = free / BYTES_PER_WEIGHT;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (memoryNeed(middle, method).total <= free * COMFORTABLE) low = middle;
    else high = middle;
  }
  return low < 1e5 ? 0 : low;
}

/** `234567890` as people speak of models: two digits and zeros. */
export function roundedModel(parameters: number): number {
  if (parameters <= 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(parameters)) - 1);
  return Math.floor(parameters / unit) * unit;
}
