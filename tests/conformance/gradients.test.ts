/** Every gradient rule against central differences, both in float64 on the reference definitions. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../main/engine/autodiff/backward.ts';
import { evaluate } from '../../main/engine/exec/reference/reference-executor.ts';
import type { Graph, Value } from '../../main/engine/ir/graph.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import { mul, OPS, reduceSum } from '../../main/engine/ops/functions.ts';
import { decompose } from '../../main/engine/passes/index.ts';
import { seeded } from '../helpers/random.ts';
import { sampleCase } from '../helpers/samples.ts';

const EPSILON = 1e-5;

/** Float operands by which no gradient is taken; any other operand's rule must give one. */
const WITHOUT_GRADIENT: Readonly<Record<string, readonly number[]>> = {
  rope: [2, 3], // tables of cos and sin
  attention: [3], // the mask
  longAttention: [3, 4, 5, 6], // the masks
  after: [1], // what is waited for
};

function run(graph: Graph, data: Record<string, ArrayLike<number>>) {
  const plain = decompose(graph, new Set());
  return evaluate(
    plain,
    ({ source, dtype, shape }) => {
      const raw =
        source.kind === 'input' ? data[source.name]! : source.kind === 'constant' ? source.data : [];
      return { dtype, shape, data: dtype === 'f32' ? Float64Array.from(raw) : Int32Array.from(raw) };
    },
    true,
  );
}

/** Adds the loss sum(y * weights) and its gradients by every float input. */
function withLoss(graph: Graph, output: Value, inputs: readonly Value[]) {
  const random = seeded(99);
  const weights = Float32Array.from({ length: sizeOf(output.shape) }, () => random() * 2 - 1);
  const seed = graph.constant('f32', output.shape, weights);
  const floats = inputs.filter((x) => x.dtype === 'f32');
  backward([{ value: output, grad: seed }], floats).forEach((grad, i) => {
    if (grad) graph.output(`d${inputs.indexOf(floats[i]!)}`, grad);
  });
  const all = output.shape.map((_, axis) => axis);
  graph.output('loss', reduceSum(mul(output, seed), all));
}

describe.each(Object.values(OPS).map((def) => [def.name, def] as const))('gradient of %s', (_, def) => {
  if (def.vjp === 'none') {
    it('is declared to be none', () => expect(def.vjp).toBe('none'));
    return;
  }
  def.samples.forEach((sample, index) => {
    if (sampleCase(def, sample).output.dtype !== 'f32') return;
    it(`agrees with central differences on sample ${index}`, () => {
      const { graph, inputs, output, data } = sampleCase(def, sample);
      withLoss(graph, output, inputs);
      const analytic = run(graph, data);
      let checked = 0;
      inputs.forEach((input, i) => {
        const gradient = analytic.get(`d${i}`);
        const wanted = input.dtype === 'f32' && !WITHOUT_GRADIENT[def.name]?.includes(i);
        expect(gradient !== undefined, `the rule gives a gradient by operand ${i}`).toBe(wanted);
        if (!gradient) return;
        const base = Float64Array.from(data[`x${i}`]!);
        for (let e = 0; e < base.length; e++) {
          const at = (delta: number) => {
            const moved = base.slice();
            moved[e]! += delta;
            return run(graph, { ...data, [`x${i}`]: moved }).get('loss')!.data[0]!;
          };
          const numeric = (at(EPSILON) - at(-EPSILON)) / (2 * EPSILON);
          expect(gradient.data[e]).toBeCloseTo(numeric, 6);
          checked++;
        }
      });
      expect(checked).toBeGreaterThan(0);
    });
  });
});
