import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const MIB = 2 ** 20;

/** Collects as if the process had just begun. */
let freeGarbage: typeof import('../../../../../main/engine/exec/ort/ort-executor.ts').freeGarbage;
beforeEach(async () => {
  vi.resetModules();
  ({ freeGarbage } = await import('../../../../../main/engine/exec/ort/ort-executor.ts'));
});

/** Bytes of arrays that are still there of some that nobody holds any more, once `freeGarbage(bytes)` has been called. */
async function leftAfter(bytes: number): Promise<number> {
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 20; i++) new Float32Array(MIB / 4).fill(i);
  await setTimeout(0);
  freeGarbage(bytes);
  // their memory is swept by another thread
  const left = () => process.memoryUsage().arrayBuffers - before;
  for (let i = 0; i < 50 && left() > 5 * MIB; i++) await setTimeout(10);
  return left();
}

describe('what is freed before a run', () => {
  it('is what is young', async () => {
    expect(await leftAfter(0)).toBeLessThan(5 * MIB);
  });

  it('waits where the collector came a moment ago, since runs of a decoder take less than it does', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    freeGarbage(0);
    expect(await leftAfter(0)).toBeGreaterThan(15 * MIB);
    vi.advanceTimersByTime(60);
    expect(await leftAfter(0)).toBeLessThan(5 * MIB);
    vi.useRealTimers();
  });

  it('does not wait where copies are many', async () => {
    freeGarbage(0);
    expect(await leftAfter(64 * MIB)).toBeLessThan(5 * MIB);
  });
});
