/** Matrices that are kept in few bits are made again for each product, and are hardly ever alive. */
import { describe, expect, it } from 'vitest';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { ortMemory } from '../../../../main/engine/exec/ort/ort-memory.ts';
import { QUANTISED_FORMATS, type QuantisedFormat } from '../../../../main/engine/ir/dtype.ts';
import { bytesOf, Graph, type Node } from '../../../../main/engine/ir/graph.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import {
  add,
  dequantise,
  matmul,
  narrow,
  slice,
  tanh,
  widen,
} from '../../../../main/engine/ops/functions.ts';
import { dequantiseLate } from '../../../../main/engine/passes/dequantise-late.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';
import { scheduled } from '../../../../main/engine/passes/schedule.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { compute, liveBytes, noise, tinyModel } from '../../../helpers/graphs.ts';

const SIZES = { hidden_size: 64, head_dim: 16, intermediate_size: 96, num_hidden_layers: 4 };
const SHAPE = { batch: 1, time: 8, labels: 4 };
const none = new Set<string>();

const method = (quantised: QuantisedFormat | null): Method => ({
  ...{ kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 2, scale: 1 }) },
  ...(quantised !== null && { quantised }),
});

const step = (quantised: QuantisedFormat | null) =>
  optimise(gradientStep(tinyModel(SIZES).model, method(quantised), SHAPE).graph, NATIVE_FUSED);
const isMatrix = ({ op }: Node) => op === 'dequantise';

/** The most matrices that are alive at once, in the order of execution. */
function mostAlive(graph: Graph): number {
  const order = scheduled(graph);
  const lastUse = new Map(order.flatMap(({ inputs }, at) => inputs.map((x) => [x, at] as const)));
  let most = 0;
  for (const at of order.keys()) {
    const alive = order.slice(0, at + 1).filter((node) => isMatrix(node) && lastUse.get(node.output)! >= at);
    most = Math.max(most, alive.length);
  }
  return most;
}

describe('dequantiseLate', () => {
  const unpacked = QUANTISED_FORMATS.filter((format) => format !== 'int8-row');
  it.each(unpacked)('leaves at most two matrices alive at once in a step with %s', (format) => {
    const graph = step(format);
    // seven matrices a layer, each for its product in the forward pass and in the backward pass, but not for the first three's
    expect(graph.nodes.filter(isMatrix).length).toBeGreaterThan(1.8 * 7 * 4 - 3);
    expect(mostAlive(graph)).toBeLessThanOrEqual(2);
  });

  it('makes a small matrix once for both its products on the way back where a block is computed again', () => {
    const made = (what: 'none' | 'block') => {
      const { graph } = gradientStep(tinyModel(SIZES).model, method('int4'), SHAPE, what);
      return optimise(graph, NATIVE_FUSED);
    };
    const [kept, again] = [made('none'), made('block')];
    const count = (graph: Graph) => graph.nodes.filter(isMatrix).length;
    // three of the first layer have no product with a gradient
    expect(count(again)).toBeLessThanOrEqual(count(kept) + 3);
    // those of one layer, and none of the next
    expect(mostAlive(again)).toBeLessThanOrEqual(8);
  });

  it('never shares a large one', () => {
    const graph = new Graph();
    const [rows, columns] = [1024, 1056];
    const parts = {
      codes: graph.weight('codes', [rows, columns / 32, 32], 'i8'),
      ...{ scales: graph.weight('scales', [rows, columns / 32, 1]), zeros: null },
    };
    const x = graph.input('x', 'f32', [8, columns]);
    const y = graph.scoped("model.layers.0.mlp'", () => {
      const matrix = dequantise(parts, 'int8', 32);
      return matmul(matmul(x, matrix, { transB: true }), matrix);
    });
    graph.output('y', y);
    expect(dequantiseLate(graph).nodes.filter(isMatrix)).toHaveLength(2);
  });

  it('cuts the pieces of a product in float16 out of one matrix, which no other product keeps alive', () => {
    const graph = new Graph();
    const parts = {
      codes: graph.weight('codes', [32, 2, 32], 'i8'),
      ...{ scales: graph.weight('scales', [32, 2, 1]), zeros: null },
    };
    const x = narrow(graph.input('x', 'f32', [4, 64]));
    const matrix = narrow(dequantise(parts, 'int8', 32));
    const product = (scope: string) =>
      graph.scoped(scope, () => {
        const piece = (start: number) =>
          widen(
            matmul(slice(x, 1, start, start + 32), slice(matrix, 1, start, start + 32), { transB: true }),
          );
        return add(piece(0), piece(32));
      });
    // the second is the first one recomputed, and another is in the backward pass of the same layer
    const there = product('model.layers.0.mlp');
    const again = product("model.layers.0.mlp'");
    graph.output('y', add(tanh(there), again));
    const late = dequantiseLate(graph);
    expect(late.nodes.filter(isMatrix)).toHaveLength(2);
    expect(late.nodes.filter(({ op, inputs }) => op === 'narrow' && inputs[0]!.shape[0] === 32)).toHaveLength(
      2,
    );
    const data = {
      x: noise(256, 1, 1),
      codes: Int8Array.from(noise(2048, 2, 127), Math.round),
      scales: noise(64, 3, 0.01),
    };
    expect(compute(late, data)).toEqual(compute(graph, data));
  });

  it('keeps the numbers of a graph, and a matrix that is an output', () => {
    const graph = new Graph();
    const parts = {
      ...{ codes: graph.weight('codes', [32, 1, 32], 'i8'), scales: graph.weight('scales', [32, 1, 1]) },
      zeros: null,
    };
    const matrix = dequantise(parts, 'int8', 32);
    const x = graph.input('x', 'f32', [32, 32]);
    graph.output('y', matmul(tanh(matmul(x, matrix)), add(matrix, 1)));
    graph.output('matrix', matrix);
    const data = {
      codes: noise(32 * 32, 1, 127).map(Math.round),
      scales: noise(32, 2, 0.01),
      x: noise(32 * 32, 3),
    };
    const late = dequantiseLate(graph);
    expect(late.nodes.filter(isMatrix)).toHaveLength(3);
    expect(compute(late, data)).toEqual(compute(graph, data));
  });

  it('changes nothing where there is nothing to do', () => {
    const [plain, quantised] = [step(null), step('int4-dq')];
    expect(dequantiseLate(plain)).toBe(plain);
    expect(dequantiseLate(quantised)).toBe(quantised);
  });

  it('costs a buffer for each size of a matrix, whatever its shape and however many layers there are', () => {
    const sizes = new Set(
      step('int8')
        .nodes.filter(isMatrix)
        .map(({ output }) => bytesOf(output)),
    );
    const once = [...sizes].reduce((sum, bytes) => sum + bytes, 0);
    const [plain, quantised] = [step(null), step('int8')].map((graph) => liveBytes(ortMemory(graph, none)));
    expect(quantised! - plain!).toBeLessThanOrEqual(once);
    expect(quantised! - plain!).toBeGreaterThan(0);
  });
});
