/** The benchmark as the application asks for it: on the threads that a training uses. */
import { bench } from '../bench/bench.ts';
import { physicalCores } from '../config/cores.ts';
import type { MeasuredRates } from '../protocol.ts';
import type { CallIo } from './app-calls.ts';

/** Measures this computer; `folder` is the one whose disk counts. */
export function benchmark(
  { folder }: { readonly folder: string },
  { emit, stop }: CallIo,
): Promise<MeasuredRates> {
  return bench({ threads: physicalCores(), folder }, { onProgress: emit, stop });
}
