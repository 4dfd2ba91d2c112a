/** What one graph of a step does and holds, in figures that grow evenly with the layers of the model. */

import type { Work } from '../../../common/protocol/protocol.ts';
import type { Executor } from '../exec/executor.ts';
import { bytesOf, type Graph } from '../ir/graph.ts';
import { flopsOf } from '../passes/cost.ts';
import { peaksOf, type ShortPeak, weightBytesOf } from '../passes/memory.ts';
import { scheduled } from '../passes/schedule.ts';
import { workOf } from './work.ts';

/** Values alive at a peak, and those of them that the head and its loss made. Bytes. */
export interface Alive {
  readonly bytes: number;
  readonly lossBytes: number;
}

/** Bytes, and floating point operations. Two peaks each: up to the turn of the step and after it (passes/turn.ts). */
export interface GraphCounts {
  readonly work: Work;
  readonly flops: number;
  readonly weightBytes: number;
  /** By the graph alone. */
  readonly turn: Alive;
  readonly after: Alive;
  /** By the buffers that the executor has for the values. */
  readonly turnBytes: number;
  readonly afterBytes: number;
  readonly donatedBytes: number;
  readonly sessionBytes: number;
}

export interface GraphFigures extends GraphCounts {
  /** What the allocator holds for the values. */
  readonly heapBytes: number;
}

/** A graph that was optimised for `executor`, counted; the heap is asked for apart, by the share of donated outputs. */
export interface Counted {
  readonly counts: GraphCounts;
  heapAt(donatedShare: number): number;
}

/** Counts `graph`; `donated` outputs are written elsewhere. `notes`: see `Executor.memoryOf`. */
export function counted(
  graph: Graph,
  donated: ReadonlySet<string>,
  executor: Executor,
  notes: Map<object, unknown> = new Map(),
): Counted {
  const { turn, after } = peaksOf(graph, donated, scheduled(graph));
  const memory = executor.memoryOf(graph, donated, notes);
  const { turnBytes, afterBytes, donatedBytes, sessionBytes, heapAt, freshBytes = 0 } = memory;
  const work = workOf(graph);
  const outputBytes = executor.writesInPlace
    ? work.outputBytes! - bytesOfOutputs(graph, donated) + freshBytes
    : work.outputBytes!;
  return {
    counts: {
      work: { ...work, outputBytes },
      flops: flopsOf(graph),
      weightBytes: weightBytesOf(graph),
      turn: aliveAt(turn),
      after: aliveAt(after),
      ...{ turnBytes, afterBytes, donatedBytes, sessionBytes },
    },
    heapAt,
  };
}

function bytesOfOutputs(graph: Graph, names: ReadonlySet<string>): number {
  return [...names].reduce((sum, name) => sum + bytesOf(graph.outputs.get(name)!), 0);
}

/** The share of the live values that donated outputs have. */
export function donatedShare({ donatedBytes, turnBytes, afterBytes }: GraphCounts): number {
  const live = Math.max(turnBytes, afterBytes);
  return live > 0 ? donatedBytes / live : donatedBytes > 0 ? Number.POSITIVE_INFINITY : 0;
}

function aliveAt({ bytes, lossBytes }: ShortPeak): Alive {
  return { bytes, lossBytes };
}
