/** What a session of onnxruntime takes for a graph: the values of a step in its allocator, and the session itself. */

import { peakResidentBytes } from '../../../processes.ts';
import { bytesOf, type Graph, type Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { turnOf } from '../../passes/layer-scopes.ts';
import type { Phase, WeightSource, WorkingMemory } from '../executor.ts';
import { type Dialect, ON_CPU } from '../onnx/lower.ts';
import { type Buffers, buffersOf, KEPT } from './buffers.ts';
import { Heap, isLarge } from './heap.ts';
import { type Lowered, leavesFirst, type Trace, traced } from './trace.ts';

/** What a session keeps for each of its nodes, measured on graphs of 700 to 5,400 nodes: 11 to 70 MB. */
const SESSION_BYTES_PER_NODE = 14_000;
/** Runs after which the heap has found its extent. */
const RUNS = 3;
/** Copies of donated outputs above this share of the values keep holes from becoming one. */
const COPIED_SHARE = 0.05;

/**
 * Memory of the session of `graph`, which has been optimised; `donated` outputs are written into tensors that exist already. `copies`: whether
 * onnxruntime-node makes a copy of each of them even so. `lowered`: see trace.ts.
 */
export function ortMemory(
  graph: Graph,
  donated: ReadonlySet<string>,
  dialect: Dialect = ON_CPU,
  copies = true,
  lowered: Lowered = new Map(),
): WorkingMemory {
  const trace = traced(graph, dialect, lowered);
  // memory that is new in each run becomes resident as it is written; it is counted by whoever donates it
  const isNew = (name: string) => !copies && !graph.inputs.has(name);
  const elsewhere = new Set([...donated].filter((name) => !isNew(name)));
  const order = leavesFirst(trace);
  const buffers = buffersOf(trace, elsewhere, order);
  const steps = order.length;
  const bytesOfAll = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + 4 * sizeOf(graph.outputs.get(name)?.shape ?? [0]), 0);
  const newBytes = bytesOfAll([...donated].filter(isNew));
  const peaks = livePeaks(buffers, steps, turnOf(scopesIn(order, trace)));
  const again = bytesReadTwice(graph, trace.asWords);
  const [turnBytes, afterBytes] = [peaks.turnBytes, peaks.afterBytes].map(
    (bytes) => bytes - newBytes + again,
  ) as [number, number];
  const liveBytes = Math.max(turnBytes, afterBytes);
  const donatedBytes = copies ? bytesOfAll([...donated]) : 0;
  const events = eventsOf(buffers, steps);
  const heapOf = (merges: boolean) =>
    heapPeak(buffers, events, { merges, apart: !copies }) - newBytes + again;
  const heapBytes = heapOf(merges(donatedBytes, liveBytes));
  return {
    turnBytes,
    afterBytes,
    donatedBytes,
    heapAt: (share) =>
      merges(share, 1) === merges(donatedBytes, liveBytes) ? heapBytes : heapOf(merges(share, 1)),
    sessionBytes: SESSION_BYTES_PER_NODE * steps,
    ...(!copies && process.platform === 'linux' && { freshBytes: freshBytes(buffers) }),
  };
}

function scopesIn(order: Int32Array, { scopes }: Trace): string[] {
  const found: string[] = new Array(order.length);
  for (let i = 0; i < order.length; i++) found[i] = scopes[order[i]!]!;
  return found;
}

/** Of the values, those that are mapped apart and given back in each run; elsewhere an arena keeps them. */
function freshBytes({ count, bytes, lasts }: Buffers): number {
  let sum = 0;
  for (let i = 0; i < count; i++) if (lasts[i] !== KEPT && isLarge(bytes[i]!)) sum += bytes[i]!;
  return sum;
}

/** What the heap holds at most while graphs run one after the other, with what is held beside them; all sessions share it. */
export function heapInTurn(phases: readonly Phase[], dialect: Dialect = ON_CPU): number {
  const heap = new Heap(true);
  const written = phases.map(({ graph, donated, besideBytes }) => {
    const trace = traced(graph, dialect);
    const order = leavesFirst(trace);
    const buffers = buffersOf(trace, donated, order);
    return { buffers, events: eventsOf(buffers, order.length), besideBytes };
  });
  for (let run = 0; run < RUNS; run++) {
    for (const { buffers, events, besideBytes } of written) {
      const beside = heap.takeApart(besideBytes);
      play(heap, buffers, events, true);
      heap.give(beside, besideBytes);
    }
  }
  return heap.peakBytes;
}

/** Of the weights that are read as words, those that are read as bytes as well: a table that is the output head, too. */
function bytesReadTwice({ nodes }: Graph, asWords: ReadonlySet<Value>): number {
  if (asWords.size === 0) return 0;
  const read = new Set(nodes.flatMap(({ op, inputs }) => (op === 'gatherQuantised' ? [] : inputs)));
  return [...asWords].reduce((sum, value) => sum + (read.has(value) ? bytesOf(value) : 0), 0);
}

const merges = (donated: number, live: number): boolean => donated < COPIED_SHARE * live;

function livePeaks({ count, bytes, firsts, lasts }: Buffers, steps: number, turn: number) {
  const change = new Float64Array(steps + 1);
  for (let i = 0; i < count; i++) {
    change[firsts[i]!]! += bytes[i]!;
    if (lasts[i] !== KEPT) change[lasts[i]! + 1]! -= bytes[i]!;
  }
  let [now, turnBytes, afterBytes] = [0, 0, 0];
  for (let step = 0; step < change.length; step++) {
    now += change[step]!;
    if (step <= turn) turnBytes = Math.max(turnBytes, now);
    else afterBytes = Math.max(afterBytes, now);
  }
  return { turnBytes, afterBytes };
}

/** `apart`: outputs are not taken from the heap. */
function heapPeak(
  buffers: Buffers,
  events: Int32Array,
  { merges, apart }: { merges: boolean; apart: boolean },
): number {
  const heap = new Heap(merges);
  let before: readonly number[] = [];
  for (let run = 0; run < RUNS; run++) {
    play(heap, buffers, events, apart);
    // a run that leaves the heap as it found it would do the same again
    const state = heap.state();
    if (run > 0 && state.length === before.length && state.every((one, i) => one === before[i])) break;
    before = state;
  }
  return heap.peakBytes;
}

/** One run: takes and gives the buffers as `events` tell (eventsOf). */
function play(heap: Heap, { count, bytes, lasts }: Buffers, events: Int32Array, apart: boolean): void {
  const starts = new Float64Array(count);
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    if (event < 0) heap.give(starts[~event]!, bytes[~event]!);
    else
      starts[event] =
        apart && lasts[event] === KEPT ? heap.takeApart(bytes[event]!) : heap.take(bytes[event]!);
  }
}

/** The buffers by their places as they are taken and, as complements, given back; at each step first the former, and at the end what is kept. */
function eventsOf({ count, firsts, lasts }: Buffers, steps: number): Int32Array {
  // counted, then placed: two for each step, and two for the end
  const slots = new Int32Array(2 * steps + 3);
  const endOf = (i: number) => 2 * (lasts[i] === KEPT ? steps : lasts[i]!) + 1;
  for (let i = 0; i < count; i++) {
    slots[2 * firsts[i]! + 1]!++;
    slots[endOf(i) + 1]!++;
  }
  for (let i = 1; i < slots.length; i++) slots[i]! += slots[i - 1]!;
  const events = new Int32Array(2 * count);
  for (let i = 0; i < count; i++) {
    events[slots[2 * firsts[i]!]!++] = i;
    events[slots[endOf(i)]!++] = ~i;
  }
  return events;
}

/**
 * The memory of this process with each page once: weights that several programs have mapped from the same place of a file are counted
 * by the system for each of them.
 */
export class MappedWeights {
  readonly #mappings = new Map<string, number>();
  #againBytes = 0;
  #highest = 0;
  #peak = 0;

  /** Now, and at its peak as far as that is seen: where the system's own peak rises, and whenever this is asked. */
  memory(): { readonly now: number; readonly peak: number } {
    this.#look();
    const now = process.memoryUsage.rss() - this.#againBytes;
    this.#peak = Math.max(this.#peak, now);
    return { now, peak: this.#peak };
  }

  /** Counts what a program of `graph` maps, until the given function is called. */
  open(graph: Graph, weights: WeightSource | undefined): () => void {
    const places = [...graph.weights.keys()].flatMap((name) => {
      const location = weights?.(name);
      return location?.kind === 'file' ? [location] : [];
    });
    const count = (change: 1 | -1) => {
      this.#look();
      for (const { file, offset, bytes } of places) {
        const key = `${offset} ${file}`;
        const before = this.#mappings.get(key) ?? 0;
        this.#mappings.set(key, before + change);
        if (Math.max(before, before + change) > 1) this.#againBytes += change * bytes;
      }
    };
    count(1);
    return () => count(-1);
  }

  /** A peak that has risen since the last look was with the mappings of now. */
  #look(): void {
    const highest = peakResidentBytes();
    if (highest > this.#highest) this.#peak = Math.max(this.#peak, highest - this.#againBytes);
    this.#highest = highest;
  }
}
