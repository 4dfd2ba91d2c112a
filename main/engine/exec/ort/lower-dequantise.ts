/**
 * Rounded weights without operations on bits, for providers that have none on bytes: a byte's halves are found by arithmetic. Nothing is
 * cut out of a weight either: its rows lie behind each other in its file, so some of them are a weight of their own. A large table, such
 * as an embedding, is so never there in float32 as a whole.
 */
import { internal } from '../../../../common/errors.ts';
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { type Emitter, type Lowering, partsNamed } from './lower.ts';
import { TYPE_CODES } from './onnx.ts';

/** The matrix, or some rows of it; `float` gives bytes as float32. Only numbers are cut, since bytes cannot be everywhere. */
export function dequantiseBy<Tensor>(
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
  const rows = (x: Tensor) =>
    isCut ? emit.node('Slice', [x, ...[start, end, 0].map((n) => emit.i64([n]))]) : x;
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
export function roundedRowsBy<Tensor>(l: Lowering<Tensor>, float: (bytes: Tensor) => Tensor): Tensor {
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
      ...{ emit, inputs: inputs.slice(1), values: table, attrs: { ...attrs, start: 0, end: rows } },
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
