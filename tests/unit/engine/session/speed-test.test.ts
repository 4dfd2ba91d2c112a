/** The self-test of products in 8 bits, on this computer and with a kernel that computes wrongly. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Executor } from '../../../../main/engine/exec/executor.ts';

const kernel = { loss: 1, opened: 0 };

vi.mock('../../../../main/engine/exec/registry.ts', async (original) => {
  const registry = await original<typeof import('../../../../main/engine/exec/registry.ts')>();
  const openExecutor: typeof registry.openExecutor = async (...asked) => {
    const executor = await registry.openExecutor(...asked);
    // the second one computes in the quick way
    if (++kernel.opened < 2 || kernel.loss === 1) return executor;
    return withMethod(executor, 'compile', wrongly(executor));
  };
  return { ...registry, openExecutor };
});
const { newSpeedTest } = await import('../../../../main/engine/session/speed-test.ts');
const { keptSpeedTest } = await import('../../../../main/speed-tests.ts');

/** `of` with another method in the place of one; private fields stay its own. */
function withMethod<Of extends object, Name extends keyof Of>(of: Of, name: Name, method: Of[Name]): Of {
  return new Proxy(of, {
    get(target, key) {
      const found: unknown = key === name ? method : Reflect.get(target, key, target);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}

function wrongly(executor: Executor): Executor['compile'] {
  return async (...given) => {
    const program = await executor.compile(...given);
    const run: typeof program.run = async (...fed) => {
      const done = await program.run(...fed);
      const nll = (done.outputs.nll as Float32Array | undefined)?.map((value) => value * kernel.loss);
      return nll ? { ...done, outputs: { ...done.outputs, nll } } : done;
    };
    return withMethod(program, 'run', run);
  };
}

beforeEach(() => {
  Object.assign(kernel, { loss: 1, opened: 0 });
});

describe('the test of products in 8 bits', () => {
  it('finds loss, gradients and the progress of a step near those in 32 bits, and keeps that', async () => {
    const found = await newSpeedTest('int8', 1);
    const { lossError, gradientError, progressError, gain } = found;
    expect(lossError).toBeLessThan(0.005);
    // rounding shows, so it was these products
    expect(gradientError).toBeGreaterThan(0.005);
    expect(gradientError).toBeLessThan(0.2);
    expect(progressError).toBeLessThan(0.15);
    expect(gain).toBeGreaterThan(0);
    expect(keptSpeedTest('int8')).toEqual(found);
  });

  it('refuses a kernel that computes a wrong loss, whatever it gains', async () => {
    kernel.loss = 1.02;
    const { problem, lossError } = await newSpeedTest('int8', 1);
    expect(lossError).toBeCloseTo(0.02, 3);
    expect(problem).toMatch(/^Its results on this processor are wrong: the loss differs by 2(\.0\d*)?%/);
  });
});
