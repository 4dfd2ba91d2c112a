import { describe, expect, it } from 'vitest';
import { ggufFormat, isPickle, isReadableGguf } from '../../../main/hub/catalog.ts';
import { chooseWeights, smallFiles } from '../../../main/hub/download/plan-download.ts';

const files = (...names: string[]) =>
  names.map((path) => ({ path, bytes: 10, hash: { kind: 'sha256' as const, value: '' } }));
const choose = async (names: readonly string[], index = '{}') => {
  const { format, files: chosen } = await chooseWeights('a/b', files(...names), async () => index);
  return [format, ...chosen.map(({ path }) => path)];
};

describe('weights', () => {
  it('come as the single file where there is one', async () => {
    const names = ['pytorch_model.bin', 'model.safetensors', 'model.fp16.safetensors', 'a-Q8_0.gguf'];
    expect(await choose(names)).toEqual(['safetensors', 'model.safetensors']);
  });

  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const index = JSON.stringify({ weight_map: { c: shards[1], a: shards[0], b: shards[0] } });

  it('come as the files that the index names', async () => {
    const names = ['consolidated.safetensors', ...shards, 'model.safetensors.index.json'];
    expect(await choose(names, index)).toEqual(['safetensors', ...shards]);
  });

  it.each([
    ['a file that is not there', index, shards.slice(0, 1)],
    ['nothing', '{}', shards],
    ['no JSON', 'oops', shards],
    [
      'a file of another kind',
      '{"weight_map": {"a": "pytorch_model.bin"}}',
      [...shards, 'pytorch_model.bin'],
    ],
  ])('are refused where the index names %s', async (_, text, there) => {
    const chosen = choose([...there, 'model.safetensors.index.json'], text);
    await expect(chosen).rejects.toMatchObject({ code: 'model-incomplete' });
  });

  it.each([
    [['m-Q4_K_M.gguf', 'm-Q8_0.gguf', 'm-f16.gguf'], 'm-Q8_0.gguf'],
    [['m-IQ2_XS.gguf', 'm-Q4_K_M.gguf', 'mmproj-m-f16.gguf'], 'm-Q4_K_M.gguf'],
    [['model.gguf'], 'model.gguf'],
  ])('come as one GGUF file out of %s', async (names, expected) => {
    expect(await choose(names)).toEqual(['gguf', expected]);
  });

  it.each([
    [['m-IQ1_S.gguf'], 'model-weights-missing'],
    [['m-Q8_0-00001-of-00002.gguf'], 'model-weights-missing'],
    [['pytorch_model.bin', 'training_args.bin'], 'weights-pickled'],
    [['flax_model.msgpack'], 'model-weights-missing'],
  ])('are refused where there is only %s', async (names, code) => {
    await expect(choose(names)).rejects.toMatchObject({ code });
  });
});

describe('files beside the weights', () => {
  const names = [
    'config.json',
    'tokenizer.json',
    'README.md',
    'LICENSE',
    'LICENSE.txt',
    'USE_POLICY.md',
    'a.py',
    'x.png',
  ];

  it('are configuration, tokenizer and what is to be read', () => {
    const chosen = smallFiles(files(...names, 'model.safetensors.index.json'), 'safetensors').map(
      ({ path }) => path,
    );
    expect(chosen).toEqual([...names.slice(0, 6), 'model.safetensors.index.json']);
    const single = smallFiles(files('model.safetensors', 'model.safetensors.index.json'), 'safetensors');
    expect(single).toEqual([]);
  });

  it('are only what is to be read beside a GGUF file', () => {
    expect(smallFiles(files(...names), 'gguf').map(({ path }) => path)).toEqual(names.slice(2, 6));
  });

  it('are refused when they are huge', () => {
    const huge = files('tokenizer.json').map((file) => ({ ...file, bytes: 5e9 }));
    expect(() => smallFiles(huge, 'safetensors')).toThrow(
      expect.objectContaining({ code: 'hub-model-unsafe' }),
    );
  });
});

describe('names', () => {
  it.each([
    ['qwen2.5-0.5b-instruct-q4_k_m.gguf', 'Q4_K_M', true],
    ['Llama-3.2-1B-Instruct-Q8_0.gguf', 'Q8_0', true],
    ['model.f16.gguf', 'F16', true],
    ['m-fp16.gguf', 'F16', true],
    ['m-BF16.gguf', 'BF16', true],
    ['m-IQ4_XS.gguf', 'IQ4_XS', true],
    ['m-IQ3_M.gguf', 'IQ3_M', false],
    ['m-TQ1_0.gguf', 'TQ1_0', false],
    ['m-MXFP4.gguf', 'MXFP4', false],
    ['model.gguf', null, true],
  ])('the format of %s', (name, format, isReadable) => {
    expect(ggufFormat(name)).toBe(format);
    expect(isReadableGguf(name)).toBe(isReadable);
  });

  it('tell pickles from what training leaves behind', () => {
    expect(['pytorch_model.bin', 'model.PT', 'x.pth', 'y.ckpt', 'z.pkl'].every(isPickle)).toBe(true);
    expect(['training_args.bin', 'model.safetensors', 'bin.json'].some(isPickle)).toBe(false);
  });
});
