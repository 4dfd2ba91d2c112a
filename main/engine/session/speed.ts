/** A short look at what a run will meet: how fast this computer computes, and how much its disk takes. */
import path from 'node:path';
import type { RunConfig } from '../config.ts';
import { openExecutor } from '../exec/registry.ts';
import { freeBytes } from '../io/disk-space.ts';
import { measureRate } from '../train/measure-rate.ts';

/** Measured floating point operations per second of matrix products, and bytes free where the run will be. */
export async function measureSpeed({
  executor,
  threads,
  out,
}: Pick<RunConfig, 'executor' | 'threads' | 'out'>): Promise<{ rate: number; freeDisk: number }> {
  const rate = await measureRate(await openExecutor(executor, { threads }));
  return { rate, freeDisk: await freeBytes(path.resolve(out)) };
}
