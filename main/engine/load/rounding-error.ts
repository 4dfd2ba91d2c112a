/** How far the weights of each matrix move when they are kept in few bits, by the very codes that a run would have. */
import { WEIGHT_BLOCK, type WeightBits, ZERO_STEPS } from '../nn/rounded.ts';
import type { RoundingError } from '../protocol.ts';
import type { OpenedModel } from './open-model.ts';
import { parameterPieces } from './parameter-pieces.ts';
import type { RoundedBlocks } from './round-blocks.ts';
import { roundedPieces } from './rounded-pieces.ts';
import { roundedMatrices } from './rounded-weights.ts';

const HALF = WEIGHT_BLOCK / 2;

/** The relative error of each matrix that is rounded, in 8 and in 4 bits; some megabytes of it are in memory at a time. */
export async function roundingErrors(opened: OpenedModel): Promise<RoundingError[]> {
  const [eight, four] = [roundedMatrices(opened.outline, 8), roundedMatrices(opened.outline, 4)];
  const errors: RoundingError[] = [];
  for (const [name, { shape }] of eight) {
    errors.push({
      name,
      weights: shape.reduce((size, dim) => size * dim, 1),
      bits8: await relativeError(opened, name, 8),
      bits4: four.get(name)!.bits === 4 ? await relativeError(opened, name, 4) : null,
    });
  }
  return errors;
}

/** The root of sum((w - w')^2) / sum(w^2). */
async function relativeError(opened: OpenedModel, name: string, bits: WeightBits): Promise<number> {
  const exact = parameterPieces(opened, name);
  let [error, all] = [0, 0];
  for await (const piece of roundedPieces(opened, name, bits)) {
    const { value } = await exact.next();
    const sums = squares(value as Float32Array, piece);
    [error, all] = [error + sums.error, all + sums.all];
  }
  await exact.return(undefined);
  return all > 0 ? Math.sqrt(error / all) : 0;
}

function squares(values: Float32Array, { codes, scales, zeros }: RoundedBlocks) {
  let [error, all] = [0, 0];
  for (let block = 0; block < scales.length; block++) {
    for (let i = 0; i < WEIGHT_BLOCK; i++) {
      const byte = codes[block * HALF + (i % HALF)]!;
      const steps = zeros
        ? ZERO_STEPS * (i < HALF ? byte & 15 : byte >> 4) - zeros[block]!
        : codes[block * WEIGHT_BLOCK + i]!;
      const value = values[block * WEIGHT_BLOCK + i]!;
      error += (value - Math.fround(steps * scales[block]!)) ** 2;
      all += value * value;
    }
  }
  return { error, all };
}
