import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Hardware } from '../../../common/api/contract.ts';
import { runCommand } from '../../../main/cli/cli.ts';
import { command, hardwareText } from '../../../main/cli/hardware.ts';
import * as libraries from '../../../main/extras/libraries.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import type { ExtraLibrary } from '../../../main/hardware/library.ts';
import { dataFolder } from '../../../main/paths.ts';
import { openStore } from '../../../main/store/open.ts';
import { fakeMeasured } from '../../helpers/fake-api/rates.ts';
import { MACHINES, machine } from '../../helpers/machines.ts';

/** What rows of extras begin with, which have tests of their own. */
const OF_EXTRAS = Object.values<ExtraLibrary>(libraries).map(({ name }) => name);

async function textOf(name: string, width = 200): Promise<string> {
  const { world, folder } = machine(name);
  return hardwareText(await probeHardware({ folder, world }), width);
}

describe('fettle hardware', () => {
  it('prints a laptop as a person reads it', async () => {
    const lines = (await textOf('rtx-3060-laptop'))
      .split('\n')
      .filter((line) => !OF_EXTRAS.some((name) => line.trim().startsWith(name)))
      .map((line) => line.replace(/ {2,}/g, ' ').trimEnd());
    expect(lines).toEqual([
      'System Pop!_OS 22.04 LTS (x64)',
      'Processor 12th Gen Intel(R) Core(TM) i7-12700H; 14 cores, 20 threads; AVX2, FMA, AVX-VNNI',
      'Memory 9.7 GB of 16.6 GB available; 17.2 GB of swap',
      'Disk 200 GB free on an SSD (/home/mo/.local/share/fettle)',
      'Power runs on its battery, 64% full',
      'WebGPU WebGPU was not asked here.',
      'ggml ggml’s library for graphics cards is not here. -> Get the Vulkan pack. Get it: fettle devices get vulkan',
      '',
      'Graphics Intel Iris Xe Graphics: part of the processor or the board, uses the processor’s memory, driver i915 (Intel open-source Mesa driver Mesa 24.1.3), drives the screen',
      ' WebGPU yes: WebGPU uses Vulkan 1.3, Intel open-source Mesa driver Mesa 24.1.3. It shares the processor’s memory. Fettle uses it when it was measured to be faster, or when you choose it.',
      ' Choose it with --device webgpu.',
      ' ggml no: ggml’s library for graphics cards is not here. -> Get the Vulkan pack.',
      '',
      'Graphics NVIDIA GeForce RTX 3060 Laptop GPU: a card of its own, 6.4 GB of memory (sold as 6 GB), 6 GB free, driver 560.35.03, 47 °C, drives no screen',
      ' WebGPU yes: WebGPU uses Vulkan 1.3, NVIDIA 560.35.03. Fettle uses it when it was measured to be faster, or when you choose it. Choose it with --device webgpu.',
      ' ggml no: ggml’s library for graphics cards is not here. -> Get the Vulkan pack.',
    ]);
  });

  it('tells limits, surroundings and notes', async () => {
    const limited = await textOf('docker-cgroup2');
    expect(limited).toContain('in a container (Docker)');
    expect(limited).toContain('limited to 8.6 GB by the container');
    expect(limited).toContain('limited to 2.5 processors’ time by the container');
    expect(await textOf('nvidia-hangs')).toMatch(/\nNotes\n {2}nvidia-smi did not answer within 5 s/);
    expect(await textOf('kubernetes-cgroup1')).toContain('no graphics card was found');
  });

  it('says that extensions are not known where nobody could look, and nothing where there are none', async () => {
    const processorOf = async (name: string) => /^Processor .*$/m.exec(await textOf(name))![0];
    expect(await processorOf('windows-desktop')).toMatch(/; AVX2, AVX-512$/);
    expect(await processorOf('windows-hangs')).toMatch(/threads; extensions not known$/);
    expect(await processorOf('vm-virtio')).toMatch(/threads?$/);
  });

  it('prints whether WebGPU computes, and that it is software where there is no card', async () => {
    const printed = async (name: string) => {
      const { world, folder } = machine(name);
      return hardwareText(await probeHardware({ folder, world, webgpu: { problem: null } }), 300);
    };
    expect(await printed('rtx-2080')).toMatch(/WebGPU +WebGPU computes here\.\n/);
    expect(await printed('no-card')).toContain(
      'it is software on the processor, slower than the processor alone.',
    );
  });

  it.each(MACHINES)('fits 80 columns on %s', async (name) => {
    const wide = (await textOf(name, 80)).split('\n').filter((line) => line.length > 80);
    // a path or a name without spaces cannot be broken
    expect(wide.filter((line) => line.trim().includes(' ') && !line.includes('/'))).toEqual([]);
  });

  it('prints the whole of this computer with --json', async () => {
    let out = '';
    const streams = { out: { write: (text: string) => (out += text) }, err: { write: () => {} } };
    const code = await command.run({ values: new Map([['json', true]]), positionals: [] }, streams);
    const found = JSON.parse(out) as Hardware & Record<'rates' | 'comparison' | 'grid', null>;
    expect(code).toBe(0);
    expect(found.platform).toBe(`${process.platform}-${process.arch}`);
    // it was really asked
    expect(found.webgpu.usable).not.toBeNull();
    expect(found.memory.available).toBeLessThanOrEqual(found.memory.total);
    expect(Object.keys(found)).toEqual([
      'system',
      'platform',
      'processor',
      'memory',
      'disk',
      'power',
      'graphics',
      'webgpu',
      'libraries',
      'inside',
      'notes',
      'rates',
      'comparison',
      'grid',
      'problems',
    ]);
    expect([found.rates, found.comparison, found.grid]).toEqual([null, null, null]);
  });
});

describe('fettle hardware after a measurement', () => {
  const run = async (...argv: string[]) => {
    let [out, err] = ['', ''];
    const streams = {
      out: { columns: 100, write: (text: string) => (out += text) },
      err: { write: (text: string) => (err += text) },
    };
    const code = await runCommand(['hardware', ...argv], streams);
    return { code, out, err };
  };

  it('says at first that nothing was measured, and leaves no history behind', async () => {
    expect((await run()).out).toContain('not measured: `fettle hardware --bench` measures it');
    expect(existsSync(dataFolder())).toBe(false);
  });

  it('shows it with its date, the comparison, the verdict, other cards and what helps', async () => {
    const store = await openStore();
    const facts = {
      ...{ processor: 'P', cores: 4, threads: 8, totalMemory: 32e9, freeMemory: 21e9, freeDisk: 1e12 },
      ...{ system: 'S', graphics: [], onBattery: null },
    };
    // slow, and beside programs that kept the processor busy
    const slow = fakeMeasured('2026-09-15T12:00:00Z', 5e9, { device: 'webgpu', name: 'RTX' });
    const rates = { ...slow.rates!, otherLoad: 0.9 };
    store.hardware.add({ ...facts, ...slow, rates });
    store.close();
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^Measured {9}15 Sept? 2026/m);
    expect(out).toMatch(/^ {2}float32 {8}5\.0 GFLOP\/s: 1024 x 576 by 576 x 1536$/m);
    expect(out).toMatch(/^Measured on {6}--device webgpu, ort/m);
    expect(out).toMatch(/^Disk {13}2\.1 GB\/s read/m);
    expect(out).toMatch(/^Compared {9}14% slower/m);
    expect(out).toMatch(/^Verdict {10}(This computer can|There is too little)/m);
    expect(out).toMatch(/^ {2}135M {11}LoRA /m);
    expect(out.replace(/\s+/g, ' ')).toContain('What helps Other programs were busy during the test');
    expect(out).not.toContain('This computer is slow for training');
    const found = JSON.parse((await run('--json')).out);
    expect(found.rates.measured).toBe('2026-09-15T12:00:00Z');
    expect(found.comparison.sentence).toContain('14% slower');
    expect(found.grid.cells).toHaveLength(21);
    const problems = found.problems.map(({ problem }: { problem: string }) => problem);
    expect(problems).toContain('busy');
    expect(problems).not.toContain('slow');
  });

  it.each([
    [['--device', 'banana'], 'banana is no graphics card that can be measured'],
    [['--device', 'banana', '--bench'], 'It is one of webgpu, ggml'],
    [['--device', 'webgpu'], 'Write fettle hardware --bench --device webgpu.'],
  ])('refuses %j', async (argv, words) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
  });
});
