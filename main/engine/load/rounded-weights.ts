/**
 * The tensors of a model whose matrices are kept in 8 or 4 bits, rounded as they stream by: no more than some megabytes of a matrix
 * are in memory at a time. Embedding and head are kept in 8 bits, norms and biases in float32.
 */
import type { TensorSource } from '../io/prepare-f32.ts';
import type { ModelOutline } from '../models/model.ts';
import {
  codeBits,
  type MatrixFormat,
  matrixFormat,
  type RoundedFormat,
  type RoundedPart,
  roundedParts,
  tableFormat,
} from '../nn/rounded.ts';
import type { OpenedModel } from './open-model.ts';
import type { RoundedRows } from './round-rows.ts';
import { roundedPieces } from './rounded-pieces.ts';

/** Changed when the same weights become other codes. */
const VERSIONS = { plain: 2, other: 1 };

/** What tells a cache of rounded weights from one of the same model in float32, or in another format. */
export function roundedMark(format: RoundedFormat): string {
  const isPlain = format === 'int4' || format === 'int8';
  return isPlain ? `q${codeBits(format)}-${VERSIONS.plain}` : `${format}-${VERSIONS.other}`;
}

/** The pieces of a parameter in float32, in order. */
type Pieces = (parameter: string) => AsyncIterable<Float32Array>;

export interface RoundedMatrix {
  readonly shape: readonly number[];
  readonly format: MatrixFormat;
}

/** The matrices that are rounded where `format` is asked for, by parameter name, with their own formats. */
export function roundedMatrices(
  { linears, tables, parameters }: ModelOutline,
  format: RoundedFormat,
): Map<string, RoundedMatrix> {
  const found = new Map<string, RoundedMatrix>();
  const add = (name: string, formatOf: typeof matrixFormat) => {
    const { shape } = parameters.get(name)!;
    const own = formatOf(format, shape);
    if (own) found.set(name, { shape, format: own });
  };
  for (const name of tables) add(name, tableFormat);
  for (const module of linears.keys()) add(`${module}.weight`, matrixFormat);
  return found;
}

/** What is written, without its contents, in no order. */
export function roundedShapes(outline: ModelOutline, format: RoundedFormat): Omit<TensorSource, 'read'>[] {
  const rounded = roundedMatrices(outline, format);
  return [...outline.parameters].flatMap(([name, { shape }]) => {
    const matrix = rounded.get(name);
    if (!matrix) return [{ name, shape }];
    const { codes, scales, zeros, steps } = roundedParts(name, matrix.shape, matrix.format);
    return [codes, scales, zeros, steps].filter((part) => part !== undefined && part !== null);
  });
}

/** What to write, each matrix's codes followed by its scales, zeros and steps. */
export function roundedTensors(opened: OpenedModel, format: RoundedFormat, pieces: Pieces): TensorSource[] {
  const rounded = roundedMatrices(opened.outline, format);
  return [
    ...[...opened.outline.parameters]
      .filter(([name]) => !rounded.has(name))
      .map(([name, { shape }]) => ({ name, shape, read: () => pieces(name) })),
    ...[...rounded].flatMap(([name, matrix]) => roundedSources(opened, name, matrix)),
  ];
}

function roundedSources(opened: OpenedModel, name: string, { shape, format }: RoundedMatrix): TensorSource[] {
  const { codes, ...others } = roundedParts(name, shape, format);
  // what belongs to blocks and rows is a small part of the matrix: it waits until the codes are written
  let waiting: Omit<RoundedRows, 'codes'>[] = [];
  const later = (which: keyof typeof others, part: RoundedPart<'f32' | 'i8' | 'u8'>): TensorSource => ({
    ...part,
    async *read() {
      for (const piece of waiting) yield piece[which]!;
    },
  });
  return [
    {
      ...codes,
      async *read() {
        waiting = [];
        for await (const { codes: piece, ...rest } of roundedPieces(opened, name, format)) {
          waiting.push(rest);
          yield piece;
        }
      },
    },
    ...(['scales', 'zeros', 'steps'] as const).flatMap((which) => {
      const part = others[which];
      return part ? [later(which, part)] : [];
    }),
  ];
}
