/** DoRA's linear layer by its definition: the adapted matrix made whole, in float64. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../../../main/engine/autodiff/backward.ts';
import { Graph, type Value } from '../../../../main/engine/ir/graph.ts';
import { type Layout, linear } from '../../../../main/engine/nn/linear-and-norm.ts';
import {
  gainName,
  type LoraShape,
  type Method,
  Parameters,
  peftName,
  rowSquaresName,
} from '../../../../main/engine/nn/parameters.ts';
import { compute, noise } from '../../../helpers/graphs.ts';

const [N, IN, OUT, R, SCALE] = [3, 5, 4, 2, 1.7];
const MODULE = 'layers.0.q';
const [A, B, M] = (['A', 'B', 'magnitude'] as const).map((part) => peftName(MODULE, part)) as [
  string,
  string,
  string,
];

const at = (values: ArrayLike<number>, columns: number, row: number, column: number) =>
  values[row * columns + column]!;

interface Given {
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly bias: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly m: Float64Array;
}

const given: Given = {
  x: Float64Array.from(noise(N * IN, 1)),
  w: Float64Array.from(noise(OUT * IN, 2)),
  bias: Float64Array.from(noise(OUT, 3)),
  a: Float64Array.from(noise(R * IN, 4)),
  b: Float64Array.from(noise(OUT * R, 5)),
  m: Float64Array.from(noise(OUT, 6), (value) => 1 + value / 3),
};

/** W + s B A, [out,in]. */
function adapted({ w, a, b }: Given): number[][] {
  return Array.from({ length: OUT }, (_, out) =>
    Array.from({ length: IN }, (_, i) => {
      let sum = at(w, IN, out, i);
      for (let k = 0; k < R; k++) sum += SCALE * at(b, R, out, k) * at(a, IN, k, i);
      return sum;
    }),
  );
}

const lengthsOf = (values: Given) => adapted(values).map((row) => Math.hypot(...row));

/** y by the definition, with the rows' lengths as they are given. */
function outputs(values: Given, lengths: readonly number[]): number[] {
  const rows = adapted(values);
  return Array.from({ length: N * OUT }, (_, place) => {
    const [n, out] = [Math.floor(place / OUT), place % OUT];
    const product = rows[out]!.reduce((sum, v, i) => sum + v * at(values.x, IN, n, i), 0);
    return (values.m[out]! / lengths[out]!) * product + values.bias[out]!;
  });
}

const transposed = (w: Float64Array) =>
  Float64Array.from({ length: IN * OUT }, (_, i) => at(w, IN, i % OUT, Math.floor(i / OUT)));

function layer(layout: Layout, dora: LoraShape['dora']) {
  const graph = new Graph();
  const method: Method = {
    kind: 'lora',
    dropout: 0,
    adapterOf: () => ({ rank: R, scale: SCALE, ...(dora && { dora }) }),
  };
  const p = new Parameters(graph, method);
  const x = graph.input('x', 'f32', [N, IN]);
  return { graph, p, x, y: linear(p, x, MODULE, { inputs: IN, outputs: OUT, bias: true, layout }) };
}

function dataOf(layout: Layout, values: Given) {
  return {
    x: values.x,
    [`${MODULE}.weight`]: layout === 'out_in' ? values.w : transposed(values.w),
    [`${MODULE}.bias`]: values.bias,
    [rowSquaresName(MODULE)]: lengthsOf({ ...values, b: new Float64Array(OUT * R) }).map((one) => one ** 2),
    ...{ [A]: values.a, [B]: values.b, [M]: values.m },
  };
}

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!), `[${i}]`).toBeLessThanOrEqual(tolerance);
  });
}

describe.each(['out_in', 'in_out'] as const)('a matrix laid out as %s', (layout) => {
  it('is brought to its magnitudes', () => {
    const { graph, y } = layer(layout, 'trained');
    graph.output('y', y);
    const { y: found } = compute(graph, dataOf(layout, given), true);
    expectClose(found!, outputs(given, lengthsOf(given)), 1e-12);
  });

  it('has gradients as central differences give them with the lengths of the rows held constant', () => {
    const { graph, x, y } = layer(layout, 'trained');
    const names = { x: 'x', a: A, b: B, m: M } as const;
    const wanted = Object.values(names).map((name) => graph.inputs.get(name) as Value);
    const grads = backward([{ value: y, grad: graph.input('dy', 'f32', [N, OUT]) }], wanted);
    Object.keys(names).forEach((key, i) => {
      graph.output(key, grads[i]!);
    });
    expect(wanted[0]).toBe(x);
    const dy = Float64Array.from(noise(N * OUT, 7));
    const found = compute(graph, { ...dataOf(layout, given), dy }, true);
    const lengths = lengthsOf(given);
    const loss = (values: Given) => outputs(values, lengths).reduce((sum, v, i) => sum + v * dy[i]!, 0);
    const step = 1e-5;
    for (const key of Object.keys(names) as (keyof typeof names)[]) {
      const expected = [...given[key]].map((value, i) => {
        const moved = (by: number) => loss({ ...given, [key]: given[key].with(i, value + by) });
        return (moved(step) - moved(-step)) / (2 * step);
      });
      expectClose(found[key]!, expected, 1e-8);
      // the lengths do change with A and B: were they not held constant, other gradients would be right
      if (key === 'x' || key === 'm') continue;
      const whole = [...given[key]].map((value, i) => {
        const moved = (by: number) => {
          const values = { ...given, [key]: given[key].with(i, value + by) };
          return outputs(values, lengthsOf(values)).reduce((sum, v, j) => sum + v * dy[j]!, 0);
        };
        return (moved(step) - moved(-step)) / (2 * step);
      });
      expect(Math.max(...whole.map((value, i) => Math.abs(value - found[key]![i]!)))).toBeGreaterThan(1e-2);
    }
  });

  it('is the frozen one as long as B is zero and the magnitudes are its own', () => {
    const b = new Float64Array(OUT * R);
    const start = { ...given, b, m: Float64Array.from(lengthsOf({ ...given, b })) };
    const { graph, y } = layer(layout, 'trained');
    graph.output('y', y);
    const plain = layer(layout, undefined);
    plain.graph.output('y', plain.y);
    const data = dataOf(layout, start);
    expectClose(compute(graph, data, true).y!, compute(plain.graph, data, true).y!, 1e-12);
  });

  it('takes gains in place of magnitudes once it is settled', () => {
    const { graph, y } = layer(layout, 'settled');
    graph.output('y', y);
    expect([...graph.weights.keys()].sort()).toEqual([`${MODULE}.bias`, `${MODULE}.weight`]);
    const lengths = lengthsOf(given);
    const gains = lengths.map((length, i) => given.m[i]! / length);
    const { y: found } = compute(graph, { ...dataOf(layout, given), [gainName(MODULE)]: gains }, true);
    expectClose(found!, outputs(given, lengths), 1e-12);
  });

  it('keeps a row of zeros as it is', () => {
    const zeros = { ...given, w: given.w.map((v, i) => (i < IN ? 0 : v)), m: given.m.with(0, 0) };
    const { graph, y } = layer(layout, 'trained');
    graph.output('y', y);
    const values = { ...zeros, b: new Float64Array(OUT * R) };
    const { y: found } = compute(graph, dataOf(layout, values), true);
    expect(found![0]).toBe(given.bias[0]);
    expect(found!.every(Number.isFinite)).toBe(true);
  });
});
