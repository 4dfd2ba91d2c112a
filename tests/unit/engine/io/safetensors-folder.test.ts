import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSafetensorsFolder } from '../../../../main/engine/io/safetensors-folder.ts';
import { writeSafetensors } from '../../../../main/engine/io/safetensors-write.ts';
import { failure, GOLDEN, temporaryFolder } from './fixtures.ts';

const A = 'model-00001-of-00002.safetensors';
const B = 'model-00002-of-00002.safetensors';

async function shardedFolder(weightMap: object, extra: object = {}): Promise<string> {
  const folder = temporaryFolder();
  const tensor = (name: string, ...values: number[]) => ({
    name,
    dtype: 'f32' as const,
    shape: [values.length],
    data: new Float32Array(values),
  });
  await writeSafetensors(join(folder, A), [tensor('a', 1, 2), tensor('shared', 8)], { format: 'pt' });
  await writeSafetensors(join(folder, B), [tensor('b', 3, 4, 5), tensor('shared', 9)], { format: 'pt' });
  const index = { metadata: { total_size: 28 }, weight_map: weightMap, ...extra };
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  return folder;
}

test('shards read as one store; the index decides where a name is', async () => {
  const store = await openSafetensorsFolder(await shardedFolder({ a: A, b: B, shared: B }));
  onTestFinished(() => store.close());
  expect([...store.tensors.keys()]).toEqual(['a', 'b', 'shared']);
  expect(store.metadata).toEqual(new Map([['format', 'pt']]));
  expect([...(await store.readF32('b', { start: 1, end: 3 }))]).toEqual([4, 5]);
  expect([...(await store.readF32('shared'))]).toEqual([9]);
  expect((await failure(store.readF32('c'))).code).toBe('tensor-missing');
});

test('a single file is preferred', async () => {
  const store = await openSafetensorsFolder(join(GOLDEN, 'families/llama'));
  onTestFinished(() => store.close());
  expect(store.tensors.get('model.embed_tokens.weight')?.file).toContain('model.safetensors');
});

const badIndexes: readonly (readonly [string, object, string, RegExp])[] = [
  [
    'a path upwards',
    { a: '../secret.safetensors' },
    'safetensors-invalid',
    /"a" points to "\.\.\/secret\.safetensors"/,
  ],
  ['an absolute path', { a: '/etc/model.safetensors' }, 'safetensors-invalid', /points to/],
  ['a Windows path', { a: '..\\model.safetensors' }, 'safetensors-invalid', /points to/],
  ['a drive', { a: 'C:model.safetensors' }, 'safetensors-invalid', /points to/],
  ['a file of another kind', { a: 'pytorch_model.bin' }, 'safetensors-invalid', /points to/],
  ['a number', { a: 3 }, 'safetensors-invalid', /not text/],
  [
    'a shard that is not there',
    { a: A, b: 'model-00003-of-00003.safetensors' },
    'file-not-found',
    /lacks 1 of the model's 2 .*00003/,
  ],
  ['a name that is not in its shard', { a: B }, 'safetensors-invalid', /"a" is not in model-00002/],
  ['no name at all', {}, 'safetensors-invalid', /empty/],
];

test.each(badIndexes)('an index with %s is refused', async (_, map, code, message) => {
  const error = await failure(openSafetensorsFolder(await shardedFolder(map)));
  expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
});

test.each([
  ['{"weight_map": []}', /no weight_map/],
  ['[]', /no weight_map/],
  ['null', /no weight_map/],
  [`{"weight_map": {"a": "${A}", "a": "${B}"}}`, /"a" appears twice/],
  ['{"weight_map": ', /list of weight files/],
])('the index %s is refused', async (json, message) => {
  const folder = await shardedFolder({});
  writeFileSync(join(folder, 'model.safetensors.index.json'), json);
  expect((await failure(openSafetensorsFolder(folder))).message).toMatch(message);
});

test.each(['pytorch_model.bin', 'pytorch_model.bin.index.json', 'consolidated.00.pth', 'model.ckpt'])(
  'a folder with only %s is refused with the reason',
  async (name) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, name), 'x');
    const error = await failure(openSafetensorsFolder(folder));
    expect(error.code).toBe('weights-pickled');
    expect(error.message).toContain(name);
    expect(error.message).toContain('can run any code');
    expect(error.hint).toContain('safetensors');
  },
);

test('folders without weights say what to choose instead', async () => {
  const folder = temporaryFolder();
  expect((await failure(openSafetensorsFolder(folder))).code).toBe('weights-missing');
  writeFileSync(join(folder, 'm.gguf'), '');
  expect((await failure(openSafetensorsFolder(folder))).hint).toContain('m.gguf');
  const adapter = join(folder, 'adapter');
  mkdirSync(adapter);
  const golden = join(GOLDEN, 'families/llama/adapter/adapter_model.safetensors');
  copyFileSync(golden, join(adapter, 'adapter_model.safetensors'));
  expect((await failure(openSafetensorsFolder(adapter))).hint).toContain('LoRA adapter');
  expect((await failure(openSafetensorsFolder(join(folder, 'nowhere')))).code).toBe('file-not-found');
});
