/** What the lesson's graph is priced with: every choice of the calculator that a run of Fettle can have, and names for the others. */
import { describe, expect, it } from 'vitest';
import { MemoryQuestion } from '../../../common/extras/learn/calls.ts';
import { type GraphCase, graphCase, graphMemory } from '../../../main/extras/learn/lesson-graph.ts';
import { trainingMemory } from '../../../main/extras/learn/textbook.ts';
import { parametersOf, shapeOf } from '../../../main/plan/shapes.ts';
import { examplePrices, groundsWith } from '../../helpers/example-prices.ts';

type Given = Partial<MemoryQuestion>;
const SMALL = 'HuggingFaceTB/SmolLM2-135M';

function questionOf(repo: string | null, given: Given) {
  const question = MemoryQuestion.parse({ batch: 2, length: 256, rank: 8, ...given });
  const shape = repo === null ? null : shapeOf(repo)!;
  return { ...question, ...(shape && { parameters: parametersOf(shape) }), shape };
}

function caseOf(repo: string | null, given: Given): GraphCase {
  return graphCase(questionOf(repo, given), null, repo !== null) as GraphCase;
}

async function graphOf(repo: string | null, given: Given) {
  const found = caseOf(repo, given);
  const [price] = await examplePrices([found.priced]);
  return graphMemory(found, price!, groundsWith(null));
}

describe('the settings of the run that is priced', () => {
  const PLAIN = {
    full: { method: 'full', format: 'fp32' },
    lora: { method: 'lora', format: 'fp32' },
  } as const;
  const CASES: readonly (readonly [Given, object])[] = [
    [PLAIN.full, {}],
    [{ ...PLAIN.full, recompute: 'selective' }, { recompute: 'attention' }],
    [{ ...PLAIN.full, recompute: 'full' }, { recompute: 'block' }],
    [{ ...PLAIN.full, optimizer: 'adamw-8bit' }, { optimizer: 'adamw-8bit' }],
    [{ ...PLAIN.full, optimizer: 'sgd' }, {}],
    [{ ...PLAIN.full, masterWeights: true }, {}],
    [{ method: 'full', format: 'fp16' }, { masterBits: 16 }],
    [{ method: 'full', format: 'bf16' }, { masterBits: 16 }],
    [{ method: 'full', format: 'bf16', masterWeights: true }, {}],
    [PLAIN.lora, {}],
    [{ method: 'lora', format: 'fp16' }, { bits: 16 }],
    // a copy in FP32 is of no use to adapters, which are in FP32 already
    [{ method: 'lora', format: 'bf16', masterWeights: true }, { bits: 16 }],
    [{ method: 'qlora', format: 'int4' }, { bits: 4 }],
    [
      { method: 'qlora', format: 'int8', recompute: 'full', optimizer: 'adamw-8bit' },
      { bits: 8, recompute: 'block', optimizer: 'adamw-8bit' },
    ],
  ];

  it.each(CASES)('for %o are %o beside the shape of the run', (given, savings) => {
    const { method, maxLength, tokensPerMicroBatch, trainOn, heldOut, assess, lora, ...others } = caseOf(
      SMALL,
      given,
    ).priced.settings;
    expect(others).toEqual(savings);
    expect({ method, maxLength, tokensPerMicroBatch, trainOn, heldOut, assess }).toEqual({
      method: given.method,
      maxLength: 256,
      tokensPerMicroBatch: 512,
      trainOn: 'all',
      heldOut: 0,
      assess: false,
    });
    expect(lora).toEqual(method === 'full' ? undefined : { rank: 8, targets: 'all-linear' });
  });
});

describe('the graph beside the textbook', () => {
  it.each([
    ['lora', 'weightBytes'],
    ['full', 'stateBytes'],
  ] as const)('with weights in 16 bits takes two bytes less for each, with %s', async (method, part) => {
    const [wide, half] = [await graphOf(SMALL, { method, format: 'fp32' }), await graphOf(SMALL, { method })];
    // of a mapped file not all is resident
    expect((wide[part] - half[part]) / (2 * wide.parameters)).toBeCloseTo(1, 1);
  });

  it('takes six bytes less for each trained weight with 8-bit moments, as in the textbook', async () => {
    const given = { method: 'full', format: 'fp32' } as const;
    const [wide, packed] = [
      await graphOf(SMALL, given),
      await graphOf(SMALL, { ...given, optimizer: 'adamw-8bit' }),
    ];
    const textbook = (optimizer: MemoryQuestion['optimizer']) =>
      trainingMemory(questionOf(SMALL, { ...given, optimizer })).totalBytes;
    const saved = wide.stateBytes - packed.stateBytes;
    expect(saved / (textbook('adamw') - textbook('adamw-8bit'))).toBeCloseTo(1, 1);
  });

  it('keeps fewer values the more is computed again', async () => {
    const of = async (recompute: MemoryQuestion['recompute']) =>
      (await graphOf(SMALL, { method: 'full', format: 'fp32', batch: 8, recompute })).workingBytes;
    const [none, selective, full] = [await of('none'), await of('selective'), await of('full')];
    expect(selective).toBeLessThan(0.9 * none);
    expect(full).toBeLessThan(0.5 * selective);
  });
});

describe('what is priced otherwise', () => {
  const CASES: readonly (readonly [repo: string | null, Given, readonly string[]])[] = [
    [SMALL, { method: 'full', format: 'fp32', optimizer: 'adamw-8bit', recompute: 'full' }, []],
    [SMALL, { method: 'lora', format: 'bf16' }, []],
    [SMALL, { method: 'qlora', format: 'int4', recompute: 'selective' }, []],
    [SMALL, { method: 'full', format: 'fp32', optimizer: 'sgd' }, ['adamw']],
    [SMALL, { method: 'lora', format: 'fp16', optimizer: 'sgd-momentum' }, ['adamw']],
    [SMALL, { method: 'full' }, ['fp32-gradients', 'fp32-moments']],
    [SMALL, { method: 'full', optimizer: 'adamw-8bit' }, ['fp32-gradients']],
    [SMALL, { method: 'full', masterWeights: true }, ['fp32-weights', 'fp32-gradients']],
    [SMALL, { method: 'lora', length: 10_000 }, ['shorter-rows']],
    // its files are in FP32, and a model that is not there at all has none
    ['openai-community/gpt2', { method: 'lora', format: 'fp16' }, ['fp32-weights']],
    [null, { parameters: 124e6, method: 'lora', format: 'fp16' }, []],
  ];

  it.each(CASES)('of %s with %o is %o', async (repo, given, names) => {
    expect((await graphOf(repo, given)).otherwise).toEqual(names);
  });
});
