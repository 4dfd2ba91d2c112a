/** The values of a model's parameters in float32 in Transformers' layout, whatever that of their file is. */
import { internal } from '../../../common/errors.ts';
import { readF32Pieces } from '../io/prepare-f32.ts';
import { elementCount } from '../io/tensor-store.ts';
import { fromGguf } from '../models/gguf-layout.ts';
import type { AddedTokens, OpenedFiles, OpenedModel, ParameterSource } from './open-model.ts';

/** Where a parameter is stored. */
export function sourceOf(opened: OpenedFiles, parameter: string): ParameterSource {
  const source = opened.sources.get(parameter);
  if (!source) throw internal(`the model has no parameter ${parameter}`);
  return source;
}

/** A parameter's values in Transformers' layout, in pieces; each is valid until the next is asked for. */
export async function* parameterPieces(opened: OpenedFiles, parameter: string): AsyncGenerator<Float32Array> {
  const { added } = opened;
  if (added && opened.outline.tables.has(parameter))
    return yield* tablePieces(added, parameter, await added.firstRows(parameter));
  const { stored, transform } = sourceOf(opened, parameter);
  const size = elementCount(opened.outline.parameters.get(parameter)!.shape);
  if (transform.kind === 'none') yield* readF32Pieces(opened.store, stored, size);
  else yield await readParameter(opened, parameter);
}

/** A table of the files in pieces, `rows` instead of those of the new tokens, or behind the others. */
export async function* tablePieces(
  { base, first }: AddedTokens,
  parameter: string,
  rows: Float32Array,
): AsyncGenerator<Float32Array> {
  const begin = first * base.model.hiddenSize;
  let at = 0;
  for await (const piece of parameterPieces(base, parameter)) {
    const [from, to] = [Math.max(at, begin), Math.min(at + piece.length, begin + rows.length)];
    const changed = from < to ? piece.slice() : piece;
    if (from < to) changed.set(rows.subarray(from - begin, to - begin), from - at);
    yield changed;
    at += piece.length;
  }
  if (begin + rows.length > at) yield rows.subarray(at - begin);
}

/** Rows of a table of the files by their numbers; only these are read where the file has them as they are. */
export async function readRows(
  opened: OpenedModel,
  parameter: string,
  wanted: ReadonlySet<number>,
): Promise<ReadonlyMap<number, Float32Array>> {
  const { stored, transform } = sourceOf(opened, parameter);
  const width = opened.model.hiddenSize;
  const whole = transform.kind === 'none' ? null : await readParameter(opened, parameter);
  const rows = new Map<number, Float32Array>();
  for (const row of wanted) {
    const range = { start: row * width, end: (row + 1) * width };
    rows.set(row, whole?.subarray(range.start, range.end) ?? (await opened.store.readF32(stored, range)));
  }
  return rows;
}

/** The same as one array. */
export async function readParameter(opened: OpenedFiles, parameter: string): Promise<Float32Array> {
  if (opened.added && opened.outline.tables.has(parameter))
    return await wholeParameter(opened, parameter, parameterPieces(opened, parameter));
  const { stored, transform } = sourceOf(opened, parameter);
  const data = await opened.store.readF32(stored);
  return fromGguf(data, opened.store.tensors.get(stored)!.shape, transform);
}

/** The `pieces` of a parameter as one array. */
export async function wholeParameter(
  { outline }: OpenedFiles,
  parameter: string,
  pieces: AsyncIterable<Float32Array>,
): Promise<Float32Array> {
  const whole = new Float32Array(elementCount(outline.parameters.get(parameter)!.shape));
  let at = 0;
  for await (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
