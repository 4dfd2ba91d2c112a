/**
 * Predicts ggml's memory for a graph without ggml: the graph is lowered as it would be, and its tensors get places as ggml's allocator
 * (ggml-alloc.c) gives them.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { CodeType } from '../../ops/functions.ts';
import { scheduled } from '../../passes/schedule.ts';
import type { Executor, WorkingMemory } from '../executor.ts';
import { type Tensor, tensorBytes, VIEWS } from './builder.ts';
import { packedType } from './codes.ts';
import { type Sizes, same } from './layout.ts';
import type { GgmlOperation, GgmlType, Handle } from './library.ts';
import { lowerGraph, type Target } from './lowering.ts';
import { codeParts } from './weights.ts';

/** Those that may be written over an operand of the same layout (`ggml_op_can_inplace`). */
const IN_PLACE: ReadonlySet<GgmlOperation> = new Set([
  ...(['add', 'sub', 'mul', 'div', 'sqrt', 'log', 'scale_bias', 'rms_norm', 'soft_max'] as const),
  ...(['neg', 'exp', 'tanh', 'sigmoid', 'silu', 'relu', 'gelu_erf', 'abs', 'step', 'trunc'] as const),
]);

/** What ggml and this program keep for a tensor of a graph. */
const BYTES_PER_TENSOR = 900;
/** What lies in the computer's memory begins at a multiple of it. */
const ALIGNMENT = 32;

/** What is trained has a name in parts, `layers.0.weight`; nothing else that a step is given has one. */
const isTrained = (name: string) => name.includes('.');

/**
 * `graph` has been optimised for ggml. A program keeps its memory, and outputs are values until a run ends, but `donated` ones that are written
 * where the device `keeps` them.
 */
export function ggmlMemory(
  graph: Graph,
  donated: ReadonlySet<string>,
  keeps: Executor['keeps'],
): WorkingMemory {
  const recorder = new Recorder(keeps === 'device' ? { graph, donated } : null);
  lowerGraph(graph, scheduled(graph), recorder);
  const bytes = recorder.valueBytes();
  return {
    turnBytes: bytes,
    afterBytes: bytes,
    donatedBytes: 0,
    heapAt: () => bytes,
    sessionBytes: BYTES_PER_TENSOR * recorder.tensors + recorder.leafBytes,
  };
}

interface Made {
  readonly operands: readonly Handle[];
  readonly type: GgmlType;
  readonly ne: Sizes;
  /** The tensor whose memory it has; itself, where it is no view. */
  readonly root: Handle;
  readonly isInPlace: boolean;
  /** How many tensors and views are still to read it. */
  children: number;
  views: number;
  /** Where it lies; null before, and once its memory is another's. */
  place: number | null;
}

/** Tensors as they are made, in ggml's order. */
class Recorder implements Target {
  readonly alignment = ALIGNMENT;
  /** Of what is filled before runs. */
  leafBytes = 0;
  tensors = 0;
  readonly #made = new Map<Handle, Made>();
  readonly #order = new Set<Handle>();
  readonly #kept = new Set<Handle>();
  /** Where what is trained stays on the device. */
  readonly #state: { readonly graph: Graph; readonly donated: ReadonlySet<string> } | null;

  constructor(state: { readonly graph: Graph; readonly donated: ReadonlySet<string> } | null) {
    this.#state = state;
  }

  given(name: string): Tensor | undefined {
    const value = this.#state?.graph.inputs.get(name);
    if (value?.dtype !== 'f32' || !isTrained(name)) return undefined;
    return this.#outside('f32', [sizeOf(value.shape), 1, 1, 1]);
  }

  place(name: string): Tensor | undefined {
    if (!this.#state?.donated.has(name)) return undefined;
    return this.#outside('f32', [sizeOf(this.#state.graph.outputs.get(name)!.shape), 1, 1, 1]);
  }

  node(
    name: GgmlOperation,
    given: readonly Tensor[],
    _: readonly number[],
    made: Pick<Made, 'type' | 'ne'>,
  ): Handle {
    const handle = this.unused();
    const operands = given.map((tensor) => tensor.handle);
    const viewed = name === 'cpy' ? operands[1]! : VIEWS.has(name) ? operands[0]! : null;
    const root = viewed === null ? handle : (this.#made.get(viewed)?.root ?? viewed);
    const isInPlace = IN_PLACE.has(name);
    const { type, ne } = made;
    this.#made.set(handle, { operands, type, ne, root, isInPlace, children: 0, views: 0, place: null });
    return handle;
  }

  unused(): Handle {
    return BigInt(++this.tensors);
  }

  precise(): void {}

  weight({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): Tensor {
    return this.#outside(dtype as GgmlType, [sizeOf(shape), 1, 1, 1]);
  }

  matrix(node: Node): Tensor | undefined {
    const parts = codeParts(node)!;
    if (!parts.every(({ source }) => source.kind === 'weight')) return undefined;
    const [rows, blocks] = parts[0]!.shape as [number, number];
    const { type, block } = node.attrs as { type: CodeType; block: number };
    return this.#outside(packedType(type, block), [blocks * block, rows, 1, 1]);
  }

  leaf(type: GgmlType, ne: Sizes): Tensor {
    this.leafBytes += tensorBytes({ type, ne });
    return this.#outside(type, ne);
  }

  #outside(type: GgmlType, ne: Sizes): Tensor {
    const handle = this.unused();
    return { handle, type, ne, root: handle };
  }

  expand({ handle }: Tensor): void {
    this.#visit(handle);
  }

  output(_: string, __: unknown, tensor: Tensor): void {
    this.keep(tensor);
  }

  keep({ handle, root }: Tensor): void {
    this.#kept.add(root);
    this.#visit(handle);
  }

  #visit(handle: Handle): void {
    const made = this.#made.get(handle);
    if (!made || this.#order.has(handle)) return;
    for (const operand of made.operands) this.#visit(operand);
    this.#order.add(handle);
  }

  /** The size of the memory that all values share. */
  valueBytes(): number {
    const order = [...this.#order].map((handle) => [handle, this.#made.get(handle)!] as const);
    const space = new Space();
    for (const [handle, { operands, root }] of order) {
      if (root !== handle) this.#count(root, 'views', 1);
      for (const operand of operands) this.#count(operand, 'children', 1);
    }
    for (const [handle, made] of order) {
      if (made.root === handle) made.place = this.#placeOfOperand(made) ?? space.take(tensorBytes(made));
      for (const operand of made.operands) {
        const parent = this.#made.get(operand);
        if (!parent || --parent.children > 0 || parent.views > 0) continue;
        if (parent.root !== operand) this.#count(parent.root, 'views', -1);
        this.#free(parent.root, space);
      }
    }
    return space.size;
  }

  #count(handle: Handle, which: 'children' | 'views', by: number): void {
    const made = this.#made.get(handle);
    if (made) made[which] += by;
  }

  #free(handle: Handle, space: Space): void {
    const made = this.#made.get(handle);
    if (!made || made.children > 0 || made.views > 0 || made.place === null || this.#kept.has(handle)) return;
    space.give(made.place, tensorBytes(made));
    made.place = null;
  }

  /** The place of an operand that nobody else reads, which the result is written over. ggml takes none through a view. */
  #placeOfOperand({ operands, isInPlace, ne, type }: Made): number | null {
    if (!isInPlace) return null;
    for (const operand of operands) {
      const parent = this.#made.get(operand);
      if (!parent || parent.place === null || parent.children !== 1 || parent.views > 0) continue;
      if (this.#kept.has(operand) || parent.type !== type || !same(parent.ne, ne)) continue;
      const { place } = parent;
      parent.place = null;
      return place;
    }
    return null;
  }
}

/** Free memory in pieces, in the order of their places; behind the last one there is always more. */
class Space {
  size = 0;
  readonly #free: { at: number; bytes: number }[] = [{ at: 0, bytes: Number.POSITIVE_INFINITY }];

  /** The smallest piece that is large enough, the last of like ones; behind all others where none is. */
  take(wanted: number): number {
    const bytes = padded(wanted);
    const pieces = this.#free;
    let best = pieces.length - 1;
    for (let i = 0; i < pieces.length - 1; i++)
      if (pieces[i]!.bytes >= bytes && pieces[i]!.bytes <= pieces[best]!.bytes) best = i;
    const piece = pieces[best]!;
    const { at } = piece;
    piece.at += bytes;
    piece.bytes -= bytes;
    if (piece.bytes === 0) pieces.splice(best, 1);
    this.size = Math.max(this.size, at + bytes);
    return at;
  }

  give(at: number, given: number): void {
    const pieces = this.#free;
    const place = pieces.findIndex((piece) => piece.at > at);
    pieces.splice(place, 0, { at, bytes: padded(given) });
    for (const i of [place, place - 1]) {
      const [one, next] = [pieces[i], pieces[i + 1]];
      if (!one || !next || one.at + one.bytes !== next.at) continue;
      one.bytes += next.bytes;
      pieces.splice(i + 1, 1);
    }
  }
}

const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
