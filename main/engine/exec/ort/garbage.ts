/**
 * Asks the collector for what it does not see: onnxruntime-node copies every output of a run into a new array, garbage at
 * once and as large as a model, behind a few small objects. Asking takes some 10 ms. Handles and short arrays lie
 * between those blocks, too, and keep holes from being used: without asking, the process grows by megabytes a step.
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
