/** The benchmark as the application asks for it: on the threads that a training uses. */

import type { BenchProgress, MeasuredRates } from '../../../common/protocol/protocol.ts';
import { bench } from '../bench/bench.ts';
import { physicalCores } from '../config/cores.ts';

/** Measures this computer; `folder` is the one whose disk counts. */
export function benchmark(
  { folder, device }: { readonly folder: string; readonly device?: string },
  { emit, stop }: { emit(progress: BenchProgress): void; readonly stop: AbortSignal },
): Promise<MeasuredRates> {
  return bench({ threads: physicalCores(), folder, ...(device && { device }) }, { onProgress: emit, stop });
}
