/**
 * The tensors of a model whose matrices are kept in 8 or 4 bits, rounded as they stream by: no more than some megabytes of a matrix
 * are in memory at a time. Embedding and head are kept in 8 bits, norms and biases in float32.
 */
import type { TensorSource } from '../io/prepare-f32.ts';
import type { ModelOutline } from '../models/model.ts';
import { isRoundable, roundedParts, TABLE_BITS, type WeightBits } from '../nn/rounded.ts';
import type { OpenedModel } from './open-model.ts';
import { roundedPieces } from './rounded-pieces.ts';

/** Changed when the same weights become other codes. */
const VERSION = 2;

/** What tells a cache of rounded weights from one of the same model in float32, or in other bits. */
export function roundedMark(bits: WeightBits): string {
  return `q${bits}-${VERSION}`;
}

/** The pieces of a parameter in float32, in order. */
type Pieces = (parameter: string) => AsyncIterable<Float32Array>;

/** The matrices that are rounded where `bits` are asked for, by parameter name, with their own bits. */
export function roundedMatrices(
  { linears, tables, parameters }: ModelOutline,
  bits: WeightBits,
): Map<string, { readonly shape: readonly number[]; readonly bits: WeightBits }> {
  const matrices = [
    ...[...tables].map((name) => [name, TABLE_BITS] as const),
    ...[...linears.keys()].map((module) => [`${module}.weight`, bits] as const),
  ];
  return new Map(
    matrices
      .map(([name, own]) => [name, { shape: parameters.get(name)!.shape, bits: own }] as const)
      .filter(([, { shape }]) => isRoundable(shape)),
  );
}

/** What to write, each matrix's codes followed by its scales and zeros. */
export function roundedTensors(opened: OpenedModel, bits: WeightBits, pieces: Pieces): TensorSource[] {
  const rounded = roundedMatrices(opened.outline, bits);
  return [
    ...[...opened.outline.parameters]
      .filter(([name]) => !rounded.has(name))
      .map(([name, { shape }]) => ({ name, shape, read: () => pieces(name) })),
    ...[...rounded].flatMap(([name, { shape, bits: own }]) => roundedSources(opened, name, shape, own)),
  ];
}

function roundedSources(
  opened: OpenedModel,
  name: string,
  shape: readonly number[],
  bits: WeightBits,
): TensorSource[] {
  const { codes, scales, zeros } = roundedParts(name, shape, bits);
  // scales and zeros are a small part of the matrix: they wait until the codes are written
  let [foundScales, foundZeros]: [Float32Array[], Uint8Array[]] = [[], []];
  return [
    {
      ...codes,
      dtype: bits === 8 ? 'i8' : 'u8',
      async *read() {
        [foundScales, foundZeros] = [[], []];
        for await (const piece of roundedPieces(opened, name, bits)) {
          foundScales.push(piece.scales);
          if (piece.zeros) foundZeros.push(piece.zeros);
          yield piece.codes;
        }
      },
    },
    {
      ...scales,
      async *read() {
        yield* foundScales;
        foundScales = [];
      },
    },
    ...(zeros
      ? [
          {
            ...zeros,
            dtype: 'u8' as const,
            async *read() {
              yield* foundZeros;
              foundZeros = [];
            },
          },
        ]
      : []),
  ];
}
