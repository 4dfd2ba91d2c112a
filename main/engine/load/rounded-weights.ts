/**
 * The tensors of a model whose matrices are kept in 8 or 4 bits, rounded as they stream by: no more than one parameter is in
 * memory at a time. Norms, biases, the embedding and the output head stay in float32.
 */
import type { TensorSource } from '../io/prepare-f32.ts';
import { isRoundable, roundedParts, type WeightBits } from '../nn/rounded.ts';
import type { OpenedModel } from './open-model.ts';
import { roundBlocks } from './round-blocks.ts';

/** Changed when the same weights become other codes. */
const VERSION = 1;

/** What tells a cache of rounded weights from one of the same model in float32, or in other bits. */
export function roundedMark(bits: WeightBits): string {
  return `q${bits}-${VERSION}`;
}

/** The pieces of a parameter in float32, in order. */
type Pieces = (parameter: string) => AsyncIterable<Float32Array>;

/** What to write, each matrix's codes followed by its scales. */
export function roundedTensors(
  { outline }: Pick<OpenedModel, 'outline'>,
  bits: WeightBits,
  pieces: Pieces,
): TensorSource[] {
  const rounded = new Set([...outline.linears.keys()].map((module) => `${module}.weight`));
  const all = [...outline.parameters].map(([name, { shape }]) => ({ name, shape }));
  const isRounded = ({ name, shape }: (typeof all)[number]) => rounded.has(name) && isRoundable(shape);
  return [
    ...all
      .filter((one) => !isRounded(one))
      .map(({ name, shape }) => ({ name, shape, read: () => pieces(name) })),
    ...all.filter(isRounded).flatMap(({ name, shape }) => roundedPair(name, shape, bits, pieces)),
  ];
}

function roundedPair(
  name: string,
  shape: readonly number[],
  bits: WeightBits,
  pieces: Pieces,
): TensorSource[] {
  const { codes, scales } = roundedParts(name, shape, bits);
  // the scales are a thirty-second of the matrix: they wait until the codes are written
  let found: Float32Array[] = [];
  return [
    {
      ...codes,
      dtype: bits === 8 ? 'i8' : 'u8',
      async *read() {
        found = [];
        for await (const piece of pieces(name)) {
          const blocks = roundBlocks(piece, bits);
          found.push(blocks.scales);
          yield blocks.codes;
        }
      },
    },
    {
      ...scales,
      async *read() {
        yield* found;
        found = [];
      },
    },
  ];
}
