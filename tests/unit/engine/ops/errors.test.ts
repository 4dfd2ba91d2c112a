/** Mistakes in shapes and dtypes are found when the graph is built, with the operation and its operands named. */
import { describe, expect, it } from 'vitest';
import type { ComputeDType } from '../../../../main/engine/ir/dtype.ts';
import { type Attrs, Graph } from '../../../../main/engine/ir/graph.ts';
import { applyIn } from '../../../../main/engine/ops/define.ts';
import { OPS, type OpName } from '../../../../main/engine/ops/functions.ts';

type Operand = readonly [ComputeDType, ...number[]];
type Mistake = readonly [operands: readonly Operand[], attrs: Attrs, reason: string];

const f = (...shape: number[]): Operand => ['f32', ...shape];
const i = (...shape: number[]): Operand => ['i32', ...shape];
const b = (...shape: number[]): Operand => ['bool', ...shape];

const unary: Mistake[] = [[[i(2)], {}, 'needs a float operand']];
const binary: Mistake[] = [
  [[f(2), i(2)], {}, 'different dtypes'],
  [[f(2, 3), f(2)], {}, 'do not broadcast'],
  [[b(2), b(2)], {}, 'needs numbers'],
];
const comparison: Mistake[] = [
  [[f(2), i(2)], {}, 'different dtypes'],
  [[b(2), b(2)], {}, 'needs operands of i32 or f32'],
  [[i(2), i(3)], {}, 'do not broadcast'],
];
const plain = { transA: false, transB: false, alpha: 1 };
const inChunks = { scale: 1, chunk: 2, keyStep: 1 };
const reduction: Mistake[] = [[[f(2, 3)], { axes: [2], keepDims: false }, 'axis']];

/** `cast` is not in the table: it takes everything. */
const MISTAKES: Readonly<Record<Exclude<OpName, 'cast'>, readonly Mistake[]>> = {
  neg: unary,
  exp: unary,
  log: unary,
  sqrt: unary,
  reciprocal: unary,
  tanh: unary,
  sigmoid: unary,
  erf: unary,
  silu: unary,
  gelu: unary,
  geluTanh: unary,
  relu: unary,
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  maximum: binary,
  equal: comparison,
  lessEqual: comparison,
  and: [
    [[i(2), i(2)], {}, 'needs operands of bool'],
    [[b(2), b(3)], {}, 'do not broadcast'],
  ],
  where: [
    [[i(2), f(2), f(2)], {}, 'boolean condition'],
    [[b(2), f(2), i(2)], {}, 'same dtype'],
    [[b(2), f(3), f(3)], {}, 'do not broadcast'],
  ],
  narrow: [[[i(2)], {}, '32 bits']],
  widen: [
    [[f(2, 3)], { start: 0, end: 2 }, 'needs floats of 16 bits'],
    [[['f16', 2, 3]], { start: 1, end: 3 }, 'has no rows [1, 3)'],
    [[['bf16', 2, 3]], { start: 1, end: 1 }, 'has no rows [1, 1)'],
  ],
  dequantise: [
    [[['u8', 2, 1, 16], f(2, 1, 1)], { type: 'int5', block: 32 }, 'codes of the types int8, int4, nf4'],
    [
      [['u8', 2, 1, 32], f(2, 1, 1)],
      { type: 'int8', block: 32 },
      'needs codes [rows, blocks, 32] of the type i8',
    ],
    [
      [['i8', 2, 1, 16], f(2, 1, 1)],
      { type: 'int4', block: 32 },
      'needs codes [rows, blocks, 16] of the type u8',
    ],
    [
      [['i8', 2, 1, 32], i(2, 1, 1)],
      { type: 'int8', block: 32 },
      'needs scales in float32, or codes of them',
    ],
    [[['u8', 2, 1, 32], f(2, 1, 1)], { type: 'int4', block: 32 }, 'needs codes [rows, blocks, 16]'],
    [[['i8', 2, 32], f(2, 1)], { type: 'int8', block: 32 }, 'needs codes [rows, blocks, 32]'],
    [[['i8', 2, 3, 32], f(2, 1, 1)], { type: 'int8', block: 32 }, 'needs a scale for each block'],
    [[['u8', 2, 1, 16], f(2, 1, 1)], { type: 'int4', block: 32 }, 'needs zeros with codes of the type int4'],
    [[['u8', 2, 1, 16], f(2, 1, 1), f(2, 1, 1)], { type: 'int4', block: 32 }, 'needs a zero of the type u8'],
    [[['i8', 2, 1, 32], f(2, 1, 1)], { type: 'int8', block: 32, start: 1, end: 3 }, 'has no rows [1, 3)'],
    [
      [['u8', 2, 1, 16], f(2, 1, 1)],
      { type: 'nf4', block: 32 },
      'needs codes [rows, blocks, 8] of the type u16',
    ],
    [
      [
        ['i8', 2, 1, 32],
        ['i8', 2, 1, 1],
      ],
      { type: 'int8', block: 32 },
      'needs steps where scales are codes',
    ],
    [
      [['i8', 2, 1, 32], ['i8', 2, 1, 1], f(1, 1, 1)],
      { type: 'int8', block: 32 },
      'needs a float32 step for each row',
    ],
    [
      [['i8', 2, 1, 32], ['i8', 2, 1, 1], ['u8', 2, 1, 1], f(2, 1, 1)],
      { type: 'int8', block: 32 },
      'needs zeros with codes',
    ],
  ],
  gatherQuantised: [
    [[f(2), ['i8', 2, 1, 32], f(2, 1, 1)], { type: 'int8', block: 32 }, 'needs int32 indices'],
    [[i(2), ['i8', 2, 1, 32], f(2, 2, 1)], { type: 'int8', block: 32 }, 'needs a scale for each block'],
  ],
  rowScales: [
    [[i(2, 3)], {}, 'needs a float32 matrix'],
    [[f(2, 3, 4)], {}, 'needs a float32 matrix'],
  ],
  rowCodes: [
    [[i(2, 3), f(2, 1)], {}, 'needs a float32 matrix'],
    [[f(2, 3), f(2)], {}, 'a scale for each row'],
  ],
  matmulInt8: [
    [[f(2), f(2, 1), ['i8', 3, 1, 4], f(3, 1, 1)], { transB: true }, 'float32 matrix on the left'],
    [[f(2, 4), f(2), ['i8', 3, 1, 4], f(3, 1, 1)], { transB: true }, 'a scale for each row of the left'],
    [[f(2, 4), f(2, 1), ['i8', 3, 2, 2], f(3, 1, 1)], { transB: true }, 'codes [rows, 1, columns]'],
    [[f(2, 4), f(2, 1), ['i8', 3, 1, 4]], { transB: true }, 'scales of the matrix only where'],
    [[f(2, 4), f(2, 1), ['i8', 3, 1, 4], f(4, 1, 1)], { transB: true }, 'a scale for each row of codes'],
    [[f(2, 4), f(2, 1), ['i8', 3, 1, 4]], { transB: false }, 'inner sizes differ'],
  ],
  outlierColumns: [
    [[i(2, 3)], { count: 1 }, 'needs a float32 matrix'],
    [[f(2, 3)], { count: 4 }, 'at least one column and at most all'],
  ],
  columnsAt: [
    [[f(2, 3), f(2)], {}, 'needs a list of int32 indices'],
    [[f(2), i(2)], {}, 'needs rows with columns'],
  ],
  withoutColumns: [
    [[i(2, 3), i(2)], {}, 'needs a float32 matrix'],
    [[f(2, 3), f(2)], {}, 'needs a list of int32 indices'],
  ],
  reshape: [[[f(2, 3)], { shape: [4] }, 'cannot give 6 elements the shape [4]']],
  transpose: [
    [[f(2, 3)], { perm: [0, 0] }, 'not a permutation of 2 axes'],
    [[f(2, 3)], { perm: [0] }, 'not a permutation of 2 axes'],
  ],
  broadcastTo: [[[f(2)], { shape: [2, 3] }, 'does not broadcast']],
  slice: [
    [[f(2)], { axis: 1, start: 0, end: 1 }, 'no axis 1'],
    [[f(2)], { axis: 0, start: 1, end: 3 }, 'not inside axis 0 of size 2'],
  ],
  pad: [
    [[f(2)], { axis: 1, before: 0, after: 1 }, 'no axis 1'],
    [[f(2)], { axis: 0, before: -1, after: 0 }, 'cannot be negative'],
  ],
  concat: [
    [[f(2), i(2)], { axis: 0 }, 'different dtypes'],
    [[f(2, 3), f(3, 2)], { axis: 1 }, 'differ outside axis 1'],
    [[f(2), f(2)], { axis: 1 }, 'no axis 1'],
  ],
  reduceSum: reduction,
  reduceMax: reduction,
  matmul: [
    [[f(2, 3), f(2, 3)], plain, 'inner sizes differ: 3 and 2'],
    [[f(2, 3), f(2, 3)], { ...plain, transA: true, transB: true }, 'inner sizes differ: 2 and 3'],
    [[f(3), f(3, 2)], plain, 'needs matrices'],
    [[i(2, 3), f(3, 2)], plain, 'float operands'],
    [[f(2, 2, 3), f(3, 3, 2)], plain, 'batch dimensions do not broadcast'],
  ],
  gather: [
    [[f(2, 3), f(2)], {}, 'int32 indices'],
    [[f(), i(2)], {}, 'a table with rows'],
  ],
  scatterAdd: [
    [[f(2, 3), f(2)], { rows: 4 }, 'int32 indices'],
    [[f(2, 3), i(3)], { rows: 4 }, 'begin with the shape of the indices'],
  ],
  randomUniform: [
    [[f()], { shape: [2], stream: 0 }, 'int32 seed'],
    [[i(2)], { shape: [2], stream: 0 }, 'one int32 seed'],
  ],
  after: [
    [[b(2), f(2)], {}, 'needs a number'],
    [[f(2), i(2)], {}, 'a float to come after'],
  ],
  softmax: [
    [[f()], {}, 'with an axis'],
    [[i(2)], {}, 'float operand'],
  ],
  rmsNorm: [
    [[f(2, 3), f(2)], {}, 'size of the last axis'],
    [[i(2, 3), f(3)], {}, 'float operands'],
  ],
  layerNorm: [
    [[f(2, 3), f(3), f(2)], {}, 'size of the last axis'],
    [[f(2, 3), f(3), i(3)], {}, 'float operands'],
  ],
  rope: [
    [[f(1, 2, 3, 4), i(1, 2), f(5, 2), f(5, 2)], {}, 'positions of shape [1,3]'],
    [[f(1, 2, 3, 4), f(1, 3), f(5, 2), f(5, 2)], {}, 'int32 positions'],
    [[f(1, 2, 3, 4), i(1, 3), f(5, 2), f(5, 1)], {}, 'tables of one shape'],
    [[f(1, 2, 3, 4), i(1, 3), f(5, 3), f(5, 3)], {}, 'tables turn 6 dimensions, a head has 4'],
    [[f(2, 3, 4), i(2, 3), f(5, 2), f(5, 2)], {}, 'x of shape [B,H,T,D]'],
  ],
  attention: [
    [[f(1, 3, 2, 4), f(1, 2, 5, 4), f(1, 2, 5, 4), f(1, 1, 2, 5)], { scale: 1 }, 'q and k do not fit'],
    [[f(1, 2, 2, 4), f(1, 2, 5, 4), f(1, 2, 6, 4), f(1, 1, 2, 5)], { scale: 1 }, 'k and v do not fit'],
    [[f(1, 2, 2, 4), f(1, 2, 5, 4), f(1, 2, 5, 4), f(1, 1, 2, 2)], { scale: 1 }, 'mask of shape [1,1,2,5]'],
    [[f(1, 2, 2, 4), f(1, 2, 5, 4), f(2, 5, 4), f(1, 1, 2, 5)], { scale: 1 }, 'shape [B,H,T,D]'],
  ],
  shortConvolution: [
    [[f(2, 3), i(3, 2), i(2), i(2)], {}, 'needs float rows and weights'],
    [[f(2, 3, 1), f(3, 2), i(2), i(2)], {}, 'needs rows of shape [N,C]'],
    [[f(2, 3), f(2, 2), i(2), i(2)], {}, 'needs weights of shape [3,K]'],
    [[f(2, 3), f(3, 2), i(2), i(3)], {}, 'needs 2 int32 places of shape [2]'],
    [[f(2, 3), f(3, 2), i(2)], {}, 'needs 2 int32 places of shape [2]'],
  ],
  linearScan: [
    [[i(1, 1, 1, 2, 2), f(1, 1, 2, 2, 3)], {}, 'needs float operands'],
    [[f(1, 1, 1, 2, 2), f(1, 1, 1, 2, 3)], {}, 'with N above 1'],
    [[f(1, 1, 2, 2, 2), f(1, 1, 2, 2, 3)], {}, 'needs f of shape [1,1,1,2,2]'],
  ],
  unitLowerInverse: [
    [[i(2, 2)], {}, 'needs a float operand'],
    [[f(2, 3)], {}, 'needs square matrices'],
  ],
  longAttention: [
    [[f(1, 2, 3, 4), f(1, 2, 5, 4), f(1, 2, 5, 4), f(1, 1, 3, 3)], inChunks, 'as many keys as queries'],
    [[f(1, 2, 3, 4), f(1, 2, 3, 4), f(1, 2, 3, 4), f(1, 1, 2, 2)], inChunks, 'needs 2 masks'],
    [
      [f(1, 2, 3, 4), f(1, 2, 3, 4), f(1, 2, 3, 4), f(1, 1, 2, 2), f(1, 1, 1, 2)],
      inChunks,
      'mask of shape [1,1,1,3] for chunk 1',
    ],
    [[f(2, 3, 4), f(2, 3, 4), f(2, 3, 4), f(1, 1, 2, 2)], inChunks, 'shape [B,H,T,D]'],
  ],
};

it('has mistakes for every operation', () => {
  expect([...Object.keys(MISTAKES), 'cast'].sort()).toEqual(Object.keys(OPS).sort());
});

describe.each(Object.entries(MISTAKES))('%s', (name, mistakes) => {
  it.each(mistakes)('refuses %j %j', (operands, attrs, reason) => {
    const graph = new Graph();
    const inputs = operands.map(([dtype, ...shape], at) => graph.input(`operand${at}`, dtype, shape));
    const attempt = () => applyIn(graph, OPS[name as OpName], inputs, attrs);
    expect(attempt).toThrow(reason);
    expect(attempt).toThrow(new RegExp(`^internal: ${name}: `));
    operands.forEach(([dtype, ...shape], at) => {
      expect(attempt).toThrow(`operand${at} ${dtype}[${shape.join(',')}]`);
    });
    expect(graph.nodes).toHaveLength(0);
  });
});
