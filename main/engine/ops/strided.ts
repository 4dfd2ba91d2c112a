/** Index walks for reference kernels: plain odometers over shapes, written to be obvious rather than fast. */
import { type Shape, sizeOf, stridesOf } from '../ir/shape.ts';

/** Strides of `shape` seen as the broadcast `out`: 0 along every dimension that is repeated. */
export function broadcastStrides(shape: Shape, out: Shape): number[] {
  const own = stridesOf(shape);
  const lead = out.length - shape.length;
  return out.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]!));
}

/** Calls `visit(i, offset)` for each element i of `shape` in row-major order, `offset` moving by `strides`. */
export function walk(
  shape: Shape,
  strides: readonly number[],
  visit: (i: number, offset: number) => void,
  start = 0,
): void {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  let offset = start;
  for (let i = 0; i < size; i++) {
    visit(i, offset);
    for (let d = shape.length - 1; d >= 0; d--) {
      offset += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      offset -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
}

/** Static graphs ask for the same few shapes again and again; this many offsets are kept between calls. */
const MOST_KEPT = 1 << 24;
const kept = new Map<string, Int32Array>();
let keptCount = 0;

/** For each element of `out` the offset of its operand element; the array is shared and must not be written to. */
export function broadcastOffsets(shape: Shape, out: Shape): Int32Array {
  const key = `${shape}>${out}`;
  const known = kept.get(key);
  if (known) return known;
  const offsets = new Int32Array(sizeOf(out));
  walk(out, broadcastStrides(shape, out), (i, offset) => {
    offsets[i] = offset;
  });
  keptCount += offsets.length;
  if (keptCount > MOST_KEPT) {
    kept.clear();
    keptCount = offsets.length;
  }
  kept.set(key, offsets);
  return offsets;
}
