/**
 * The peak of a run in memory, in parts that sum up to it: what the graphs take
 * (engine/exec/ort/ort-memory.ts predicts it with the allocator's holes), and around it the program. The
 * memory of a run is `neededBytes`, wherever it is shown: each page once. The system's count, with which
 * predictions are compared, has weights once for each session that has mapped them (docs/decisions/0047).
 */
import type { MemoryPart } from '../../common/api/contract.ts';
import type { RunPrice } from '../../common/protocol/protocol.ts';

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
function isOnCard({ device = 'cpu' }: Pick<RunPrice, 'device'>): boolean {
  return device !== 'cpu';
}

/** Whether what is trained rests on the card: onnxruntime-node keeps tensors there for WebGPU alone (docs/devices.md). */
function keepsStateOnCard({ device }: Pick<RunPrice, 'device'>): boolean {
  return device === 'webgpu';
}

/**
 * The peak of a run on a graphics card, in the card's memory, by the same graphs; null for a run on the
 * processor. Each session has the weights of its own there, and what a step adds to the gradients is written
 * beside them. Bytes.
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
  return [
    { part: 'weights', bytes: weightBytes * memory.mappings },
    { part: 'adapters', bytes: memory.trainedBytes },
    { part: 'gradients', bytes: 2 * memory.gradientBytes },
    { part: 'optimizer', bytes: isThere ? memory.optimizerBytes : 0 },
    { part: 'activations', bytes: memory.activationBytes },
    { part: 'logits', bytes: memory.logitBytes },
    { part: 'working', bytes: Math.max(0, update - step) },
  ];
}

/** What a run on a graphics card takes of the computer's memory: the program, weights as they were read, and copies for checkpoints. */
function beside(price: RunPrice): PeakMemory {
  const { weightBytes, memory } = price;
  const parts: { part: MemoryPart; bytes: number }[] = [
    { part: 'program', bytes: PROGRAM_BYTES },
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
  // programs of TensorFlow.js and of OpenVINO share their weights
  const again = executor === 'tfjs' || executor === 'openvino' ? 0 : mapped * (memory.mappings - 1);
  const parts: { part: MemoryPart; bytes: number }[] = [
    { part: 'program', bytes: PROGRAM_BYTES },
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
