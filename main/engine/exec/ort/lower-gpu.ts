/**
 * Lowerings where the kernels of a graphics card's provider are others than the processor's. A node that a provider lacks would run on
 * the processor, with a copy there and one back.
 */
import { internal } from '../../../../common/errors.ts';
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import {
  type Dialect,
  type Emitter,
  INT8_OPERATIONS,
  type Lowering,
  ON_CPU,
  partsNamed,
  sliced,
  withRows,
} from '../onnx/lower.ts';
import { TYPE_CODES } from '../onnx/onnx.ts';

/** For WebGPU: no FusedMatMul, no ScatterElements, no bits and no casts of bytes. The bits of `randomUniform` (dropout) alone are made on the processor: see docs/devices.md. */
export const ON_WEBGPU: Dialect = withRows(
  ON_CPU,
  {
    matmul: lowerMatmul,
    // bytes become numbers through DequantizeLinear with the scale 1
    ...unpackedBy((emit, bytes) => emit.node('DequantizeLinear', [bytes, emit.f32(1)])),
    scatterAdd: lowerScatterAdd,
  },
  INT8_OPERATIONS,
);

function lowerMatmul<Tensor>(l: Lowering<Tensor>): Tensor {
  const { emit, inputs, values, attrs, output } = l;
  const [a, b] = values as [Value, Value];
  const isPlain = !attrs.transA && !attrs.transB && attrs.alpha === 1;
  if (isPlain) return emit.node('MatMul', inputs);
  // one matrix on the right: all rows on the left are one matrix, too
  if (b.shape.length === 2 && (a.shape.length === 2 || !attrs.transA)) return lowerGemm(l);
  const transposed = (i: 0 | 1, isTransposed: unknown) => {
    const rank = values[i]!.shape.length;
    const perm = [...Array(rank).keys()].with(rank - 2, rank - 1).with(rank - 1, rank - 2);
    return isTransposed ? emit.node('Transpose', [inputs[i]!], { perm }) : inputs[i]!;
  };
  const product = emit.node('MatMul', [transposed(0, attrs.transA), transposed(1, attrs.transB)]);
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

// ScatterND adds with atomic operations: sums of three and more updates to a row may differ in the last bit from run to run
function lowerScatterAdd<Tensor>({ emit, inputs, values, output }: Lowering<Tensor>): Tensor {
  const [updates, indices] = values as [Value, Value];
  const count = sizeOf(indices.shape);
  const flat = emit.node('Reshape', [inputs[0]!, emit.i64([count, ...output.shape.slice(1)])]);
  // cast to int64 last: it has a kernel for that, but none that reshapes int64
  const column = emit.node('Reshape', [inputs[1]!, emit.i64([count, 1])]);
  const ids = emit.node('Cast', [column], { to: TYPE_CODES.i64 });
  const zero = updates.dtype === 'i32' ? emit.i32(Int32Array.of(0), []) : emit.f32(0);
  const zeros = emit.node('Expand', [zero, emit.i64(output.shape)]);
  return emit.node('ScatterND', [zeros, ids, flat], { reduction: 'add' });
}

// Quantised weights where a provider has no operations on bits: halves of bytes by arithmetic. Nothing is cut out of a weight: its rows lie
// behind each other in its file, so some of them are a weight of their own, and a large table is never there whole in float32.

type ToFloat = <Tensor>(emit: Emitter<Tensor>, bytes: Tensor) => Tensor;

/** The rows for quantised weights of a provider on which `float` gives bytes as float32. */
function unpackedBy(float: ToFloat): Pick<Dialect['rows'], 'dequantise' | 'gatherQuantised'> {
  return {
    dequantise: (l) => dequantiseBy(l, (bytes) => float(l.emit, bytes)),
    // bytes cannot be looked up by every provider, but words of four of them
    gatherQuantised: (l) => gatherQuantisedBy(l, (bytes) => float(l.emit, bytes)),
  };
}

/** The matrix, or some rows of it; `float` gives bytes as float32. Only numbers are cut, since bytes cannot be everywhere. */
function dequantiseBy<Tensor>(
  { emit, inputs, values, attrs, output }: Lowering<Tensor>,
  float: (bytes: Tensor) => Tensor,
): Tensor {
  // words of 16 bits have no kernels there; the configuration has refused them
  if (attrs.type === 'nf4') throw internal('codes of the type nf4 are for the processor');
  const [start, end] = [attrs.start as number, attrs.end as number];
  const isWhole = start === 0 && end === values[0]!.shape[0];
  const pieces = isWhole ? inputs : values.map((value) => emit.piece(value, start, end));
  const isCut = pieces.some((piece) => piece === null);
  const { codes, scales, zeros, steps } = partsNamed(values, isCut ? inputs : (pieces as Tensor[]));
  const rows = (x: Tensor) => (isCut ? sliced(emit, x, start, end, 0) : x);
  const own = rows(float(codes.name));
  const whole = zeros ? emit.node('Sub', [sixteenths(own), rows(float(zeros.name))]) : own;
  const ofBlocks = steps ? emit.node('Mul', [rows(float(scales.name)), rows(steps.name)]) : rows(scales.name);
  return emit.node('Reshape', [emit.node('Mul', [whole, ofBlocks]), emit.i64(output.shape)]);

  /** 16 times the codes: of the high half the byte without its low half, of the low half 16 times that. */
  function sixteenths(byte: Tensor): Tensor {
    const tens = emit.node('Floor', [emit.node('Mul', [byte, emit.f32(1 / 16)])]);
    const high = emit.node('Mul', [tens, emit.f32(16)]);
    const low = emit.node('Mul', [emit.node('Sub', [byte, high]), emit.f32(16)]);
    return emit.node('Concat', [low, high], { axis: 2 });
  }
}

/** Rows of a table of bytes by their index [...]: the words that they lie in are looked up, and taken apart there. */
function gatherQuantisedBy<Tensor>(l: Lowering<Tensor>, float: (bytes: Tensor) => Tensor): Tensor {
  const { emit, inputs, values, attrs, output } = l;
  const [indices, ...parts] = inputs as [Tensor, ...Tensor[]];
  const words = attrs.type === 'int8' ? emit.words(values[1]!) : null;
  if (words === null) return rowsOfAll(l, float);
  const { scales, steps } = partsNamed(values.slice(1), parts);
  const looked = (x: Tensor) => emit.node('Gather', [x, indices], { axis: 0 });
  const codes = emit.node('Reshape', [
    signedBytes(emit, looked(words), [...values[0]!.shape, sizeOf(output.shape.slice(-1)) / 4]),
    emit.i64([...values[0]!.shape, ...values[1]!.shape.slice(1)]),
  ]);
  const ofBlocks = steps
    ? emit.node('Mul', [looked(float(scales.name)), looked(steps.name)])
    : looked(scales.name);
  return emit.node('Reshape', [emit.node('Mul', [codes, ofBlocks]), emit.i64(output.shape)]);
}

/** Where the table is no weight that can be read as words, all of it is unpacked. */
function rowsOfAll<Tensor>(
  { emit, inputs, values, attrs, output }: Lowering<Tensor>,
  float: (bytes: Tensor) => Tensor,
): Tensor {
  const table = values.slice(1);
  const [rows, blocks] = table[0]!.shape as [number, number];
  const shape = [rows, blocks * (attrs.block as number)];
  const whole = dequantiseBy(
    {
      emit,
      inputs: inputs.slice(1),
      values: table,
      attrs: { ...attrs, start: 0, end: rows },
      output: { ...output, shape } as Value,
    },
    float,
  );
  return emit.node('Gather', [whole, inputs[0]!], { axis: 0 });
}

/** Words [..., n] without a sign as the four bytes with one that each is made of, the lowest first: float32 [..., n, 4]. */
function signedBytes<Tensor>(emit: Emitter<Tensor>, words: Tensor, shape: readonly number[]): Tensor {
  const bytes: Tensor[] = [];
  let rest = words;
  for (let i = 0; i < 4; i++) {
    const higher = i < 3 ? emit.node('Div', [rest, emit.u32(256)]) : null;
    const byte = higher ? emit.node('Sub', [rest, emit.node('Mul', [higher, emit.u32(256)])]) : rest;
    const number = emit.node('Cast', [byte], { to: TYPE_CODES.f32 });
    bytes.push(emit.node('Reshape', [number, emit.i64([...shape, 1])]));
    rest = higher ?? rest;
  }
  const all = emit.node('Concat', bytes, { axis: shape.length });
  // 128 and above stand for what is 256 less
  const isBelow = emit.node('Floor', [emit.node('Mul', [all, emit.f32(1 / 128)])]);
  return emit.node('Sub', [all, emit.node('Mul', [isBelow, emit.f32(256)])]);
}
