import { describe, expect, it } from 'vitest';
import type { ComputerFacts, GraphicsCard, Hardware } from '../../../common/api/contract.ts';
import { lighterWords } from '../../../common/settings/plan.ts';
import {
  bestCell,
  cardReport,
  cardSpeed,
  cardWords,
  factRows,
  givenUp,
  reportOf,
  sizesOf,
  speedRows,
  wantedPacks,
} from '../../../renderer/steps/computer/facts.ts';
import { exampleGrid, groundsWith } from '../../helpers/example-prices.ts';
import { fakeNvidiaHardware } from '../../helpers/fake-api/hardware.ts';
import { fakeMeasured } from '../../helpers/fake-api/rates.ts';
import { timedSteps } from '../../helpers/rates.ts';

const measured = fakeMeasured('2026-09-15T12:00:00Z', 310e9);
const facts: ComputerFacts = {
  ...{ processor: 'P', cores: 4, threads: 8, totalMemory: 16e9, freeMemory: 10e9, freeDisk: 100e9 },
  ...{ system: 'S', graphics: [{ name: 'G', memory: 8e9 }], onBattery: true },
  ...measured,
};
const card: GraphicsCard = {
  ...{ name: 'RTX', vendor: 'nvidia', kind: 'discrete', totalMemory: 24e9, freeMemory: 22.5e9 },
  ...{ unifiedMemory: false, driver: '550.1', temperatureCelsius: 41, powerLimitWatts: null },
  ...{ drivesScreen: true, access: [] },
};
const hardware: Hardware = {
  ...{ system: 'S', platform: 'linux-x64', inside: 'a container', notes: [], graphics: [card] },
  processor: { name: 'P', physicalCores: 4, threads: 8, limit: null, extensions: ['AVX2', 'AVX-512'] },
  memory: { total: 16e9, available: 10e9, swapTotal: 2e9, limit: null },
  disk: { folder: '/', free: 100e9, kind: 'ssd' },
  power: { hasBattery: true, onBattery: true, batteryPercent: 80 },
  webgpu: { usable: null, reason: 'Not asked.', fix: null },
  libraries: {},
};
const grid = await exampleGrid(groundsWith(measured.rates), 10e9);

describe('what others may know of a card', () => {
  it('is the card, the system and each way to it, measured or not, and no folder', () => {
    const access = [
      { through: 'webgpu', usable: true, reason: 'It opens.', fix: null },
      { through: 'ggml', usable: true, reason: 'ggml sees it.', fix: null },
    ] as const;
    const text = cardReport({ ...card, access }, 'Linux 6 (x64)', measured.rates);
    expect(text.split('\n')).toEqual([
      expect.stringContaining('RTX: '),
      'Linux 6 (x64)',
      'WebGPU: It opens. Not measured yet.',
      'ggml: ggml sees it. Not measured yet.',
    ]);
  });
});

describe('LoRA steps that were timed', () => {
  const [cpu] = measured.rates!.devices;
  const devices = [
    { ...cpu!, steps: timedSteps(0.06, 0.4) },
    { ...cpu!, executor: 'ggml', cards: ['RTX'], steps: timedSteps(0.12, 1) },
  ];
  const rates = { ...measured.rates!, devices };

  it('are rows of the measured speed, and say of a card that the processor is faster', () => {
    const row = speedRows(rates).find(([name]) => name === 'A LoRA step');
    expect(row![1]).toMatch(
      /^0\.1\ss for 512 tokens in layers of 256; 0\.4\ss for 512 tokens in layers of 576$/,
    );
    expect(cardSpeed(rates, 'ggml', 'RTX')).toMatch(
      /measured .+\. The processor is faster here: a training step takes 2\.0 to 2\.5 times as long on the card\.$/,
    );
    expect(speedRows(measured.rates!).some(([name]) => name === 'A LoRA step')).toBe(false);
  });
});

describe('the facts of a computer', () => {
  it('are rows of words, of which the unknown ones are left out', () => {
    const rows = Object.fromEntries(factRows({ ...facts, onBattery: null }));
    expect(rows).toMatchObject({
      Processor: 'P (4 cores, 8 threads)',
      Graphics: 'G, 8\u00a0GB',
      'Free disk': '100\u00a0GB',
    });
    expect(Object.keys(rows)).not.toContain('Power');
    expect(Object.fromEntries(factRows({ ...facts, hardware }))).toMatchObject({
      ...{
        'Instruction sets': 'AVX2, AVX-512',
        Swap: '2\u00a0GB',
        'Free disk': '100\u00a0GB (solid-state disk)',
      },
      ...{ 'Runs in': 'a container', Power: 'on battery' },
    });
    expect(Object.keys(Object.fromEntries(factRows({ ...facts, hardware })))).not.toContain('Graphics');
    const extensionsOf = (extensions: string[] | null) => {
      const processor = { ...hardware.processor, extensions };
      return new Map(factRows({ ...facts, hardware: { ...hardware, processor } })).get('Instruction sets');
    };
    expect(extensionsOf(null)).toBe('unknown');
    expect(extensionsOf([])).toBeUndefined();
  });

  it('tell of a card what is known', () => {
    expect(cardWords(card)).toBe(
      'dedicated card, 24\u00a0GB of memory, 22.5\u00a0GB free, driver 550.1, 41 °C, runs the display',
    );
    const binary = { ...card, totalMemory: 24_564 * 2 ** 20 };
    expect(cardWords(binary)).toMatch(
      /^dedicated card, 25\.8.GB of memory \(sold as 24.GB\), 22\.5.GB free,/,
    );
    expect(cardWords({ ...binary, kind: 'integrated' })).toMatch(/25\.8.GB of memory, 22\.5.GB free,/);
    const bare = {
      ...card,
      kind: 'unknown',
      totalMemory: null,
      driver: null,
      temperatureCelsius: null,
    } as const;
    expect(cardWords({ ...bare, drivesScreen: null })).toBe('');
  });
});

describe('the Vulkan pack', () => {
  const withAccess = (usable: boolean, pack?: 'ggml', kind: GraphicsCard['kind'] = 'discrete'): Hardware => ({
    ...hardware,
    graphics: [{ ...card, kind, access: [{ through: 'webgpu', usable, reason: 'R', fix: null }] }],
    libraries: { ggml: { usable: false, reason: 'R', fix: null, ...(pack && { pack }) } },
  });

  it('is spoken of where a card of its own works and there is one for this system, and nowhere else', () => {
    expect(wantedPacks(withAccess(true, 'ggml'))).toContain('ggml');
    expect(wantedPacks(withAccess(false, 'ggml'))).not.toContain('ggml');
    expect(wantedPacks(withAccess(true))).not.toContain('ggml');
    expect(wantedPacks(withAccess(true, 'ggml', 'integrated'))).not.toContain('ggml');
    expect(wantedPacks(fakeNvidiaHardware)).toContain('ggml');
  });
});

describe('what was measured', () => {
  it('is told in words, the speed of a cache as such', () => {
    const rates = measured.rates!;
    const rows = Object.fromEntries(speedRows(rates));
    expect(rows['Matrix products']).toBe(
      "310\u00a0GFLOP/s for a small model's layer; 186\u00a0GFLOP/s to 372\u00a0GFLOP/s by size",
    );
    expect(rows).toMatchObject({
      '8-bit weights': '496\u00a0GFLOP/s',
      'Reading the disk': '2.1\u00a0GB/s',
    });
    expect(rows['Element by element']).toBe('60\u00a0GB/s in the cache, 18\u00a0GB/s beyond it');
    expect(rows['Runs on']).toBe('8 threads, onnxruntime');
    // what is unpacked first is another thing, and is never taken for the bare product
    expect(rows['Unpacked first, as QLoRA does']).toBeUndefined();
    const [cpu] = rates.devices;
    const unpacked = cpu!.matmul
      .filter(({ type }) => type !== 'float32')
      .map((rate) => ({ ...rate, flops: 7e10, transposed: 'second' as const, isUnpacked: true }));
    const both = [{ ...cpu!, matmul: [...unpacked, ...cpu!.matmul] }];
    expect(Object.fromEntries(speedRows({ ...rates, devices: both }))).toMatchObject({
      'Unpacked first, as QLoRA does': '70\u00a0GFLOP/s at 8 bits, 70\u00a0GFLOP/s at 4 bits',
      '8-bit weights': '496\u00a0GFLOP/s',
    });
    const cached = Object.fromEntries(speedRows({ ...rates, diskReadFrom: 'cache' }));
    expect(cached['Reading the disk']).toContain("perhaps from the system's cache");
    const none = Object.fromEntries(speedRows({ ...rates, diskBytesPerSecond: null }));
    expect(none['Reading the disk']).toContain('not measured');
  });
});

describe('the grid', () => {
  it('is a row for each size with a cell for each method', () => {
    const rows = sizesOf(grid);
    expect(rows[0]!.size).toBe('135M');
    expect(rows.map(({ cells }) => cells.map(({ method }) => method).join())).toEqual(
      rows.map(() => 'lora,qlora,full'),
    );
  });

  it('has in each row a cell to try first: comfortable with LoRA where that is so, never a heavier one', () => {
    for (const row of sizesOf(grid)) {
      const { method, fits } = bestCell(row)!;
      const lora = row.cells.find((cell) => cell.method === 'lora')!;
      expect(method === 'lora', row.size).toBe(lora.fits === 'comfortable' || lora.fits === 'slow');
      expect(['comfortable', 'slow'], row.size).toContain(fits);
    }
  });

  it('says once what any of its cells that fit has given up', () => {
    const keys = givenUp(grid).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('bits-memory');
    // rank is given up for nothing that stays too big
    expect(grid.cells.some(({ lighter }) => lighter.some(({ key }) => key === 'rank-memory'))).toBe(true);
    expect(keys).not.toContain('rank-memory');
    expect(lighterWords(givenUp(grid))).not.toMatch(/-memory|undefined/);
  });

  it('is part of the report that is copied, with everything else', () => {
    const report = reportOf({ ...facts, hardware }, grid, new Date('2026-09-15T12:00:00Z'));
    for (const part of [
      'Processor: P',
      'Matrix products: 310',
      'RTX: dedicated card',
      ...[grid.sentence, grid.basis],
      'slower than in May',
    ])
      expect(report).toContain(part);
    expect(report).toMatch(
      /^135M: LoRA comfortable \([\d.]+\s[GM]B, .+\); QLoRA comfortable \([\d.]+\s[GM]B, .+\); /m,
    );
    expect(report).toMatch(
      /^7–8B: LoRA too big \(needs at least [\d.]+\sGB\); QLoRA slow \(7\.\d\sGB, .+, NF4, recomputes all layers\); /m,
    );
    expect(reportOf({ ...facts, rates: null, comparison: null }, null)).not.toContain('Matrix products');
  });
});
