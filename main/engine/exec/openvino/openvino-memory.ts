/** What a program of OpenVINO takes for a graph: values mostly in bfloat16 in one block, the compiled graph, and copies of accumulators. */
import { bytesOf, type Graph } from '../../ir/graph.ts';
import { memoryOf } from '../../passes/graph-cost.ts';
import type { WorkingMemory } from '../executor.ts';

/** Of the values alive at once in float32; measured 0.54 to 0.61 on steps of 12 and 30 layers. */
const BLOCK_SHARE = 0.6;
/** What a compiled graph keeps for each node: measured 160 MB for 2,636 nodes and about 500 MB for 8,331. */
const SESSION_BYTES_PER_NODE = 60_000;

/** `graph` has been optimised for OpenVINO; `donated` outputs that are inputs, too, are written beside them first. */
export function openvinoMemory(graph: Graph, donated: ReadonlySet<string>): WorkingMemory {
  const { turn, after } = memoryOf(graph, donated);
  const [turnBytes, afterBytes] = [turn.bytes * BLOCK_SHARE, after.bytes * BLOCK_SHARE];
  const liveBytes = Math.max(turnBytes, afterBytes);
  const copied = [...donated].filter((name) => graph.inputs.has(name));
  return {
    liveBytes,
    turnBytes,
    afterBytes,
    donatedBytes: copied.reduce((sum, name) => sum + bytesOf(graph.outputs.get(name)!), 0),
    heapBytes: liveBytes,
    heapAt: () => liveBytes,
    sessionBytes: SESSION_BYTES_PER_NODE * graph.nodes.length,
  };
}
