/**
 * The arithmetic of textbooks about training: bytes a number times numbers, operations a token times tokens. Plans ask it what a training
 * takes on cards that are not here; what a run in Fettle really takes is priced from its graph and is another matter.
 */
import type { TextbookPart } from '../../common/api/plan.ts';
import type { TextbookFacts } from '../../common/protocol/protocol.ts';
import type { ModelShape } from './shapes.ts';

type Format = 'fp32' | 'fp16' | 'bf16' | 'int8' | 'int4';

/** Quantised weights have a scale in 16 bits for each 32 of them. */
const SCALE_BYTES = 2 / 32;
const BYTES: Readonly<Record<Format, number>> = {
  fp32: 4,
  fp16: 2,
  bf16: 2,
  int8: 1 + SCALE_BYTES,
  int4: 0.5 + SCALE_BYTES,
};
const FP32 = 4;
/** Dettmers et al. 2022, 8-bit optimizers: a byte a value, and an FP32 scale for each 2,048 of them. */
const EIGHT_BIT_STATE = 1 + 4 / 2048;

/** What the memory of a training depends on besides the model; `isWide`: whether the values of a step are in FP32, as with such weights. */
interface Training {
  readonly method: 'full' | 'lora' | 'qlora';
  readonly format: Format;
  readonly optimizer: 'adamw' | 'adamw-8bit' | 'sgd-momentum' | 'sgd';
  /** A second copy of the weights in FP32 is what the optimizer changes. */
  readonly masterWeights: boolean;
  readonly batch: number;
  readonly length: number;
  /** Which activations are recomputed instead of kept. */
  readonly recompute: 'none' | 'selective' | 'full';
  readonly parameters: number;
  readonly isWide?: boolean;
}
/** What of a model's shape the activations depend on. */
type Depth = Pick<ModelShape, 'layers' | 'width' | 'heads'>;
type Parts = readonly { readonly part: TextbookPart; readonly bytes: number }[];

/** The parts that there are, for so many trained weights. */
export function partsOf(training: Training, trained: number, depth: Depth): Parts {
  const { parameters, format, method } = training;
  const parts: [TextbookPart, number][] = [
    ['weights', parameters * BYTES[format]],
    ...(method === 'full' ? [] : [['adapters', trained * FP32] as [TextbookPart, number]]),
    ...trainedParts(training, trained),
    ['activations', activationBytes(depth, training)],
  ];
  return parts.filter(([, bytes]) => bytes > 0).map(([part, bytes]) => ({ part, bytes }));
}

export function totalOf(parts: Parts): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

const RECOMPUTED: Readonly<Record<TextbookFacts['recompute'], Training['recompute']>> = {
  // of some whole blocks and the attention of the others the textbook knows only the latter
  none: 'none',
  attention: 'selective',
  third: 'selective',
  half: 'selective',
  block: 'full',
};

/**
 * Memory of a training, one row at a time, on devices that compute with numbers of so many `bits`: weights
 * that are not quantised, and the values of a step, are kept in them. Bytes. The one place for it: the lesson
 * on time and the plan's "If you had" both ask here whether a training fits where its time is told for.
 */
export function memoryIn(
  computed: 16 | 32,
  { bits, rowLength: length, recompute, trained, ...others }: TextbookFacts,
): number {
  const whole = computed === 16 ? 'bf16' : 'fp32';
  const format = others.method !== 'qlora' ? whole : bits === 8 ? 'int8' : 'int4';
  const once = { masterWeights: false, batch: 1, length, recompute: RECOMPUTED[recompute] };
  return totalOf(partsOf({ ...others, ...once, format, isWide: computed === 32 }, trained, others));
}

/** Gradients, the copy in FP32 and the optimizer's values. Adapters are kept in FP32 with all that belongs to them. */
function trainedParts(
  { method, format, optimizer, masterWeights }: Training,
  trained: number,
): [TextbookPart, number][] {
  const own = method === 'full' ? BYTES[format] : FP32;
  const hasMaster = method === 'full' && masterWeights && own < FP32;
  const state = hasMaster ? FP32 : own;
  const perWeight = { adamw: 2 * state, 'adamw-8bit': 2 * EIGHT_BIT_STATE, 'sgd-momentum': state, sgd: 0 };
  return [
    ['gradients', trained * own],
    ['master', hasMaster ? trained * FP32 : 0],
    ['moments', trained * perWeight[optimizer]],
  ];
}

/**
 * Values that the backward pass needs: s b h (34 + 5 a s / h) bytes a layer in 16 bits, for s tokens, b rows,
 * width h and a heads (Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer
 * Models"). 32 of the 34 are values of two bytes and 2 are masks of one; of the 5, 4 and 1. Values of four
 * bytes double the former.
 */
export function activationBytes(
  { layers, width, heads }: Depth,
  {
    batch,
    length,
    format,
    recompute,
    isWide = format === 'fp32',
  }: Pick<Training, 'batch' | 'length' | 'format' | 'recompute' | 'isWide'>,
): number {
  const wide = isWide ? 2 : 1;
  const attention = (4 * wide + 1) * heads * length * (1 / width);
  const perValue = {
    none: 32 * wide + 2 + attention,
    // what attention makes for each pair of tokens is recomputed
    selective: 32 * wide + 2,
    // only what goes into each layer is kept
    full: 2 * wide,
  }[recompute];
  return layers * length * batch * width * perValue;
}

/** Operations for each token that is trained on, by what they are for. `trained`: weights that are, adapters beside those of the model. */
export function operationsPerToken({
  method,
  parameters,
  trained,
  recompute,
}: Pick<TextbookFacts, 'method' | 'parameters' | 'trained'> & { readonly recompute: boolean }) {
  const read = 2 * (parameters + (method === 'full' ? 0 : trained));
  return {
    forward: read,
    valueGradients: read,
    weightGradients: 2 * trained,
    recompute: recompute ? read : 0,
  };
}
