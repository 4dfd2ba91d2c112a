/**
 * The arithmetic of textbooks about training: bytes a number times numbers, operations a token times tokens.
 * The one place for it; the lessons, their pages in docs/learn and `fettle learn` show what comes out here.
 * What a run in Fettle really takes is priced from its graph and is another matter.
 */

import type {
  AdapterSize,
  MemoryAnswer,
  MemoryQuestion,
  TextbookPart,
  TimeAnswer,
  TimeHere,
  TimeQuestion,
} from '../../common/api/learn.ts';
import { AppError } from '../../common/errors.ts';
import type { TextbookFacts } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import { ACCELERATORS, onCard, PRICES_CURRENCY, PRICES_FROM } from './accelerators.ts';
import { adaptedMatrices, type ModelShape, typicalShape } from './shapes.ts';

type Format = MemoryQuestion['format'];
/** A question without the name of a model: its size and, where that is known, its shape. */
export type Sized<Question> = Omit<Question, 'repo'> & { readonly shape?: ModelShape | null };

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

/** Memory of a training, part by part. Throws an AppError for quantised weights that would have to be trained, or the reverse. */
export function trainingMemory(question: Sized<MemoryQuestion>): MemoryAnswer {
  checkFormat(question);
  const { parameters, method } = question;
  const shape = question.shape ?? typicalShape(parameters);
  const trained = method === 'full' ? parameters : adapterParameters(shape, question);
  const parts = partsOf(question, trained, shape);
  const total = totalOf(parts);
  const activations = parts.find(({ part }) => part === 'activations')?.bytes ?? 0;
  return {
    parameters,
    parts,
    trainedParameters: trained,
    shapeOf: shape.name,
    layers: shape.layers,
    width: shape.width,
    totalBytes: total,
    bytesPerParameter: (total - activations) / parameters,
  };
}

/** What the memory of a training depends on besides the model; `isWide`: whether the values of a step are in FP32, as with such weights. */
type Training = Pick<
  MemoryQuestion,
  'method' | 'format' | 'optimizer' | 'masterWeights' | 'batch' | 'length' | 'recompute'
> & { readonly parameters: number; readonly isWide?: boolean };
/** What of a model's shape the activations depend on. */
type Depth = Pick<ModelShape, 'layers' | 'width' | 'heads'>;
type Parts = MemoryAnswer['parts'];

/** The parts that there are, for so many trained weights. */
function partsOf(training: Training, trained: number, depth: Depth): Parts {
  const { parameters, format, method } = training;
  const parts: [TextbookPart, number][] = [
    ['weights', parameters * BYTES[format]],
    ...(method === 'full' ? [] : [['adapters', trained * FP32] as [TextbookPart, number]]),
    ...trainedParts(training, trained),
    ['activations', activationBytes(depth, training)],
  ];
  return parts.filter(([, bytes]) => bytes > 0).map(([part, bytes]) => ({ part, bytes }));
}

function totalOf(parts: Parts): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

const RECOMPUTED: Readonly<Record<TextbookFacts['recompute'], MemoryQuestion['recompute']>> = {
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

function checkFormat({ method, format }: Sized<MemoryQuestion>): void {
  const isQuantised = format === 'int8' || format === 'int4';
  if (isQuantised && method !== 'qlora')
    throw new AppError(
      'bad-config',
      say`Weights of ${format === 'int8' ? 8 : 4} bits can't be trained with the method ${method}.`,
      say`Choose fp32, fp16 or bf16, or the method QLoRA.`,
    );
  if (!isQuantised && method === 'qlora')
    throw new AppError(
      'bad-config',
      say`QLoRA quantises the weights, so it can't use ${format}.`,
      say`Choose int4 or int8, or the method LoRA.`,
    );
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

/** Weights of the adapters of a model: two narrow matrices beside each chosen one. */
export function adapterParameters(
  shape: ModelShape,
  { rank, targets }: Pick<MemoryQuestion, 'rank' | 'targets'>,
): number {
  const perLayer = adaptedMatrices(shape, targets).map(
    ([inputs, outputs]) => adapterSize(inputs, outputs, rank).adapter,
  );
  return shape.layers * perLayer.reduce((sum, each) => sum + each, 0);
}

/** A matrix and the two narrow ones of rank `rank` beside it, in weights. */
export function adapterSize(inputs: number, outputs: number, rank: number): AdapterSize {
  return { matrix: inputs * outputs, adapter: rank * (inputs + outputs) };
}

/**
 * Operations of a training and its time on published graphics cards. A weight takes part in one
 * multiplication and one addition for each token that is read (2 N); in the backward pass as much for the
 * gradients of the values (2 N) and as much for those of the weights (2 N): 6 N (Kaplan et al. 2020). Frozen
 * weights need none of the last, so LoRA takes 4 N and 6 for each adapter weight.
 */
export function trainingTime(question: Sized<TimeQuestion>): TimeAnswer {
  const { parameters, method, rows, tokensPerRow, epochs, utilisation, prices, recompute } = question;
  const shape = question.shape ?? typicalShape(parameters);
  const adapters = method === 'full' ? 0 : adapterParameters(shape, question);
  const trained = method === 'full' ? parameters : adapters;
  const perToken = operationsPerToken({ method, parameters, trained, recompute });
  const tokens = rows * tokensPerRow * epochs;
  const flops = tokens * Object.values(perToken).reduce((sum, each) => sum + each, 0);
  const neededBytes = memoryIn(16, factsOf(question));
  const machines = ACCELERATORS.map((card) =>
    onCard(card, {
      operations: flops,
      neededBytes,
      utilisation,
      pricePerHour: prices[card.id],
    }),
  );
  return {
    parameters,
    adapterParameters: adapters,
    tokens,
    perToken,
    flops,
    machines,
    neededBytes,
    currency: PRICES_CURRENCY,
    pricesFrom: PRICES_FROM,
  };
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

/** What its memory is reckoned from: AdamW, one row at a time. */
export function factsOf(question: Sized<TimeQuestion>): TextbookFacts {
  const { parameters, method, tokensPerRow, recompute } = question;
  const shape = question.shape ?? typicalShape(parameters);
  const { layers, width, heads } = shape;
  return {
    method,
    parameters,
    layers,
    width,
    heads,
    rowLength: tokensPerRow,
    optimizer: 'adamw',
    trained: method === 'full' ? parameters : adapterParameters(shape, question),
    recompute: recompute ? 'block' : 'none',
  };
}

export interface ThisComputer {
  readonly processor: string;
  /** Measured, operations a second in FP32. */
  readonly flops: number;
  readonly memoryBytes: number;
  /** Power that it draws while it trains; null where that is not known. */
  readonly watts: number | null;
  readonly pricePerKwh: number;
  readonly currency: string;
}

/** Seconds, kWh and money for `operations`; power and price of the question win over those of the settings. */
export function timeHere(
  question: Sized<TimeQuestion>,
  operations: number,
  { processor, flops, memoryBytes, currency, ...set }: ThisComputer,
): TimeHere {
  const { watts = set.watts, pricePerKwh = set.pricePerKwh } = question;
  const seconds = operations / flops;
  const kwh = watts === null ? null : (watts * seconds) / 3.6e6;
  const neededBytes = memoryIn(32, factsOf(question));
  return {
    processor,
    flops,
    seconds,
    kwh,
    currency,
    cost: kwh === null ? null : kwh * pricePerKwh,
    memoryBytes,
    neededBytes,
    fits: neededBytes <= memoryBytes,
  };
}
