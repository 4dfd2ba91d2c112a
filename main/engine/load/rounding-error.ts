/** How far the weights of each matrix move when they are kept in few bits, by the very codes that a run would have. */

import type { RoundingError } from '../../../common/protocol/protocol.ts';
import { type MatrixFormat, type RoundedFormat, unpackedRows } from '../nn/rounded.ts';
import type { OpenedModel } from './open-model.ts';
import { roundRows } from './round-rows.ts';
import { keptPieces, rowPieces } from './rounded-pieces.ts';
import { roundedMatrices } from './rounded-weights.ts';

/** The relative error of each matrix that is rounded, in 8 and in 4 bits; some megabytes of it are in memory at a time. */
export async function roundingErrors(opened: OpenedModel): Promise<RoundingError[]> {
  const matrices = (format: RoundedFormat) => roundedMatrices(opened.outline, format);
  const [eight, four, nf4] = [matrices('int8-dq'), matrices('int4-dq'), matrices('nf4-dq')];
  const errors: RoundingError[] = [];
  for (const [name, { shape, format }] of eight) {
    // tables are kept in 8 bits beside layers of 4 bits
    const ofLayer = (found: typeof four) => {
      const own = found.get(name)?.format;
      return own && own.type !== 'int8' ? own : null;
    };
    const [bits8, bits4, inNf4] = await relativeErrors(opened, name, [format, ofLayer(four), ofLayer(nf4)]);
    const weights = shape.reduce((size, dim) => size * dim, 1);
    errors.push({ name, weights, bits8: bits8!, bits4: bits4!, nf4: inNf4! });
  }
  return errors;
}

/** The root of sum((w - w')^2) / sum(w^2) in each of `formats`, for which the matrix is read once; null for one that is none. */
async function relativeErrors(
  opened: OpenedModel,
  name: string,
  formats: readonly (MatrixFormat | null)[],
): Promise<(number | null)[]> {
  const columns = opened.outline.parameters.get(name)!.shape[1]!;
  const kept = formats.map((format) => format && keptPieces(opened, name, format));
  const sums = formats.map(() => 0);
  let all = 0;
  for await (const piece of rowPieces(opened, name)) {
    all += squares(piece);
    for (const [i, format] of formats.entries()) {
      if (!format) continue;
      const rounded = kept[i] ? (await kept[i].next()).value! : roundRows(piece, columns, format);
      sums[i]! += squaredDistance(piece, unpackedRows(rounded, columns, format));
    }
  }
  for (const pieces of kept) await pieces?.return(undefined);
  return formats.map((format, i) => format && (all > 0 ? Math.sqrt(sums[i]! / all) : 0));
}

function squares(a: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!;
  return sum;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}
