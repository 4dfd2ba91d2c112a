import { describe, expect, it } from 'vitest';
import type { Rates } from '../../../common/api/contract.ts';
import { estimate, type Grounds } from '../../../main/plan/estimate.ts';
import { peakMemory } from '../../../main/plan/peak-memory.ts';
import { runSeconds, speedOf } from '../../../main/plan/run-time.ts';
import { madeUpRates } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

const made = madeUpRates(1e9, 2);
const [device] = made.devices;
const same = device!.matmul.map((rate) => ({ ...rate, flops: 1e9 }));
const rates = {
  ...made,
  devices: [{ ...device!, matmul: same }],
  measured: '2026-01-01T00:00:00Z',
  onBattery: null,
  versions: {},
} as unknown as Rates;
const nothing: Grounds = {
  rates: null,
  platform: 'linux',
  probe: null,
  watts: null,
  pricePerKwh: 0.5,
  residuals: { memory: [], step: [] },
};
const price = madeUpPrice({ steps: 10, flops: 2e9, batches: 3, weightBytes: 1e9 });

describe('peakMemory', () => {
  it('counts weights as often as they are mapped in what the process shows, and once in what it needs', () => {
    const { residentBytes, neededBytes, parts } = peakMemory(price);
    expect(residentBytes - neededBytes).toBeCloseTo(0.99e9, -3);
    expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBeCloseTo(residentBytes, -3);
  });

  it('has what a large tokenizer takes, on the processor and beside a card', () => {
    const memory = { ...price.memory, tokenizerBytes: 1.2e8 };
    for (const device of ['cpu', 'webgpu'] as const) {
      const needed = (run: typeof price) => peakMemory({ ...run, device }).neededBytes;
      expect(needed({ ...price, memory }) - needed(price)).toBeCloseTo(1.2e8, -1);
    }
  });
});

describe('runSeconds', () => {
  it('is work over speed', () => {
    const { step, steps, evaluation } = runSeconds(price, rates.devices[0]!);
    expect(step).toBeCloseTo(6, 6);
    expect(steps).toBeCloseTo(60, 6);
    expect(evaluation).toBe(0);
  });

  it('counts the new memory of gradients once a step, beside the update', () => {
    const update = { ...price.work.update, outputBytes: 6e8 };
    const work = { ...price.work, update, batchesPerStep: 2 };
    const measured = { ...rates.devices[0]!, updatedWeights: 1e9, outputBytesPerSecond: 3e9 };
    const withoutNew = runSeconds({ ...price, work: { ...work, update: price.work.update } }, measured);
    expect(runSeconds({ ...price, work }, measured).step - withoutNew.step).toBeCloseTo(0.2, 9);
  });

  it('takes the speed of the products that are most alike', () => {
    const measured = [
      { type: 'float32' as const, batch: 1, rows: 1024, inner: 256, columns: 256, flops: 1e10 },
      { type: 'float32' as const, batch: 1, rows: 1024, inner: 2048, columns: 2048, flops: 4e10 },
    ];
    const speed = (side: number) => speedOf({ batch: 1, rows: 1024, inner: side, columns: side }, measured);
    expect(speed(256)).toBeLessThan(1.1e10);
    expect(speed(2048)).toBeGreaterThan(3.6e10);
    expect(speed(700)).toBeGreaterThan(speed(300));
  });
});

describe('estimate', () => {
  it('leaves parts as they are that are known exactly, whatever a probe or runs have shown', () => {
    const found = (peakBytes: number, of = price) => {
      const probe = { peakBytes, stepSeconds: [5], warmSteps: 2, evaluationSeconds: null };
      return estimate(of, { ...nothing, probe });
    };
    const bytesOf = (figures: ReturnType<typeof found>, wanted: string) =>
      figures.memoryParts.find(({ part }) => part === wanted)?.bytes ?? 0;
    const computed = estimate(price, nothing);
    for (const peak of [2.4e9, 3e9, 2.1e9]) {
      const figures = found(peak);
      for (const part of ['weights', 'adapters', 'gradients', 'optimizer', 'mapped-again'])
        expect(bytesOf(figures, part)).toBeCloseTo(bytesOf(computed, part), 3);
      expect(figures.memoryParts.reduce((sum, { bytes }) => sum + bytes, 0)).toBeCloseTo(peak, -1);
      expect(figures.neededBytes.value).toBeCloseTo(peak - 0.99e9, -1);
    }
    expect(bytesOf(found(3e9), 'program')).toBeGreaterThan(5 * bytesOf(computed, 'program'));
    // on a card: the weights as they were read are what they are
    const onCard = { ...madeUpPrice({ weightBytes: 16.8e6 }), device: 'webgpu' };
    expect(bytesOf(found(4.3e8, onCard), 'weights')).toBeCloseTo(0.99 * 16.8e6, -3);
    const taught = { memory: Array(9).fill({ predicted: 1, measured: 1.3 }), step: [] };
    const learned = estimate(price, { ...nothing, residuals: taught });
    expect(learned.peakRamBytes.value).toBeGreaterThan(1.2 * computed.peakRamBytes.value);
    expect(bytesOf(learned, 'weights')).toBeCloseTo(bytesOf(computed, 'weights'), 3);
  });

  it('takes what a process does not show from pages of mapped files, and never below nothing', () => {
    for (const peakBytes of [1.5e9, 8e8, 5e7, 40]) {
      const probe = { peakBytes, stepSeconds: [5], warmSteps: 2, evaluationSeconds: null };
      const { memoryParts, neededBytes } = estimate(price, { ...nothing, probe });
      expect(memoryParts.reduce((sum, { bytes }) => sum + bytes, 0)).toBeCloseTo(peakBytes, -1);
      for (const { bytes } of memoryParts) expect(bytes).toBeGreaterThanOrEqual(0);
      expect(neededBytes.value).toBeGreaterThan(0);
    }
  });

  it('says nothing of time before the computer is measured', () => {
    const found = estimate(price, nothing);
    expect(found).toMatchObject({ stepSeconds: null, totalSeconds: null, kwh: null, cost: null });
    expect(found.peakRamBytes).toMatchObject({ restsOn: 'formula' });
  });

  it('adds up its parts, and prices energy', () => {
    const found = estimate(price, { ...nothing, rates, watts: 360 });
    expect(found.stepSeconds).toMatchObject({ value: expect.closeTo(6, 6), restsOn: 'benchmark' });
    const seconds = found.timeParts.reduce((sum, part) => sum + part.seconds, 0);
    expect(found.totalSeconds?.value).toBeCloseTo(seconds, 6);
    expect(found.kwh?.value).toBeCloseTo((360 * seconds) / 3.6e6, 9);
    expect(found.cost?.value).toBeCloseTo(found.kwh!.value / 2, 9);
    const bytes = found.memoryParts.reduce((sum, part) => sum + part.bytes, 0);
    expect(found.peakRamBytes.value).toBeCloseTo(bytes, -2);
  });

  it('learns from runs, and believes a probe before all else', () => {
    const residuals = {
      memory: [{ predicted: 1, measured: 1.2 }],
      step: [
        { predicted: 1, measured: 2 },
        { predicted: 1, measured: 2 },
      ],
    };
    const learned = estimate(price, { ...nothing, rates, residuals });
    expect(learned.stepSeconds?.value).toBeGreaterThan(9);
    expect(learned.peakRamBytes.restsOn).toBe('runs');
    const probe = { peakBytes: 3e9, stepSeconds: [5, 5, 5], warmSteps: 2, evaluationSeconds: null };
    const probed = estimate(price, { ...nothing, residuals, probe });
    expect(probed.stepSeconds).toMatchObject({ value: 5, restsOn: 'probe' });
    expect(probed.peakRamBytes.value).toBe(3e9);
  });

  it('counts what is prepared once before the start, and reading the weights', () => {
    const start = (more: object, probe: Grounds['probe'] = null) =>
      estimate({ ...price, ...more }, { ...nothing, rates, probe }).timeParts.find(
        ({ part }) => part === 'start',
      )!.seconds;
    const disk = rates.diskBytesPerSecond!;
    const none = start({ weightBytes: 0 });
    expect(start({ weightBytes: 32e9 }) - none).toBeCloseTo(32e9 / disk, 6);
    const of = (what: object) => ({
      convertedWeights: 0,
      integerWeights: 0,
      nf4Weights: 0,
      writtenBytes: 0,
      freeBytes: null,
      folder: '',
      ...what,
    });
    const converted = start({ preparation: of({ convertedWeights: 8e9, writtenBytes: 32e9 }) });
    expect(converted - none).toBeGreaterThan(80 + 32e9 / disk);
    const quantised = start({ preparation: of({ integerWeights: 8e9, writtenBytes: 5e9 }) });
    expect(quantised - none).toBeGreaterThan(180);
    expect(start({ preparation: of({ nf4Weights: 8e9, writtenBytes: 5e9 }) })).toBeGreaterThan(3 * quantised);
    // who was tried out has them
    const probe = { peakBytes: 3e9, stepSeconds: [5], warmSteps: 2, evaluationSeconds: null };
    expect(start({ preparation: of({ nf4Weights: 8e9 }), weightBytes: 32e9 }, probe)).toBeLessThan(
      none + 0.1,
    );
  });

  it('counts each checkpoint, by time or by steps, at the speed of writing', () => {
    const writing = (checkpoints: object | undefined, steps: number, speed?: number) => {
      const work = { ...price.work, writtenBytes: 1e9, ...(checkpoints && { checkpoints }) } as never;
      const measured = { ...rates, ...(speed && { diskWrittenPerSecond: speed }) };
      return estimate({ ...price, work, steps }, { ...nothing, rates: measured }).timeParts.find(
        ({ part }) => part === 'checkpoints',
      )!.seconds;
    };
    const reading = rates.diskBytesPerSecond!;
    // 6 seconds a step: 100 of them are 10 minutes
    expect(writing(undefined, 100)).toBeCloseTo(1e9 / reading, 6);
    const byTime = { bytes: 1e9, everySteps: null, everyMinutes: 5 };
    expect(writing(byTime, 100, 1e8)).toBeCloseTo(30, 6);
    expect(writing({ ...byTime, everyMinutes: 0 }, 100, 1e8)).toBeCloseTo(10, 6);
    expect(writing({ ...byTime, everySteps: 10 }, 100, 1e8)).toBeCloseTo(100, 6);
    // eight hours and some, written down every five minutes
    expect(writing(byTime, 5000, 1e8)).toBeCloseTo(1010, 6);
  });

  it('counts the answers to prompts by what a token of the held-out rows takes, or of a step', () => {
    const seconds = (work: object) =>
      estimate({ ...price, work: { ...price.work, ...work } }, { ...nothing, rates }).timeParts.find(
        ({ part }) => part === 'samples',
      )!.seconds;
    expect(seconds({})).toBe(0);
    const samples = { tokens: 3000, microBatchTokens: 500 };
    // 10 steps of 3 micro-batches: 60 seconds for 15,000 tokens, a third of that forwards
    expect(seconds({ samples })).toBeCloseTo(4, 6);
    const heldOut = {
      evaluation: price.work.gradient,
      evaluationBatches: 5,
      evaluations: 2,
      evaluationTokens: 500,
    };
    expect(seconds({ samples, ...heldOut })).toBeCloseTo((3000 / 5000) * 20, 6);
  });

  it('counts the general answers that are asked for first to the start', () => {
    const work = {
      ...price.work,
      evaluation: price.work.gradient,
      evaluationBatches: 5,
      evaluations: 2,
      evaluationTokens: 500,
    };
    const seconds = (more: object) =>
      estimate({ ...price, work, ...more }, { ...nothing, rates }).timeParts[0]!.seconds;
    expect(seconds({ generalTokens: 1000 }) - seconds({})).toBeCloseTo((1000 / 5000) * 20, 6);
  });

  it('says how long trying a run out will take, once something is known of speed', () => {
    expect(estimate(price, nothing).probeSeconds).toBeNull();
    const { probeSeconds, timeParts } = estimate(price, { ...nothing, rates });
    const start = timeParts.find(({ part }) => part === 'start')!.seconds;
    // three steps of six seconds, and no others before them
    expect(probeSeconds).toBeCloseTo(start + 18, 6);
  });
});
