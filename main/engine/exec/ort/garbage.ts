/**
 * onnxruntime-node copies every output of a run into a new array, also one that was written where it was asked to be. The copies
 * are garbage at once and may be as large as a model, but the collector, which sees a few small objects, leaves them for another
 * step. Asking it takes some 10 ms, since the engine's own heap is small.
 */
import v8 from 'node:v8';
import vm from 'node:vm';

/** With less garbage than this a run is over too soon for the collector to be worth its time. */
const WORTH_BYTES = 64 * 2 ** 20;

let collect: (() => void) | null = null;

/** Frees what nobody holds any more, where that is about `bytes` and these are many. */
export function freeCopies(bytes: number): void {
  if (bytes < WORTH_BYTES) return;
  collect ??= collector();
  collect();
}

/** The collector can only be reached from a context that was made after the flag was set. */
function collector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}
