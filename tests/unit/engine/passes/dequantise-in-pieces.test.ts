/** Large matrices in few bits are unpacked in pieces, and rows that are read by their index alone: with the numbers of the whole. */
import { describe, expect, it } from 'vitest';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { ortMemory } from '../../../../main/engine/exec/ort/ort-memory.ts';
import { asFloatType } from '../../../../main/engine/io/convert.ts';
import { bytesOf, Graph, producer, type Value } from '../../../../main/engine/ir/graph.ts';
import { rowsOfPiece, sizeOf } from '../../../../main/engine/ir/shape.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import { type Method, onBase } from '../../../../main/engine/nn/parameters.ts';
import { add, dequantise, gather, matmul, widen } from '../../../../main/engine/ops/functions.ts';
import { unpackInPieces, widenInPieces } from '../../../../main/engine/passes/dequantise-late.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { compute, liveBytes, noise, tinyModel } from '../../../helpers/graphs.ts';

const [ROWS, COLUMNS] = [50, 64];
const MOST = 20 * COLUMNS;

function tableOf(graph: Graph, bits: 4 | 8): Value {
  const parts = {
    codes: graph.weight('codes', [ROWS, 2, 4 * bits], bits === 8 ? 'i8' : 'u8'),
    scales: graph.weight('scales', [ROWS, 2, 1]),
    zeros: bits === 4 ? graph.weight('zeros', [ROWS, 2, 1], 'u8') : null,
  };
  return dequantise(parts, bits === 8 ? 'int8' : 'int4', 32);
}

const data = (bits: 4 | 8) => ({
  codes: noise(ROWS * 8 * bits, 1, 127).map((x) => Math.round(x) + (bits === 4 ? 128 : 0)),
  scales: noise(ROWS * 2, 2, 0.01),
  zeros: noise(ROWS * 2, 3, 127).map((x) => Math.round(x) + 128),
  x: noise(3 * COLUMNS, 4),
  g: noise(3 * ROWS, 5),
  ids: Int32Array.of(49, 0, 7, 7, 20, 21),
});

const largest = (graph: Graph) =>
  Math.max(...graph.nodes.filter(({ op }) => op === 'dequantise').map(({ output }) => sizeOf(output.shape)));

describe.each([4, 8] as const)('unpackInPieces with %d bits', (bits) => {
  it('gives products and rows as the whole matrix does, and never makes it', () => {
    const graph = new Graph();
    const table = tableOf(graph, bits);
    graph.output('rows', gather(table, graph.input('ids', 'i32', [2, 3])));
    graph.output('out', matmul(graph.input('x', 'f32', [3, COLUMNS]), table, { transB: true, alpha: 0.5 }));
    graph.output('back', matmul(graph.input('g', 'f32', [3, ROWS]), table));
    const pieces = unpackInPieces(graph, NATIVE_FUSED, MOST);
    expect(largest(graph)).toBe(ROWS * COLUMNS);
    expect(largest(pieces)).toBeLessThanOrEqual(MOST);
    const [whole, cut] = [compute(graph, data(bits)), compute(pieces, data(bits))];
    expect(cut.rows).toEqual(whole.rows);
    expect(cut.out).toEqual(whole.out);
    whole.back!.forEach((value, i) => {
      expect(cut.back![i]).toBeCloseTo(value, 4);
    });
  });
});

it('leaves small matrices whole, and graphs without any as they are', () => {
  const graph = new Graph();
  graph.output('out', matmul(graph.input('x', 'f32', [3, COLUMNS]), tableOf(graph, 8), { transB: true }));
  expect(largest(unpackInPieces(graph, NATIVE_FUSED))).toBe(ROWS * COLUMNS);
  const plain = new Graph();
  plain.output('y', matmul(plain.input('a', 'f32', [2, 2]), plain.input('b', 'f32', [2, 2])));
  expect(unpackInPieces(plain, NATIVE_FUSED)).toBe(plain);
});

it.each([
  ['Llama 3.2 1B', 128_256, 2048, 8016],
  ['Qwen2.5 3B', 151_936, 2048, 4748],
  ['a prime vocabulary', 50_021, 2048, 8192],
])('takes pieces of one size for %s where it can', (_, rows, columns, expected) => {
  expect(rowsOfPiece(rows, columns, 2 ** 24)).toBe(expected);
});

it('unpacks of an embedding what a step reads', () => {
  const sizes = { hidden_size: 64, head_dim: 16, intermediate_size: 96, vocab_size: 2048 };
  const adapters = { kind: 'lora' as const, dropout: 0, adapterOf: () => ({ rank: 2, scale: 1 }) };
  const { model } = tinyModel({ ...sizes, tie_word_embeddings: true });
  const step = gradientStep(model, { ...adapters, quantised: 'int4' }, { batch: 1, time: 8, labels: 4 });
  const { nodes } = optimise(step.graph, NATIVE_FUSED);
  const whole = nodes.filter(({ op, output }) => op === 'dequantise' && output.shape[0] === 2048);
  // the head's product and its gradient, and none for the embedding or the rows of the targets
  expect(whole).toHaveLength(2);
  const read = nodes.filter(({ op }) => op === 'gatherQuantised');
  expect(read.map(({ output }) => sizeOf(output.shape)).sort((a, b) => a - b)).toEqual([4 * 64, 8 * 64]);
});

it('reads rows from the whole table where an executor has no kernel for less', () => {
  const graph = new Graph();
  graph.output('rows', gather(tableOf(graph, 4), graph.input('ids', 'i32', [2, 3])));
  const plain = unpackInPieces(graph, new Set());
  expect(plain.nodes.map(({ op }) => op)).toEqual(['dequantise', 'gather']);
  expect(compute(plain, data(4))).toEqual(compute(unpackInPieces(graph, NATIVE_FUSED), data(4)));
});

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
    const live = (graph: Graph) => liveBytes(ortMemory(graph, new Set()));
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
