/** Of a table in 16 bits only the rows that are read become float32, and a large one only some rows at a time. */
import { describe, expect, it } from 'vitest';
import { NATIVE_FUSED } from '../../../../main/engine/exec/ort/lower.ts';
import { ortMemory } from '../../../../main/engine/exec/ort/ort-memory.ts';
import { asFloatType } from '../../../../main/engine/io/float-types.ts';
import { bytesOf, Graph, producer } from '../../../../main/engine/ir/graph.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import { type Method, onBase } from '../../../../main/engine/nn/parameters.ts';
import { add, gather, matmul, widen } from '../../../../main/engine/ops/functions.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';
import { widenInPieces } from '../../../../main/engine/passes/widen-in-pieces.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { compute, noise, tinyModel } from '../../../helpers/graphs.ts';

describe('widenInPieces', () => {
  it('reads rows in 16 bits, and keeps the numbers', () => {
    const graph = new Graph();
    const table = widen(graph.weight('table', [8, 3], 'f16'));
    const rows = gather(table, graph.input('rows', 'i32', [2]));
    graph.output('y', add(rows, matmul(rows, matmul(table, table, { transA: true }))));
    const data = { table: asFloatType('f16', noise(24, 1)), rows: [5, 0] };
    const after = widenInPieces(graph);
    expect(compute(after, data)).toEqual(compute(graph, data));
    const read = after.nodes.find(({ op }) => op === 'gather')!;
    expect(read.output.dtype).toBe('f16');
    expect(producer(read.inputs[0]!)).toBeNull();
  });

  it('leaves a table out of which rows alone are read', () => {
    const graph = new Graph();
    graph.output('rows', gather(widen(graph.input('table', 'f16', [8, 3])), graph.input('rows', 'i32', [2])));
    expect(optimise(graph, NATIVE_FUSED).nodes.map(({ op, output }) => [op, output.shape])).toEqual([
      ['gather', [2, 3]],
      ['widen', [2, 3]],
    ]);
  });

  it('makes products with a large matrix of products with some of its rows', () => {
    const graph = new Graph();
    const table = widen(graph.weight('table', [40, 3], 'bf16'));
    const logits = matmul(graph.input('x', 'f32', [2, 3]), table, { transB: true, alpha: 0.5 });
    graph.output('logits', logits);
    graph.output('back', matmul(logits, table));
    const data = { table: asFloatType('bf16', noise(120, 1)), x: noise(6, 2) };
    // pieces of one size are preferred to those of 16 rows
    const after = widenInPieces(graph, 100, 50);
    const widened = after.nodes.filter(({ op }) => op === 'widen').map(({ output }) => output.shape[0]);
    expect(widened).toEqual(Array(8).fill(10));
    const [found, expected] = [compute(after, data), compute(graph, data)];
    expect(found.logits).toEqual(expected.logits);
    found.back!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.back![i]!, 6);
    });
    expect(widenInPieces(graph, 120, 50).nodes).toHaveLength(graph.nodes.length);
  });

  it('leaves a graph without such weights as it is', () => {
    const { graph } = gradientStep(tinyModel().model, { kind: 'full' }, { batch: 1, time: 4, labels: 2 });
    expect(widenInPieces(graph)).toBe(graph);
  });
});

describe('a step beside weights in 16 bits', () => {
  const { model } = tinyModel({ num_hidden_layers: 4, hidden_size: 64, head_dim: 16, intermediate_size: 96 });
  const halves = new Map([...outline(model).parameters.keys()].map((name) => [name, 'bf16' as const]));
  const adapters: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 2, scale: 1 }) };
  const step = (bits: 16 | null) =>
    optimise(
      gradientStep(model, onBase(adapters, bits, halves), { batch: 1, time: 8, labels: 4 }).graph,
      NATIVE_FUSED,
    );

  it('has half of the weights, and one float32 buffer more for each shape of a matrix', () => {
    const [exact, kept] = [step(null), step(16)];
    const weights = ({ weights: all }: Graph) =>
      [...all.values()].reduce((sum, one) => sum + bytesOf(one), 0);
    expect(weights(kept)).toBe(weights(exact) / 2);
    const shapes = new Map(
      kept.nodes
        .filter(({ op, inputs }) => op === 'widen' && producer(inputs[0]!) === null)
        .map(({ output }) => [output.shape.join(), bytesOf(output)]),
    );
    const once = [...shapes.values()].reduce((sum, bytes) => sum + bytes, 0);
    const live = (graph: Graph) => ortMemory(graph, new Set()).liveBytes;
    expect(live(kept) - live(exact)).toBeLessThanOrEqual(once);
    expect(live(kept)).toBeGreaterThan(live(exact));
  });

  it('computes norms again in place of keeping them, as beside float32', () => {
    const wide = tinyModel({ num_hidden_layers: 3, hidden_size: 512, head_dim: 16 }).model;
    const all = new Map([...outline(wide).parameters.keys()].map((name) => [name, 'f16' as const]));
    const norms = ([null, 16] as const).map((bits) => {
      const { graph } = gradientStep(wide, onBase(adapters, bits, all), { batch: 1, time: 64, labels: 4 });
      return optimise(graph, NATIVE_FUSED).nodes.filter(({ op }) => op === 'rmsNorm').length;
    });
    expect(norms[1]).toBe(norms[0]);
    expect(norms[0]).toBeGreaterThan(7);
  });
});
