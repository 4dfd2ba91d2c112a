/** An update layer by layer: the numbers of a whole step, to the bit where nothing is clipped and summed; one program for all layers of a kind. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { cutStep } from '../../../main/engine/extras/layerwise/layer-graphs.ts';
import { RunningNorm } from '../../../main/engine/extras/layerwise/layer-pass.ts';
import { Layerwise } from '../../../main/engine/extras/layerwise/layerwise.ts';
import { sizeOf } from '../../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../../main/engine/models/config-reader.ts';
import { type Model, trainablesOf } from '../../../main/engine/models/model.ts';
import type { Method } from '../../../main/engine/nn/parameters.ts';
import type { MicroBatches } from '../../../main/engine/step/batching.ts';
import type { Optimizer } from '../../../main/engine/step/moments.ts';
import { TrainState } from '../../../main/engine/step/state.ts';
import { taskOf } from '../../../main/engine/tasks/registry.ts';
import type { Stepper, StepperOptions } from '../../../main/engine/train/run-parts.ts';
import { WholeStep } from '../../../main/engine/train/whole-step.ts';
import { GEMMA4, NEWER, tinyModel } from '../../helpers/graphs.ts';

const executor = await openExecutor('ort', { threads: 1 });

const FAMILIES: Readonly<Record<string, JsonObject>> = {
  'GPT-2, whose head is the embedding': { model_type: 'gpt2', n_layer: 3 },
  'Llama with a head of its own': { num_hidden_layers: 3, tie_word_embeddings: false },
  'Llama, whose head is the embedding': { num_hidden_layers: 3, tie_word_embeddings: true },
  'Mistral with a window': { model_type: 'mistral', num_hidden_layers: 3, sliding_window: 5 },
  'Qwen2 with windows in its upper layers': {
    ...{ model_type: 'qwen2', num_hidden_layers: 4, tie_word_embeddings: true },
    ...{ use_sliding_window: true, sliding_window: 4, max_window_layers: 2 },
  },
  'Qwen3 of one layer': { model_type: 'qwen3', num_hidden_layers: 1 },
  ...Object.fromEntries(Object.entries(NEWER).map(([name, own]) => [name, { num_hidden_layers: 3, ...own }])),
};

const TIME = 12;
const ROWS = 2;
/** With a large epsilon clipped gradients make smaller updates, and gradients that are rounding errors make none. */
const SETTINGS = { rate: 0.01, weightDecay: 0.1, stayClose: 2, beta1: 0.9, beta2: 0.999, eps: 1e-3 };
const NO_LIMIT = Number.POSITIVE_INFINITY;

interface Setting {
  readonly method?: Method;
  readonly optimizer?: Optimizer;
  readonly anchored?: boolean;
  readonly accumulation?: number;
  readonly maxNorm?: number;
  /** Tables of more weights are taken in pieces. */
  readonly mostWhole?: number;
  /** Makes the logits soft-capped. */
  readonly cap?: number;
}

/** Micro-batches of two rows, with some labels missing. */
function microBatches(): MicroBatches {
  return {
    isSplit: false,
    shape: () => ({ batch: ROWS, time: TIME, labels: ROWS * TIME }),
    batches: () => 12,
    partsOf: (_epoch, first, end) => [first, end],
    batch: async (_epoch, part) => {
      const tokens = Int32Array.from({ length: ROWS * TIME }, (_, i) => (7 * i + 13 * part + 3) % 50);
      const labels = tokens.map((id, i) => (i % 5 < part % 4 ? -100 : id));
      return batchFromArrays({ rowCount: ROWS, rowLength: TIME, tokens, labels, labelCapacity: ROWS * TIME });
    },
  };
}

function started(
  config: JsonObject,
  { method = { kind: 'full' }, optimizer, anchored, accumulation = 1, cap }: Setting,
) {
  const { model: plain, weights, source } = tinyModel(config);
  const model: Model = cap === undefined ? plain : { ...plain, head: (p) => ({ ...plain.head(p), cap }) };
  const state = TrainState.create(executor, trainablesOf(model, method), {
    ...(optimizer && { optimizer }),
    ...(anchored && { anchored }),
  });
  for (const { name } of state.trainables) state.setValues(name, weights.get(name)!);
  state.anchor();
  const options = {
    ...{ executor, model, weights: source, method, state, batching: microBatches() },
    ...{ task: taskOf({ trainOn: 'answers' }), saved: null, emit: () => {}, requireFinite },
    config: {
      seed: 1,
      gradientAccumulation: accumulation,
      recompute: 'block' as const,
      precision: 'f32' as const,
    },
  };
  return { state, options };
}

interface Trained {
  readonly losses: number[];
  readonly norms: number[];
  readonly values: Record<string, Float32Array>;
}

const valuesOf = (state: TrainState) =>
  Object.fromEntries(state.trainables.map(({ name }) => [name, state.values(name).slice()]));

const requireFinite = (what: string, value: number) => {
  if (!Number.isFinite(value)) throw new Error(`the ${what} is ${value}`);
};

const wholes = new Map<string, Promise<Trained>>();

/** Trained by whole steps; several tests compare with the same. */
function whole(config: JsonObject, setting: Setting, steps: number): Promise<Trained> {
  const key = JSON.stringify([config, setting, steps]);
  const known = wholes.get(key) ?? trained(config, setting, steps, (options) => new WholeStep(options));
  wholes.set(key, known);
  return known;
}

async function layered(config: JsonObject, setting: Setting, steps: number): Promise<Trained> {
  const { mostWhole } = setting;
  const more = mostWhole === undefined ? {} : { mostWhole };
  return await trained(config, setting, steps, (options) => new Layerwise({ ...options, ...more }));
}

async function trained(
  config: JsonObject,
  setting: Setting,
  steps: number,
  stepperWith: (options: StepperOptions) => Stepper,
): Promise<Trained> {
  const { state, options } = started(config, setting);
  const stepper = stepperWith(options);
  const [losses, norms]: [number[], number[]] = [[], []];
  for (let step = 0; step < steps; step++) {
    await stepper.prepare(0);
    const settings = { ...SETTINGS, maxNorm: setting.maxNorm ?? NO_LIMIT };
    const { loss, gradNorm } = await stepper.step({ step, epoch: 0, epochStep: step }, settings);
    losses.push(loss);
    norms.push(gradNorm);
  }
  await stepper.release();
  expect(state.updates).toBe(steps);
  return { losses, norms, values: valuesOf(state) };
}

/** The largest difference of two weights. */
function distance(a: Trained, b: Trained): number {
  let most = 0;
  for (const [name, values] of Object.entries(a.values))
    values.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - b.values[name]![i]!));
    });
  return most;
}

function expectSameNorms(a: Trained, b: Trained): void {
  // the squares are summed in another order
  for (const [i, norm] of a.norms.entries()) expect(Math.abs(norm / b.norms[i]! - 1)).toBeLessThan(1e-9);
}

describe.each(Object.entries(FAMILIES))('%s', (family, config) => {
  it('has the losses and weights of whole steps, to the bit', async () => {
    const [one, other] = [await whole(config, {}, 3), await layered(config, {}, 3)];
    expect(other.losses).toEqual(one.losses);
    expect(distance(one, await whole(config, {}, 0))).toBeGreaterThan(0.01);
    expect(other.values).toEqual(one.values);
    expectSameNorms(one, other);
  });

  it('sums the gradients of several micro-batches', async () => {
    const setting = { accumulation: 3 };
    const [one, other] = [await whole(config, setting, 3), await layered(config, setting, 3)];
    for (const [i, loss] of one.losses.entries())
      expect(Math.abs(other.losses[i]! - loss)).toBeLessThan(1e-6);
    // an embedding that is the head, too, has its sums in another order
    expect(distance(one, other)).toBeLessThan(1e-6);
  });

  it('takes large tables in pieces, with the same sums in another order', async () => {
    // keys of a delta rule get length 1, however short they were: what rounding changes grows with it
    const rounding = family === 'Qwen3.5' ? 5e-5 : 1e-5;
    for (const accumulation of [1, 2]) {
      const [one, other] = [
        await whole(config, accumulation === 1 ? {} : { accumulation }, 2),
        await layered(config, { accumulation, mostWhole: 100 }, 2),
      ];
      for (const [i, loss] of one.losses.entries())
        expect(Math.abs(other.losses[i]! - loss)).toBeLessThan(rounding);
      expect(distance(one, other)).toBeLessThan(1e-4);
      for (const [i, norm] of one.norms.entries())
        expect(Math.abs(norm / other.norms[i]! - 1)).toBeLessThan(rounding);
    }
  });

  it('caps logits as a whole step does, also where tables are taken in pieces', async () => {
    const one = await whole(config, { cap: 1.5 }, 2);
    expect(one.losses).not.toEqual((await whole(config, {}, 2)).losses);
    expect((await layered(config, { cap: 1.5 }, 2)).values).toEqual(one.values);
    expect(distance(one, await layered(config, { cap: 1.5, mostWhole: 100 }, 2))).toBeLessThan(1e-4);
  });

  it('clips its first step by the norm of all gradients', async () => {
    const setting = { maxNorm: 0.01 };
    const [one, other] = [await whole(config, setting, 1), await layered(config, setting, 1)];
    expect(one.norms[0]).toBeGreaterThan(0.1);
    expect(distance(one, other)).toBeLessThan(1e-7);
    expectSameNorms(one, other);
  });
});

it('refuses a model whose layers read keys of others', async () => {
  await expect(layered(GEMMA4, {}, 1)).rejects.toThrow('layers share keys, values or an embedding');
});

const LLAMA = FAMILIES['Llama, whose head is the embedding']!;

describe('what is kept of weights and moments', () => {
  it.each<[string, Setting]>([
    ['moments in 8 bits', { optimizer: 'adamw-8bit' }],
    ['weights in 16 bits', { method: { kind: 'full', masters: 'f16' } }],
    [
      'both, and a pull back to the beginning',
      { method: { kind: 'full', masters: 'f16' }, optimizer: 'adamw-8bit', anchored: true },
    ],
    ['float32, and a pull back to the beginning', { anchored: true }],
  ])('gives the same numbers to the bit: %s', async (_name, setting) => {
    const [one, other] = [await whole(LLAMA, setting, 3), await layered(LLAMA, setting, 3)];
    expect(other.losses).toEqual(one.losses);
    expect(other.values).toEqual(one.values);
  });
});

it.each(Object.entries(FAMILIES))(
  'cuts layers whose weights are unpacked from 16 bits: %s',
  async (_name, config) => {
    const { losses } = await layered(config, { method: { kind: 'full', masters: 'f16' } }, 1);
    expect(losses.every(Number.isFinite)).toBe(true);
  },
);

describe('clipping', () => {
  it('counts what is known of a step, and takes its shape to be that of the step before', () => {
    const norm = new RunningNorm();
    expect(norm.isKnown).toBe(false);
    for (const squares of [9, 16, 144]) norm.add(squares);
    expect(norm.end()).toBe(13);
    expect(norm.isKnown).toBe(true);
    // the same shape, ten times as long, is known at once
    for (const squares of [900, 1600, 14_400]) expect(norm.add(squares)).toBeCloseTo(130, 9);
    norm.end();
    expect([norm.add(9), norm.add(600), norm.add(16)].map((one) => one ** 2)).toEqual([
      expect.closeTo(169, 9),
      expect.closeTo(609 * (1 + 14_400 / 2500), 9),
      expect.closeTo(625, 9),
    ]);
    expect(norm.end()).toBe(25);
    const again = new RunningNorm(norm.saved);
    expect(again.add(18) ** 2).toBeCloseTo(1250, 9);
    // nothing can be told from a part that was zero
    const odd = new RunningNorm([0, 16]);
    expect(odd.add(9)).toBe(5);
  });

  it('comes close to that by the norm of all gradients', async () => {
    const setting = { maxNorm: 0.5 };
    const [one, other, free] = [
      await whole(LLAMA, setting, 6),
      await layered(LLAMA, setting, 6),
      await whole(LLAMA, {}, 6),
    ];
    expect(one.norms.every((norm) => norm > 0.5)).toBe(true);
    expect(distance(one, other)).toBeLessThan(0.3 * distance(one, free));
  });

  it('goes on after a restart as without one', async () => {
    const settings = { ...SETTINGS, maxNorm: 0.5 };
    const { state, options } = started(LLAMA, {});
    const layerwise = new Layerwise(options);
    await layerwise.prepare(0);
    await layerwise.step({ step: 0, epoch: 0, epochStep: 0 }, settings);
    const saved = JSON.parse(JSON.stringify(layerwise.saved));
    await layerwise.release();
    const again = new Layerwise({ ...options, saved });
    await again.prepare(0);
    await again.step({ step: 1, epoch: 0, epochStep: 1 }, settings);
    await again.release();
    expect(valuesOf(state)).toEqual((await layered(LLAMA, { maxNorm: 0.5 }, 2)).values);
  });
});

it('changes nothing where the loss is no number', async () => {
  const { state, options } = started(LLAMA, {});
  state.setValues('model.norm.weight', new Float32Array(16).fill(Number.NaN));
  const before = valuesOf(state);
  const layerwise = new Layerwise(options);
  await layerwise.prepare(0);
  const step = layerwise.step({ step: 0, epoch: 0, epochStep: 0 }, { ...SETTINGS, maxNorm: NO_LIMIT });
  await expect(step).rejects.toThrow('the loss is NaN');
  expect(valuesOf(state)).toEqual(before);
  await layerwise.release();
});

it('is refused where the state lives on a device', () => {
  const { options } = started(LLAMA, {});
  const elsewhere = { ...executor, device: 'webgpu' as const, keeps: 'device' as const };
  expect(() => new Layerwise({ ...options, executor: elsewhere })).toThrow(
    'Updating layer by layer works only on the processor, but ort computes on webgpu.',
  );
});

describe('the graphs', () => {
  const shape = { batch: ROWS, time: TIME, labels: 8 };
  const kindsOf = (config: JsonObject) => {
    const { kinds, layers } = cutStep(tinyModel(config).model, { kind: 'full' }, shape, false);
    return { kinds: kinds.length, ofLayers: layers.map(({ kind }) => kind) };
  };

  it('are shared by all layers of a kind', () => {
    expect(kindsOf(LLAMA)).toEqual({ kinds: 1, ofLayers: [0, 0, 0] });
    expect(kindsOf(FAMILIES['Qwen2 with windows in its upper layers']!)).toEqual({
      kinds: 2,
      ofLayers: [0, 0, 1, 1],
    });
    // the scale of its attention is another one in each layer
    const scaled = { model_type: 'gpt2', n_layer: 3, scale_attn_by_inverse_layer_idx: true };
    expect(kindsOf(scaled)).toEqual({ kinds: 3, ofLayers: [0, 1, 2] });
  });

  it('train each parameter once', () => {
    for (const config of Object.values(FAMILIES)) {
      const { model } = tinyModel(config);
      const { layers, headTrained, firstTrained } = cutStep(model, { kind: 'full' }, shape, false);
      const names = new Set(
        [...layers.flatMap(({ trained }) => [...trained.values()]), ...headTrained, ...firstTrained].map(
          ({ name }) => name,
        ),
      );
      expect([...names].sort()).toEqual(
        trainablesOf(model, { kind: 'full' })
          .map(({ name }) => name)
          .sort(),
      );
    }
  });

  it('have the gradients of one layer, whatever the number of layers', () => {
    const sizes = [2, 6].map((layers) => {
      const { kinds } = cutStep(
        tinyModel({ num_hidden_layers: layers }).model,
        { kind: 'full' },
        shape,
        false,
      );
      const outputs = [...kinds[0]!.backward.outputs].filter(([name]) => name.startsWith('grad.'));
      return outputs.reduce((sum, [, value]) => sum + sizeOf(value.shape), 0);
    });
    expect(sizes[0]).toBe(sizes[1]);
    expect(sizes[0]).toBeGreaterThan(0);
  });
});
