/** The LoRA steps of the benchmark: real ones on a quick device, and few on a slow one. */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DeviceBench } from '../../../../main/engine/bench/device.ts';
import { LORA, madeModel, madeWeights, openLoraStep } from '../../../../main/engine/bench/lora-step.ts';
import { LORA_STEPS } from '../../../../main/engine/bench/shapes.ts';
import type { Executor } from '../../../../main/engine/exec/executor.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { operationsOf } from '../../../../main/plan/run-time.ts';

const real = await openExecutor('ort', { threads: 1 });
const going = { stop: new AbortController().signal, patience: 0.1 };

/** A device on which each step takes so long and computes nothing. */
function pretending(ms: number): Executor {
  const compile: Executor['compile'] = async () => ({
    run: async () => {
      await setTimeout(ms);
      return { outputs: {} };
    },
    release: async () => {},
  });
  return { ...real, compile };
}

async function stepsOn(executor: Executor) {
  const bench = new DeviceBench(executor, { device: 'cpu', threads: 1 }, '/nowhere');
  for (const item of bench.items) if (item.doing.startsWith('Training')) await item.measure(going);
  return bench.rates.steps!;
}

describe('the steps of the benchmark', () => {
  it('are three sizes on a quick device, each of several times the work of the one before', async () => {
    const steps = await stepsOn(pretending(1));
    expect(steps.map(({ width, tokens }) => [width, tokens])).toEqual([
      [256, 256],
      [576, 512],
      [2048, 512],
    ]);
    const [small, middle, large] = steps.map(({ work }) => operationsOf(work));
    expect(small).toBeGreaterThan(2e9);
    expect(middle! / small!).toBeGreaterThan(3);
    expect(large! / middle!).toBeGreaterThan(2);
    expect(large).toBeLessThan(2e11);
  });

  it('end on a slow device with what does not take too long', async () => {
    const steps = await stepsOn(pretending(900));
    expect(steps.map(({ width }) => width)).toEqual([256]);
    expect(steps[0]!.seconds).toBeGreaterThan(0.9);
    expect(steps[0]!.seconds).toBeLessThan(5);
  });

  it('train: the loss of a made-up model falls from step to step', async () => {
    const made = madeModel(LORA_STEPS[0]!);
    const step = await openLoraStep(real, made, LORA, madeWeights(made.model));
    await step.set((name) => (i) => (name.includes('lora_B') ? 0 : 0.1 * Math.sin(i)));
    const loss = async () => (await step.run()).nll.subarray(0, step.labels).reduce((a, b) => a + b, 0);
    const before = await loss();
    for (let i = 0; i < 3; i++) await step.step();
    expect(await loss()).toBeLessThan(before - 0.01);
    await step.release();
  });
});
