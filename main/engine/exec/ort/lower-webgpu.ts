/**
 * Lowerings for onnxruntime's WebGPU provider, where its kernels are others than the processor's: it has no FusedMatMul, no
 * ScatterElements, no bits and no casts of bytes. A node that it lacks would run on the processor, with a copy there and one back.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { type Dialect, type Lowering, ON_CPU, withRows } from './lower.ts';
import { dequantiseBy, roundedRowsBy } from './lower-dequantise.ts';
import { TYPE_CODES } from './onnx.ts';

/** For WebGPU. The bits of `randomUniform` (dropout) alone are made on the processor: see docs/devices.md. */
export const ON_WEBGPU: Dialect = withRows(ON_CPU, {
  matmul: lowerMatmul,
  dequantise: lowerDequantise,
  roundedRows: lowerRoundedRows,
  scatterAdd: lowerScatterAdd,
});

function lowerMatmul<Tensor>(l: Lowering<Tensor>): Tensor {
  const { emit, inputs, values, attrs, output } = l;
  const [a, b] = values as [Value, Value];
  const isPlain = !attrs.transA && !attrs.transB && attrs.alpha === 1;
  if (isPlain) return emit.node('MatMul', inputs);
  // one matrix on the right: all rows on the left are one matrix, too
  if (b.shape.length === 2 && (a.shape.length === 2 || !attrs.transA)) return lowerGemm(l);
  const turned = (i: 0 | 1, isTurned: unknown) => {
    const rank = values[i]!.shape.length;
    const perm = [...Array(rank).keys()].with(rank - 2, rank - 1).with(rank - 1, rank - 2);
    return isTurned ? emit.node('Transpose', [inputs[i]!], { perm }) : inputs[i]!;
  };
  const product = emit.node('MatMul', [turned(0, attrs.transA), turned(1, attrs.transB)]);
  if (attrs.alpha === 1 || sizeOf(output.shape) === 0) return product;
  return emit.node('Mul', [product, emit.f32(attrs.alpha as number)]);
}

function lowerGemm<Tensor>({ emit, inputs, values, attrs, output }: Lowering<Tensor>): Tensor {
  const { shape } = values[0]!;
  const gemm = (left: Tensor) =>
    emit.node('Gemm', [left, inputs[1]!], {
      transA: attrs.transA ? 1 : 0,
      transB: attrs.transB ? 1 : 0,
      alpha: { float: attrs.alpha as number },
    });
  if (shape.length === 2) return gemm(inputs[0]!);
  const width = shape.at(-1)!;
  const rows = emit.node('Reshape', [inputs[0]!, emit.i64([sizeOf(shape) / width, width])]);
  return emit.node('Reshape', [gemm(rows), emit.i64(output.shape)]);
}

// bytes become numbers through DequantizeLinear with the scale 1
const floatBy =
  <Tensor>(l: Lowering<Tensor>) =>
  (x: Tensor) =>
    l.emit.node('DequantizeLinear', [x, l.emit.f32(1)]);

function lowerDequantise<Tensor>(l: Lowering<Tensor>): Tensor {
  return dequantiseBy(l, floatBy(l));
}

// it cannot look bytes up, but words of four of them
function lowerRoundedRows<Tensor>(l: Lowering<Tensor>): Tensor {
  return roundedRowsBy(l, floatBy(l));
}

// ScatterND adds with atomic operations: sums of three and more updates to a row may differ in the last bit from run to run
function lowerScatterAdd<Tensor>({ emit, inputs, values, output }: Lowering<Tensor>): Tensor {
  const [updates, indices] = values as [Value, Value];
  const count = sizeOf(indices.shape);
  const flat = emit.node('Reshape', [inputs[0]!, emit.i64([count, ...output.shape.slice(1)])]);
  // turned into int64 last: it has a kernel for that, but none that reshapes int64
  const column = emit.node('Reshape', [inputs[1]!, emit.i64([count, 1])]);
  const ids = emit.node('Cast', [column], { to: TYPE_CODES.i64 });
  const zero = updates.dtype === 'i32' ? emit.i32(Int32Array.of(0), []) : emit.f32(0);
  const zeros = emit.node('Expand', [zero, emit.i64(output.shape)]);
  return emit.node('ScatterND', [zeros, ids, flat], { reduction: 'add' });
}
