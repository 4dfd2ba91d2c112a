/** `fettle learn`: sizes as people write them, models of the catalog, and answers to wrong flags. */
import { describe, expect, it } from 'vitest';
import type { AcceleratorTime, ComputerFacts } from '../../../common/api/contract.ts';
import { openStore } from '../../../main/store/open.ts';
import { fettle as run } from '../../helpers/fettle.ts';

const fettle = (...argv: string[]) => run(argv);

describe('fettle learn memory', () => {
  it('shows the textbook case', async () => {
    const { out } = await fettle('learn', 'memory', '--parameters', '7e9', '--format', 'fp16');
    expect(out).toMatch(/Weights +14 GB\nGradients +14 GB\nOptimizer's values +28 GB\nTogether +56 GB\n/);
    expect(out).toContain('All 7B weights are trained; 8.00 bytes');
  });

  it.each(['7B', '7b', '7000M', '7e9', '7000000000'])('reads %s as 7 billion', async (size) => {
    const { out } = await fettle('learn', 'memory', '--parameters', size, '--json');
    expect(JSON.parse(out).parameters).toBe(7e9);
  });

  it('takes 4 bits for qlora by itself, and mixed precision as a switch', async () => {
    const qlora = await fettle('learn', 'memory', '--method', 'qlora', '--json');
    expect(JSON.parse(qlora.out).parts[0]).toEqual({ part: 'weights', bytes: 7e9 * 0.5625 });
    const mixed = await fettle('learn', 'memory', '--master-weights', '--json');
    expect(JSON.parse(mixed.out).totalBytes).toBe(112e9);
  });

  it("shows Fettle's own graph beside it, and says why where there is none", async () => {
    const small = [
      '--model',
      'HuggingFaceTB/SmolLM2-135M',
      '--method',
      'lora',
      '--batch',
      '2',
      '--length',
      '256',
    ];
    const { out } = await fettle('learn', 'memory', ...small, '--graph');
    expect(out).toMatch(
      /own graph for SmolLM2 135M \(135M weights\), computing in FP32, for 2 rows of 256 tokens/,
    );
    expect(out).toMatch(/Frozen weights +266 MB/);
    expect((await fettle('learn', 'memory', ...small, '--format', 'fp32', '--graph')).out).toMatch(
      /Frozen weights +533 MB/,
    );
    expect(out).not.toContain('otherwise');
    const sgd = await fettle('learn', 'memory', ...small, '--optimizer', 'sgd', '--graph');
    expect(sgd.out).toContain('Priced otherwise than asked: with AdamW: Fettle has no SGD.');
    const { graph, parts } = JSON.parse((await fettle('learn', 'memory', ...small, '--graph', '--json')).out);
    const { weightBytes, stateBytes, workingBytes, programBytes, totalBytes } = graph;
    expect(weightBytes + stateBytes + workingBytes + programBytes).toBeCloseTo(totalBytes, 0);
    // three values of FP32 and the weights themselves for each adapter weight, as the textbook has it
    const trained = parts.filter(({ part }: { part: string }) => /adapters|gradients|moments/.test(part));
    expect(stateBytes).toBe(trained.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0));
    const practice = await fettle('learn', 'memory', '--model', 'fettle/practice-model', '--graph', '--json');
    // it reads no more than 256 tokens, as its own files say
    expect(JSON.parse(practice.out).graph).toMatchObject({ model: 'Practice model', rowLength: 256 });
    const none = await fettle('learn', 'memory', '--parameters', '1M', '--graph');
    expect(none.out).toContain('No known model is about as large');
  });

  it('says which flag is wrong, and which model was meant', async () => {
    const rank = await fettle('learn', 'memory', '--rank', '0');
    expect([rank.code, rank.err]).toEqual([2, expect.stringContaining('--rank is not right')]);
    const model = await fettle('learn', 'memory', '--model', 'Qwen/Qwen2.5-15B');
    expect(model.err).toContain('Did you mean Qwen/Qwen2.5-1.5B?');
    const format = await fettle('learn', 'memory', '--format', 'int4');
    expect([format.code, format.err]).toEqual([2, expect.stringContaining('the method QLoRA')]);
  });
});

describe('fettle learn time', () => {
  it('shows operations, cards, and that prices are assumptions', async () => {
    const { out } = await fettle(
      ...['learn', 'time', '--rows', '1000', '--tokens-per-row', '1000', '--epochs', '1'],
    );
    expect(out).toContain('1,000,000 tokens x 42.0 billion operations = 4.20e+16 operations');
    expect(out).toMatch(/NVIDIA A100 80 GB +80 GB +312 TFLOP\/s/);
    expect(out).toContain('Prices are assumptions of');
  });

  it('takes prices of an hour by card, and says which is meant', async () => {
    const given = ['--price', 'a100-80=2.10', '--price', 'L4=0.5', '--json'];
    const { machines } = JSON.parse((await fettle('learn', 'time', ...given)).out);
    const priceOf = (id: string) => {
      const card = machines.find((each: { id: string }) => each.id === id);
      expect(card.cost).toBeCloseTo((card.pricePerHour * card.seconds) / 3600, 9);
      return [card.pricePerHour, card.assumedPrice];
    };
    const some = await fettle('learn', 'time', '--price', 't4=1');
    expect(some.out).toContain('Prices that were not given are assumptions of');
    expect([priceOf('a100-80'), priceOf('l4'), priceOf('t4')]).toEqual([
      [2.1, false],
      [0.5, false],
      [0.4, true],
    ]);
    const wrong = await fettle('learn', 'time', '--price', 'a100-8=2');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean a100-80=2?')]);
    for (const price of ['2.10', 'a100-80', 'a100-80=-1', 'a100-80=10001']) {
      const { code, err } = await fettle('learn', 'time', '--price', price);
      expect([code, err], price).toEqual([2, expect.stringContaining('The cards: t4, l4, a100-40,')]);
    }
    expect((await fettle('learn', 'time', '--watts', '0')).err).toContain('--watts is not right');
  });

  it('takes the prices that the app has kept, and a flag over them', async () => {
    const keep = async (cardPrices: Record<string, number>) => {
      const store = await openStore();
      store.settings.set({ cardPrices });
      store.close();
    };
    await keep({ l4: 0.65, 'a100-80': 1.5 });
    const { out } = await fettle('learn', 'time', '--price', 'a100-80=2.10', '--json');
    const found = (JSON.parse(out).machines as AcceleratorTime[]).filter((card) => !card.assumedPrice);
    expect(found.map(({ id, pricePerHour }) => [id, pricePerHour])).toEqual([
      ['l4', 0.65],
      ['a100-80', 2.1],
    ]);
    await keep({});
    expect((await fettle('learn', 'time')).out).toContain('Prices are assumptions of');
  });

  it('has this computer among the cards once it was measured, with what fits and its electricity', async () => {
    const before = await fettle('learn', 'time');
    expect(before.out).not.toContain('This computer');
    expect(before.out).toContain('`fettle hardware --bench` measures it');
    const store = await openStore();
    const speed = { flops: 3.1e11, measured: '2026-01-01T00:00:00Z' };
    store.hardware.add({ processor: 'Two cores', totalMemory: 32e9, speed } as ComputerFacts);
    store.settings.set({ currency: 'EUR' });
    store.close();
    const { out } = await fettle('learn', 'time');
    expect(out).toMatch(/This computer +32 GB +0\.31 TFLOP\/s +23 days 13 h +does not fit/);
    expect(out).toMatch(/computes in 32 bits: 119 GB\. Its speed was measured; say --watts/);
    const electric = await fettle('learn', 'time', '--watts', '100', '--price-per-kwh', '0.5');
    expect(electric.out).toMatch(/This computer .* 28\.23 EUR +does not fit/);
    const small = await fettle('learn', 'time', '--parameters', '1B', '--method', 'lora');
    expect(/This computer .*/.exec(small.out)![0]).not.toContain('does not fit');
  });

  it('gives an object with everything for programs', async () => {
    const { out } = await fettle('learn', 'time', '--method', 'lora', '--json');
    const answer = JSON.parse(out);
    expect(answer.adapterParameters).toBe(39_976_960);
    expect(answer.perToken.weightGradients).toBe(2 * 39_976_960);
  });
});
