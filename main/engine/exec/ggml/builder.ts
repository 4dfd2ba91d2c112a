/**
 * Builds ggml's tensors, each with its sizes known here, so that nothing reaches ggml which it would end the process for. All tensors are
 * contiguous: another shape is another view of the same numbers.
 */
import { internal } from '../../../../common/errors.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import {
  around,
  broadcast,
  joinedTranspose,
  permutation,
  type Sizes,
  same,
  sizesOf,
  tooManyAxes,
} from './layout.ts';
import { GGML_TYPES, type GgmlOperation, type GgmlType, type Handle } from './library.ts';

/** A contiguous tensor. */
export interface Tensor {
  readonly handle: Handle;
  readonly type: GgmlType;
  readonly ne: Sizes;
  /** The tensor whose memory it has: itself, where it is no view. */
  readonly root: Handle;
}

/** Elements in a block of a type, and its bytes. */
export const BLOCKS: Readonly<Record<GgmlType, readonly [elements: number, bytes: number]>> = {
  f32: [1, 4],
  f16: [1, 2],
  bf16: [1, 2],
  i32: [1, 4],
  q4_0: [32, 18],
  q4_1: [32, 20],
  q8_0: [32, 34],
};

/** The sum of bytes of a tensor. */
export const tensorBytes = ({ type, ne }: Pick<Tensor, 'type' | 'ne'>): number =>
  rowBytes(type, ne[0]) * ne[1] * ne[2] * ne[3];

export const rowBytes = (type: GgmlType, elements: number): number =>
  (elements / BLOCKS[type][0]) * BLOCKS[type][1];

/** Operations whose result is a view. */
export const VIEWS: ReadonlySet<GgmlOperation> = new Set(['reshape_4d', 'view_4d', 'permute']);

const count = (ne: Sizes): number => ne[0] * ne[1] * ne[2] * ne[3];

/** What makes a tensor of the result of an operation: ggml, or what only counts its bytes. */
export interface Maker {
  node(name: GgmlOperation, operands: readonly Tensor[], numbers: readonly number[], made: Made): Handle;
  /** A tensor that nothing computes and whose contents nobody reads. */
  unused(type: GgmlType, ne: Sizes): Handle;
  /** Has the products of a tensor added up in float32. */
  precise(product: Handle): void;
}

interface Made {
  readonly ne: Sizes;
  readonly type: GgmlType;
  /** The operation of the graph that it is part of. */
  readonly op: string;
}

export class Builder {
  readonly #maker: Maker;
  /** Where a view must begin for every operation to take it. */
  readonly #alignment: number;
  /** The operation of the graph that is being lowered, for messages. */
  op = '';

  constructor(maker: Maker, alignment: number) {
    this.#maker = maker;
    this.#alignment = alignment;
  }

  /** Whether a view of the rows of a matrix may begin at `row`. */
  isAligned({ type, ne }: Tensor, row: number): boolean {
    return (rowBytes(type, ne[0]) * row) % this.#alignment === 0;
  }

  #node(
    name: GgmlOperation,
    tensors: readonly Tensor[],
    numbers: readonly number[],
    ne: Sizes,
    type: GgmlType = 'f32',
  ): Tensor {
    const handle = this.#maker.node(name, tensors, numbers, { ne, type, op: this.op });
    return { handle, type, ne, root: handle };
  }

  /** The same numbers with other sizes. */
  shaped(x: Tensor, ne: Sizes): Tensor {
    if (same(x.ne, ne)) return x;
    if (count(x.ne) !== count(ne)) throw internal(`${this.op}: [${x.ne}] can't be seen as [${ne}]`);
    const view = this.#node('reshape_4d', [x], ne, ne, x.type);
    return { ...view, root: x.root };
  }

  unary(name: GgmlOperation, x: Tensor, numbers: readonly number[] = []): Tensor {
    return this.#node(name, [x], numbers, x.ne);
  }

  /** x a + b. */
  scaled(x: Tensor, a: number, b = 0): Tensor {
    return this.#node('scale_bias', [x], [a, b], x.ne);
  }

  cast(x: Tensor, type: GgmlType): Tensor {
    return x.type === type ? x : this.#node('cast', [x], [GGML_TYPES[type]], x.ne, type);
  }

  repeated(x: Tensor, ne: Sizes): Tensor {
    return same(x.ne, ne) ? x : this.#node('repeat_4d', [x], ne, ne, x.type);
  }

  /** `x` written where `target` lies, which has as many elements. */
  copied(x: Tensor, target: Tensor): Tensor {
    const result = this.#node('cpy', [this.shaped(x, target.ne), target], [], target.ne, target.type);
    return { ...result, root: target.root };
  }

  /** Of two operands that broadcast, by their shapes. ggml repeats the second one alone. */
  binary(name: 'add' | 'sub' | 'mul' | 'div', [x, y]: readonly [Of, Of], out: Shape): Tensor {
    const { out: ne, operands } = broadcast(out, [x.shape, y.shape], this.op);
    const [a, b] = [this.shaped(x.tensor, operands[0]!), this.shaped(y.tensor, operands[1]!)];
    const isSwapped = (name === 'add' || name === 'mul') && !same(a.ne, ne) && same(b.ne, ne);
    return isSwapped ? this.#node(name, [b, a], [], ne) : this.#node(name, [this.repeated(a, ne), b], [], ne);
  }

  broadcast({ tensor, shape }: Of, out: Shape): Tensor {
    const { out: ne, operands } = broadcast(out, [shape], this.op);
    return this.repeated(this.shaped(tensor, operands[0]!), ne);
  }

  transposed({ tensor, shape }: Of, perm: readonly number[]): Tensor {
    const joined = joinedTranspose(shape, perm);
    if (joined.perm.every((from, to) => from === to)) return tensor;
    const sizes = sizesOf(joined.dims);
    if (!sizes) throw tooManyAxes(this.op, shape);
    const view = this.#node(
      'permute',
      [this.shaped(tensor, sizes)],
      permutation(joined.perm),
      sizes,
      tensor.type,
    );
    const ne = sizesOf(joined.perm.map((axis) => joined.dims[axis]!))!;
    return this.#node('cont_4d', [view], ne, ne, tensor.type);
  }

  /** Elements [start, end) of an axis. */
  sliced({ tensor, shape }: Of, axis: number, start: number, end: number): Tensor {
    const { outer, dim, inner } = around(shape, axis);
    const bytes = (elements: number) => rowBytes(tensor.type, elements);
    const whole = this.shaped(tensor, [inner, dim, outer, 1]);
    const ne: Sizes = [inner, end - start, outer, 1];
    const strides = [bytes(inner), bytes(inner * dim), bytes(inner * dim * outer)];
    const view = this.#node('view_4d', [whole], [...ne, ...strides, bytes(start * inner)], ne, tensor.type);
    const isContiguous = outer === 1 && bytes(start * inner) % this.#alignment === 0;
    if (isContiguous) return { ...view, root: tensor.root };
    return this.#node('cont_4d', [view], ne, ne, tensor.type);
  }

  padded({ tensor, shape }: Of, axis: number, before: number, after: number): Tensor {
    const { outer, dim, inner } = around(shape, axis);
    const x = this.shaped(tensor, [inner, dim, outer, 1]);
    return this.#node(
      'pad_ext',
      [x],
      [0, 0, before, after, 0, 0, 0, 0],
      [inner, before + dim + after, outer, 1],
    );
  }

  /** Halves of the list are joined first: ggml joins two at a time, and copies both. */
  joined(parts: readonly Of[], axis: number): Tensor {
    const tensors = parts.map(({ tensor, shape }) => {
      const { outer, dim, inner } = around(shape, axis);
      return this.shaped(tensor, [inner, dim, outer, 1]);
    });
    const join = (list: readonly Tensor[]): Tensor => {
      if (list.length === 1) return list[0]!;
      const half = list.length >> 1;
      const [a, b] = [join(list.slice(0, half)), join(list.slice(half))];
      return this.#node('concat', [a, b], [1], [a.ne[0], a.ne[1] + b.ne[1], a.ne[2], 1], a.type);
    };
    return join(tensors);
  }

  /** [rows, size of the axes]: the axes moved behind the others. */
  #behind(x: Of, axes: readonly number[]): Tensor {
    const others = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const size = sizeOf(axes.map((axis) => x.shape[axis]!));
    const moved = this.transposed(x, [...others, ...axes]);
    return this.shaped(moved, [size, count(moved.ne) / size, 1, 1]);
  }

  sum(x: Of, axes: readonly number[]): Tensor {
    const rows = this.#behind(x, axes);
    return this.#node('sum_rows', [rows], [], [1, rows.ne[1], 1, 1]);
  }

  largest(x: Of, axes: readonly number[]): Tensor {
    const rows = this.#behind(x, axes);
    const [size, many] = rows.ne;
    const places = this.#node('argmax', [rows], [], [many, 1, 1, 1], 'i32');
    const table = this.shaped(rows, [1, size, many, 1]);
    return this.#node('get_rows', [table, this.shaped(places, [1, many, 1, 1])], [], [1, 1, many, 1]);
  }

  /** `table` [rows, width] at `indices`: [indices, width] in float32. */
  rows(table: Tensor, indices: Tensor): Tensor {
    const places = this.shaped(indices, [count(indices.ne), 1, 1, 1]);
    const type = table.type === 'i32' ? 'i32' : 'f32';
    return this.#node('get_rows', [table, places], [], [table.ne[0], places.ne[0], 1, 1], type);
  }

  /** A table [rows, width] of the sums of `updates` by `indices`. */
  rowSums(updates: Tensor, indices: Tensor, rows: number, width: number): Tensor {
    const places = this.shaped(indices, [count(indices.ne), 1, 1, 1]);
    const each = this.shaped(updates, [width, places.ne[0], 1, 1]);
    const ne: Sizes = [width, rows, 1, 1];
    const like = this.#maker.unused('f32', ne);
    const table: Tensor = { handle: like, type: 'f32', ne, root: like };
    return this.#node('get_rows_back', [each, places, table], [], table.ne);
  }

  /** Rows of `x` [.., m, k] times rows of `w` [.., n, k]: [.., m, n], added up in float32. */
  product(w: Tensor, x: Tensor): Tensor {
    const fits = w.ne[0] === x.ne[0] && x.ne[2] % w.ne[2] === 0 && w.ne[3] === x.ne[3];
    if (!fits) throw internal(`${this.op}: products of [${w.ne}] and [${x.ne}]`);
    const result = this.#node('mul_mat', [w, x], [], [w.ne[1], x.ne[1], x.ne[2], x.ne[3]]);
    this.#maker.precise(result.handle);
    return result;
  }
}

/** A tensor with the shape that it has in the graph. */
export interface Of {
  readonly tensor: Tensor;
  readonly shape: Shape;
}
