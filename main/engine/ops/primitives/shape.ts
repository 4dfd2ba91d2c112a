/**
 * Operations that move or add up elements without changing them: reshape, transpose, broadcast, slice, pad, concat and
 * reduceSum. They stand together because each is the gradient of another. Beside the sum stands the largest, which has none.
 */
import type { Graph, Value } from '../../ir/graph.ts';
import { type Shape, sameShape, sizeOf, stridesOf } from '../../ir/shape.ts';
import { apply, broadcastStrides, definePrimitive, type HostTensor, walk } from '../define.ts';

/** Every element of `out` is that of `x` at an offset that moves by `strides`. */
function readAlong(x: HostTensor, strides: readonly number[], out: HostTensor, start = 0): void {
  const read = (i: number, offset: number) => {
    out.data[i] = x.data[offset]!;
  };
  walk(out.shape, strides, read, start);
}

/** `x` becomes a part of `out`, from the place `start` of `axis` on. */
function writeFrom(x: HostTensor, out: HostTensor, axis: number, start: number): void {
  const strides = stridesOf(out.shape);
  const write = (i: number, offset: number) => {
    out.data[offset] = x.data[i]!;
  };
  walk(x.shape, strides, write, start * strides[axis]!);
}

export const reshapeOp = definePrimitive<{ shape: readonly number[] }>({
  name: 'reshape',
  infer([x], { shape }, fail) {
    if (sizeOf(shape) !== sizeOf(x!.shape))
      fail(`cannot give ${sizeOf(x!.shape)} elements the shape [${shape}]`);
    return { dtype: x!.dtype, shape };
  },
  // y = x in another shape: dx = dy in x's shape
  vjp: ({ inputs: [x], grad }) => [reshape(grad, x!.shape)],
  reference: ([x], _, out) => out.data.set(x!.data),
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [2, 6] }], attrs: { shape: [3, 4] } },
    { inputs: [{ shape: [1, 1] }], attrs: { shape: [] } },
  ],
});

export const transposeOp = definePrimitive<{ perm: readonly number[] }>({
  name: 'transpose',
  infer([x], { perm }, fail) {
    const valid = perm.length === x!.shape.length && [...perm].sort((a, b) => a - b).every((p, i) => p === i);
    if (!valid) fail(`[${perm}] is not a permutation of ${x!.shape.length} axes`);
    return { dtype: x!.dtype, shape: perm.map((p) => x!.shape[p]!) };
  },
  // dx = dy with the axes put back
  vjp: ({ grad, attrs }) => [
    transpose(
      grad,
      attrs.perm.map((_, i) => attrs.perm.indexOf(i)),
    ),
  ],
  reference([x], { perm }, out) {
    const strides = stridesOf(x!.shape);
    const moved = perm.map((p) => strides[p]!);
    readAlong(x!, moved, out);
  },
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [2, 3, 4] }], attrs: { perm: [2, 0, 1] } },
    { inputs: [{ shape: [2, 3, 4, 5] }], attrs: { perm: [0, 2, 1, 3] } },
    { inputs: [{ shape: [3, 2] }], attrs: { perm: [1, 0] } },
  ],
});

export const broadcastToOp = definePrimitive<{ shape: readonly number[] }>({
  name: 'broadcastTo',
  infer([x], { shape }, fail) {
    const lead = shape.length - x!.shape.length;
    const fits = lead >= 0 && x!.shape.every((dim, i) => dim === 1 || dim === shape[lead + i]);
    if (!fits) fail(`[${x!.shape}] does not broadcast to [${shape}]`);
    return { dtype: x!.dtype, shape };
  },
  // every element was used once per repetition: dx = sum of dy over the repeated axes
  vjp: ({ inputs: [x], grad }) => [sumToShape(grad, x!.shape)],
  reference([x], _, out) {
    readAlong(x!, broadcastStrides(x!.shape, out.shape), out);
  },
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [3, 1] }], attrs: { shape: [2, 3, 4] } },
    { inputs: [{ shape: [] }], attrs: { shape: [2, 2] } },
    { inputs: [{ shape: [2, 1, 3] }], attrs: { shape: [2, 4, 3] } },
  ],
});

export const sliceOp = definePrimitive<{ axis: number; start: number; end: number }>({
  name: 'slice',
  infer([x], { axis, start, end }, fail) {
    const dim = x!.shape[axis];
    if (dim === undefined) fail(`there is no axis ${axis}`);
    if (start < 0 || end > dim! || start >= end)
      fail(`[${start}, ${end}) is not inside axis ${axis} of size ${dim}`);
    return { dtype: x!.dtype, shape: x!.shape.map((d, i) => (i === axis ? end - start : d)) };
  },
  // dx = dy, with zeros where x was cut off
  vjp: ({ inputs: [x], grad, attrs: { axis, start, end } }) => [
    pad(grad, axis, start, x!.shape[axis]! - end),
  ],
  reference([x], { axis, start }, out) {
    const strides = stridesOf(x!.shape);
    readAlong(x!, strides, out, start * strides[axis]!);
  },
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [3, 5] }], attrs: { axis: 1, start: 1, end: 4 } },
    { inputs: [{ shape: [4, 2, 2] }], attrs: { axis: 0, start: 2, end: 4 } },
    { inputs: [{ shape: [2, 5, 3] }], attrs: { axis: 1, start: 0, end: 2 } },
    { inputs: [{ shape: [2, 3, 4] }], attrs: { axis: 2, start: 3, end: 4 } },
  ],
});

export const padOp = definePrimitive<{ axis: number; before: number; after: number }>({
  name: 'pad',
  infer([x], { axis, before, after }, fail) {
    if (x!.shape[axis] === undefined) fail(`there is no axis ${axis}`);
    if (before < 0 || after < 0) fail('padding cannot be negative');
    return { dtype: x!.dtype, shape: x!.shape.map((d, i) => (i === axis ? d + before + after : d)) };
  },
  // dx = the part of dy that x fills
  vjp: ({ inputs: [x], grad, attrs: { axis, before } }) => [
    slice(grad, axis, before, before + x!.shape[axis]!),
  ],
  reference([x], { axis, before }, out) {
    out.data.fill(0);
    writeFrom(x!, out, axis, before);
  },
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [2, 3] }], attrs: { axis: 1, before: 2, after: 1 } },
    { inputs: [{ shape: [2, 3, 2] }], attrs: { axis: 0, before: 1, after: 0 } },
    { inputs: [{ shape: [2, 3, 2] }], attrs: { axis: 1, before: 0, after: 2 } },
    { inputs: [{ shape: [2, 3, 2] }], attrs: { axis: 2, before: 3, after: 1 } },
  ],
});

export const concatOp = definePrimitive<{ axis: number }>({
  name: 'concat',
  infer(inputs, { axis }, fail) {
    const [first] = inputs;
    if (first!.shape[axis] === undefined) fail(`there is no axis ${axis}`);
    const rest = (shape: Shape) => shape.filter((_, i) => i !== axis);
    for (const x of inputs) {
      if (x.dtype !== first!.dtype) fail('operands have different dtypes');
      if (!sameShape(rest(x.shape), rest(first!.shape))) fail(`operands differ outside axis ${axis}`);
    }
    const total = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0);
    return { dtype: first!.dtype, shape: first!.shape.map((d, i) => (i === axis ? total : d)) };
  },
  // each operand's gradient is its part of dy
  vjp({ inputs, grad, attrs: { axis }, needs }) {
    let start = 0;
    return inputs.map((x, i) => {
      const from = start;
      start += x.shape[axis]!;
      return needs[i] ? slice(grad, axis, from, start) : null;
    });
  },
  reference(inputs, { axis }, out) {
    let start = 0;
    for (const x of inputs) {
      writeFrom(x, out, axis, start);
      start += x.shape[axis]!;
    }
  },
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [2, 3] }, { shape: [2, 1] }, { shape: [2, 2] }], attrs: { axis: 1 } },
    { inputs: [{ shape: [1, 2, 2] }, { shape: [3, 2, 2] }], attrs: { axis: 0 } },
    { inputs: [{ shape: [2, 2, 1] }, { shape: [2, 2, 3] }], attrs: { axis: 2 } },
  ],
});

export const reduceSumOp = definePrimitive<{ axes: readonly number[]; keepDims: boolean }>({
  name: 'reduceSum',
  infer: ([x], { axes, keepDims }, fail) => reducedType(x!, axes, keepDims, fail),
  // every summand has the gradient of the sum
  vjp: ({ inputs: [x], grad, attrs }) => [
    broadcastTo(reshape(grad, keptShape(x!.shape, attrs.axes)), x!.shape),
  ],
  reference([x], { axes }, out) {
    const sums = new Float64Array(out.data.length);
    const kept = keptShape(x!.shape, axes);
    walk(x!.shape, broadcastStrides(kept, x!.shape), (i, offset) => {
      sums[offset]! += x!.data[i]!;
    });
    out.data.set(sums);
  },
  flops: ([x]) => sizeOf(x!.shape),
  samples: [
    { inputs: [{ shape: [2, 3, 4] }], attrs: { axes: [1], keepDims: false } },
    { inputs: [{ shape: [2, 3, 4] }], attrs: { axes: [0, 2], keepDims: true } },
    { inputs: [{ shape: [5] }], attrs: { axes: [0], keepDims: false } },
    { inputs: [{ shape: [2, 3, 4] }], attrs: { axes: [0, 1, 2], keepDims: false } },
  ],
});

export const reduceMaxOp = definePrimitive<{ axes: readonly number[]; keepDims: boolean }>({
  name: 'reduceMax',
  infer: ([x], { axes, keepDims }, fail) => reducedType(x!, axes, keepDims, fail),
  // only used to keep exponentials in range, where its gradient cancels
  vjp: 'none',
  reference([x], { axes }, out) {
    out.data.fill(Number.NEGATIVE_INFINITY);
    walk(x!.shape, broadcastStrides(keptShape(x!.shape, axes), x!.shape), (i, offset) => {
      out.data[offset] = Math.max(out.data[offset]!, x!.data[i]!);
    });
  },
  flops: ([x]) => sizeOf(x!.shape),
  samples: [
    { inputs: [{ shape: [2, 3, 4] }], attrs: { axes: [2], keepDims: true } },
    { inputs: [{ shape: [2, 3] }], attrs: { axes: [0], keepDims: false } },
    { inputs: [{ shape: [2, 3, 4], range: [-9, -1] }], attrs: { axes: [0, 2], keepDims: true } },
  ],
});

function reducedType(x: Value, axes: readonly number[], keepDims: boolean, fail: (reason: string) => never) {
  for (const axis of axes) if (x.shape[axis] === undefined) fail(`there is no axis ${axis}`);
  if (x.dtype === 'bool') fail('cannot reduce booleans');
  const kept = keptShape(x.shape, axes);
  return { dtype: x.dtype, shape: keepDims ? kept : kept.filter((_, i) => !axes.includes(i)) };
}

/** `shape` with the reduced axes kept as 1. */
function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
}

/** `x` with the same elements in another shape. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape: [...shape] });
}

/** `x` with its axes in the order `perm`. */
export function transpose(x: Value, perm: readonly number[]): Value {
  return perm.every((p, i) => p === i) ? x : apply(transposeOp, [x], { perm: [...perm] });
}

/** `x` repeated to `shape` by the NumPy rules. */
export function broadcastTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(broadcastToOp, [x], { shape: [...shape] });
}

/** Elements [start, end) of one axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  return start === 0 && end === x.shape[axis] ? x : apply(sliceOp, [x], { axis, start, end });
}

/** `x` with zeros before and after along one axis. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  return before === 0 && after === 0 ? x : apply(padOp, [x], { axis, before, after });
}

/** The operands one after the other along `axis`. */
export function concat(inputs: readonly Value[], axis: number): Value {
  return inputs.length === 1 ? inputs[0]! : apply(concatOp, inputs, { axis });
}

/** Sum over `axes` (negative ones count from the end). */
export function reduceSum(x: Value, axes: readonly number[], keepDims = false): Value {
  return axes.length === 0 ? x : apply(reduceSumOp, [x], { axes: fromStart(axes, x), keepDims });
}

/** Largest element over `axes` (negative ones count from the end); no gradient. */
export function reduceMax(x: Value, axes: readonly number[], keepDims = false): Value {
  return apply(reduceMaxOp, [x], { axes: fromStart(axes, x), keepDims });
}

const fromStart = (axes: readonly number[], { shape }: Value): number[] =>
  axes.map((axis) => (axis < 0 ? axis + shape.length : axis));

/** Sums `x` over the axes along which `shape` was broadcast, so that the result has that shape. */
export function sumToShape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  return reshape(reduceSum(x, axes, true), shape);
}

/** A float32 scalar constant. */
export function scalar(graph: Graph, value: number): Value {
  return graph.constant('f32', [], Float32Array.of(value));
}
