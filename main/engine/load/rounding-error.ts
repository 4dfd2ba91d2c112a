/** How far the weights of each matrix move when they are kept in few bits, by the very codes that a run would have. */
import { type MatrixFormat, unpackedRows } from '../nn/rounded.ts';
import type { RoundingError } from '../protocol.ts';
import type { OpenedModel } from './open-model.ts';
import { roundedPieces, rowPieces } from './rounded-pieces.ts';
import { roundedMatrices } from './rounded-weights.ts';

/** The relative error of each matrix that is rounded, in 8 and in 4 bits; some megabytes of it are in memory at a time. */
export async function roundingErrors(opened: OpenedModel): Promise<RoundingError[]> {
  const [eight, four, nf4] = (['int8-dq', 'int4-dq', 'nf4-dq'] as const).map((format) =>
    roundedMatrices(opened.outline, format),
  );
  const errors: RoundingError[] = [];
  for (const [name, { shape, format }] of eight!) {
    // tables are kept in 8 bits beside layers of 4 bits
    const ofLayer = async (found: (typeof four & {}) | undefined) => {
      const own = found!.get(name)?.format;
      return own && own.type !== 'int8' ? await relativeError(opened, name, own) : null;
    };
    errors.push({
      name,
      weights: shape.reduce((size, dim) => size * dim, 1),
      bits8: await relativeError(opened, name, format),
      bits4: await ofLayer(four),
      nf4: await ofLayer(nf4),
    });
  }
  return errors;
}

/** The root of sum((w - w')^2) / sum(w^2). */
async function relativeError(opened: OpenedModel, name: string, format: MatrixFormat): Promise<number> {
  const { shape } = opened.outline.parameters.get(name)!;
  const exact = rowPieces(opened, name);
  let [error, all] = [0, 0];
  for await (const piece of roundedPieces(opened, name, format)) {
    const values = (await exact.next()).value as Float32Array;
    const found = unpackedRows(piece, shape[1]!, format);
    for (let i = 0; i < found.length; i++) {
      error += (values[i]! - found[i]!) ** 2;
      all += values[i]! ** 2;
    }
  }
  await exact.return(undefined);
  return all > 0 ? Math.sqrt(error / all) : 0;
}
