/**
 * onnxruntime-node copies every output of a run into an array of its own, those too that it has written where it was told to. Such
 * copies are garbage at once, and of the gradients of full fine-tuning they are as large as the model; the collector, which
 * sees a small heap, may leave two of them lying. So it is asked for.
 */
import v8 from 'node:v8';
import vm from 'node:vm';

/** So many bytes may lie before the collector is asked: that takes some tens of milliseconds. */
const WORTHWHILE_BYTES = 128 * 2 ** 20;

let collector: (() => void) | null = null;

/** Frees what runs have left lying, where that is much. */
export class Leftovers {
  #bytes = 0;

  /** Notes the copies that a run has made. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Call before a run, when nothing refers to the results of the one before any more. */
  clear(): void {
    if (this.#bytes < WORTHWHILE_BYTES) return;
    this.#bytes = 0;
    collector ??= openCollector();
    collector();
  }
}

function openCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  const found: unknown = vm.runInNewContext('gc');
  return typeof found === 'function' ? () => found() : () => {};
}
