/** The textbook's cases, to the byte, and what follows from them. */
import { describe, expect, it } from 'vitest';
import { MemoryQuestion, TimeQuestion } from '../../../common/extras/learn/calls.ts';
import { type GraphCase, graphCase } from '../../../main/extras/learn/lesson-graph.ts';
import {
  adapterParameters,
  adapterSize,
  trainingMemory,
  trainingTime,
} from '../../../main/extras/learn/textbook.ts';
import { ACCELERATORS, assumedPricePerHour } from '../../../main/plan/accelerators.ts';
import { parametersOf, shapeOf } from '../../../main/plan/shapes.ts';
import { examplePrices } from '../../helpers/example-prices.ts';

type Given = Partial<MemoryQuestion>;
const memory = (given: Given) => trainingMemory(MemoryQuestion.parse(given));
const partsOf = (given: Given) =>
  Object.fromEntries(memory(given).parts.map(({ part, bytes }) => [part, bytes]));

/** 7 billion parameters: the parts in GB, and bytes a parameter. */
const CASES: readonly (readonly [name: string, given: Given, parts: Record<string, number>, each: number])[] =
  [
    ['FP16', {}, { weights: 14, gradients: 14, moments: 28 }, 8],
    ['BF16', { format: 'bf16' }, { weights: 14, gradients: 14, moments: 28 }, 8],
    ['FP32', { format: 'fp32' }, { weights: 28, gradients: 28, moments: 56 }, 16],
    [
      'mixed precision with FP32 master weights',
      { masterWeights: true },
      { weights: 14, gradients: 14, master: 28, moments: 56 },
      16,
    ],
    [
      'master weights that are the weights',
      { format: 'fp32', masterWeights: true },
      { weights: 28, gradients: 28, moments: 56 },
      16,
    ],
    ['plain SGD', { optimizer: 'sgd' }, { weights: 14, gradients: 14 }, 4],
    ['SGD with momentum', { optimizer: 'sgd-momentum' }, { weights: 14, gradients: 14, moments: 14 }, 6],
    [
      'AdamW in 8 bits',
      { optimizer: 'adamw-8bit' },
      { weights: 14, gradients: 14, moments: 14.02734375 },
      6.00390625,
    ],
  ];

describe('the memory of training 7 billion parameters', () => {
  it.each(CASES)('in %s', (_, given, parts, each) => {
    expect(partsOf(given)).toEqual(
      Object.fromEntries(Object.entries(parts).map(([part, gigabytes]) => [part, gigabytes * 1e9])),
    );
    expect(memory(given).bytesPerParameter).toBe(each);
  });

  it('is 56 GB in FP16, and 112 GB in FP32 and in mixed precision', () => {
    expect(memory({}).totalBytes).toBe(56e9);
    expect(memory({ format: 'fp32' }).totalBytes).toBe(112e9);
    expect(memory({ masterWeights: true }).totalBytes).toBe(112e9);
  });

  it('is little more than the weights with LoRA: rank 16 at all layers of the shape of Llama 2 7B', () => {
    const answer = memory({ method: 'lora' });
    expect(answer.shapeOf).toBe('Llama 2 7B');
    expect(answer.trainedParameters).toBe(32 * 16 * (4 * (4096 + 4096) + 3 * (4096 + 11_008)));
    expect(answer.totalBytes).toBe(14e9 + 16 * 39_976_960);
    // a copy in FP32 is of no use to adapters, which are in FP32 already
    expect(memory({ method: 'lora', masterWeights: true }).totalBytes).toBe(answer.totalBytes);
  });

  it('is a quarter of that with QLoRA: half a byte and a sixteenth for the scale', () => {
    const { weights } = partsOf({ method: 'qlora', format: 'int4' });
    expect(weights).toBe(7e9 * 0.5625);
    expect(partsOf({ method: 'qlora', format: 'int8' }).weights).toBe(7e9 * 1.0625);
  });

  it('has the ranks of the LoRA paper: queries and values alone', () => {
    expect(memory({ method: 'lora', rank: 8, targets: 'query-value' }).trainedParameters).toBe(4_194_304);
    expect(memory({ method: 'lora', rank: 8, targets: 'attention' }).trainedParameters).toBe(8_388_608);
  });
});

/** Rank 16 at all matrices of Llama 2 7B: GB of weights, and bytes of optimizer values for each of the 39,976,960 adapter weights. */
const ADAPTERS: readonly (readonly [given: Given, weights: number, moments: number])[] = [
  [{ method: 'lora', format: 'fp32' }, 28, 8],
  [{ method: 'lora', format: 'fp16' }, 14, 8],
  [{ method: 'lora', format: 'bf16' }, 14, 8],
  [{ method: 'lora', format: 'bf16', optimizer: 'adamw-8bit' }, 14, 2.00390625],
  [{ method: 'lora', format: 'fp16', optimizer: 'sgd-momentum' }, 14, 4],
  [{ method: 'lora', format: 'fp16', optimizer: 'sgd' }, 14, 0],
  [{ method: 'qlora', format: 'int8' }, 7.4375, 8],
  [{ method: 'qlora', format: 'int4' }, 3.9375, 8],
  [{ method: 'qlora', format: 'int4', optimizer: 'adamw-8bit' }, 3.9375, 2.00390625],
  [{ method: 'qlora', format: 'int4', optimizer: 'sgd-momentum' }, 3.9375, 4],
  [{ method: 'qlora', format: 'int4', optimizer: 'sgd' }, 3.9375, 0],
];

describe('the memory of adapters beside 7 billion parameters', () => {
  it.each(ADAPTERS)('with %o', (given, weights, moments) => {
    const trained = 39_976_960;
    const kept = { adapters: 4 * trained, gradients: 4 * trained, moments: moments * trained };
    expect(partsOf(given)).toEqual({
      weights: weights * 1e9,
      ...(moments === 0 ? { adapters: kept.adapters, gradients: kept.gradients } : kept),
    });
  });
});

/** GB of weights, and of weights, gradients and moments, by their published numbers of parameters. */
const MODELS: readonly (readonly [repo: string, fp16: number, full: number, fp32: number])[] = [
  ['openai-community/gpt2', 0.248_879_616, 0.995_518_464, 1.991_036_928],
  ['openai-community/gpt2-xl', 3.115_222_4, 12.460_889_6, 24.921_779_2],
  ['meta-llama/Llama-3.1-8B', 16.060_522_496, 64.242_089_984, 128.484_179_968],
  ['mistralai/Mistral-7B-v0.3', 14.496_047_104, 57.984_188_416, 115.968_376_832],
  ['Qwen/Qwen2.5-0.5B', 0.988_065_536, 3.952_262_144, 7.904_524_288],
  ['Qwen/Qwen2.5-7B', 15.231_233_024, 60.924_932_096, 121.849_864_192],
];

describe('the memory of training models that people know', () => {
  it.each(MODELS)('%s', (repo, fp16, full, fp32) => {
    const shape = shapeOf(repo)!;
    const of = (given: Given) =>
      trainingMemory({ ...MemoryQuestion.parse(given), parameters: parametersOf(shape), shape });
    expect(of({}).parts[0]).toEqual({ part: 'weights', bytes: Math.round(fp16 * 1e9) });
    expect(of({}).totalBytes).toBe(Math.round(full * 1e9));
    expect(of({ format: 'fp32' }).totalBytes).toBe(Math.round(fp32 * 1e9));
    expect(of({ format: 'bf16', masterWeights: true }).totalBytes).toBe(Math.round(fp32 * 1e9));
  });
});

/** Rank 16, by the shapes of all families: GPT-2 has queries, keys and values in one matrix, which gets one adapter. */
const FAMILIES = [
  'distilbert/distilgpt2',
  'openai-community/gpt2',
  'openai-community/gpt2-medium',
  'openai-community/gpt2-large',
  'openai-community/gpt2-xl',
  'HuggingFaceTB/SmolLM2-135M',
  'Qwen/Qwen2.5-0.5B',
  'Qwen/Qwen3-0.6B',
  'mistralai/Mistral-7B-v0.3',
];

describe('the adapters', () => {
  it.each(FAMILIES.flatMap((repo) => (['all', 'attention', 'query-value'] as const).map((to) => [repo, to])))(
    'of %s at %s are as many as in the graph',
    async (repo, targets) => {
      const shape = shapeOf(repo!)!;
      const question = {
        ...MemoryQuestion.parse({ method: 'lora', targets, batch: 1, length: 16 }),
        parameters: parametersOf(shape),
        shape,
      };
      const found = graphCase(question, null, true) as GraphCase;
      const [price] = await examplePrices([found.priced]);
      expect(trainingMemory(question).trainedParameters).toBe(price!.trainableParameters);
    },
  );

  it('of GPT-2 are 2,359,296 at all matrices', () => {
    const shape = shapeOf('openai-community/gpt2')!;
    const of = (targets: MemoryQuestion['targets']) => adapterParameters(shape, { rank: 16, targets });
    expect(of('all')).toBe(12 * 16 * (768 + 2304 + 2 * 768 + 2 * (768 + 3072)));
    expect(of('all')).toBe(2_359_296);
    expect([of('attention'), of('query-value')]).toEqual([12 * 16 * 6 * 768, 12 * 16 * 4 * 768]);
  });
});

describe('formats that cannot be', () => {
  it.each([
    [{ format: 'int4' } as Given, /4 bits can't be trained/],
    [{ format: 'int8', method: 'lora' } as Given, /8 bits can't be trained/],
    [{ format: 'fp16', method: 'qlora' } as Given, /QLoRA quantises the weights, so it can't use fp16/],
  ])('%o are refused with what to do', (given, message) => {
    expect(() => memory(given)).toThrow(message);
  });
});

describe('activations', () => {
  const activations = (given: Given) =>
    partsOf({ method: 'lora', batch: 1, length: 2048, ...given }).activations;

  it('are s b h (34 + 5 a s / h) bytes a layer in 16 bits', () => {
    expect(activations({})).toBeCloseTo(32 * 2048 * 4096 * (34 + (5 * 32 * 2048) / 4096), -2);
    expect(activations({ batch: 4 })).toBeCloseTo(4 * activations({})!, -2);
  });

  it('of GPT-3, as the paper has them: 34 of 114 bytes a value are left without what is computed again', () => {
    // 96 layers, width 12,288, 96 heads, 2,048 tokens: 5 a s / h is 80
    const shape = { ...shapeOf('openai-community/gpt2-xl')!, layers: 96, width: 12_288, heads: 96 };
    const of = (recompute: MemoryQuestion['recompute']) =>
      trainingMemory({ ...MemoryQuestion.parse({ batch: 1, length: 2048, recompute }), shape }).parts.at(-1)!
        .bytes /
      (96 * 2048 * 12_288);
    expect(of('none')).toBeCloseTo(114, 6);
    expect(of('selective')).toBeCloseTo(34, 6);
    expect(of('full')).toBeCloseTo(2, 6);
  });

  it('double in FP32, except for masks of a byte', () => {
    const given: Given = { method: 'full', format: 'fp32', batch: 1, length: 2048 };
    expect(partsOf(given).activations).toBeCloseTo(
      32 * 2048 * 4096 * (32 * 2 + 2 + ((4 * 2 + 1) * 32 * 2048) / 4096),
      -2,
    );
  });

  it('are left out without a batch, and do not count for bytes a parameter', () => {
    expect(partsOf({}).activations).toBeUndefined();
    expect(memory({ batch: 8 }).bytesPerParameter).toBeCloseTo(8, 9);
  });
});

describe('the size of an adapter', () => {
  it('is rank times inputs and outputs', () => {
    expect(adapterSize(4096, 4096, 16)).toEqual({ matrix: 16_777_216, adapter: 131_072 });
  });
});

describe('the time of a training', () => {
  const time = (given: Partial<TimeQuestion>) => trainingTime(TimeQuestion.parse(given));
  const million = { rows: 1000, tokensPerRow: 1000, epochs: 1 };

  it('is 6 N operations a token for all weights', () => {
    expect(time(million).flops).toBeCloseTo(6 * 7e9 * 1e6, -6);
  });

  it('is 4 N for LoRA and 6 for each weight of the adapters, and as much for QLoRA', () => {
    const { flops, adapterParameters } = time({ ...million, method: 'lora' });
    expect(adapterParameters).toBe(39_976_960);
    expect(flops).toBeCloseTo((4 * 7e9 + 6 * 39_976_960) * 1e6, -6);
    expect(time({ ...million, method: 'qlora' }).flops).toBe(flops);
  });

  it('grows by 2 N where the forward pass is computed twice', () => {
    expect(time({ ...million, recompute: true }).flops).toBeCloseTo(8 * 7e9 * 1e6, -6);
  });

  it('on a card is operations over peak and utilisation; its cost follows from the price', () => {
    const { machines } = time({ ...million, utilisation: 0.5, prices: { 'a100-80': 2 } });
    const a100 = machines.find(({ id }) => id === 'a100-80')!;
    expect(a100.seconds).toBeCloseTo(4.2e16 / (312e12 * 0.5), 6);
    expect(a100.cost).toBeCloseTo((2 * a100.seconds) / 3600, 9);
    expect(a100.assumedPrice).toBe(false);
    expect(machines.find(({ id }) => id === 'h100-sxm')!.assumedPrice).toBe(true);
  });

  it('comes with what fits: 56 GB for 7 billion in full, 4 GB and a little with QLoRA', () => {
    const fits = (given: Partial<TimeQuestion>) =>
      time({ tokensPerRow: 512, ...given })
        .machines.filter(({ fits }) => fits)
        .map(({ id }) => id);
    expect(fits({})).toEqual(['a100-80', 'h100-pcie', 'h100-sxm', 'h200', 'b200']);
    expect(fits({ method: 'qlora' })).toHaveLength(ACCELERATORS.length);
  });
});

it('every card has a source and an assumed price', () => {
  for (const { id, source } of ACCELERATORS) {
    expect(source).not.toBe('');
    expect(assumedPricePerHour(id), id).toBeGreaterThan(0);
  }
});
