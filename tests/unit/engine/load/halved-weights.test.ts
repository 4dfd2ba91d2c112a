/** Weights that rest in 16 bits: mapped where they lie, and exactly the numbers that they are in float32. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { WeightLocation } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { writeModelFolder } from '../../../../main/engine/export/write-model.ts';
import { convertToF32 } from '../../../../main/engine/io/convert.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { halvesPromised } from '../../../../main/engine/load/halved-weights.ts';
import { type OpenedModel, openModel } from '../../../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../../../main/engine/load/weights.ts';
import { Parameters } from '../../../../main/engine/nn/parameters.ts';
import { widen } from '../../../../main/engine/ops/functions.ts';
import { exportTiny } from '../../../helpers/export.ts';
import { type TinyFamily, temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const CACHE = path.join(folder, 'cache');

/** Every 16 bits there are but for NaN, whose payload nobody asks for. */
const ALL = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe.each(['f16', 'bf16'] as const)('widening %s', (type) => {
  it('gives each of all numbers exactly, in onnxruntime as well', async () => {
    const exact = new Float32Array(ALL.length);
    convertToF32(type, new Uint8Array(ALL.buffer), exact, 0);
    const graph = new Graph();
    graph.output('y', widen(graph.weight('x', [256, 256], type)));
    for (const name of ['ort', 'reference'] as const) {
      const executor = await openExecutor(name, { threads: 1 });
      const program = await executor.compile(graph, { weights: () => ({ kind: 'memory', data: ALL }) });
      const y = (await program.run({})).outputs.y as Float32Array;
      await program.release();
      expect(y.every((value, i) => Object.is(value, exact[i]!))).toBe(true);
    }
  });
});

/** All parameters as graphs compute them from prepared weights. */
async function computed(opened: OpenedModel, weights: Weights): Promise<Map<string, Float32Array>> {
  const executor = await openExecutor('ort', { threads: 1 });
  const graph = new Graph();
  const p = new Parameters(graph, {
    kind: 'frozen',
    ...(weights.format === 16 && { halves: opened.halves }),
  });
  for (const [name, { shape, kind }] of opened.outline.parameters)
    graph.output(name, p.base(name, shape, kind));
  const program = await executor.compile(graph, { weights: weights.source });
  const { outputs } = await program.run({});
  await program.release();
  return new Map(Object.entries(outputs as Record<string, Float32Array>));
}

async function halved(name: string, family: TinyFamily, type: 'f16' | 'bf16'): Promise<string> {
  const source = await openModel(await writeTinyModel(path.join(folder, `${name}-f32`), family));
  const to = path.join(folder, name);
  const { read } = await prepareWeights(source, CACHE);
  await writeModelFolder(to, source, read, { type });
  await source.store.close();
  return to;
}

describe.each<[TinyFamily, 'f16' | 'bf16']>([
  ['llama', 'bf16'],
  ['gpt2', 'f16'],
])('a %s model in %s', (family, type) => {
  it('is mapped from its own files, and has the numbers that it has in float32', async () => {
    const opened = await openModel(await halved(`mapped-${family}`, family, type));
    const kept = await prepareWeights(opened, CACHE, undefined, 16);
    expect(kept.cacheFile).toBeNull();
    const bytes = [...opened.outline.parameters.keys()].reduce(
      (sum, name) => sum + (kept.source(name) as WeightLocation & { kind: 'file' }).bytes,
      0,
    );
    expect(bytes).toBe(2 * opened.outline.parameterCount);
    const exact = await prepareWeights(opened, CACHE);
    expect(await computed(opened, kept)).toEqual(await computed(opened, exact));
    await opened.store.close();
  });

  it('is expected to be so from its configuration', async () => {
    const { config, outline, halves, store } = await openModel(await halved(`said-${family}`, family, type));
    await store.close();
    expect(halvesPromised(config, outline)).toEqual(halves);
    const all = new Map([...outline.parameters.keys()].map((name) => [name, 'bf16']));
    expect(halvesPromised({ torch_dtype: 'bfloat16' }, outline)).toEqual(all);
    expect(halvesPromised({ dtype: 'float32' }, outline).size).toBe(0);
  });
});

it('keeps only what is laid out otherwise in a cache, in 16 bits, too', async () => {
  const model = await writeTinyModel(path.join(folder, 'before-gguf'));
  const out = path.join(folder, 'gguf');
  await exportTiny({ as: 'gguf', model, out, type: 'f16' });
  const file = readdirSync(out).find((name) => name.endsWith('.gguf'))!;
  const opened = await openModel(path.join(out, file));
  const kept = await prepareWeights(opened, CACHE, undefined, 16);
  const cache = await openSafetensors(kept.cacheFile!);
  const turned = [...opened.sources].filter(([, { transform }]) => transform.kind !== 'none');
  expect(turned.length).toBeGreaterThan(0);
  expect([...cache.tensors.keys()].sort()).toEqual(turned.map(([name]) => name).sort());
  expect([...cache.tensors.values()].map(({ dtype }) => dtype)).toEqual(turned.map(() => 'f16'));
  await cache.close();
  const exact = await prepareWeights(opened, CACHE);
  expect(await computed(opened, kept)).toEqual(await computed(opened, exact));
  await opened.store.close();
});

it('changes nothing for a model in float32', async () => {
  const opened = await openModel(await writeTinyModel(path.join(folder, 'whole')));
  expect(opened.halves.size).toBe(0);
  const [kept, exact] = [
    await prepareWeights(opened, CACHE, undefined, 16),
    await prepareWeights(opened, CACHE),
  ];
  for (const name of opened.outline.parameters.keys()) expect(kept.source(name)).toEqual(exact.source(name));
  await opened.store.close();
});
