/**
 * What the collector is asked to free before a run, since it does not see why it should. onnxruntime-node copies every output of a run into a new array, also one that was written where it was asked to be. The copies
 * are garbage at once and may be as large as a model, but the collector, which sees a few small objects, leaves them for another
 * step. Asking it takes some 10 ms, since the engine's own heap is small. Small things are left lying, too: the handles of tensors and short
 * arrays have been put between blocks of megabytes, and a hole beside one that lives on is too small for the next block of that size. So the process
 * grew by some megabytes in each step until the collector came by itself.
 */
import v8 from 'node:v8';
import vm from 'node:vm';

/** With less garbage than this a run is over too soon for the collector to be worth its time. */
const WORTH_BYTES = 64 * 2 ** 20;

/** The quick collection, of young objects, takes half a millisecond; so often it is no burden. */
const YOUNG_MS = 50;

type Collect = (options?: { readonly type: 'minor' | 'major' }) => void;
let collect: Collect | null = null;
let lastCollected = Number.NEGATIVE_INFINITY;

/** Frees what nobody holds any more: all of it where `bytes` of copies are many, else what is young, at most every 50 ms. */
export function freeGarbage(bytes: number): void {
  const hasCopies = bytes >= WORTH_BYTES;
  if (!hasCopies && performance.now() - lastCollected < YOUNG_MS) return;
  collect ??= collector();
  collect({ type: hasCopies ? 'major' : 'minor' });
  lastCollected = performance.now();
}

/** The collector can only be reached from a context that was made after the flag was set. */
function collector(): Collect {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as Collect;
}
