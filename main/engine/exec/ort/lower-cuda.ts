/**
 * Lowerings for onnxruntime's CUDA provider without cuDNN, which the NVIDIA pack leaves out. Two kernels need it: the largest element,
 * always, and a sum over axes in the middle. A kernel that is missing altogether (shifts of bits) runs on the processor, with a copy
 * there and one back, so codes of 4 bits are taken apart by arithmetic.
 */
import { sizeOf } from '../../ir/shape.ts';
import { type Dialect, type Lowering, ON_CPU, withRows } from './lower.ts';
import { dequantiseBy, roundedRowsBy } from './lower-dequantise.ts';
import { TYPE_CODES } from './onnx.ts';

/** For CUDA. The bits of `randomUniform` (dropout) alone are made on the processor. */
export const ON_CUDA: Dialect = withRows(ON_CPU, {
  reduceSum: lowerReduceSum,
  reduceMax: lowerReduceMax,
  dequantise: lowerDequantise,
  roundedRows: lowerRoundedRows,
});

const axesOf = ({ attrs, values }: Pick<Lowering<unknown>, 'attrs' | 'values'>): readonly number[] =>
  [...(attrs.axes as readonly number[])].sort((a, b) => a - b).filter((axis) => values[0]!.shape[axis] !== 1);

/** Sums over the first or the last axes are products with a vector of ones to it, or kernels of its own; others are turned into those. */
function lowerReduceSum<Tensor>(l: Lowering<Tensor>): Tensor {
  const { emit, values, output } = l;
  const rank = values[0]!.shape.length;
  const axes = axesOf(l);
  const isAtEdge =
    axes.every((axis, i) => axis === i) || axes.every((axis, i) => axis === rank - axes.length + i);
  const rows = isAtEdge ? null : asRows(l);
  const plain = rows ?? l.inputs[0]!;
  const over = rows ? [1] : (l.attrs.axes as readonly number[]);
  const sum = emit.node('ReduceSum', [plain, emit.i64(over)], {
    keepdims: !rows && l.attrs.keepDims ? 1 : 0,
    noop_with_empty_axes: 0,
  });
  return rows ? emit.node('Reshape', [sum, emit.i64(output.shape)]) : sum;
}

/** The place of the largest one has a kernel where the element itself has none. */
function lowerReduceMax<Tensor>(l: Lowering<Tensor>): Tensor {
  const { emit, output } = l;
  const rows = asRows(l);
  const place = emit.node('ArgMax', [rows], { axis: 1, keepdims: 1 });
  const largest = emit.node('GatherElements', [rows, place], { axis: 1 });
  return emit.node('Reshape', [largest, emit.i64(output.shape)]);
}

/** The operand as a matrix whose rows hold what is reduced to one element. */
function asRows<Tensor>(l: Lowering<Tensor>): Tensor {
  const { emit, inputs, values } = l;
  const { shape } = values[0]!;
  const reduced = axesOf(l);
  const kept = shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const perm = [...kept, ...reduced];
  const turned = perm.every((axis, i) => axis === i)
    ? inputs[0]!
    : emit.node('Transpose', [inputs[0]!], { perm });
  const columns = sizeOf(reduced.map((axis) => shape[axis]!));
  return emit.node('Reshape', [turned, emit.i64([sizeOf(shape) / columns, columns])]);
}

const floatBy =
  <Tensor>(l: Lowering<Tensor>) =>
  (x: Tensor) =>
    l.emit.node('Cast', [x], { to: TYPE_CODES.f32 });

function lowerDequantise<Tensor>(l: Lowering<Tensor>): Tensor {
  return dequantiseBy(l, floatBy(l));
}

function lowerRoundedRows<Tensor>(l: Lowering<Tensor>): Tensor {
  return roundedRowsBy(l, floatBy(l));
}
