/** `fettle learn`: sizes as people write them, models of the catalog, and answers to wrong flags. */
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../main/cli.ts';

async function fettle(...argv: string[]) {
  let [out, err] = ['', ''];
  const code = await runCommand(argv, {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
  });
  return { code, out, err };
}

describe('fettle learn memory', () => {
  it('shows the textbook case', async () => {
    const { out } = await fettle('learn', 'memory', '--parameters', '7e9', '--format', 'fp16');
    expect(out).toMatch(/Weights +14 GB\nGradients +14 GB\nOptimizer's values +28 GB\nTogether +56 GB\n/);
    expect(out).toContain('All 7.00 billion weights are trained; 8.00 bytes');
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
      /own graph for SmolLM2 135M \(134\.5 million weights\), computing in FP32, for 2 rows of 256 tokens/,
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
    expect([format.code, format.err]).toEqual([2, expect.stringContaining('the method qlora')]);
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

  it('gives an object with everything for programs', async () => {
    const { out } = await fettle('learn', 'time', '--method', 'lora', '--json');
    const answer = JSON.parse(out);
    expect(answer.adapterParameters).toBe(39_976_960);
    expect(answer.perToken.weightGradients).toBe(2 * 39_976_960);
  });
});
