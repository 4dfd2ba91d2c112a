import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostDeviceTensor } from '../../../../main/engine/exec/host-tensor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { writeAdapter } from '../../../../main/engine/io/peft.ts';
import type { LoraAdapterConfig } from '../../../../main/engine/io/peft-config.ts';
import { loadAdapter } from '../../../../main/engine/load/adapter.ts';
import { type OpenedModel, openModel } from '../../../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../../../main/engine/load/weights.ts';
import { noise } from '../../../helpers/graphs.ts';
import { temporaryFolder, writeTinyModel } from '../../../helpers/tiny-model.ts';

const executor = await openExecutor('reference', { threads: 1 });
const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const Q = 'model.layers.0.self_attn.q_proj';
const UP = 'model.layers.1.mlp.up_proj';

let opened: OpenedModel;
let ready: Parameters<typeof loadAdapter>[1];
beforeAll(async () => {
  opened = await openModel(await writeTinyModel(at('model')));
  ready = { opened, executor, weights: await prepareWeights(opened, at('cache')) };
});
afterAll(async () => {
  await opened.store.close();
  remove();
});

const CONFIG: LoraAdapterConfig = {
  ...{ r: 2, loraAlpha: 6, loraDropout: 0.3, targetModules: ['q_proj', 'up_proj'], fanInFanOut: false },
  ...{ useRslora: false, useDora: false, baseModel: 'model', rankPattern: {}, alphaPattern: {} },
};

/** A module's tensors of rank `r`, random. */
const lora = (r: number, inputs: number, outputs: number) => ({
  a: noise(r * inputs, 1),
  b: noise(r * outputs, 2),
  r,
});

async function write(
  name: string,
  modules: Record<string, ReturnType<typeof lora>>,
  config = {},
): Promise<string> {
  await writeAdapter(at(name), { ...CONFIG, ...config }, new Map(Object.entries(modules)));
  return at(name);
}

describe('an adapter', () => {
  it('is read with its values, and drops nothing when it is used', async () => {
    const modules = { [Q]: lora(2, 64, 64), [UP]: lora(2, 64, 112) };
    const { method, trained } = await loadAdapter(await write('plain', modules), ready);
    if (method.kind !== 'lora') throw new Error('no LoRA');
    expect(method.dropout).toBe(0);
    expect(method.adapterOf(Q)).toEqual({ rank: 2, scale: 3 });
    expect(method.adapterOf('model.layers.1.self_attn.q_proj')).toBeNull();
    expect(Object.keys(trained).sort()).toEqual(
      [Q, UP].flatMap((module) =>
        ['A', 'B'].map((which) => `base_model.model.${module}.lora_${which}.weight`),
      ),
    );
    const b = trained[`base_model.model.${UP}.lora_B.weight`]!;
    expect(b.shape).toEqual([112, 2]);
    // the reference executor keeps its tensors in memory
    expect([...(b as HostDeviceTensor).data]).toEqual([...modules[UP]!.b]);
  });

  it('may have another rank in each module', async () => {
    const modules = { [Q]: lora(2, 64, 64), [UP]: lora(4, 64, 112) };
    const { method } = await loadAdapter(await write('ranks', modules, { useRslora: true }), ready);
    if (method.kind !== 'lora') throw new Error('no LoRA');
    expect(method.adapterOf(Q)?.scale).toBeCloseTo(6 / Math.SQRT2, 12);
    expect(method.adapterOf(UP)).toEqual({ rank: 4, scale: 3 });
  });

  it('is found in the folder of its run', async () => {
    await write(path.join('run', 'adapter'), { [Q]: lora(2, 64, 64) });
    const { trained } = await loadAdapter(at('run'), ready);
    expect(Object.keys(trained)).toHaveLength(2);
  });

  it('of another model is refused with both shapes', async () => {
    const wide = await write('wide', { [Q]: lora(2, 48, 64) });
    await expect(loadAdapter(wide, ready)).rejects.toMatchObject({
      code: 'adapter-invalid',
      message: `The adapter ${wide} doesn't fit this model: ${Q} is [64, 48] there and [64, 64] here.`,
    });
    const deep = await write('deep', { 'model.layers.9.mlp.up_proj': lora(2, 64, 112) });
    await expect(loadAdapter(deep, ready)).rejects.toThrow('is [112, 64] there and missing here');
  });

  it('is not what full fine-tuning gives, which says where the model is', async () => {
    mkdirSync(at('full', 'model'), { recursive: true });
    writeFileSync(at('full', 'model', 'config.json'), '{}');
    await expect(loadAdapter(at('full'), ready)).rejects.toMatchObject({
      code: 'bad-usage',
      hint: `Choose ${at('full', 'model')} as the model, without an adapter.`,
    });
  });

  it('is not there', async () => {
    await expect(loadAdapter(at('nowhere'), ready)).rejects.toThrow(
      `${at('nowhere')} is not an adapter folder`,
    );
  });
});
