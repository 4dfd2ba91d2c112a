import { describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import {
  adaptedModules,
  initialAdapter,
  layerOf,
  methodOf,
  targetModules,
} from '../../../../main/engine/step/method.ts';
import { tinyModel } from '../../../helpers/graphs.ts';

const llama = outline(tinyModel().model);
const halves = new Map([['model.norm.weight', 'bf16' as const]]);
const opened = { outline: llama, halves };
const gpt2 = outline(tinyModel({ model_type: 'gpt2' }).model);

function adapterOf(lora: object, module: string) {
  const { lora: settings } = parseRunConfig({ model: 'm', data: 'd', out: 'o', lora });
  const method = methodOf({ method: 'lora', lora: settings }, opened);
  return method.kind === 'lora' ? method.adapterOf(module) : undefined;
}

describe('what is trained', () => {
  it('is every linear layer but the head, or those that are named', () => {
    expect(targetModules('all-linear', llama)).toHaveLength(2 * 7);
    expect(targetModules('all-linear', llama)).not.toContain('lm_head');
    expect(targetModules('all-linear', gpt2)).toHaveLength(2 * 4);
    expect(targetModules(['q_proj'], llama)).toEqual([
      'model.layers.0.self_attn.q_proj',
      'model.layers.1.self_attn.q_proj',
    ]);
    expect(targetModules(['model.layers.1.mlp.up_proj'], llama)).toEqual(['model.layers.1.mlp.up_proj']);
    // in GPT-2 a module of attention and one of the MLP have the same name
    expect(targetModules(['c_proj'], gpt2)).toHaveLength(4);
  });

  it('is not the end of another name', () => {
    expect(() => targetModules(['proj'], llama)).toThrow('The model has no linear layer called proj.');
    expect(() => targetModules(['q_proj', 'c_attn', 'x'], llama)).toThrow('called c_attn, x.');
  });

  it('scales its adapters by alpha over rank, or over its root', () => {
    const module = 'model.layers.0.mlp.up_proj';
    expect(adapterOf({ rank: 8 }, module)).toEqual({ rank: 8, scale: 2 });
    expect(adapterOf({ rank: 8, alpha: 4 }, module)).toEqual({ rank: 8, scale: 0.5 });
    expect(adapterOf({ rank: 16, alpha: 8, rsLora: true }, module)).toEqual({ rank: 16, scale: 2 });
    expect(adapterOf({ targets: ['q_proj'] }, module)).toBeNull();
  });

  it.each([
    ['1', [1]],
    ['last-1', [1]],
    ['0-1', [0, 1]],
    ['1,0', [0, 1]],
  ])('is in the layers that are chosen: %s', (layers, expected) => {
    const { lora } = parseRunConfig({ model: 'm', data: 'd', out: 'o', lora: { layers } });
    for (const model of [llama, gpt2]) {
      const modules = adaptedModules(lora, model);
      expect([...new Set(modules.map(layerOf))]).toEqual(expected);
      expect(modules).toHaveLength((model.linears.size / 2) * expected.length);
    }
    expect(adapterOf({ layers, targets: ['up_proj'] }, 'model.layers.0.mlp.up_proj') !== null).toBe(
      expected.includes(0),
    );
  });

  it('is nothing in layers that the model does not have', () => {
    const of = (layers: string) => () =>
      adaptedModules(parseRunConfig({ model: 'm', data: 'd', out: 'o', lora: { layers } }).lora, llama);
    for (const layers of ['2', '0-2', '1-0', 'last-3', 'last-0'])
      expect(of(layers), layers).toThrow(
        `There are no layers ${layers} in this model: it has 2, from 0 to 1.`,
      );
    for (const layers of ['', 'all', '1-', '-1', '1..2', 'last', '1 2'])
      expect(of(layers), layers).toThrow('lora.layers');
  });

  it('is everything in full fine-tuning', () => {
    const { lora } = parseRunConfig({ model: 'm', data: 'd', out: 'o' });
    expect(methodOf({ method: 'full', lora }, opened)).toEqual({ kind: 'full' });
  });

  it('keeps what rests in 16 bits so where that is asked for', () => {
    const { lora } = parseRunConfig({ model: 'm', data: 'd', out: 'o' });
    expect(methodOf({ method: 'lora', bits: 16, lora }, opened)).toMatchObject({ halves });
    expect(methodOf({ method: 'lora', lora }, opened)).not.toHaveProperty('halves');
    expect(methodOf({ method: 'qlora', bits: 8, lora }, opened)).not.toHaveProperty('halves');
  });
});

describe('the first values of an adapter', () => {
  const value = new Graph().input('x', 'f32', [16, 400]);
  const a = { name: 'x.lora_A.weight', shape: [16, 400], kind: 'lora_a' as const, value };
  const b = { ...a, name: 'x.lora_B.weight', shape: [400, 16], kind: 'lora_b' as const };

  it('are uniform within 1/sqrt(in) for A, as PEFT draws them, and zero for B', () => {
    const values = initialAdapter(a, 1);
    const bound = 1 / 20;
    expect(Math.max(...values)).toBeLessThanOrEqual(bound);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
    const mean = values.reduce((x, y) => x + y, 0) / values.length;
    const variance = values.reduce((x, y) => x + y * y, 0) / values.length;
    // 6,400 draws: four standard errors
    expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * 6400));
    expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 1);
    expect(initialAdapter(b, 1).every((value) => value === 0)).toBe(true);
  });

  it('follow from the seed and the name alone', () => {
    expect(initialAdapter(a, 1)).toEqual(initialAdapter({ ...a }, 1));
    expect(initialAdapter(a, 2)[0]).not.toBe(initialAdapter(a, 1)[0]);
    expect(initialAdapter({ ...a, name: 'y.lora_A.weight' }, 1)[0]).not.toBe(initialAdapter(a, 1)[0]);
  });
});
