/** What the store knows of this computer for the lesson on time; null before its speed was measured. */
import os from 'node:os';
import type { ThisComputer } from '../plan/textbook.ts';
import type { Store } from '../store/store.ts';

export function thisComputer({
  hardware,
  settings,
}: Pick<Store, 'hardware' | 'settings'>): ThisComputer | null {
  const found = hardware.latest();
  if (!found?.speed) return null;
  const { watts, pricePerKwh, currency } = settings.get();
  const memoryBytes = found.totalMemory ?? os.totalmem();
  return { processor: found.processor, flops: found.speed.flops, memoryBytes, watts, pricePerKwh, currency };
}
