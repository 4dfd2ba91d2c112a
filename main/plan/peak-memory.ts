/**
 * The peak memory of a run in parts that sum up to it, and whether it fits into the free memory: one place for grid, proposals and plan.
 */
import type {
  MemoryPart,
  PlanEstimate,
  PlanFit,
  PlanMethod,
  PlanPrice,
  RangedFigure,
} from '../../common/api/contract.ts';
import type { RunPrice } from '../../common/protocol/protocol.ts';
import { traitsOf } from '../../common/settings/executors.ts';
import type { PlanExecutor } from './situation.ts';

// The peak of a run in memory, in parts that sum up to it: what the graphs take (engine/exec/ort/ort-memory.ts predicts it with the
// allocator's holes), and around it the program. The memory of a run is `neededBytes`, wherever it is shown: each page once. The system's
// count, with which predictions are compared, has weights once for each session that has mapped them (docs/decisions/0047).

/** The engine with onnxruntime before it holds a model: its own files in memory, and what it has taken of its own (docs/planner.md). */
const PROGRAM_BYTES = 185e6;
/** Of a mapped file about so much has been read, and so is resident. */
const RESIDENT_SHARE = 0.99;

interface PeakMemory {
  /** As the system counts it. */
  readonly residentBytes: number;
  /** What the computer must have free for it, and what is shown. */
  readonly neededBytes: number;
  readonly parts: readonly { readonly part: MemoryPart; readonly bytes: number }[];
}

/** Whether a run is computed on a graphics card. */
function isOnCard({ device = 'cpu', foundCard }: Pick<RunPrice, 'device' | 'foundCard'>): boolean {
  return device !== 'cpu' || foundCard !== undefined;
}

/** Whether what is trained rests on the card. */
function keepsStateOnCard({ device, stateOnCard }: Pick<RunPrice, 'device' | 'stateOnCard'>): boolean {
  return device === 'webgpu' || stateOnCard === true;
}

/**
 * The peak of a run on a graphics card, in the card's memory, by the same graphs; null for a run on the
 * processor. Each session of onnxruntime has the weights of its own there, and what a step adds to the gradients
 * is written beside them. Bytes.
 */
export function peakVideoMemory(price: RunPrice): number | null {
  return videoMemoryParts(price)?.reduce((sum, { bytes }) => sum + bytes, 0) ?? null;
}

/**
 * The same in its parts: `gradients` with the new ones beside the old, `working` what an update needs beyond
 * the values of a step. Null for a run on the processor. Bytes.
 */
export function videoMemoryParts(
  price: RunPrice,
): readonly { readonly part: MemoryPart; readonly bytes: number }[] | null {
  if (!isOnCard(price)) return null;
  const { weightBytes, memory } = price;
  const values = memory.activationBytes + memory.logitBytes;
  const step = memory.gradientBytes + values;
  const isThere = keepsStateOnCard(price);
  const update = isThere ? 4 * (memory.updateBytes ?? memory.trainedBytes) : 0;
  // programs of ggml keep their memory, so the update's counts beside the step's, and the squares that it sums up
  const own = memory.heapBytes + memory.sessionBytes + (isThere ? update + (memory.updateBytes ?? 0) : 0);
  const held = price.foundCard ? own : Math.max(0, update - step);
  // where they don't rest there, they are among what a run copies, and new gradients among the values
  const isCopied = price.foundCard !== undefined && !isThere;
  const gradients = (isCopied ? 0 : price.foundCard ? 1 : 2) * memory.gradientBytes;
  const copies = traitsOf(price.executor).sharesWeights ? 1 : memory.mappings;
  return [
    { part: 'weights', bytes: weightBytes * copies },
    { part: 'adapters', bytes: isCopied ? 0 : memory.trainedBytes },
    { part: 'gradients', bytes: gradients },
    { part: 'optimizer', bytes: isThere ? memory.optimizerBytes : 0 },
    { part: 'activations', bytes: memory.activationBytes },
    { part: 'logits', bytes: memory.logitBytes },
    { part: 'working', bytes: held },
  ];
}

/** What a run on a graphics card takes of the computer's memory: the program, weights as they were read, and copies for checkpoints. */
function beside(price: RunPrice): PeakMemory {
  const { weightBytes, memory } = price;
  const parts: { part: MemoryPart; bytes: number }[] = [
    { part: 'program', bytes: PROGRAM_BYTES + (memory.tokenizerBytes ?? 0) },
    { part: 'weights', bytes: weightBytes * RESIDENT_SHARE },
    { part: 'adapters', bytes: memory.trainedBytes },
    { part: 'gradients', bytes: keepsStateOnCard(price) ? 0 : memory.gradientBytes },
    { part: 'optimizer', bytes: memory.optimizerBytes },
    { part: 'working', bytes: memory.sessionBytes },
  ];
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return { residentBytes: bytes, neededBytes: bytes, parts };
}

/** The peak of a run by its graphs in the computer's own memory, without any correction. Bytes. */
export function peakMemory(price: RunPrice): PeakMemory {
  if (isOnCard(price)) return beside(price);
  const { weightBytes, memory, executor } = price;
  const mapped = executor === 'ort' ? weightBytes * RESIDENT_SHARE : weightBytes;
  const again = traitsOf(executor).sharesWeights ? 0 : mapped * (memory.mappings - 1);
  const parts: { part: MemoryPart; bytes: number }[] = [
    { part: 'program', bytes: PROGRAM_BYTES + (memory.tokenizerBytes ?? 0) },
    { part: 'weights', bytes: mapped },
    { part: 'adapters', bytes: memory.trainedBytes },
    { part: 'gradients', bytes: memory.gradientBytes },
    { part: 'optimizer', bytes: memory.optimizerBytes },
    { part: 'activations', bytes: memory.activationBytes },
    { part: 'logits', bytes: memory.logitBytes },
    { part: 'working', bytes: memory.heapBytes + memory.sessionBytes },
  ];
  const neededBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    residentBytes: neededBytes + again,
    neededBytes,
    parts: [...parts, ...(again > 0 ? [{ part: 'mapped-again' as const, bytes: again }] : [])],
  };
}

type Part = PeakMemory['parts'][number];

/** What the allocator and the program make of a run; the sizes of all else are known exactly, whatever a process shows. */
const UNSURE: readonly MemoryPart[] = ['program', 'activations', 'logits', 'working'];
/** What is unsure is not taken to be less than this share of what the formula says. */
const LEAST_SHARE = 0.5;

/**
 * The parts of a peak that is `residentBytes` in all, by runs or by a probe, where the formula gave `parts`:
 * the difference belongs to what is unsure. Where that would leave too little of it, pages of mapped files
 * are not there: of what was mapped again, then of the weights.
 */
export function partsOf(parts: readonly Part[], residentBytes: number): readonly Part[] {
  const sum = (some: readonly Part[]) => some.reduce((all, { bytes }) => all + bytes, 0);
  const unsure = sum(parts.filter(({ part }) => UNSURE.includes(part)));
  const missing = residentBytes - sum(parts);
  const share = unsure === 0 ? 1 : Math.max(LEAST_SHARE, 1 + missing / unsure);
  let found = parts.map(({ part, bytes }) => ({
    part,
    bytes: UNSURE.includes(part) ? bytes * share : bytes,
  }));
  for (const mapped of ['mapped-again', 'weights'] as const) {
    const over = Math.max(0, sum(found) - residentBytes);
    found = found.map(({ part, bytes }) => ({
      part,
      bytes: part === mapped ? Math.max(0, bytes - over) : bytes,
    }));
  }
  // a peak below all of that cannot be explained
  const rest = residentBytes / sum(found);
  return found.map(({ part, bytes }) => ({ part, bytes: bytes * rest }));
}

/** Up to this share of the free memory a run is comfortable: other programs need some, too. */
export const COMFORTABLE_SHARE = 0.75;

/** Bytes of a weight with what is kept of it: where it is trained 16 bits, and two moments in 8 (its gradient is not kept); else in float32, or in 4 bits. Halved: in 16. */
const LEAST_BYTES: Readonly<Record<PlanMethod, number>> = { full: 4, lora: 4, qlora: 0.5 };
/** Runs of this computer may have shown that the formula says somewhat too much. */
const SURE_SHARE = 0.85;

const HALVED_BYTES = 2;

/** Whether a model of so many weights cannot fit whatever the settings are: then none of them need be priced. */
export function isHopeless(
  method: PlanMethod,
  { parameters, isHalved = false }: { readonly parameters: number; readonly isHalved?: boolean },
  bytes: number,
): boolean {
  const least = method === 'lora' && isHalved ? HALVED_BYTES : LEAST_BYTES[method];
  return SURE_SHARE * least * parameters > bytes;
}

/** Comfortable means three quarters of the free memory, and that the whole range of the peak fits. */
export function fitOf(peak: RangedFigure, freeBytes: number): PlanFit {
  if (peak.value > freeBytes) return 'too-big';
  const isComfortable = peak.value <= COMFORTABLE_SHARE * freeBytes && peak.high <= freeBytes;
  return isComfortable ? 'comfortable' : 'tight';
}

/** What a run takes of the memories: of the computer's, and of a card's where one computes. */
export type Needs = Pick<PlanPrice, 'peakBytes' | 'peakVramBytes'>;
type Has = Pick<PlanExecutor, 'freeBytes' | 'card'>;

/** What limits a run: its peak, and the memory that is free for that. Bytes. */
interface Limit {
  readonly peak: RangedFigure;
  readonly freeBytes: number;
}

/** The memories that a run needs: that of the computer, and of a card that has its own. One that shares it needs both from the one. */
export function limitsOf(
  { peakBytes, peakVramBytes = null }: Needs,
  { freeBytes, card = null }: Has,
): [Limit, ...Limit[]] {
  if (peakVramBytes === null || card === null) return [{ peak: peakBytes, freeBytes }];
  if (card.isShared) return [{ peak: added(peakBytes, peakVramBytes), freeBytes }];
  const own = card.freeBytes === null ? [] : [{ peak: peakVramBytes, freeBytes: card.freeBytes }];
  return [{ peak: peakBytes, freeBytes }, ...own];
}

/** Whether a run fits where it is computed: into the computer's memory, and into the card's. */
export function fitOn(needs: Needs, has: Has): PlanFit {
  const { peak, freeBytes } = tightest(needs, has);
  return fitOf(peak, freeBytes);
}

/** The same of an estimate: what the computer must have is what is needed, and not what the process shows. */
export function fitOfEstimate(
  { neededBytes, peakVramBytes }: Pick<PlanEstimate, 'neededBytes' | 'peakVramBytes'>,
  has: Has,
): PlanFit {
  return fitOn({ peakBytes: neededBytes, peakVramBytes }, has);
}

/** The memory of which a run takes the largest share. */
export function tightest(needs: Needs, has: Has): Limit {
  const share = ({ peak, freeBytes }: Limit) => peak.high / freeBytes;
  return limitsOf(needs, has).reduce((worst, one) => (share(one) > share(worst) ? one : worst));
}

function added(a: RangedFigure, b: RangedFigure): RangedFigure {
  return { value: a.value + b.value, low: a.low + b.low, high: a.high + b.high, restsOn: a.restsOn };
}
