/**
 * How shapes of any rank, the last axis running fastest, become ggml's four sizes, the first running fastest. Tensors are contiguous, so a
 * shape may be cut and joined as an operation needs it: neighbouring axes with which the same is done are one.
 */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';

/** Four sizes, the first running fastest. */
export type Sizes = readonly [number, number, number, number];

const RANK = 4;

/** The sizes of at most four axes; `null` where there are more. */
export function sizesOf(axes: readonly number[]): Sizes | null {
  if (axes.length > RANK) return null;
  const [a = 1, b = 1, c = 1, d = 1] = axes.toReversed();
  return [a, b, c, d];
}

export const same = (a: Sizes, b: Sizes): boolean => a.every((size, i) => size === b[i]);

/** A tensor [outer, dim, inner] around one axis. */
export function around(shape: Shape, axis: number): { outer: number; dim: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), dim: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) };
}

/** `operands` of a result of the shape `out` as few axes: those along which each is repeated alike are joined. */
export function broadcast(out: Shape, operands: readonly Shape[], op: string) {
  const padded = operands.map((shape) => [...Array<number>(out.length - shape.length).fill(1), ...shape]);
  const joined: number[] = [];
  const parts: number[][] = operands.map(() => []);
  let before: string | null = null;
  out.forEach((dim, axis) => {
    if (dim === 1) return;
    const repeated = padded.map((shape) => shape[axis] === 1);
    if (repeated.join() === before) joined[joined.length - 1]! *= dim;
    else joined.push(dim);
    padded.forEach((shape, i) => {
      if (repeated.join() === before) parts[i]![parts[i]!.length - 1]! *= shape[axis]!;
      else parts[i]!.push(shape[axis]!);
    });
    before = repeated.join();
  });
  const out4 = sizesOf(joined);
  if (!out4) throw tooManyAxes(op, out);
  return { out: out4, operands: parts.map((part) => sizesOf(part)!) };
}

/** A transpose as few axes: those that stay side by side are joined. `perm[i]` says which axis becomes the i-th. */
export function joinedTranspose(shape: Shape, perm: readonly number[]) {
  const order = perm.filter((axis) => shape[axis] !== 1);
  const groups: number[][] = [];
  for (const axis of order) {
    const last = groups.at(-1);
    const isNext = last && order.indexOf(axis) > 0 && follows(shape, last.at(-1)!, axis);
    if (isNext) last.push(axis);
    else groups.push([axis]);
  }
  const sorted = groups.toSorted((a, b) => a[0]! - b[0]!);
  return {
    dims: sorted.map((group) => group.reduce((size, axis) => size * shape[axis]!, 1)),
    perm: groups.map((group) => sorted.indexOf(group)),
  };
}

/** Whether only axes of size 1 lie between two. */
const follows = (shape: Shape, before: number, axis: number): boolean =>
  before < axis && shape.slice(before + 1, axis).every((dim) => dim === 1);

/** What `ggml_permute` is given: for each of its axes the place where it goes. */
export function permutation(perm: readonly number[]): Sizes {
  const rank = perm.length;
  const places = [0, 1, 2, 3];
  perm.forEach((from, to) => {
    places[rank - 1 - from] = rank - 1 - to;
  });
  return places as unknown as Sizes;
}

export function tooManyAxes(op: string, shape: Shape): AppError {
  return new AppError(
    'device-unsupported',
    say`ggml has tensors of four axes, and ${op} of [${shape.join(', ')}] needs more.`,
    say`Compute with onnxruntime.`,
  );
}
