/**
 * What Fettle's own graph takes for a question of the memory lesson: the graphs that a run would have, for
 * full rows of that length, all of them trained on, as the textbook has it. Priced without weights, so for
 * models that are not here, too.
 */
import type { MemoryPart } from '../../../common/api/contract.ts';
import type { GraphMemory, MemoryQuestion, NoGraph, Otherwise } from '../../../common/extras/learn/calls.ts';
import type { CasePrice, PriceCase } from '../../../common/protocol/protocol.ts';
import { estimate, type Grounds } from '../../plan/estimate.ts';
import { configOf, type ModelShape, parametersOf, targetNames, typicalShape } from '../../plan/shapes.ts';
import type { Sized } from './textbook.ts';

/** A number of weights speaks of a known model where it is within a quarter of its size. */
const ALIKE = 1.25;
/** Enough for full micro-batches, also where a model reads less at once than was asked, so that more rows go into one. */
const BATCHES = 2;
const LEAST_ROWS = 64;
const LEAST_LENGTH = 8;
/** Frozen weights with more bytes each than this are in FP32 and not in 16 bits. */
const WIDE_BYTES = 3;

/** What is asked of the engine, and whose graph it is; or why nothing can be. */
export interface GraphCase {
  readonly model: string;
  readonly priced: PriceCase;
  /** What no setting of a run corresponds to. */
  readonly otherwise: readonly Otherwise[];
  /** Whether frozen weights are to be in 16 bits, which the model's files must have, and how long a row is to be. */
  readonly asked: { readonly halved: boolean; readonly length: number };
}

/** A model that is on this computer, by its folder or file. */
export interface ModelHere {
  readonly name: string;
  readonly path: string;
  readonly family: string;
}

/** The case of a question: of the model that is here, of that of the catalog, or of the one that is about as large. */
export function graphCase(
  question: Sized<MemoryQuestion>,
  here: ModelHere | null,
  isNamed: boolean,
): GraphCase | NoGraph {
  const { method, batch, length, rank } = question;
  const shape = question.shape ?? (isNamed ? null : alike(question.parameters));
  if (!here && !shape) return isNamed ? 'not-here' : 'not-asked';
  const targets = targetNames(here?.family ?? shape!.kind, question.targets);
  const rows = Math.max(1, batch);
  const tokens = Math.max(LEAST_LENGTH, length);
  const isHalf = isIn16Bits(question);
  // of a number of weights there are no files that could hold it otherwise
  const stored = isHalf && !isNamed ? 'float16' : shape?.stored;
  return {
    model: here?.name ?? shape!.name,
    priced: {
      model: here ? { path: here.path } : { config: configOf({ ...shape!, stored: stored! }) },
      settings: {
        method,
        maxLength: tokens,
        tokensPerMicroBatch: tokens * rows,
        trainOn: 'all',
        heldOut: 0,
        assess: false,
        ...(method !== 'full' && { lora: { rank, targets } }),
        ...savings(question),
      },
      rows: { count: Math.max(LEAST_ROWS, BATCHES * rows), tokens, labelled: tokens },
    },
    otherwise: otherwiseOf(question),
    asked: { halved: method === 'lora' && isHalf, length: tokens },
  };
}

function isIn16Bits({ format }: Pick<MemoryQuestion, 'format'>): boolean {
  return format === 'fp16' || format === 'bf16';
}

/** The settings of a run for what the question saves memory by. */
function savings(question: Sized<MemoryQuestion>): Readonly<Record<string, unknown>> {
  const { method, format, optimizer, masterWeights, recompute } = question;
  const isHalf = isIn16Bits(question);
  return {
    ...(method === 'qlora' && { bits: format === 'int8' ? 8 : 4 }),
    ...(method === 'lora' && isHalf && { bits: 16 }),
    ...(method === 'full' && isHalf && !masterWeights && { masterBits: 16 }),
    ...(optimizer === 'adamw-8bit' && { optimizer }),
    ...(recompute !== 'none' && { recompute: recompute === 'full' ? 'block' : 'attention' }),
  };
}

/** What is priced otherwise than the question has it, whatever the model is. */
function otherwiseOf(question: Sized<MemoryQuestion>): Otherwise[] {
  const { method, optimizer, masterWeights } = question;
  const isSgd = optimizer === 'sgd' || optimizer === 'sgd-momentum';
  const isHalved = method === 'full' && isIn16Bits(question);
  return [
    ...(isSgd ? (['adamw'] as const) : []),
    ...(isHalved && masterWeights ? (['fp32-weights'] as const) : []),
    ...(isHalved ? (['fp32-gradients'] as const) : []),
    // the textbook's are in FP32, too, where the weights have a copy in it
    ...(isHalved && !masterWeights && optimizer !== 'adamw-8bit' ? (['fp32-moments'] as const) : []),
  ];
}

/** The price as the lesson shows it; the parts sum up to what the plan of such a run says is needed. */
export function graphMemory(
  { model, otherwise, asked }: GraphCase,
  price: CasePrice,
  grounds: Grounds,
): GraphMemory {
  const { neededBytes, memoryParts } = estimate(price, grounds);
  const sumOf = (...wanted: MemoryPart[]) =>
    memoryParts.reduce((sum, { part, bytes }) => (wanted.includes(part) ? sum + bytes : sum), 0);
  const isWide = asked.halved && price.weightBytes > WIDE_BYTES * price.parameters;
  return {
    model,
    parameters: price.parameters,
    trainableParameters: price.trainableParameters,
    rows: price.rowsPerBatch,
    rowLength: price.rowLength,
    weightBytes: sumOf('weights'),
    stateBytes: sumOf('adapters', 'gradients', 'optimizer'),
    workingBytes: sumOf('activations', 'logits', 'working'),
    programBytes: sumOf('program'),
    totalBytes: neededBytes.value,
    otherwise: [
      ...otherwise,
      ...(isWide ? (['fp32-weights'] as const) : []),
      ...(price.rowLength < asked.length ? (['shorter-rows'] as const) : []),
    ],
  };
}

function alike(parameters: number): ModelShape | null {
  const shape = typicalShape(parameters);
  const ratio = parametersOf(shape) / parameters;
  return ratio < ALIKE && ratio > 1 / ALIKE ? shape : null;
}
