/** Products in whole numbers take the place of those with matrices that have one scale a row, in both directions, and stay near them. */
import { describe, expect, it } from 'vitest';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { openExecutor, requireInt8Products } from '../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { add, dequantise, matmul } from '../../../../main/engine/ops/functions.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';
import { int8Products, withTrainedCodes } from '../../../../main/engine/passes/int8-products.ts';
import { workOf } from '../../../../main/engine/pricing/graph-figures.ts';
import { compute, noise } from '../../../helpers/graphs.ts';

const [ROWS, OUTPUTS, COLUMNS] = [6, 5, 64];
const codes = Int8Array.from(noise(OUTPUTS * COLUMNS, 1, 127), Math.round);
const scales = noise(OUTPUTS, 2, 0.01).map((x) => Math.abs(x) + 0.001);
const weights = { codes, scales, codes2: codes.toReversed(), scales2: scales };
const data = { x: noise(ROWS * COLUMNS, 3), g: noise(ROWS * OUTPUTS, 4), ...weights };

/** x W^T with two matrices and g W with one, with factors, in blocks of that size. */
function products(block = COLUMNS): Graph {
  const graph = new Graph();
  const blocks = COLUMNS / block;
  const matrixOf = (suffix: string) => {
    const parts = {
      codes: graph.weight(`codes${suffix}`, [OUTPUTS, blocks, block], 'i8'),
      scales: graph.weight(`scales${suffix}`, [OUTPUTS, blocks, 1]),
    };
    return dequantise(parts, 'int8', block);
  };
  const matrix = matrixOf('');
  const x = graph.input('x', 'f32', [ROWS, COLUMNS]);
  const product = matmul(x, matrix, { transB: true, alpha: 0.5 });
  graph.output('y', product);
  graph.output('again', matmul(x, matrixOf('2'), { transB: true }));
  graph.output('dx', matmul(graph.input('g', 'f32', [ROWS, OUTPUTS]), matrix, { alpha: 2 }));
  return graph;
}

const opsOf = (graph: Graph) => graph.nodes.map(({ op }) => op);
const relative = (found: ArrayLike<number>, exact: readonly number[]) => {
  const square = (values: readonly number[]) => values.reduce((sum, x) => sum + x * x, 0);
  return Math.sqrt(square(exact.map((x, i) => x - found[i]!)) / square(exact));
};

describe('int8Products', () => {
  it('multiplies in whole numbers, quantising the same rows once, and unpacks nothing', () => {
    const ops = opsOf(optimise(products(), NATIVE_FUSED));
    expect(ops.filter((op) => op === 'matmulInt8')).toHaveLength(3);
    expect(ops.filter((op) => op === 'rowScales')).toHaveLength(2);
    expect(ops).not.toContain('dequantise');
    expect(ops).not.toContain('matmul');
  });

  it('leaves matrices in blocks alone, and all of them where there is no kernel', () => {
    const blocks = products(32);
    expect(int8Products(blocks, NATIVE_FUSED)).toBe(blocks);
    const plain = products();
    expect(int8Products(plain, new Set())).toBe(plain);
  });

  it('is near the products of float32, and what onnxruntime computes is its definition', async () => {
    const exact = compute(products(), data, true);
    const defined = compute(int8Products(products(), NATIVE_FUSED), data);
    const executor = await openExecutor('ort', { threads: 1 });
    const program = await executor.compile(products(), {
      weights: (name) => ({ kind: 'memory', data: weights[name as keyof typeof weights] }),
    });
    const { outputs } = await program.run({ x: data.x, g: data.g });
    await program.release();
    for (const [name, values] of Object.entries(exact)) {
      expect(relative(defined[name]!, values), name).toBeLessThan(0.01);
      expect(relative(defined[name]!, values), name).toBeGreaterThan(1e-5);
      expect(relative(outputs[name] as Float32Array, defined[name]!), name).toBeLessThan(1e-6);
    }
  });

  it('multiplies the largest columns of many rows apart, in one product with an adapter', async () => {
    const many = 64;
    const wide = Float32Array.from(noise(many * COLUMNS, 5), (x, i) => (i % COLUMNS === 7 ? 40 * x : x));
    const graph = new Graph();
    const parts = {
      codes: graph.weight('codes', [OUTPUTS, 1, COLUMNS], 'i8'),
      scales: graph.weight('scales', [OUTPUTS, 1, 1]),
    };
    const x = graph.input('x', 'f32', [many, COLUMNS]);
    const low = matmul(x, graph.input('a', 'f32', [2, COLUMNS]), { transB: true });
    const change = matmul(low, graph.input('b', 'f32', [OUTPUTS, 2]), { transB: true, alpha: 0.5 });
    graph.output('y', add(matmul(x, dequantise(parts, 'int8', COLUMNS), { transB: true }), change));
    const ops = opsOf(optimise(graph, NATIVE_FUSED));
    expect(ops.filter((op) => op === 'matmul')).toHaveLength(2);
    expect(ops.filter((op) => op === 'outlierColumns')).toHaveLength(1);
    const fed = { x: wide, a: noise(2 * COLUMNS, 6), b: noise(2 * OUTPUTS, 7) };
    const exact = compute(graph, { ...fed, ...weights }, true).y!;
    const executor = await openExecutor('ort', { threads: 1 });
    const program = await executor.compile(graph, {
      weights: (name) => ({ kind: 'memory', data: weights[name as keyof typeof weights] }),
    });
    const { outputs } = await program.run(fed);
    await program.release();
    // with one scale for each whole row 0.014
    expect(relative(outputs.y as Float32Array, exact)).toBeLessThan(0.002);
    const defined = compute(int8Products(graph, NATIVE_FUSED), { ...fed, ...weights }).y!;
    expect(relative(outputs.y as Float32Array, defined)).toBeLessThan(1e-6);
  });

  it('multiplies by the codes of what is trained, but not in the head, nor few rows', () => {
    const stepOf = (rows: number) => {
      const graph = new Graph();
      const [x, g] = [graph.input('x', 'f32', [rows, COLUMNS]), graph.input('g', 'f32', [rows, OUTPUTS])];
      const matrix = graph.input('w', 'f32', [OUTPUTS, COLUMNS]);
      graph.output('y', matmul(x, matrix, { transB: true }));
      graph.output('dx', matmul(g, matrix));
      graph.output('dw', matmul(g, x, { transA: true }));
      graph.output(
        'logits',
        graph.scoped('loss', () => matmul(x, matrix, { transB: true, alpha: 2 })),
      );
      return withTrainedCodes(graph);
    };
    const ops = opsOf(optimise(stepOf(64), NATIVE_FUSED));
    const count = (name: string) => ops.filter((op) => op === name).length;
    expect([count('rowCodes'), count('matmulInt8')]).toEqual([1, 2]);
    // the gradient of the matrix, the head, and the columns apart
    expect(count('matmul')).toBe(3);
    expect(opsOf(stepOf(63)).every((op) => op === 'matmul')).toBe(true);
  });

  it('is priced as products of their own', () => {
    const { products: counted } = workOf(optimise(products(), NATIVE_FUSED));
    const shape = { batch: 1, rows: ROWS, type: 'int8' };
    expect(counted).toEqual([
      { ...shape, inner: COLUMNS, columns: OUTPUTS, count: 2 },
      { ...shape, inner: OUTPUTS, columns: COLUMNS, count: 1 },
    ]);
  });

  it('is refused where products of the largest codes come out wrong', async () => {
    const executor = await openExecutor('ort', { threads: 1 });
    await requireInt8Products(executor);
    const broken = {
      ...executor,
      compile: async () => ({
        run: async () => ({ outputs: { y: new Float32Array(16).fill(16_000) } }),
        release: async () => {},
      }),
    };
    await expect(requireInt8Products(broken)).rejects.toThrow(/can't multiply in 8 bits/);
  });
});
