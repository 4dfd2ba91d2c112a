/** What quantised rows stand for, written down a second time: by the words of the formats, not by the operation of the engine. */
import type { QuantisedRows } from '../../main/engine/load/quantise-rows.ts';
import type { MatrixFormat } from '../../main/engine/nn/quantised.ts';

/** NF4 in 127ths: the published values times 127, rounded by hand. */
const NF4 = [-127, -88, -67, -50, -36, -23, -12, 0, 10, 20, 31, 43, 56, 71, 92, 127];

/** The weights, row after row. */
export function unpacked(
  { codes, scales, zeros, steps }: QuantisedRows,
  columns: number,
  { type, block }: MatrixFormat,
): Float32Array {
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
  return Float32Array.from({ length: scales.length * block }, (_, i) => {
    const [at, inBlock] = [Math.floor(i / block), i % block];
    const scale = Math.fround(scales[at]! * (steps ? steps[Math.floor(i / columns)]! : 1));
    if (type === 'int8') return codes[i]! * scale;
    if (type === 'nf4') return NF4[i % 2 === 0 ? bytes[i >> 1]! & 15 : bytes[i >> 1]! >> 4]! * scale;
    const half = block / 2;
    const byte = bytes[at * half + (inBlock % half)]!;
    return (16 * (inBlock < half ? byte & 15 : byte >> 4) - zeros![at]!) * scale;
  });
}
