import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type LoraAdapterConfig,
  readAdapter,
  readBase,
  readNewTokens,
  writeAdapter,
} from '../../../../main/engine/io/peft.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../../../main/engine/io/safetensors-write.ts';
import { QUANTISED_FORMATS } from '../../../../main/engine/ir/dtype.ts';
import { failure, GOLDEN, temporaryFolder } from './fixtures.ts';

const families = ['gpt2', 'llama', 'smollm2', 'mistral', 'qwen2', 'qwen3'];
const MODULE = 'model.layers.0.self_attn.q_proj';

const CONFIG: LoraAdapterConfig = {
  r: 2,
  loraAlpha: 6,
  loraDropout: 0.05,
  targetModules: ['q_proj'],
  fanInFanOut: false,
  useRslora: false,
  useDora: false,
  baseModel: 'some/model',
  rankPattern: {},
  alphaPattern: {},
};

test.each(families)('reads the adapter that PEFT wrote for %s', async (family) => {
  const folder = join(GOLDEN, 'families', family, 'adapter');
  const { config, tensors } = await readAdapter(folder);
  const file = await openSafetensors(join(folder, 'adapter_model.safetensors'));
  onTestFinished(() => file.close());
  expect(config).toMatchObject({
    r: 4,
    loraAlpha: 8,
    useRslora: false,
    useDora: false,
    fanInFanOut: family === 'gpt2',
    baseModel: '..',
  });
  expect(tensors.size * 2).toBe(file.tensors.size);
  for (const [module, { a, b, r, scale }] of tensors) {
    expect([r, scale]).toEqual([4, 2]);
    expect(config.targetModules).toContain(module.split('.').at(-1));
    expect(a).toEqual(await file.readF32(`base_model.model.${module}.lora_A.weight`));
    expect(b).toEqual(await file.readF32(`base_model.model.${module}.lora_B.weight`));
  }
});

test.each(families)('writes for %s what PEFT wrote', async (family) => {
  const golden = join(GOLDEN, 'families', family, 'adapter');
  const { config, tensors } = await readAdapter(golden);
  const folder = join(temporaryFolder(), 'adapter');
  await writeAdapter(folder, config, tensors);
  expect(readdirSync(folder).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
  const load = (path: string) => JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'));
  // Every key is one that PEFT writes, with its value; keys that PEFT lets be absent are left out.
  expect(load(golden)).toMatchObject(load(folder));
  const weights = async (path: string) => {
    const file = await openSafetensors(join(path, 'adapter_model.safetensors'));
    onTestFinished(() => file.close());
    const entries = [...file.tensors.values()].map(async ({ name, shape, dtype }) => [
      name,
      shape,
      dtype,
      await file.readF32(name),
    ]);
    return { metadata: file.metadata, tensors: await Promise.all(entries) };
  };
  expect(await weights(folder)).toEqual(await weights(golden));
});

const pair = (module: string, r: number, input = 3, output = 4) =>
  [module, { a: new Float32Array(r * input).fill(1), b: new Float32Array(output * r).fill(2), r }] as const;

test('rank-stabilised scaling, and ranks and alphas of single modules', async () => {
  const folder = temporaryFolder();
  const config = { ...CONFIG, alphaPattern: { k_proj: 10, '^model.layers.1.self_attn.v_proj': 7, proj: 99 } };
  const modules = new Map([
    pair('model.layers.0.self_attn.q_proj', 2),
    pair('model.layers.0.self_attn.k_proj', 5),
    pair('model.layers.0.self_attn.v_proj', 2),
    pair('model.layers.1.self_attn.v_proj', 2),
  ]);
  const scales = async () =>
    [...(await readAdapter(folder)).tensors].map(([name, { r, scale }]) => [name.slice(13), r, scale]);
  await writeAdapter(folder, config, modules);
  expect(await scales()).toEqual([
    ['0.self_attn.k_proj', 5, 2],
    ['0.self_attn.q_proj', 2, 3],
    ['0.self_attn.v_proj', 2, 3],
    ['1.self_attn.v_proj', 2, 3.5],
  ]);
  await writeAdapter(folder, { ...config, useRslora: true }, modules);
  expect(await scales()).toEqual([
    ['0.self_attn.k_proj', 5, 10 / Math.sqrt(5)],
    ['0.self_attn.q_proj', 2, 6 / Math.sqrt(2)],
    ['0.self_attn.v_proj', 2, 6 / Math.sqrt(2)],
    ['1.self_attn.v_proj', 2, 7 / Math.sqrt(2)],
  ]);
});

test('the format of the weights beside which it was trained', async () => {
  const folder = temporaryFolder();
  const modules = new Map([pair(MODULE, 2)]);
  for (const base of [...QUANTISED_FORMATS, 16 as const, null]) {
    await writeAdapter(folder, { ...CONFIG, base }, modules);
    expect(await readBase(folder)).toBe(base);
    expect((await readAdapter(folder)).config.base).toBe(base);
  }
});

test('of adapters that were written before there were several formats, and of later ones', async () => {
  const folder = temporaryFolder();
  await writeAdapter(folder, CONFIG, new Map([pair(MODULE, 2)]));
  const file = join(folder, 'adapter_model.safetensors');
  const tensors = [{ name: 'x', dtype: 'f32', shape: [1], data: new Float32Array(1) }] as const;
  for (const [bits, format] of [
    ['4', 'int4'],
    ['8', 'int8'],
  ] as const) {
    await writeSafetensors(file, tensors, { 'fettle.base-bits': bits });
    expect(await readBase(folder)).toBe(format);
  }
  await writeSafetensors(file, tensors, { 'fettle.base-bits': '4', 'fettle.base-format': 'int3' });
  const error = await failure(readBase(folder));
  expect(error.message).toContain('weights in the format “int3”. Known are int4, int8');
});

/** An adapter folder whose config is the golden one with changes. */
async function changed(changes: object, tensors?: readonly TensorToWrite[]): Promise<string> {
  const folder = temporaryFolder();
  await writeAdapter(folder, CONFIG, new Map([pair(MODULE, 2)]));
  const path = join(folder, 'adapter_config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }));
  if (tensors) await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors);
  return folder;
}

test.each([
  [{ peft_type: 'LOHA' }, 'adapter-unsupported', /type "LOHA", not LORA/],
  [{ peft_type: undefined }, 'adapter-unsupported', /type missing/],
  [{ use_dora: 1 }, 'adapter-invalid', /use_dora is 1/],
  [{ lora_bias: true }, 'adapter-unsupported', /lora_bias/],
  [{ bias: 'all' }, 'adapter-unsupported', /bias \("all"\)/],
  [{ modules_to_save: ['lm_head'] }, 'adapter-unsupported', /modules_to_save \(\["lm_head"\]\)/],
  [{ trainable_token_indices: [1] }, 'adapter-unsupported', /trainable_token_indices/],
  [{ target_parameters: ['experts.w'] }, 'adapter-unsupported', /target_parameters/],
  [{ layer_replication: [[0, 2]] }, 'adapter-unsupported', /layer_replication/],
  [{ init_lora_weights: 'pissa_niter_4' }, 'adapter-unsupported', /init_lora_weights/],
  [{ rank_pattern: { '(a+)+$': 4 } }, 'adapter-unsupported', /expression "\(a\+\)\+\$" in rank_pattern/],
  [{ rank_pattern: { q_proj: 0 } }, 'adapter-invalid', /rank_pattern of q_proj is 0/],
  [{ rank_pattern: [] }, 'adapter-invalid', /rank_pattern is not a map/],
  [{ r: 0 }, 'adapter-invalid', /r is 0/],
  [{ r: '2' }, 'adapter-invalid', /r is "2"/],
  [{ r: 3 }, 'adapter-invalid', /A \[2,3\] and B \[4,2\], expected \[3, in\]/],
  [{ lora_alpha: null }, 'adapter-invalid', /lora_alpha is null/],
  [{ lora_dropout: 1 }, 'adapter-invalid', /lora_dropout is 1/],
  [{ use_rslora: 'yes' }, 'adapter-invalid', /use_rslora is "yes"/],
  [{ layers_to_transform: [0, 'x'] }, 'adapter-invalid', /expected numbers of layers/],
  [{ target_modules: 5 }, 'adapter-invalid', /target_modules is 5/],
])('the config %j is refused by name', async (changes, code, message) => {
  const error = await failure(readAdapter(await changed(changes)));
  expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
});

test('settings of the training alone are accepted', async () => {
  const changes = {
    init_lora_weights: 'gaussian',
    modules_to_save: [],
    loftq_config: {},
    lora_bias: false,
    target_modules: 'all-linear',
  };
  const { config } = await readAdapter(await changed(changes));
  expect(config.targetModules).toEqual(['all-linear']);
});

const tensor = (name: string, shape: number[]): TensorToWrite => ({
  name: `base_model.model.${MODULE}.${name}`,
  dtype: 'f32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const A = tensor('lora_A.weight', [2, 3]);
const B = tensor('lora_B.weight', [4, 2]);
const MAGNITUDE = tensor('lora_magnitude_vector', [4]);

test.each([
  ['no tensors', [], 'adapter-invalid', /no LoRA tensors/],
  ['A alone', [A], 'adapter-invalid', /has a lora_A and no lora_B/],
  ['B alone', [B], 'adapter-invalid', /has a lora_B and no lora_A/],
  ['B of another rank', [A, tensor('lora_B.weight', [4, 3])], 'adapter-invalid', /B \[4,3\]/],
  ['a convolution', [tensor('lora_A.weight', [2, 3, 1, 1]), B], 'adapter-invalid', /A \[2,3,1,1\]/],
  ['magnitudes, without DoRA', [A, B, MAGNITUDE], 'adapter-invalid', /does not say use_dora/],
  ['a DoRA convolution', [A, B, tensor('lora_magnitude_vector.weight', [4])], 'adapter-unsupported', /DoRA/],
  ['an embedding', [A, B, tensor('lora_embedding_A', [2, 3])], 'adapter-unsupported', /embedding/],
  ['a bias', [A, B, tensor('lora_B.bias', [4])], 'adapter-unsupported', /LoRA bias/],
  ['a whole module', [A, B, tensor('weight', [4, 3])], 'adapter-unsupported', /modules_to_save/],
  ['something else', [A, B, tensor('vera_lambda', [4])], 'adapter-unsupported', /not part of a LoRA/],
])('weights with %s are refused by name', async (_, tensors, code, message) => {
  const error = await failure(readAdapter(await changed({}, tensors)));
  expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
});

test.each([
  ['no magnitudes', [A, B], /config says use_dora, and .* has no lora_magnitude_vector/],
  ['too few', [A, B, tensor('lora_magnitude_vector', [3])], /of the shape \[3\], expected \[4\]/],
])('a DoRA adapter with %s is refused', async (_, tensors, message) => {
  const error = await failure(readAdapter(await changed({ use_dora: true }, tensors)));
  expect(error.message).toMatch(message);
  expect(error.code).toBe('adapter-invalid');
});

test.each(['gpt2', 'qwen2'])(
  'reads the DoRA adapter that PEFT wrote for %s, and writes the same',
  async (family) => {
    const golden = join(GOLDEN, 'dora', family, 'adapter');
    const { config, tensors } = await readAdapter(golden);
    expect(config).toMatchObject({ useDora: true, r: 2, loraAlpha: 5 });
    const folder = join(temporaryFolder(), 'adapter');
    await writeAdapter(folder, config, tensors);
    const load = (path: string) => JSON.parse(readFileSync(join(path, 'adapter_config.json'), 'utf8'));
    expect(load(golden)).toMatchObject(load(folder));
    const weights = async (path: string) => {
      const file = await openSafetensors(join(path, 'adapter_model.safetensors'));
      onTestFinished(() => file.close());
      const names = [...file.tensors.keys()].sort();
      return await Promise.all(
        names.map(async (name) => [name, file.tensors.get(name)!.shape, await file.readF32(name)]),
      );
    };
    expect(await weights(folder)).toEqual(await weights(golden));
  },
);

test('bfloat16 adapters read as float32', async () => {
  const half = (name: string, shape: number[]): TensorToWrite => ({
    ...tensor(name, shape),
    dtype: 'bf16',
    data: new Uint16Array(shape[0]! * shape[1]!).fill(0x3f80),
  });
  const { tensors } = await readAdapter(
    await changed({}, [half('lora_A.weight', [2, 3]), half('lora_B.weight', [4, 2])]),
  );
  expect([...tensors.get(MODULE)!.a]).toEqual([1, 1, 1, 1, 1, 1]);
});

test('folders that are not adapters, and pickled ones', async () => {
  const folder = temporaryFolder();
  expect((await failure(readAdapter(folder))).message).toContain('not an adapter folder');
  writeFileSync(
    join(folder, 'adapter_config.json'),
    readFileSync(join(await changed({}), 'adapter_config.json')),
  );
  expect((await failure(readAdapter(folder))).code).toBe('file-not-found');
  writeFileSync(join(folder, 'adapter_model.bin'), '');
  expect((await failure(readAdapter(folder))).code).toBe('weights-pickled');
  writeFileSync(join(folder, 'adapter_config.json'), '{"peft_type": "LORA"');
  expect((await failure(readAdapter(folder))).code).toBe('adapter-invalid');
});

const NEW_TOKENS = {
  texts: ['<|ticket|>', '<naïve>'],
  first: 7,
  rows: new Map([
    ['model.embed_tokens', Float32Array.of(1, 2, 3, 4, 5, 6)],
    ['lm_head', Float32Array.of(-1, -2, -3, -4, -5, -6)],
  ]),
};

test('new tokens are written as PEFT has them, never rounded, with their texts in the metadata', async () => {
  const folder = temporaryFolder();
  await writeAdapter(folder, CONFIG, new Map([pair(MODULE, 2)]), 'f16', NEW_TOKENS);
  const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
  expect(config.trainable_token_indices).toEqual({ embed_tokens: [7, 8], lm_head: [7, 8] });
  expect(await readNewTokens(folder)).toEqual(NEW_TOKENS.texts);
  const { newTokens, tensors } = await readAdapter(folder);
  expect(newTokens!.rows.get('model.embed_tokens')).toEqual(NEW_TOKENS.rows.get('model.embed_tokens'));
  expect({ ...newTokens, rows: null }).toEqual({ ...NEW_TOKENS, rows: null });
  expect([...tensors.keys()]).toEqual([MODULE]);
});

test('an adapter without new tokens has none', async () => {
  const folder = temporaryFolder();
  await writeAdapter(folder, CONFIG, new Map([pair(MODULE, 2)]));
  expect(await readNewTokens(folder)).toEqual([]);
  expect((await readAdapter(folder)).newTokens).toBe(null);
});

const rowsOf = (shape: number[]): TensorToWrite => ({
  ...tensor('', shape),
  name: 'base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta',
});

test.each([
  [
    'nothing says what the tokens are',
    {},
    { embed_tokens: [7, 8] },
    [2, 3],
    "adds tokens but doesn't say which",
  ],
  ['ids leave one out', { texts: '["a","b"]' }, { embed_tokens: [7, 9] }, [2, 3], 'not 2 ids that follow'],
  [
    'tables have other ids',
    { texts: '["a"]' },
    { embed_tokens: [7], lm_head: [8] },
    [1, 3],
    'not 1 ids that',
  ],
  [
    'there are fewer rows',
    { texts: '["a","b"]' },
    { embed_tokens: [7, 8] },
    [1, 3],
    'shape [1,3] for 2 new tokens',
  ],
  ['the config names no ids', { texts: '["a"]' }, null, [1, 3], 'are not 1 ids'],
  ['the config names another table', { texts: '["a"]' }, { wte: [7] }, [1, 3], 'embed_tokens has rows'],
  [
    'the list of texts is none',
    { texts: '{"a":1}' },
    { embed_tokens: [7] },
    [1, 3],
    'is not a list of texts',
  ],
  ['no rows are there', { texts: '["a"]' }, { embed_tokens: [7] }, null, 'no rows for them'],
])('new tokens are refused where %s', async (_, given, indices, shape, message) => {
  const { texts } = given as { texts?: string };
  const folder = await changed(indices ? { trainable_token_indices: indices } : {});
  await writeSafetensors(
    join(folder, 'adapter_model.safetensors'),
    [A, B, ...(shape ? [rowsOf(shape)] : [])],
    texts === undefined ? {} : { 'fettle.new-tokens': texts },
  );
  expect((await failure(readAdapter(folder))).message).toContain(message);
});
