import { describe, expect, it } from 'vitest';
import type { MatmulRate, Rates } from '../../../common/api/contract.ts';
import { useLanguage } from '../../../common/words/language.ts';
import { compareRates } from '../../../main/hardware/measure.ts';

const SHAPES = [
  { batch: 1, rows: 256, inner: 256, columns: 256, flops: 20e9 },
  { batch: 1, rows: 1024, inner: 576, columns: 1536, flops: 90e9 },
  { batch: 8, rows: 128, inner: 64, columns: 128, flops: 40e9 },
];

interface Change extends Partial<Omit<Rates, 'devices'>> {
  readonly speed?: number;
  readonly threads?: number;
  readonly matmul?: readonly MatmulRate[];
}

/** What was measured on the same computer, but for what is given; `speed` 0.5: half as fast. */
function rates({ speed = 1, threads = 4, matmul, ...rest }: Change = {}): Rates {
  const products = SHAPES.map(
    (shape): MatmulRate => ({ type: 'float32', ...shape, flops: shape.flops * speed }),
  );
  return {
    measured: '2026-09-15T12:00:00Z',
    onBattery: null,
    otherLoad: 0.02,
    freeMemory: 12e9,
    versions: { fettle: '0.2.0', 'onnxruntime-node': '1.30.0', node: '24.1.0' },
    memoryBytesPerSecond: 2e10,
    diskBytesPerSecond: null,
    devices: [
      {
        device: 'cpu',
        executor: 'ort',
        threads,
        elementwise: [],
        softmaxElements: 1,
        nodeSeconds: 1e-6,
        matmul: matmul ?? products,
      },
    ],
    ...rest,
  };
}

const May = { measured: '2026-05-15T12:00:00Z' };

describe('this computer compared with itself', () => {
  it.each<readonly [what: string, now: Change, before: Change, sentence: string]>([
    [
      'a battery',
      { speed: 0.86, onBattery: true },
      { ...May, onBattery: false },
      '14% slower than in May: running on battery.',
    ],
    [
      'a battery that was used then',
      { speed: 1.2, onBattery: false },
      { ...May, onBattery: true },
      '20% faster than in May: running on battery then.',
    ],
    [
      'fewer threads',
      { speed: 0.5, threads: 2 },
      May,
      '50% slower than in May: computing on 2 threads instead of 4.',
    ],
    [
      'another version',
      { speed: 0.9, versions: { 'onnxruntime-node': '1.31.0', node: '24.1.0' } },
      May,
      '10% slower than in May: onnxruntime 1.31.0 instead of 1.30.0.',
    ],
    [
      'another version that is faster',
      { speed: 1.3, versions: { 'onnxruntime-node': '1.31.0' } },
      May,
      '30% faster than in May: onnxruntime 1.31.0 instead of 1.30.0.',
    ],
    [
      'little memory',
      { speed: 0.7, freeMemory: 1.5e9 },
      May,
      '30% slower than in May: only 1.5 GB of memory free instead of 12.0 GB.',
    ],
    [
      'other programs',
      { speed: 0.6, otherLoad: 0.48 },
      May,
      '40% slower than in May: other programs using 48% of the processor.',
    ],
    [
      'several things',
      { speed: 0.4, otherLoad: 0.48, onBattery: true },
      { ...May, onBattery: false },
      '60% slower than in May: running on battery, other programs using 48% of the processor.',
    ],
    ['nothing that is known', { speed: 0.8 }, May, '20% slower than in May: no known reason.'],
    ['less than two measurements differ by', { speed: 0.96, onBattery: true }, May, 'As fast as in May.'],
    ['as little the other way', { speed: 1.04 }, May, 'As fast as in May.'],
    ['the same again', {}, { measured: '2026-09-15T11:00:00Z' }, 'As fast as earlier today.'],
    [
      'some days',
      { speed: 0.5 },
      { measured: '2026-09-03T12:00:00Z' },
      '50% slower than on 3 September: no known reason.',
    ],
    ['another year', {}, { measured: '2025-05-15T12:00:00Z' }, 'As fast as in May 2025.'],
    // a reason for being slower is none for being faster
    [
      'a reason that points the other way',
      { speed: 1.5, onBattery: true },
      { ...May, onBattery: false },
      '50% faster than in May: no known reason.',
    ],
    [
      'memory that is ample all the same',
      { speed: 0.8, freeMemory: 5e9 },
      May,
      '20% slower than in May: no known reason.',
    ],
  ])('%s', (_, now, before, sentence) => {
    const found = compareRates(rates(now), rates(before));
    expect(found?.sentence).toBe(sentence);
    expect(found?.since).toBe(before.measured);
  });

  it('is written in German, dates and all', async () => {
    await useLanguage('de');
    try {
      const slow = rates({ speed: 0.5, onBattery: true, freeMemory: 1.5e9 });
      const before = rates({ ...May, onBattery: false });
      expect(compareRates(slow, before)?.sentence).toBe(
        '50\u00a0% langsamer als im Mai: im Akkubetrieb, nur 1,5 GB statt 12,0 GB Arbeitsspeicher frei.',
      );
    } finally {
      await useLanguage('en');
    }
  });

  it('goes by the middle one of the products, not by one that was disturbed', () => {
    const disturbed = SHAPES.map(
      (shape, index): MatmulRate => ({
        type: 'float32',
        ...shape,
        flops: shape.flops * (index === 0 ? 0.1 : 1),
      }),
    );
    expect(compareRates(rates({ matmul: disturbed }), rates(May))?.change).toBe(0);
  });

  it('compares like with like, and says nothing where there is nothing in common', () => {
    const other: MatmulRate[] = [
      { type: 'float32', ...SHAPES[0]!, transposed: 'first' },
      { type: 'int8', ...SHAPES[0]! },
    ];
    expect(compareRates(rates({ matmul: other }), rates(May))).toBeNull();
    expect(compareRates(rates({ matmul: [] }), rates(May))).toBeNull();
  });
});
