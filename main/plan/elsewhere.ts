/**
 * What a run takes on another computer, in the memory of each card and in time: PyTorch's own accounting and what makers publish of their
 * cards, until runs of that computer have shown how fast it is. Bytes and seconds.
 */
import type { Span, TargetEstimate } from '../../common/api/contract.ts';
import type { TextbookFacts } from '../../common/protocol/protocol.ts';
import { sum } from '../../common/values.ts';
import { cardCalled, type PublishedCard, USUAL_UTILISATION } from './accelerators.ts';
import { fitOf } from './peak-memory.ts';
import { activationBytes, operationsPerToken } from './textbook.ts';

/** What of a training its time depends on. */
export interface TimedWork extends Pick<TextbookFacts, 'method' | 'parameters' | 'trained' | 'layers'> {
  readonly recompute: boolean;
  readonly steps: number;
  /** Micro-batches of a step, and tokens of all steps. */
  readonly batches: number;
  readonly tokens: number;
}

export interface WorkThere
  extends TimedWork,
    Pick<TextbookFacts, 'bits' | 'width' | 'heads' | 'vocabulary' | 'optimizer'> {
  /** Places for tokens in a micro-batch, and tokens that all evaluations read. */
  readonly tokensAtOnce: number;
  readonly evaluatedTokens: number;
}

/** Cards that compute together, all alike. `bytes`: of one; null where nobody has looked. */
export interface CardsThere {
  readonly name: string;
  readonly bytes: number | null;
  /** Of all computers. */
  readonly count: number;
  readonly computers: number;
}

/** A run that the target has done, on what it computed. */
export interface PastRun {
  readonly work: TimedWork;
  /** `name`: `CPU` where no card computed. */
  readonly cards: CardsThere;
  readonly tokensPerSecond: number;
}

export interface PlaceThere {
  /** Null before anybody looked. */
  readonly cards: CardsThere | 'none' | null;
  readonly pricePerHour: number | null;
  readonly currency: string;
  /** The oldest first. */
  readonly past: readonly PastRun[];
}

/** What is assumed of a training in PyTorch. */
interface Assumed {
  /** Share of a card's published rate that products reach. */
  readonly utilisation: number;
  /**
   * Seconds that the processor takes to hand over a layer's work, forward and backward. With adapters these are about 200 kernels (eight for
   * a norm, six for a matrix with its adapter, twice as many backward). Launching one from C takes 2 to 4 microseconds (Gray, "Getting
   * Started with CUDA Graphs", NVIDIA 2019); Python, dispatch and autograd come on top ("Making Deep Learning Go Brrrr", He 2022). So 2 to
   * 10 microseconds each are assumed. It goes on beside what the card computes, and is a floor for small models and few tokens at once.
   */
  readonly launch: number;
  /** Bytes a second between computers, for each card. */
  readonly network: number;
  /** Until the first step: Python and PyTorch begin, and the weights are read. */
  readonly start: number;
}
/** Networks of 100, 400 and 25 Gbit/s. */
export const USUAL: Assumed = {
  utilisation: USUAL_UTILISATION.value,
  launch: 1e-3,
  network: 12.5e9,
  start: 60,
};
export const QUICK: Assumed = {
  utilisation: USUAL_UTILISATION.high,
  launch: 0.4e-3,
  network: 50e9,
  start: 30,
};
export const SLOW: Assumed = { utilisation: USUAL_UTILISATION.low, launch: 2e-3, network: 3.1e9, start: 180 };

/** Bytes of a weight that a pass through the model moves: quantised ones are read, written in 16 bits, and read again. */
const PASS_BYTES = { full: 4, lora: 2, qlora: 4.5 } as const;
/** Bytes that AdamW moves for each trained weight: value, gradient and both moments, most of them read and written, in float32. */
const UPDATE_BYTES = 28;
const [BF16, FP32] = [2, 4];

/** Where no figures of a card are known, only ratios between runs mean something. */
const NO_CARD: Pick<PublishedCard, 'peakFlops' | 'memoryBandwidth' | 'linkBandwidth'> = {
  peakFlops: 1e12,
  memoryBandwidth: Number.POSITIVE_INFINITY,
  linkBandwidth: Number.POSITIVE_INFINITY,
};

/** Seconds of a step on `cards`, which share its tokens. */
export function stepSeconds(work: TimedWork, cards: CardsThere, assumed: Assumed = USUAL): number {
  const { method, parameters, trained, layers, recompute, steps, batches, tokens } = work;
  const { count, computers } = cards;
  const known = cardCalled(cards.name);
  const { peakFlops, memoryBandwidth, linkBandwidth } = known ?? NO_CARD;
  const micro = Math.ceil(batches / count);
  const operations = sum(Object.values(operationsPerToken(work))) * (tokens / steps / count);
  const passes = (recompute ? 3 : 2) * micro;
  const isSharded = method === 'full' && count > 1;
  const moved = passes * PASS_BYTES[method] * parameters;
  const update = UPDATE_BYTES * (trained / (isSharded ? count : 1));
  const link = computers > 1 ? Math.min(assumed.network, linkBandwidth) : linkBandwidth;
  // FSDP gathers weights for each pass and scatters gradients, in 16 bits; others add up their gradients once a step, to and fro
  const sent = isSharded ? (passes + micro) * BF16 * parameters : 2 * FP32 * trained;
  return (
    Math.max(
      operations / (peakFlops * assumed.utilisation),
      moved / memoryBandwidth,
      known ? handingOver({ layers, trained: micro }, assumed) : 0,
    ) +
    update / memoryBandwidth +
    (sent * (count - 1)) / count / link
  );
}

/** Of the kernels of a micro-batch that is trained on, those of its forward pass. */
const FORWARD_SHARE = 1 / 3;

/** Seconds in which the processor hands over micro-batches, however fast the card is: those trained on, and those that only go forward. */
export function handingOver(
  {
    layers,
    trained,
    read = 0,
  }: { readonly layers: number; readonly trained: number; readonly read?: number },
  { launch }: Pick<Assumed, 'launch'>,
): number {
  return layers * launch * (trained + FORWARD_SHARE * read);
}

/** Seconds of all steps and evaluations. */
function workSeconds(work: WorkThere, cards: CardsThere, assumed: Assumed): number {
  const known = cardCalled(cards.name);
  const { peakFlops } = known ?? NO_CARD;
  const { evaluatedTokens, tokensAtOnce, layers } = work;
  const operations = evaluatedTokens * operationsPerToken(work).forward;
  const read = known && tokensAtOnce > 0 ? evaluatedTokens / tokensAtOnce : 0;
  const evaluation = Math.max(
    operations / (peakFlops * assumed.utilisation),
    handingOver({ layers, trained: 0, read }, assumed),
  );
  return work.steps * stepSeconds(work, cards, assumed) + evaluation / cards.count;
}

/** Newest runs of a target that count. */
const NEWEST = 5;
/** How far one run may be from another at the same speed, and how far where only one is known. */
const NARROWEST = 1.2;
const ONE_RUN = 1.5;

/** By how much its own runs took longer than predicted, and how far they differ. */
function ownPace(past: readonly PastRun[]): { readonly factor: number; readonly spread: number } {
  const ratios = past
    .slice(-NEWEST)
    .map(({ work, cards, tokensPerSecond }) => {
      const predicted = work.tokens / work.steps / stepSeconds(work, cards);
      return predicted / tokensPerSecond;
    })
    .sort((a, b) => a - b);
  const half = (ratios.length - 1) / 2;
  const factor = (ratios[Math.floor(half)]! + ratios[Math.ceil(half)]!) / 2;
  const widest = Math.max(ratios.at(-1)! / factor, factor / ratios[0]!, NARROWEST);
  return { factor, spread: ratios.length > 1 ? widest : Math.max(ONE_RUN, widest) };
}

/** Seconds of the run; null where neither the card's figures nor a run of its own are known. */
function secondsThere(work: WorkThere, cards: CardsThere, past: readonly PastRun[]): Span | null {
  const all = (assumed: Assumed) => assumed.start + workSeconds(work, cards, assumed);
  if (past.length === 0)
    return cardCalled(cards.name) && { value: all(USUAL), low: all(QUICK), high: all(SLOW) };
  const { factor, spread } = ownPace(past);
  const own = factor * workSeconds(work, cards, USUAL);
  return { value: USUAL.start + own, low: QUICK.start + own / spread, high: SLOW.start + own * spread };
}

/** CUDA's own, NCCL's buffers, and what the allocator holds in pieces: an assumption. */
const CONTEXT_BYTES = 1.5e9;
/** Of a token's logits: in 16 bits, in float32, their logarithms, and the gradient. */
const LOGIT_BYTES = BF16 + 3 * FP32;
/** Formulas of PyTorch's memory were compared with no card here. */
const MEMORY_SPREAD = 1.3;

/** Bytes on each of `count` cards at the peak, part by part. */
export function memoryPartsThere(work: WorkThere, count: number) {
  const { method, bits = 4, parameters, trained, layers, width, vocabulary = 0, optimizer } = work;
  const isFull = method === 'full';
  const isSharded = isFull && count > 1;
  const shards = isSharded ? count : 1;
  const table = vocabulary * width;
  const quantised = (bits / 8 + 1 / 16) * Math.max(0, parameters - table) + FP32 * table;
  const weights = { full: FP32 * (parameters / shards), lora: BF16 * parameters, qlora: quantised };
  // full ones are computed with in 16 bits: all of them, or of shards two layers at a time beside the tables
  const copies = isSharded ? BF16 * ((2 * parameters) / layers + 2 * table) : BF16 * parameters;
  const buckets = count > 1 && !isSharded ? FP32 * trained : 0;
  const moments = optimizer === 'adamw-8bit' ? 2 * (1 + 4 / 2048) : 2 * FP32;
  const kept = (of: number, recompute: 'selective' | 'full') =>
    activationBytes(
      { layers: of, width, heads: work.heads },
      { batch: 1, length: work.tokensAtOnce, format: 'bf16', recompute },
    );
  return {
    weights: weights[method] + (isFull ? copies : FP32 * trained),
    gradients: FP32 * (trained / shards) + buckets,
    optimizer: moments * (trained / shards),
    activations: work.recompute ? kept(layers, 'full') + kept(1, 'selective') : kept(layers, 'selective'),
    logits: LOGIT_BYTES * work.tokensAtOnce * vocabulary,
    context: CONTEXT_BYTES,
  };
}

function memoryOf(value: number, ofBytes: number): TargetEstimate['memory'] {
  const range = { value, low: value / MEMORY_SPREAD, high: value * MEMORY_SPREAD };
  return { ...range, ofBytes, fit: fitOf({ ...range, restsOn: 'formula' }, ofBytes) };
}

/** What the run takes at `place`; what cannot be known is null, and `unknown` says why. */
export function estimateThere(work: WorkThere, place: PlaceThere): Omit<TargetEstimate, 'name' | 'host'> {
  const { pricePerHour, currency } = place;
  // what a test finds where jobs are sent to may not be where they run
  const found = place.cards === 'none' ? null : place.cards;
  const cards = found ?? place.past.at(-1)?.cards ?? null;
  const past = place.past.filter((run) => run.cards.name === cards?.name);
  const isCard = cards !== null && cards.name !== NO_CARD_NAME;
  const seconds = cards && secondsThere(work, cards, past);
  const bytes = isCard ? (cards.bytes ?? cardCalled(cards.name)?.memoryBytes ?? null) : null;
  const value = isCard ? sum(Object.values(memoryPartsThere(work, cards.count))) : null;
  return {
    cards: isCard ? { name: cards.name, count: cards.count } : null,
    memory: value === null || bytes === null ? null : memoryOf(value, bytes),
    seconds,
    cost: seconds && pricePerHour !== null ? scaled(seconds, pricePerHour / 3600) : null,
    currency,
    restsOn: past.length > 0 ? 'runs' : 'published',
    runs: Math.min(past.length, NEWEST),
    utilisation: USUAL_UTILISATION,
    unknown: seconds ? null : isCard ? 'unknown-card' : place.cards === 'none' ? 'no-card' : 'untested',
  };
}

/** How train.py calls what it computes on where that is no card. */
export const NO_CARD_NAME = 'CPU';

function scaled({ value, low, high }: Span, factor: number): Span {
  return { value: value * factor, low: low * factor, high: high * factor };
}
