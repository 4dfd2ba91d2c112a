/** What a session of onnxruntime takes for a graph: the values of a step in its allocator, and the session itself. */
import type { Graph } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { turnOf } from '../../passes/turn.ts';
import type { WorkingMemory } from '../executor.ts';
import { type Buffer, buffersOf } from './buffers.ts';
import { leavesFirst } from './execution-order.ts';
import { lowerGraph } from './export.ts';
import { type Block, Heap } from './heap.ts';
import { type Dialect, ON_CPU } from './lower.ts';

/** What a session keeps for each of its nodes, measured on graphs of 700 to 5,400 nodes: 11 to 70 MB. */
const SESSION_BYTES_PER_NODE = 14_000;
/** Runs after which the heap has found its extent. */
const RUNS = 3;
/** Copies of donated outputs above this share of the values keep holes from becoming one. */
const COPIED_SHARE = 0.05;

/**
 * Memory of the session of `graph`, which has been optimised; `donated` outputs are written into tensors that exist already. `copies`: whether
 * onnxruntime-node makes a copy of each of them even so.
 */
export function ortMemory(
  graph: Graph,
  donated: ReadonlySet<string>,
  dialect: Dialect = ON_CPU,
  copies = true,
): WorkingMemory {
  const lowered = lowerGraph(graph, dialect);
  // memory that is new in each run becomes resident as it is written; it is counted by whoever donates it
  const isNew = (name: string) => !copies && !graph.inputs.has(name);
  const elsewhere = new Set([...donated].filter((name) => !isNew(name)).map((name) => `out:${name}`));
  const order = leavesFirst(lowered.nodes);
  const buffers = buffersOf(lowered, elsewhere, order);
  const steps = order.length;
  const bytesOfAll = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + 4 * sizeOf(graph.outputs.get(name)?.shape ?? [0]), 0);
  const newBytes = bytesOfAll([...donated].filter(isNew));
  const peaks = livePeaks(buffers, steps, turnOf(order.map(({ name }) => name)));
  const [turnBytes, afterBytes] = [peaks.turnBytes - newBytes, peaks.afterBytes - newBytes];
  const liveBytes = Math.max(turnBytes, afterBytes);
  const donatedBytes = copies ? bytesOfAll([...donated]) : 0;
  const heapOf = (merges: boolean) => heapPeak(buffers, steps, { merges, apart: !copies }) - newBytes;
  const heapBytes = heapOf(merges(donatedBytes, liveBytes));
  return {
    ...{ liveBytes, turnBytes, afterBytes, donatedBytes, heapBytes },
    heapAt: (share) =>
      merges(share, 1) === merges(donatedBytes, liveBytes) ? heapBytes : heapOf(merges(share, 1)),
    sessionBytes: SESSION_BYTES_PER_NODE * steps,
  };
}

const merges = (donated: number, live: number): boolean => donated < COPIED_SHARE * live;

function livePeaks(buffers: readonly Buffer[], steps: number, turn: number) {
  const change = new Float64Array(steps + 1);
  for (const { bytes, first, last } of buffers) {
    change[first]! += bytes;
    if (last !== null) change[last + 1]! -= bytes;
  }
  let [now, turnBytes, afterBytes] = [0, 0, 0];
  change.forEach((bytes, step) => {
    now += bytes;
    if (step <= turn) turnBytes = Math.max(turnBytes, now);
    else afterBytes = Math.max(afterBytes, now);
  });
  return { turnBytes, afterBytes };
}

/** `apart`: outputs are not taken from the heap. */
function heapPeak(
  buffers: readonly Buffer[],
  steps: number,
  { merges, apart }: { merges: boolean; apart: boolean },
): number {
  const heap = new Heap(merges);
  const [begins, ends] = [
    byStep(buffers, steps, ({ first }) => first),
    byStep(buffers, steps, ({ last }) => last),
  ];
  const held: Block[] = new Array(buffers.length);
  const take = ({ bytes, last }: Buffer) =>
    apart && last === null ? heap.takeApart(bytes) : heap.take(bytes);
  for (let run = 0; run < RUNS; run++) {
    for (let step = 0; step <= steps; step++) {
      for (const i of begins[step] ?? []) held[i] = take(buffers[i]!);
      for (const i of ends[step] ?? []) heap.give(held[i]!);
    }
  }
  return heap.peakBytes;
}

/** The places of the buffers by a step of theirs; those without one at the end. */
function byStep(buffers: readonly Buffer[], steps: number, stepOf: (buffer: Buffer) => number | null) {
  const places: (number[] | undefined)[] = new Array(steps + 1).fill(undefined);
  buffers.forEach((buffer, i) => {
    const step = stepOf(buffer) ?? steps;
    const there = places[step];
    if (there) there.push(i);
    else places[step] = [i];
  });
  return places;
}
