/**
 * Rows for what OpenVINO's reader of ONNX files takes otherwise than onnxruntime: it divides and multiplies in place of shifting, in
 * integers with a sign, and rotates whole heads only.
 */
import { sizeOf } from '../../ir/shape.ts';
import { GOLDEN, MIX_1, MIX_2, mix } from '../../ops/primitives/random.ts';
import { INT8_OPERATIONS, type Lowering, ON_CPU, type Row, withRows } from '../onnx/lower.ts';
import { TYPE_CODES } from '../onnx/onnx.ts';

export const ON_OPENVINO = withRows(
  ON_CPU,
  {
    randomUniform: lowerRandom,
    rope: lowerRope,
    dequantise: withShifts(ON_CPU.rows.dequantise!),
    gatherQuantised: withShifts(ON_CPU.rows.gatherQuantised!),
  },
  INT8_OPERATIONS,
);

/** The formula of ops/primitives/random.ts in int32. */
function lowerRandom<Tensor>({ emit, inputs, output, attrs }: Lowering<Tensor>): Tensor {
  const size = sizeOf(output.shape);
  const int = (value: number) => emit.i32(Int32Array.of(value), []);
  // a shift that brings in zeros: what is divided has no more bits than float32 holds, should that divide
  const shifted = (x: Tensor, bits: number) => {
    const high = emit.node('BitwiseAnd', [x, int(-1 << bits)]);
    return emit.node('BitwiseAnd', [emit.node('Div', [high, int(1 << bits)]), int(-1 >>> bits)]);
  };
  const xorShift = (x: Tensor, bits: number) => emit.node('BitwiseXor', [x, shifted(x, bits)]);
  const mixed = (x: Tensor) => {
    const once = emit.node('Mul', [xorShift(x, 16), int(MIX_1 | 0)]);
    return xorShift(emit.node('Mul', [xorShift(once, 15), int(MIX_2 | 0)]), 16);
  };
  const seed = emit.node('BitwiseXor', [
    emit.node('Reshape', [inputs[0]!, emit.i64([1])]),
    int(mix(attrs.stream as number)),
  ]);
  const range = emit.node('Range', [int(1), int(size + 1), int(1)]);
  const counter = emit.node('Add', [emit.node('Mul', [range, int(GOLDEN | 0)]), mixed(seed)]);
  const top = emit.node('Cast', [shifted(mixed(counter), 8)], { to: TYPE_CODES.f32 });
  return emit.node('Reshape', [emit.node('Mul', [top, emit.f32(2 ** -24)]), emit.i64(output.shape)]);
}

/** Where only the first part of a head is rotated, that part is cut out. */
function lowerRope<Tensor>(lowering: Lowering<Tensor>): Tensor {
  const { emit, inputs, values } = lowering;
  const [batch, heads, time, width] = values[0]!.shape as readonly [number, number, number, number];
  const rotated = 2 * values[2]!.shape[1]!;
  const whole = ON_CPU.rows.rope!;
  if (rotated === width) return whole(lowering);
  const part = (start: number, end: number) =>
    emit.node('Slice', [inputs[0]!, ...[start, end, 3].map((n) => emit.i64([n]))]);
  const first = { ...values[0]!, shape: [batch, heads, time, rotated] };
  const turned = whole({
    ...lowering,
    inputs: [part(0, rotated), ...inputs.slice(1)],
    values: [first, ...values.slice(1)],
  });
  return emit.node('Concat', [turned, part(rotated, width)], { axis: 3 });
}

/** `row`, which shifts codes of 4 bits to the left in bytes, with the bits cut off before that would fall out. */
function withShifts(row: Row): Row {
  return (lowering) => {
    const { emit } = lowering;
    const low = (x: Parameters<typeof emit.node>[1][number]) => emit.node('BitwiseAnd', [x, emit.u8(15)]);
    const node: typeof emit.node = (type, inputs, ...more) =>
      emit.node(type, type === 'BitShift' ? [low(inputs[0]!), ...inputs.slice(1)] : inputs, ...more);
    return row({ ...lowering, emit: { ...emit, node } });
  };
}
