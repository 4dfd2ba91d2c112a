/** What an export writes, against values worked out by hand: names and row order of llama.cpp, formats, and the merged weights. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ggufTensors, ggufTensorType } from '../../../../main/engine/export/gguf-tensors.ts';
import { mergedParameters } from '../../../../main/engine/export/merge.ts';
import { type OpenedModel, openModel } from '../../../../main/engine/load/open-model.ts';
import { wholeParameter } from '../../../../main/engine/load/parameter-pieces.ts';
import { interleaved } from '../../../../main/engine/models/gguf-layout.ts';
import { noise } from '../../../helpers/graphs.ts';
import { temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
let llama: OpenedModel;
let gpt2: OpenedModel;

beforeAll(async () => {
  llama = await openModel(await writeTinyModel(path.join(folder, 'llama'), 'llama'));
  gpt2 = await openModel(await writeTinyModel(path.join(folder, 'gpt2'), 'gpt2'));
});
afterAll(async () => {
  await Promise.all([llama.store.close(), gpt2.store.close()]);
  remove();
});

describe('the tensors of a GGUF file', () => {
  it('have the names that llama.cpp looks for', () => {
    const names = (opened: OpenedModel) =>
      ggufTensors(opened, mergedParameters(opened, null), 'f32', new Map()).map(({ name }) => name);
    expect(names(llama)).toEqual(
      expect.arrayContaining([
        'token_embd.weight',
        'blk.0.attn_norm.weight',
        'blk.0.attn_q.weight',
        'blk.0.attn_k.weight',
        'blk.0.attn_v.weight',
        'blk.0.attn_output.weight',
        'blk.0.ffn_norm.weight',
        'blk.0.ffn_gate.weight',
        'blk.0.ffn_up.weight',
        'blk.0.ffn_down.weight',
        'output_norm.weight',
      ]),
    );
    expect(names(gpt2)).toEqual(
      expect.arrayContaining(['position_embd.weight', 'blk.1.attn_qkv.weight', 'blk.1.attn_qkv.bias']),
    );
  });

  it.each([
    [
      'self_attn.q_proj',
      'attn_q',
      (values: Float32Array, rows: number) => interleaved(values, rows, llama.model.heads),
    ],
    [
      'self_attn.k_proj',
      'attn_k',
      (values: Float32Array, rows: number) => interleaved(values, rows, llama.model.kvHeads),
    ],
    ['self_attn.v_proj', 'attn_v', (values: Float32Array) => values],
    ['mlp.gate_proj', 'ffn_gate', (values: Float32Array) => values],
    ['mlp.up_proj', 'ffn_up', (values: Float32Array) => values],
  ])('hold the values of %s under %s', async (module, stored, laidOut) => {
    const parameter = `model.layers.1.${module}.weight`;
    const read = mergedParameters(llama, null);
    const tensors = ggufTensors(llama, read, 'f32', new Map());
    const tensor = tensors.find(({ name }) => name === `blk.1.${stored}.weight`)!;
    const own: number[] = [];
    for await (const piece of tensor.pieces()) own.push(...piece);
    const values = await llama.store.readF32(parameter);
    expect(own).toEqual([...laidOut(values, llama.outline.parameters.get(parameter)!.shape[0]!)]);
  });

  it('have the rows that rotate together side by side', () => {
    // two heads of four rows: 0 turns with 2, and 1 with 3
    expect([...interleaved(Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13), 8, 2)]).toEqual([
      0, 2, 1, 3, 10, 12, 11, 13,
    ]);
  });

  it.each(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1'] as const)(
    'keep 8 bits for embedding and head in a file of %s',
    (type) => {
      expect(ggufTensorType('token_embd.weight', [100, 64], type)).toBe('Q8_0');
      expect(ggufTensorType('output.weight', [100, 64], type)).toBe('Q8_0');
      expect(ggufTensorType('blk.0.ffn_up.weight', [100, 64], type)).toBe(type);
    },
  );

  it('take the format of the file where it is fine enough, and one that their rows divide into', () => {
    expect(ggufTensorType('token_embd.weight', [100, 64], 'f16')).toBe('f16');
    expect(ggufTensorType('token_embd.weight', [100, 64], 'f32')).toBe('f32');
    expect(ggufTensorType('blk.0.ffn_up.weight', [100, 40], 'Q8_0')).toBe('f16');
    expect(ggufTensorType('blk.0.attn_norm.weight', [64], 'Q8_0')).toBe('f32');
    expect(ggufTensorType('position_embd.weight', [100, 64], 'Q8_0')).toBe('f32');
  });
});

describe('a merged parameter', () => {
  it.each([
    ['llama', 'model.layers.0.mlp.up_proj', false],
    ['gpt2', 'transformer.h.0.mlp.c_fc', true],
  ] as const)('of %s is W + scale B A', async (family, module, transposed) => {
    const opened = family === 'llama' ? llama : gpt2;
    const { inputs, outputs } = opened.outline.linears.get(module)!;
    const [r, scale] = [2, 0.75];
    const [a, b] = [noise(r * inputs, 1), noise(outputs * r, 2)];
    const config = { r, alpha: 1.5 } as never;
    const read = mergedParameters(opened, { config, tensors: new Map([[module, { a, b, r, scale }]]) });
    const merged = await wholeParameter(opened, `${module}.weight`, read(`${module}.weight`));
    const weight = await opened.store.readF32(`${module}.weight`);
    for (const [out, input] of [
      [0, 0],
      [1, 3],
      [outputs - 1, inputs - 1],
    ] as const) {
      const at = transposed ? input * outputs + out : out * inputs + input;
      const product = b[out * r]! * a[input]! + b[out * r + 1]! * a[inputs + input]!;
      expect(merged[at]).toBeCloseTo(weight[at]! + scale * product, 6);
    }
  });
});
