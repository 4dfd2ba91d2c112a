/** A blend is the weights in between, whatever the result of the run is: a whole model, an adapter, or one with magnitudes. */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { mergedParameters } from '../../../main/engine/export/merge.ts';
import { writeModelFolder } from '../../../main/engine/export/write-model.ts';
import {
  adapterAt,
  between,
  blendAdapter,
  blendModels,
} from '../../../main/engine/extras/blend/blend-run.ts';
import { type LoraAdapter, readAdapter } from '../../../main/engine/io/peft.ts';
import { type OpenedModel, openModel } from '../../../main/engine/load/open-model.ts';
import { readParameter } from '../../../main/engine/load/parameter-pieces.ts';
import { prepareWeights } from '../../../main/engine/load/weights.ts';
import { writeTinyAdapted } from '../../helpers/export.ts';
import { noise } from '../../helpers/graphs.ts';
import { type TinyFamily, temporaryFolder, writeTinyModel } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const executor = await openExecutor('reference', { threads: 1 });
afterAll(remove);

/** The largest difference of `found` from (1 - s) before + s after in float64, as a share of the largest of these. */
function off(found: Float32Array, before: Float32Array, after: Float32Array, strength: number): number {
  let [error, most] = [0, 0];
  found.forEach((value, i) => {
    const exact = (1 - strength) * before[i]! + strength * after[i]!;
    error = Math.max(error, Math.abs(value - exact));
    most = Math.max(most, Math.abs(exact));
  });
  return error / most;
}

describe('values in between', () => {
  const [before, after] = [noise(1000, 1), noise(1000, 2)];

  it('are the sum in float64, rounded once', () => {
    expect([...between(before, after, 0.7)]).toEqual(
      [...before].map((value, i) => Math.fround((1 - 0.7) * value + 0.7 * after[i]!)),
    );
  });

  it('are to the bit what was before and what is after at the ends', () => {
    const zeros = Float32Array.of(-0, 0, 1);
    expect(between(zeros, Float32Array.of(5, -5, 5), 0)).toEqual(zeros);
    expect(between(Float32Array.of(5, -5, 5), zeros, 1)).toEqual(zeros);
  });
});

describe('a blend of whole models', () => {
  it('is the mean of each parameter, in a folder that opens', async () => {
    const before = await openModel(await writeTinyModel(at('full'), 'qwen2'));
    const values = async (name: string) => {
      const own = await readParameter(before, name);
      return own.map((value, i) => value + Math.sin(i));
    };
    await writeModelFolder(at('trained'), before, values);
    await blendModels(before, at('trained'), 0.5, at('half'));
    const half = await openModel(at('half'));
    for (const name of before.outline.parameters.keys()) {
      const own = await readParameter(before, name);
      const wanted = between(own, await values(name), 0.5);
      expect(await readParameter(half, name)).toEqual(wanted);
      expect(wanted).not.toEqual(own);
    }
    await half.store.close();
    await before.store.close();
  });

  it('refuses a result of another model', async () => {
    const before = await openModel(await writeTinyModel(at('llama'), 'llama'));
    await expect(
      blendModels(before, await writeTinyModel(at('other'), 'gpt2'), 0.5, at('x')),
    ).rejects.toThrow(/other was not trained from this model: .+ has the size \[.+\], not \[/);
    await before.store.close();
  });
});

describe.each<TinyFamily>(['llama', 'gpt2', 'qwen2'])('a blend of adapters of %s', (family) => {
  const opening = (async () => {
    const { model, adapter } = await writeTinyAdapted(at(`lora-${family}`), family);
    const opened = await openModel(model);
    const weights = await prepareWeights(opened, at('cache'));
    const plain = await readAdapter(adapter);
    return { adapter, plain, ready: { opened, executor, weights } };
  })();
  afterAll(async () => (await opening).ready.opened.store.close());

  /** With magnitudes that are up to a third away from the lengths of the rows. */
  async function withMagnitudes(opened: OpenedModel, { config, tensors }: LoraAdapter): Promise<LoraAdapter> {
    const found = new Map<
      string,
      LoraAdapter['tensors'] extends ReadonlyMap<string, infer One> ? One : never
    >();
    for (const [module, one] of tensors) {
      const { inputs, outputs } = opened.outline.linears.get(module)!;
      const weight = await readParameter(opened, `${module}.weight`);
      const [stepOut, stepIn] = opened.model.transposedLinears ? [1, outputs] : [inputs, 1];
      const magnitude = Float32Array.from({ length: outputs }, (_, out) => {
        let squares = 0;
        for (let i = 0; i < inputs; i++) squares += weight[out * stepOut + i * stepIn]! ** 2;
        return Math.sqrt(squares) * (1 + Math.sin(out) / 3);
      });
      found.set(module, { ...one, magnitude });
    }
    return { config: { ...config, useDora: true }, tensors: found };
  }

  async function merged(
    opened: OpenedModel,
    adapter: LoraAdapter | null,
    name: string,
  ): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    for await (const piece of mergedParameters(opened, adapter)(name)) parts.push(piece.slice());
    return Float32Array.from(parts.flatMap((part) => [...part]));
  }

  it.each(['LoRA', 'DoRA'])('has the merged weights in between, as %s', async (kind) => {
    const { plain, ready } = await opening;
    const trained = kind === 'DoRA' ? await withMagnitudes(ready.opened, plain) : plain;
    for (const strength of [0.5, 0.7]) {
      const blended = { ...trained, tensors: await adapterAt(trained, strength, ready, 'adapter') };
      for (const module of trained.tensors.keys()) {
        const name = `${module}.weight`;
        const [before, after, found] = [
          await merged(ready.opened, null, name),
          await merged(ready.opened, trained, name),
          await merged(ready.opened, blended, name),
        ];
        expect(off(after, before, before, 0.5)).toBeGreaterThan(0.05);
        expect(off(found, before, after, strength)).toBeLessThan(kind === 'DoRA' ? 3e-6 : 1e-6);
      }
    }
  });

  it('is the untouched model at 0 and the run at 1, to the bit', async () => {
    const { plain, ready } = await opening;
    const none = { ...plain, tensors: await adapterAt(plain, 0, ready, 'adapter') };
    for (const module of plain.tensors.keys()) {
      const name = `${module}.weight`;
      expect(await merged(ready.opened, none, name)).toEqual(await merged(ready.opened, null, name));
    }
    const dora = await withMagnitudes(ready.opened, plain);
    for (const trained of [plain, dora])
      expect([...(await adapterAt(trained, 1, ready, 'adapter'))]).toEqual([...trained.tensors]);
  });

  it('is an adapter for PEFT as the run’s is, ranks and scales included', async () => {
    const { adapter, plain, ready } = await opening;
    await blendAdapter(adapter, 0.5, at(`half-${family}`), ready);
    const found = await readAdapter(at(`half-${family}`));
    expect(found.config).toEqual(plain.config);
    for (const [module, one] of plain.tensors) {
      const { b, ...others } = found.tensors.get(module)!;
      expect(others).toEqual({ a: one.a, r: one.r, scale: one.scale });
      expect(b).toEqual(one.b.map((value) => value / 2));
    }
  });
});
