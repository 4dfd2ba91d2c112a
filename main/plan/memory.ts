/**
 * The peak of a run in memory, in parts that sum up to it: what the graphs take (engine/exec/ort/memory.ts foretells it with the
 * allocator's holes), and around it the program. It is the resident memory of the engine's process as the system counts it,
 * in which weights that two sessions have mapped count twice, though they exist once: `neededBytes` counts them once.
 */
import type { MemoryPart } from '../../preload/contract.ts';
import type { RunPrice } from '../engine/protocol.ts';

/** The engine with onnxruntime before it holds a model: its own files in memory, and what it has taken of its own (docs/planner.md). */
export const PROGRAM_BYTES = 185e6;
/** Of a mapped file about so much has been read, and so is resident. */
const RESIDENT_SHARE = 0.99;

export interface PeakMemory {
  readonly residentBytes: number;
  /** What the computer must have free for it. */
  readonly neededBytes: number;
  readonly parts: readonly { readonly part: MemoryPart; readonly bytes: number }[];
}

/** Whether a run is computed on a graphics card. */
export function isOnCard({ device = 'cpu' }: Pick<RunPrice, 'device'>): boolean {
  return device !== 'cpu';
}

/**
 * The peak of a run on a graphics card, in the card's memory, by the same graphs; null for a run on the processor. Each session has the
 * weights of its own there, and what a step adds to the gradients is written beside them. Bytes.
 */
export function peakVideoMemory(price: RunPrice): number | null {
  if (!isOnCard(price)) return null;
  const { weightBytes, memory } = price;
  const state = memory.trainedBytes + memory.gradientBytes + memory.optimizerBytes;
  const step = memory.gradientBytes + memory.activationBytes + memory.logitBytes;
  const update = 4 * (memory.updateBytes ?? memory.trainedBytes);
  return weightBytes * memory.mappings + state + Math.max(step, update);
}

/** What a run on a graphics card takes of the computer's memory: the program, weights as they were read, and copies for checkpoints. */
function beside({ weightBytes, memory }: RunPrice): PeakMemory {
  const parts: { part: MemoryPart; bytes: number }[] = [
    { part: 'program', bytes: PROGRAM_BYTES },
    { part: 'weights', bytes: weightBytes * RESIDENT_SHARE },
    { part: 'adapters', bytes: memory.trainedBytes },
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
  // programs of TensorFlow.js share their weights
  const again = executor === 'tfjs' ? 0 : mapped * (memory.mappings - 1);
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
