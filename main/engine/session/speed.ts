/** A short look at what a run will meet: how fast this computer computes, and how much its disk takes. */
import path from 'node:path';
import { productProgram } from '../bench/programs.ts';
import { flopsOf, MIDDLE_PRODUCT } from '../bench/shapes.ts';
import { medianSeconds } from '../bench/stopwatch.ts';
import type { RunConfig } from '../config/config.ts';
import { openExecutor } from '../exec/registry.ts';
import { freeBytes } from '../io/disk-space.ts';

/** Measured floating point operations per second of matrix products, and bytes free where the run will be. */
export async function measureSpeed({
  executor,
  device,
  threads,
  out,
}: Pick<RunConfig, 'executor' | 'device' | 'threads' | 'out'>): Promise<{ rate: number; freeDisk: number }> {
  const program = await productProgram(await openExecutor(executor, { threads, device }), MIDDLE_PRODUCT);
  try {
    const seconds = await medianSeconds(() => program.run(), 1, new AbortController().signal);
    return { rate: flopsOf(MIDDLE_PRODUCT) / seconds, freeDisk: await freeBytes(path.resolve(out)) };
  } finally {
    await program.release();
  }
}
