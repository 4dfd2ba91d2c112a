/** What a run takes besides its steps and evaluations: the start, programs that take turns, answers to prompts, and writing. Seconds. */
import type { Rates } from '../../common/api/contract.ts';
import type { RunPrice } from '../../common/protocol/protocol.ts';

/** The program begins, reads the rows, and compiles two graphs; the weights come on top. */
const START_SECONDS = 2.5;
const START_SECONDS_PER_NODE = 0.0008;
/** What a program that takes its turn on a card needs to bring its weights there: an assumption, below what a usual bus does. */
const TURN_BYTES_PER_SECOND = 2e9;
/**
 * Weights that a processor prepares in a second: measured as processor time on SmolLM2 135M in Q4_1 (float32, 8 bits, NF4; 92, 42 and 10
 * million), on one core as it is done.
 */
const PREPARED_A_SECOND = { converted: 90e6, rounded: 40e6, nf4: 9.7e6 };
/** Where the disk was not measured. */
const DISK_BYTES_PER_SECOND = 150e6;
/** A forward pass is about a third of a step: the way back is two products for each of its own. */
const FORWARD_SHARE = 1 / 3;

/** The program, its weights prepared where they are not yet, or else read from the disk. */
export function startSeconds(price: RunPrice, rates: Rates | null): number {
  const { weightBytes, memory, preparation } = price;
  const begin = programSeconds(price);
  if (!preparation) return begin + (weightBytes + memory.trainedBytes) / readingSpeed(rates);
  const { convertedWeights, roundedWeights, nf4Weights, writtenBytes } = preparation;
  const work =
    convertedWeights / PREPARED_A_SECOND.converted +
    roundedWeights / PREPARED_A_SECOND.rounded +
    nf4Weights / PREPARED_A_SECOND.nf4;
  return begin + work + writtenBytes / writingSpeed(rates);
}

/** The start where the weights are in memory already. */
export function programSeconds(price: RunPrice): number {
  return START_SECONDS + START_SECONDS_PER_NODE * nodesOf(price);
}

/** Before each evaluation its program takes the place of the training's, and after it the other way round. */
export function turnSeconds(price: RunPrice): number {
  const { weightBytes, work } = price;
  if (!work.takesTurns) return 0;
  const compiling = START_SECONDS_PER_NODE * nodesOf(price);
  return work.evaluations * (compiling + (2 * weightBytes) / TURN_BYTES_PER_SECOND);
}

/** All answers to the person's own prompts, by what a token takes in all evaluations, or in all steps where there are none. */
export function sampleSeconds(
  { work, steps }: RunPrice,
  seconds: { readonly evaluation: number; readonly steps: number },
): number {
  const { samples, evaluationTokens, evaluationBatches, evaluations, batchesPerStep } = work;
  if (!samples) return 0;
  const evaluated = evaluationTokens * evaluationBatches * evaluations;
  const trained = samples.microBatchTokens * batchesPerStep * steps;
  const each =
    evaluated > 0 ? seconds.evaluation / evaluated : (FORWARD_SHARE * seconds.steps) / Math.max(1, trained);
  return samples.tokens * each;
}

/** All that is written in the `training` seconds of a run: checkpoints as often as they come, the best weights, and the result. */
export function writingSeconds({ work, steps }: RunPrice, rates: Rates | null, training: number): number {
  return (work.writtenBytes + checkpointBytes(work, steps, training)) / writingSpeed(rates);
}

/** Of the checkpoints before the last. Each begins the time to the next one anew, so the more frequent way counts. */
function checkpointBytes({ checkpoints }: RunPrice['work'], steps: number, training: number): number {
  if (!checkpoints) return 0;
  const { bytes, everySteps, everyMinutes } = checkpoints;
  const bySteps = everySteps === null ? 0 : Math.floor((steps - 1) / everySteps);
  const byTime = everyMinutes > 0 ? Math.floor(training / (60 * everyMinutes)) : 0;
  return Math.max(0, bySteps, byTime) * bytes;
}

function readingSpeed(rates: Rates | null): number {
  return rates?.diskBytesPerSecond ?? DISK_BYTES_PER_SECOND;
}

/** Measured since it is told; before, the disk was taken to write as fast as it reads. */
function writingSpeed(rates: Rates | null): number {
  return rates?.diskWrittenPerSecond ?? readingSpeed(rates);
}

function nodesOf({ work }: RunPrice): number {
  return work.gradient.nodes + (work.evaluation?.nodes ?? 0);
}
