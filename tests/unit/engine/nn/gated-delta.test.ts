/** The gated delta rule in chunks against its definition, token by token; and its two ways to go on. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../../../main/engine/autodiff/backward.ts';
import { Graph, type Value } from '../../../../main/engine/ir/graph.ts';
import { sizeOf } from '../../../../main/engine/ir/shape.ts';
import {
  type DeltaInputs,
  type Recur,
  recurCached,
  recurWithin,
} from '../../../../main/engine/nn/gated-delta.ts';
import { unitLowerInverse } from '../../../../main/engine/ops/functions.ts';
import { compute, noise } from '../../../helpers/graphs.ts';

const [BATCH, HEADS, TIME, KEYS, VALUES] = [2, 3, 11, 4, 5] as const;
/** Segments that begin within a chunk, at its border, and padding. */
const SEGMENTS = [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];

const SHAPES: Readonly<Record<keyof DeltaInputs, readonly number[]>> = {
  q: [BATCH, HEADS, TIME, KEYS],
  k: [BATCH, HEADS, TIME, KEYS],
  v: [BATCH, HEADS, TIME, VALUES],
  decay: [BATCH, HEADS, TIME],
  rate: [BATCH, HEADS, TIME],
};
const names = Object.keys(SHAPES) as (keyof DeltaInputs)[];

const DATA = Object.fromEntries(
  names.map((name, i) => {
    const values = [...noise(sizeOf(SHAPES[name]), i + 1)];
    const between = name === 'rate' ? values.map((x) => (x + 1) / 2) : values;
    return [name, name === 'decay' ? values.map((x) => x - 1) : between];
  }),
) as Record<keyof DeltaInputs, number[]>;

/** S = exp(g) S; S += k (beta (v - k^T S))^T; o = q^T S, from 0 at each segment's start. */
function tokenByToken(data: typeof DATA, segments = SEGMENTS): number[] {
  const out: number[] = [];
  for (let b = 0; b < BATCH; b++)
    for (let h = 0; h < HEADS; h++) {
      let state: number[][] = [];
      for (let t = 0; t < TIME; t++) {
        const at = (b * HEADS + h) * TIME + t;
        const row = (name: 'q' | 'k' | 'v', width: number) => data[name].slice(at * width, (at + 1) * width);
        const [q, k, v] = [row('q', KEYS), row('k', KEYS), row('v', VALUES)];
        const isNew = t === 0 || segments[b * TIME + t] !== segments[b * TIME + t - 1];
        if (isNew) state = k.map(() => v.map(() => 0));
        state = state.map((line) => line.map((x) => Math.exp(data.decay[at]!) * x));
        const error = v.map(
          (x, j) => data.rate[at]! * (x - k.reduce((sum, key, i) => sum + key * state[i]![j]!, 0)),
        );
        state = state.map((line, i) => line.map((x, j) => x + k[i]! * error[j]!));
        out.push(...v.map((_, j) => q.reduce((sum, x, i) => sum + x * state[i]![j]!, 0)));
      }
    }
  return out;
}

function build(recurOf: (graph: Graph) => Recur): { graph: Graph; inputs: DeltaInputs; output: Value } {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    names.map((name) => [name, graph.input(name, 'f32', SHAPES[name])]),
  ) as unknown as DeltaInputs;
  const output = recurOf(graph)(0, inputs);
  graph.output('o', output);
  return { graph, inputs, output };
}

const within = (most: number) => (graph: Graph) =>
  recurWithin(graph.constant('i32', [BATCH, TIME], Int32Array.from(SEGMENTS)), most);

const furthest = (one: readonly number[], other: readonly number[]) =>
  one.reduce((most, x, i) => Math.max(most, Math.abs(x - other[i]!)), 0);

describe('the gated delta rule in chunks', () => {
  it.each([1, 2, 4, 11, 64])('of %i tokens gives what it gives token by token', (most) => {
    const { graph } = build(within(most));
    const { o } = compute(graph, DATA, true);
    expect(o).toHaveLength(BATCH * HEADS * TIME * VALUES);
    expect(furthest(o!, tokenByToken(DATA))).toBeLessThan(1e-12);
  });

  it('has the gradient of its definition, over borders of chunks and segments', () => {
    const { graph, inputs, output } = build(within(4));
    const weights = noise(sizeOf(output.shape), 9);
    const wanted = names.map((name) => inputs[name]);
    const grads = backward([{ value: output, grad: graph.constant('f32', output.shape, weights) }], wanted);
    grads.forEach((grad, i) => {
      graph.output(`d${names[i]}`, grad!);
    });
    const found = compute(graph, DATA, true);
    const loss = (data: typeof DATA) => tokenByToken(data).reduce((sum, x, i) => sum + x * weights[i]!, 0);
    for (const name of names)
      for (let e = 0; e < DATA[name].length; e += 3) {
        const at = (delta: number) =>
          loss({ ...DATA, [name]: DATA[name].map((x, i) => (i === e ? x + delta : x)) });
        expect(found[`d${name}`]![e], `${name} ${e}`).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7);
      }
  });

  it('stays exact where decay is so strong that its sums have no exponential', () => {
    const { graph } = build(within(4));
    const data = { ...DATA, decay: DATA.decay.map((x, i) => (i % 3 === 0 ? -300 : x)) };
    expect(furthest(compute(graph, data, true).o!, tokenByToken(data))).toBeLessThan(1e-12);
  });

  it('goes on from a state, which padding leaves as it is', () => {
    const { graph } = build((g) => recurCached(g.input('segments', 'i32', [BATCH, TIME]), 0, () => {}));
    const first = 7;
    const run = (data: typeof DATA, real: number, state: readonly number[]) => {
      const segments = Array.from({ length: BATCH * TIME }, (_, i) => (i % TIME < real ? 0 : -2));
      return compute(graph, { ...data, segments, 'pastState.0': state }, true);
    };
    const zeros = new Array<number>(BATCH * HEADS * KEYS * VALUES).fill(0);
    const begun = run(DATA, first, zeros);
    expect(run(DATA, 0, begun['state.0']!)['state.0']).toEqual(begun['state.0']);
    // the other tokens come first in the next block
    const moved = Object.fromEntries(
      names.map((name) => {
        const width = SHAPES[name][3] ?? 1;
        const from = (i: number) => (i % (TIME * width)) + first * width;
        return [
          name,
          DATA[name].map((_, i) => (from(i) < TIME * width ? DATA[name][i + first * width]! : 0.5)),
        ];
      }),
    ) as typeof DATA;
    const { o } = run(moved, TIME - first, begun['state.0']!);
    const whole = tokenByToken(DATA, new Array(BATCH * TIME).fill(0));
    for (let line = 0; line < BATCH * HEADS; line++) {
      const row = (values: readonly number[], t: number) =>
        values.slice((line * TIME + t) * VALUES, (line * TIME + t + 1) * VALUES);
      for (let t = 0; t < TIME; t++) {
        const found = t < first ? row(begun.o!, t) : row(o!, t - first);
        expect(furthest(found, row(whole, t)), `token ${t}`).toBeLessThan(1e-12);
      }
    }
  });
});

describe('the inverse of I + A', () => {
  it('is exact for like rows, for which powers of A are huge', () => {
    const graph = new Graph();
    const count = 64;
    graph.output('y', unitLowerInverse(graph.input('a', 'f32', [count, count])));
    const { y } = compute(graph, { a: new Array<number>(count ** 2).fill(1) });
    // of all ones: 1 on the diagonal, -1 below it, nothing else
    const expected = y!.map((_, at) => {
      const below = Math.floor(at / count) - (at % count);
      return below === 0 ? 1 : below === 1 ? -1 : 0;
    });
    expect(y).toEqual(expected);
  });
});
