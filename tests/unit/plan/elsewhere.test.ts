/** What a run takes on another computer: sums done by hand, what more cards and ranks change, and runs that were done there. */
import { describe, expect, it } from 'vitest';
import { CARDS, cardCalled } from '../../../main/plan/accelerators.ts';
import {
  type CardsThere,
  estimateThere,
  memoryPartsThere,
  type PastRun,
  type PlaceThere,
  stepSeconds,
  type WorkThere,
} from '../../../main/plan/elsewhere.ts';

const [A100, H100] = ['NVIDIA A100-SXM4-80GB', 'NVIDIA H100 80GB HBM3'];
const cards = (name: string, count: number, more: Partial<CardsThere> = {}): CardsThere => ({
  ...{ name, bytes: null, count, computers: 1 },
  ...more,
});

/** 8 billion weights, all trained, 8 micro-batches of 8,192 tokens a step. */
const full: WorkThere = {
  ...{
    method: 'full',
    parameters: 8e9,
    trained: 8e9,
    layers: 32,
    width: 4096,
    heads: 32,
    vocabulary: 128_000,
  },
  ...{ optimizer: 'adamw', recompute: false, steps: 100, batches: 8, tokens: 100 * 65_536 },
  ...{ tokensAtOnce: 8192, evaluatedTokens: 0 },
};
const lora: WorkThere = { ...full, method: 'lora', trained: 42e6 };
const place = (more: Partial<PlaceThere> = {}): PlaceThere => ({
  ...{ cards: cards(A100, 4, { bytes: 80e9 }), pricePerHour: null, currency: 'EUR', past: [] },
  ...more,
});
const memory = (work: WorkThere, count: number) =>
  Object.values(memoryPartsThere(work, count)).reduce((sum, bytes) => sum + bytes, 0);

describe('a step', () => {
  it('of all weights: products, the update of a share, and weights that go round', () => {
    const products = (6 * 8e9 * 8192) / (0.4 * 989e12);
    const update = (28 * 1e9) / 3.35e12;
    const sent = (3 * 16e9 * 7) / 8 / 450e9;
    expect(products).toBeCloseTo(0.994, 3);
    expect(sent).toBeCloseTo(0.0933, 4);
    expect(stepSeconds(full, cards(H100, 8))).toBeCloseTo(products + update + sent, 9);
    // 100 Gbit/s between computers instead of NVLink
    const far = stepSeconds(full, cards(H100, 8, { computers: 2 }));
    expect(far - stepSeconds(full, cards(H100, 8))).toBeCloseTo(42e9 / 12.5e9 - sent, 6);
  });

  it('of adapters needs no gradients of frozen weights', () => {
    const products = ((4 * (8e9 + 42e6) + 2 * 42e6) * 65_536) / (0.4 * 312e12);
    const rest = (28 * 42e6) / 2.039e12;
    expect(stepSeconds(lora, cards(A100, 1))).toBeCloseTo(products + rest, 9);
  });

  it('of few tokens waits for kernels, or for weights to be read', () => {
    const small = { ...lora, parameters: 135e6, trained: 2e6, layers: 30, batches: 1, tokens: 100 * 512 };
    expect(stepSeconds(small, cards(H100, 1))).toBeCloseTo(30 * 1e-3, 2);
    const few = { ...lora, batches: 1, tokens: 100 * 32 };
    expect(stepSeconds(few, cards('NVIDIA L4', 1))).toBeCloseTo((2 * 2 * 8e9) / 300e9, 2);
    // what is handed over while the card computes takes no time of its own, and no card is quicker than that
    const quickest = stepSeconds(small, cards('NVIDIA B200', 1));
    expect(quickest).toBeCloseTo(30 * 1e-3, 3);
    expect(stepSeconds({ ...small, batches: 4 }, cards(H100, 1))).toBeCloseTo(4 * 30 * 1e-3, 2);
  });

  it('evaluates no faster than forward passes can be handed over', () => {
    const small = { ...lora, parameters: 135e6, trained: 2e6, layers: 30, batches: 1, tokens: 100 * 512 };
    const measured = { ...small, tokensAtOnce: 512, evaluatedTokens: 600 * 512 };
    const seconds = (work: WorkThere) =>
      estimateThere(work, place({ cards: cards(H100, 1, { bytes: 80e9 }) })).seconds!.value;
    expect(seconds(measured) - seconds(small)).toBeCloseTo(600 * 30 * (1e-3 / 3), 6);
  });

  it('takes no longer with more cards, and longer with a larger rank or recompute', () => {
    const times = [1, 2, 4, 8].map((count) => stepSeconds(lora, cards(A100, count)));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(times[0]! / times[3]!).toBeGreaterThan(7);
    const shared = [2, 4, 8].map((count) => stepSeconds(full, cards(A100, count)));
    expect(shared).toEqual(shared.toSorted((a, b) => b - a));
    const of = (more: Partial<WorkThere>) => stepSeconds({ ...lora, ...more }, cards(A100, 4));
    expect(of({ trained: 4 * 42e6 })).toBeGreaterThan(of({}));
    expect(of({ recompute: true })).toBeGreaterThan(1.2 * of({}));
  });
});

describe('memory of a card', () => {
  const bare = { tokensAtOnce: 0, vocabulary: 0 };
  it('of all weights: 16 bytes of each, and 2 for its copy in 16 bits', () => {
    const parts = memoryPartsThere({ ...full, ...bare }, 1);
    expect(parts).toMatchObject({ weights: 6 * 8e9, gradients: 4 * 8e9, optimizer: 8 * 8e9, activations: 0 });
  });

  it('of adapters: 2 bytes of frozen weights, 16 of trained ones', () => {
    expect(memory({ ...lora, ...bare }, 1)).toBeCloseTo(2 * 8e9 + 16 * 42e6 + 1.5e9, 0);
    // more processes hold their gradients once more, to add them up
    expect(memory({ ...lora, ...bare }, 2) - memory({ ...lora, ...bare }, 1)).toBeCloseTo(4 * 42e6, 0);
    const quantised = memoryPartsThere({ ...lora, ...bare, method: 'qlora', bits: 4 }, 1);
    expect(quantised.weights).toBeCloseTo(0.5625 * 8e9 + 4 * 42e6, 0);
  });

  it('of values: 34 bytes a token, layer and channel; what recompute keeps is little', () => {
    const { activations, logits } = memoryPartsThere(lora, 1);
    expect(activations).toBeCloseTo(34 * 32 * 4096 * 8192, 0);
    expect(logits).toBe(14 * 8192 * 128_000);
    const kept = memoryPartsThere({ ...lora, recompute: true }, 1).activations;
    expect(kept).toBeCloseTo((2 * 32 + 34) * 4096 * 8192, 0);
  });

  it('falls with cards where weights are divided, and rises with the rank', () => {
    const divided = [1, 2, 4, 8].map((count) => memory(full, count));
    expect(divided).toEqual(divided.toSorted((a, b) => b - a));
    const ranks = [1, 2, 8].map((times) => memory({ ...lora, trained: times * 42e6 }, 1));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(memory({ ...full, optimizer: 'adamw-8bit' }, 1)).toBeLessThan(memory(full, 1));
  });
});

describe('an estimate', () => {
  const run = (factor: number, work: WorkThere = lora, on = cards(A100, 4)): PastRun => ({
    ...{ work, cards: on },
    tokensPerSecond: work.tokens / work.steps / (factor * stepSeconds(work, on)),
  });

  it('without runs has a wide range and says that it is published', () => {
    const found = estimateThere(lora, place({ pricePerHour: 7.2 }));
    const seconds = 60 + 100 * stepSeconds(lora, cards(A100, 4));
    expect(found.seconds?.value).toBeCloseTo(seconds, 6);
    expect(found.cost?.value).toBeCloseTo(seconds * 0.002, 6);
    expect(found.seconds!.high / found.seconds!.low).toBeGreaterThan(2);
    expect(found).toMatchObject({ restsOn: 'published', runs: 0, unknown: null, cards: { count: 4 } });
    expect(found.memory).toMatchObject({ ofBytes: 80e9, fit: 'tight' });
    expect(estimateThere({ ...lora, recompute: true }, place()).memory?.fit).toBe('comfortable');
    expect(estimateThere(full, place({ cards: cards(A100, 1) })).memory?.fit).toBe('too-big');
    expect(estimateThere(lora, place()).cost).toBeNull();
  });

  it('follows its own runs, and becomes narrower with them', () => {
    const all = 100 * stepSeconds(lora, cards(A100, 4));
    const one = estimateThere(lora, place({ past: [run(3)] }));
    expect(one.seconds?.value).toBeCloseTo(60 + 3 * all, 6);
    expect(one).toMatchObject({ restsOn: 'runs', runs: 1 });
    const three = estimateThere(lora, place({ past: [run(2.9), run(3), run(3.1)] }));
    const width = ({ seconds }: typeof one) => seconds!.high / seconds!.low;
    const published = width(estimateThere(lora, place()));
    expect(width(one)).toBeLessThan(published);
    expect(width(three)).toBeLessThan(width(one));
    // runs on other cards say nothing
    expect(estimateThere(lora, place({ past: [run(3, lora, cards(H100, 4))] })).restsOn).toBe('published');
  });

  it('where no card is known scales what a run took by the operations of a token', () => {
    const past: PastRun = { work: lora, cards: cards('CPU', 2), tokensPerSecond: 1000 };
    const twice = { ...lora, parameters: 16e9, trained: 84e6 };
    const found = estimateThere(twice, place({ cards: 'none', past: [past] }));
    expect(found.seconds?.value).toBeCloseTo(60 + twice.tokens / 500, 0);
    expect(found).toMatchObject({ memory: null, cards: null, restsOn: 'runs', unknown: null });
  });

  it('takes the cards that a run has found where the test saw none', () => {
    const found = estimateThere(lora, place({ cards: 'none', past: [run(1)] }));
    expect(found).toMatchObject({ cards: { name: A100, count: 4 }, memory: { ofBytes: 80e9 } });
  });

  it.each([
    ['untested', null],
    ['no-card', 'none'],
    ['unknown-card', cards('NVIDIA GeForce GT 710', 1)],
  ] as const)('gives no time where it can’t: %s', (unknown, there) => {
    expect(estimateThere(lora, place({ cards: there, pricePerHour: 3 }))).toMatchObject({
      ...{ seconds: null, cost: null, unknown },
    });
  });
});

it.each([
  ['NVIDIA A100-SXM4-40GB', 'a100-40'],
  ['NVIDIA A100-SXM4-80GB', 'a100-80'],
  ['NVIDIA A100 80GB PCIe', 'a100-80-pcie'],
  ['NVIDIA A100-PCIE-40GB', 'a100-40-pcie'],
  ['NVIDIA H100 PCIe', 'h100-pcie'],
  ['NVIDIA H100 NVL', 'h100-nvl'],
  ['NVIDIA H100 80GB HBM3', 'h100-sxm'],
  ['NVIDIA H200', 'h200'],
  ['NVIDIA GH200 480GB', 'gh200'],
  ['NVIDIA A10G', 'a10g'],
  ['NVIDIA A10', 'a10'],
  ['NVIDIA L40S', 'l40s'],
  ['NVIDIA L4', 'l4'],
  ['NVIDIA RTX 6000 Ada Generation', '6000-ada'],
  ['NVIDIA GeForce RTX 4090', 'rtx-4090'],
])('a driver’s name of a card leads to its figures: %s', (name, id) => {
  expect(cardCalled(name)?.id).toBe(id);
  const { memoryBandwidth, peakFlops, source } = cardCalled(name)!;
  expect(peakFlops / memoryBandwidth).toBeGreaterThan(50);
  expect(source).not.toBe('');
});

it('a part of a card, and one without BF16, have none', () => {
  expect(cardCalled('NVIDIA A100-SXM4-40GB MIG 1g.5gb')).toBeNull();
  expect(cardCalled('Tesla T4')).toBeNull();
  expect(CARDS.map(({ id }) => id)).not.toContain('t4');
});
