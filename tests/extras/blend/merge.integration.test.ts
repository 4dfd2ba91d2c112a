/** Adapters added up: the merged one gives the logits of a model whose weights are changed by the weighted sum, computed here the long way. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decoderOf } from '../../../main/engine/eval/cached-decoder.ts';
import { Generator } from '../../../main/engine/eval/generator.ts';
import { type LoraAdapterConfig, readAdapter, writeAdapter } from '../../../main/engine/io/peft.ts';
import { openSafetensors } from '../../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../../main/engine/io/safetensors-write.ts';
import { loadAdapter } from '../../../main/engine/load/adapter.ts';
import { withModel } from '../../../main/engine/load/ready-model.ts';
import { fettle, resultOf } from '../../helpers/fettle.ts';
import { noise } from '../../helpers/graphs.ts';
import { temporaryFolder, writeTinyModel } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
afterAll(remove);

const Q = 'model.layers.0.self_attn.q_proj';
const V = 'model.layers.1.self_attn.v_proj';
const UP = 'model.layers.1.mlp.up_proj';
const SHAPES: Readonly<Record<string, readonly [outputs: number, inputs: number]>> = {
  [Q]: [64, 64],
  [V]: [32, 64],
  [UP]: [112, 64],
};
const CONFIG: LoraAdapterConfig = {
  ...{ r: 3, loraAlpha: 6, loraDropout: 0.1, targetModules: ['q_proj', 'up_proj'], fanInFanOut: false },
  ...{ useRslora: false, useDora: false, baseModel: '/somewhere/model', rankPattern: {}, alphaPattern: {} },
};
/** Another rank, scale and set of modules in each of them. */
const ADAPTERS = [
  { name: 'one', ranks: { [Q]: 3, [UP]: 3 }, config: CONFIG, scale: 2 },
  {
    name: 'two',
    ranks: { [Q]: 4, [V]: 4 },
    config: { ...CONFIG, r: 4, useRslora: true, targetModules: ['q_proj', 'v_proj'], baseModel: 'model' },
    scale: 3,
  },
];
const WEIGHTS = [0.7, -0.4];

beforeAll(async () => {
  await writeTinyModel(at('model'));
  for (const [i, { name, ranks, config }] of ADAPTERS.entries()) {
    const tensors = Object.entries(ranks).map(([module, r], j) => {
      const [outputs, inputs] = SHAPES[module]!;
      const seed = 10 * i + 2 * j;
      return [module, { a: noise(r * inputs, seed, 0.3), b: noise(outputs * r, seed + 1, 0.3), r }] as const;
    });
    await writeAdapter(at(name), config, new Map(tensors));
  }
});

/** Logits after a prompt, of the model in `model` with an adapter. */
function logitsOf(model: string, adapter?: string): Promise<number[]> {
  const io = { model, executor: 'ort' as const, threads: 1 };
  return withModel(
    io,
    () => {},
    async (ready) => {
      const generator = new Generator(decoderOf(ready, await loadAdapter(adapter, ready)));
      try {
        return [...(await generator.advance(ready.tokenizer.encode('How does a cat sound, and how a cow?')))];
      } finally {
        await generator.release();
      }
    },
  );
}

/** The model with W + Σ w s B A in each matrix, summed in float64. */
async function writeChanged(out: string): Promise<void> {
  mkdirSync(out);
  for (const name of readdirSync(at('model'))) copyFileSync(at('model', name), path.join(out, name));
  const file = await openSafetensors(at('model', 'model.safetensors'));
  const tensors = [];
  for (const { name, shape } of file.tensors.values()) {
    const data = Float64Array.from(await file.readF32(name));
    for (const [i, { name: folder, scale }] of ADAPTERS.entries()) {
      const module = (await readAdapter(at(folder))).tensors.get(name.replace(/\.weight$/, ''));
      if (!module) continue;
      const { a, b, r } = module;
      const [outputs, inputs] = shape as [number, number];
      for (let row = 0; row < outputs; row++)
        for (let column = 0; column < inputs; column++)
          for (let k = 0; k < r; k++)
            data[row * inputs + column]! += WEIGHTS[i]! * scale * b[row * r + k]! * a[k * inputs + column]!;
    }
    tensors.push({ name, dtype: 'f32' as const, shape, data: Float32Array.from(data) });
  }
  await file.close();
  await writeSafetensors(path.join(out, 'model.safetensors'), tensors, { format: 'pt' });
}

test('the logits are those of the weighted sum', async () => {
  const args = [
    'merge',
    '--adapter',
    at('one'),
    '--adapter',
    at('two'),
    '--weight',
    '0.7,-0.4',
    '--out',
    at('both'),
  ];
  const merged = await fettle([...args, '--json']);
  expect(merged.code, merged.err).toBe(0);
  expect(resultOf(merged)).toMatchObject({ modules: 3, rank: 7 });
  await writeChanged(at('changed'));
  const [expected, found, plain] = [
    await logitsOf(at('changed')),
    await logitsOf(at('model'), at('both')),
    await logitsOf(at('model')),
  ];
  const farthest = (a: readonly number[], b: readonly number[]) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  // far from the base model, and the same as the sum but for float32
  expect(farthest(plain, expected)).toBeGreaterThan(0.1);
  expect(farthest(found, expected)).toBeLessThan(1e-4);
});

test('PEFT reads ranks and scales module by module', async () => {
  const config = JSON.parse(readFileSync(at('both', 'adapter_config.json'), 'utf8'));
  expect(config).toMatchObject({ r: 7, lora_alpha: 7, use_rslora: false, lora_dropout: 0 });
  expect(config.target_modules).toEqual([Q, UP, V].sort());
  const { tensors } = await readAdapter(at('both'));
  expect([...tensors].map(([name, { r, scale }]) => [name, r, scale]).sort()).toEqual(
    [
      [Q, 7, 1],
      [UP, 3, 1],
      [V, 4, 1],
    ].sort(),
  );
});

test('what does not belong together is refused', async () => {
  const lora = () => new Map([[Q, { a: noise(192, 1), b: noise(192, 2), r: 3 }]]);
  await writeAdapter(at('foreign'), { ...CONFIG, baseModel: 'another' }, lora());
  await writeAdapter(at('wide'), CONFIG, new Map([[Q, { a: noise(96, 1), b: noise(192, 2), r: 3 }]]));
  const magnitude = new Map([...lora()].map(([name, one]) => [name, { ...one, magnitude: noise(64, 3) }]));
  await writeAdapter(at('dora'), { ...CONFIG, useDora: true }, magnitude);
  const refused = async (expected: RegExp, ...more: string[]) => {
    const { code, err } = await fettle(['merge', '--adapter', at('one'), '--out', at('refused'), ...more]);
    expect(code, err).not.toBe(0);
    expect(err).toMatch(expected);
  };
  await refused(/at least twice/);
  await refused(/its model is another/, '--adapter', at('foreign'));
  await refused(/has another size/, '--adapter', at('wide'));
  await refused(/DoRA/, '--adapter', at('dora'));
  await refused(/needs 2 numbers/, '--adapter', at('two'), '--weight', '1');
  await refused(/other than 0/, '--adapter', at('two'), '--weight', '1,0');
  const taken = await fettle(['merge', '--adapter', at('one'), '--adapter', at('two'), '--out', at('both')]);
  expect(taken.err).toMatch(/is not empty/);
});
