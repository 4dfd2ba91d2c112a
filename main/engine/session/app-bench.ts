/** The benchmark as the application asks for it: on the threads that a training uses. */
import { bench } from '../bench/bench.ts';
import { physicalCores } from '../config/cores.ts';
import type { BenchProgress, MeasuredRates } from '../protocol.ts';

/** Measures this computer; `folder` is the one whose disk counts. */
export function benchmark(
  { folder }: { readonly folder: string },
  { emit, stop }: { emit(progress: BenchProgress): void; readonly stop: AbortSignal },
): Promise<MeasuredRates> {
  return bench({ threads: physicalCores(), folder }, { onProgress: emit, stop });
}
