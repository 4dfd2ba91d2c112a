import os from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Hardware } from '../../../common/api/contract.ts';
import {
  computerFacts,
  freeDiskOf,
  keepHardware,
  loadMeter,
  memoryMeter,
} from '../../../main/hardware/facts.ts';
import type { World } from '../../../main/hardware/probe/world.ts';
import { machine } from '../../helpers/machines.ts';

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

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('keepHardware', () => {
  it('asks once, keeps the cards for a minute, and asks for power and disk at each look', async () => {
    const { world, folder, asked } = machine('rtx-3060-laptop');
    let free = 1;
    const at: World = { ...world, freeDisk: async () => free };
    let time = 0;
    const keeper = keepHardware({ world: () => at, now: () => time });
    const first = await Promise.all([keeper.now(folder), keeper.now(folder)]);
    const count = asked.length;
    expect(first[0]).toBe(first[1]);
    expect(first[0].disk.free).toBe(1);
    time = 30_000;
    free = 2;
    expect((await keeper.now(folder)).disk.free).toBe(2);
    expect(asked.length).toBe(count);
    time = 61_000;
    expect((await keeper.now(folder)).graphics).toHaveLength(2);
    await settled();
    expect(asked.length).toBe(2 * count);
  });

  it('asks WebGPU once, keeps its answer for who does not ask, and asks again when it is told to forget', async () => {
    const { world, folder } = machine('rtx-2080');
    const keeper = keepHardware({ world: () => world });
    const usable = ({ graphics }: Hardware) => graphics[0]!.access[0]!.usable;
    let count = 0;
    const ask = async () => {
      count++;
      return { problem: 'No supported adapters.' };
    };
    expect(usable(await keeper.now(folder))).toBe(true);
    expect(usable(await keeper.now(folder, ask))).toBe(false);
    expect(usable(await keeper.now(folder))).toBe(false);
    await keeper.now(folder, ask);
    expect(count).toBe(1);
    keeper.forget();
    expect(usable(await keeper.now(folder))).toBe(true);
    await keeper.now(folder, ask);
    expect(count).toBe(2);
  });

  it('asks a WebGPU that gave no answer again after a while, and one without adapters not', async () => {
    const { world, folder } = machine('rtx-2080');
    let time = 0;
    const keeper = keepHardware({ world: () => world, now: () => time });
    const answers = [{ problem: 'It hung.', isLost: true as const }, { problem: 'No supported adapters.' }];
    const ask = async () => answers.shift()!;
    const reason = async () => (await keeper.now(folder, ask)).webgpu.reason;
    expect(await reason()).toContain('It hung.');
    expect(await reason()).toContain('It hung.');
    time = 30_000;
    expect(await reason()).toContain('No supported adapters.');
    time = 300_000;
    expect(await reason()).toContain('No supported adapters.');
  });
});

describe('memoryMeter', () => {
  it('gives Node’s figure first and the better one after it: a container’s, without files that were read', async () => {
    const { world } = machine('docker-cgroup2');
    const free = memoryMeter(() => world);
    expect(free()).toBe(5 * 2 ** 30);
    await settled();
    expect(free()).toBe(7 * 2 ** 30);
  });

  it('counts on a Mac what macOS can give up', async () => {
    const { world } = machine('apple-m3-max');
    const free = memoryMeter(() => world);
    expect(free()).toBeLessThan(1e8);
    await settled();
    expect(free()).toBeGreaterThan(30e9);
  });

  it('waits for the better one where somebody asks once, the first time and after a pause', async () => {
    const { world, asked } = machine('apple-m3-max');
    let time = 0;
    const free = memoryMeter(
      () => world,
      () => time,
    );
    expect(await free.settled()).toBeGreaterThan(30e9);
    time = 9_000;
    expect(await free.settled()).toBeGreaterThan(30e9);
    await settled();
    time = 60_000;
    expect(await free.settled()).toBeGreaterThan(30e9);
    // an answer that still holds is not waited for, but asked for again behind it
    expect(asked).toEqual(['vm_stat', 'vm_stat', 'vm_stat']);
  });

  it('waits a second at most: then Node’s figure serves', async () => {
    const { world } = machine('apple-m3-max');
    const silent: World = { ...world, run: () => new Promise(() => {}) };
    const free = memoryMeter(() => silent, Date.now, 5);
    expect(await free.settled()).toBeLessThan(1e8);
  });

  it('does not believe an old answer', async () => {
    const { world } = machine('apple-m3-max');
    let time = 0;
    const free = memoryMeter(
      () => world,
      () => time,
    );
    free();
    await settled();
    time = 11_000;
    expect(free()).toBeLessThan(1e8);
  });
});
