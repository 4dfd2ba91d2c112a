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

/** The peak of a run by its graphs, without any correction. Bytes. */
export function peakMemory({ weightBytes, memory, executor }: RunPrice): PeakMemory {
  const mapped = executor === 'ort' ? weightBytes * RESIDENT_SHARE : weightBytes;
  const again = mapped * (memory.mappings - 1);
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
