import os from 'node:os';
import { describe, expect, it } from 'vitest';
import { computerFacts, freeDiskOf, loadMeter } from '../../../main/hardware/facts.ts';

describe('computerFacts', () => {
  it('finds what every computer has, in bytes', async () => {
    const speed = { flops: 1e11, measured: '2026-01-01T00:00:00Z' };
    const facts = await computerFacts(os.tmpdir(), speed);
    expect(facts.processor).not.toBe('');
    expect(facts.cores).toBeGreaterThanOrEqual(1);
    expect(facts.threads).toBe(os.availableParallelism());
    expect(facts.totalMemory).toBeGreaterThan(1e8);
    expect(facts.freeMemory).toBeLessThanOrEqual(facts.totalMemory);
    expect(facts.freeDisk).toBeGreaterThan(0);
    expect(facts.speed).toEqual(speed);
    for (const { name, memory } of facts.graphics)
      expect([typeof name, memory === null || memory > 1e6]).toEqual(['string', true]);
  });

  it('says null for a disk that is not there', async () => {
    expect(await freeDiskOf('/no/such/folder')).toBeNull();
  });
});

describe('loadMeter', () => {
  it('gives a share of the cores, also when no time has passed', () => {
    const look = loadMeter();
    for (const { load, freeMemory } of [look(), look()]) {
      expect(load).toBeGreaterThanOrEqual(0);
      expect(load).toBeLessThanOrEqual(1);
      expect(freeMemory).toBeGreaterThan(0);
    }
  });
});
