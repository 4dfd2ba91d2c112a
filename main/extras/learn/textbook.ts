/**
 * What the lessons ask of the textbook's arithmetic, which the plan has, too: memory and time of a training, part by part. Their pages in
 * docs/learn and `fettle learn` show what comes out here.
 */

import { AppError } from '../../../common/errors.ts';
import type {
  AdapterSize,
  MemoryAnswer,
  MemoryQuestion,
  TimeAnswer,
  TimeHere,
  TimeQuestion,
} from '../../../common/extras/learn/calls.ts';
import type { TextbookFacts } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import type { ThisComputer } from '../../app/grounds.ts';
import { ACCELERATORS, onCard, PRICES_CURRENCY, PRICES_FROM } from '../../plan/accelerators.ts';
import { adaptedMatrices, type ModelShape, typicalShape } from '../../plan/shapes.ts';
import { memoryIn, operationsPerToken, partsOf, totalOf } from '../../plan/textbook.ts';

/** A question without the name of a model: its size and, where that is known, its shape. */
export type Sized<Question> = Omit<Question, 'repo'> & { readonly shape?: ModelShape | null };

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
