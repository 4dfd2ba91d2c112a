import { describe, expect, it } from 'vitest';
import type { Rates } from '../../../common/api/contract.ts';
import { measuredRows } from '../../../main/cli/hardware-measured.ts';
import { exampleGrid, groundsWith } from '../../helpers/example-prices.ts';
import { fakeMeasured } from '../../helpers/fake-api/rates.ts';
import { timedSteps } from '../../helpers/rates.ts';

const measured = fakeMeasured('2026-09-15T12:00:00Z', 310e9);
const comparison = measured.comparison!;
const rates = measured.rates!;
const gridOf = (of: Rates | null, freeBytes: number) => exampleGrid(groundsWith(of), freeBytes);

describe('what fettle hardware --bench prints of the measurement', () => {
  it('has a row for each product, the comparison, the verdict and rows for each size', async () => {
    const rows = measuredRows({ comparison, rates, grid: await gridOf(rates, 21e9) });
    const text = rows.map((row) => row.join(' | '));
    expect(rows).toHaveLength(rates.devices[0]!.matmul.length + 32);
    expect(text).toContain('  float32 | 310.0 GFLOP/s: 1024 x 576 by 576 x 1536');
    expect(text).toContain('  8 bits | 496.0 GFLOP/s: 1024 x 576 by 576 x 1536');
    expect(text).toContain('Disk | 2.1 GB/s read');
    expect(text).toContain('Compared | 14% slower than in May: other programs using 31% of the processor.');
    const at = (size: string, row: number) => text[text.findIndex((line) => line.startsWith(size)) + row];
    expect(at('  135M', 0)).toMatch(/LoRA comfortable \(2 GB, [^,]+\)$/);
    expect(at('  135M', 1)).toMatch(/^ \| QLoRA comfortable \([\d.]+ [GM]B, [^,]+\)$/);
    expect(at('  1.7B', 2)).toMatch(/full (slow|tight) \([\d.]+ GB, .+, 8-bit optimizer, recomputes /);
    expect(at('  7–8B', 2)).toMatch(/^ \| full too big \([\d.]+ GB at least\)$/);
    expect(text).toContain(' | Estimated for the processor.');
  });

  it('says which operand is transposed, and how many products go at once', async () => {
    const [cpu] = rates.devices;
    const shape = { type: 'float32', batch: 8, rows: 128, inner: 64, columns: 96, flops: 2e9 } as const;
    const one = { ...rates, devices: [{ ...cpu!, matmul: [{ ...shape, transposed: 'second' as const }] }] };
    const rows = measuredRows({ comparison, rates: one, grid: await gridOf(null, 1e9) });
    expect(rows[2]).toEqual([
      '  float32',
      '2.0 GFLOP/s: 8 times 128 x 64 by 64 x 96, the second one transposed',
    ]);
    const unknown = { ...rates, diskBytesPerSecond: null };
    const text = measuredRows({ comparison, rates: unknown, grid: await gridOf(null, 1e9) }).map((row) =>
      row.join(),
    );
    expect(text.some((line) => line.startsWith('Disk,not measured'))).toBe(true);
  });

  it('has a row for each LoRA step, and says of a card whether the processor is faster', async () => {
    const [cpu] = rates.devices;
    const own = { ...cpu!, steps: timedSteps(0.06, 0.4, 1.5) };
    const card = { ...cpu!, executor: 'ggml', steps: timedSteps(0.6, 2) };
    const timed = { ...rates, devices: [own, card] };
    const text = measuredRows({ comparison, rates: timed, grid: await gridOf(null, 1e9) }).map((row) =>
      row.join(' | '),
    );
    const at = text.indexOf('A LoRA step | 60 ms for 512 tokens, layers of 256');
    expect(text.slice(at + 1, at + 3)).toEqual([
      ' | 400 ms for 512 tokens, layers of 576',
      ' | 1.5 s for 512 tokens, layers of 2,048',
    ]);
    expect(text).toContain(
      'In all | The processor is faster here: a training step takes 5.0 to 10 times as long on the card.',
    );
  });

  it('tells products that are unpacked first from bare ones, and says of a card why it has none of these', async () => {
    const [cpu] = rates.devices;
    const shape = { type: 'int8', batch: 1, rows: 1024, inner: 576, columns: 1536, flops: 3e9 } as const;
    const unpacked = { ...shape, transposed: 'second' as const, isUnpacked: true };
    const card = { ...cpu!, device: 'webgpu', matmul: [unpacked], memoryBytesPerSecond: 4e11 };
    const devices = [{ ...cpu!, matmul: [shape, unpacked], memoryBytesPerSecond: 2e10 }, card];
    const rows = measuredRows({ comparison, rates: { ...rates, devices }, grid: await gridOf(null, 1e9) });
    const text = rows.map((row) => row.join(' | '));
    const product = '3.0 GFLOP/s: 1024 x 576 by 576 x 1536';
    expect(text.slice(2, 4)).toEqual([
      `  8 bits | ${product}`,
      `  8 bits | ${product}, unpacked to float32 first, as QLoRA does`,
    ]);
    const ofCard = text.slice(text.findIndex((line) => line.includes('--device webgpu')));
    expect(ofCard[2]).toMatch(/^ {2}8 and 4 bits \| the bare products are not measured on a card/);
    expect(ofCard).toContain('Its memory | 400 GB/s read and written');
    expect(text.filter((line) => line.startsWith('  8 and 4 bits'))).toHaveLength(1);
    expect(text.filter((line) => line.startsWith('Its memory'))).toHaveLength(1);
    // what an earlier version measured on a device that is gone
    const former = { ...rates, devices: [...devices, { ...card, device: 'cuda' }] };
    expect(measuredRows({ comparison, rates: former, grid: await gridOf(null, 1e9) })).toEqual(rows);
  });
});
