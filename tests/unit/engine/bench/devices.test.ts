/** What is measured besides the processor is what was asked for, and nothing that is not there. */
import { describe, expect, it } from 'vitest';
import { bench } from '../../../../main/engine/bench/bench.ts';

describe('the benchmark', () => {
  it('names the devices where it is asked for one that there is not', async () => {
    const io = { onProgress: () => {}, stop: new AbortController().signal };
    await expect(bench({ threads: 1, folder: '/nowhere', device: 'abacus' }, io)).rejects.toMatchObject({
      code: 'bad-usage',
      hint: expect.stringMatching(/webgpu, .*ggml/),
    });
  });
});
