/** Rounded weights without operations on bits, for providers that have none on bytes: a byte's halves are found by arithmetic. */
import { internal } from '../../../errors.ts';
import { type Lowering, partsNamed } from './lower.ts';

/** The matrix, or some rows of it; `float` gives bytes as float32. Only numbers are cut, since bytes cannot be everywhere. */
export function dequantiseBy(
  { emit, inputs, values, attrs, output }: Lowering,
  float: (bytes: string) => string,
): string {
  const { codes, scales, zeros, steps } = partsNamed(values, inputs);
  // words of 16 bits have no kernels there; the configuration has refused them
  if (attrs.type === 'nf4') throw internal('codes of the type nf4 are for the processor');
  const [start, end] = [attrs.start as number, attrs.end as number];
  const isWhole = start === 0 && end === values[0]!.shape[0];
  const rows = (x: string) =>
    isWhole ? x : emit.node('Slice', [x, ...[start, end, 0].map((n) => emit.i64([n]))]);
  const own = rows(float(codes.name));
  const whole = zeros ? emit.node('Sub', [sixteenths(own), rows(float(zeros.name))]) : own;
  const ofBlocks = steps ? emit.node('Mul', [rows(float(scales.name)), rows(steps.name)]) : rows(scales.name);
  return emit.node('Reshape', [emit.node('Mul', [whole, ofBlocks]), emit.i64(output.shape)]);

  /** 16 times the codes: of the high half the byte without its low half, of the low half 16 times that. */
  function sixteenths(byte: string): string {
    const tens = emit.node('Floor', [emit.node('Mul', [byte, emit.f32(1 / 16)])]);
    const high = emit.node('Mul', [tens, emit.f32(16)]);
    const low = emit.node('Mul', [emit.node('Sub', [byte, high]), emit.f32(16)]);
    return emit.node('Concat', [low, high], { axis: 2 });
  }
}
