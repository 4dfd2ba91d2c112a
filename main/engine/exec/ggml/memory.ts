/**
 * Predicts ggml's memory for a graph without ggml: the graph is lowered as it would be, and its tensors are gone through as ggml's
 * allocator does, which writes some results over an operand that nobody else reads.
 */
import type { Graph, Node } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { CodeType } from '../../ops/functions.ts';
import { turnOf } from '../../passes/layer-scopes.ts';
import { scheduled } from '../../passes/schedule.ts';
import type { WorkingMemory } from '../executor.ts';
import { type Tensor, tensorBytes } from './builder.ts';
import { packedType } from './codes.ts';
import type { Sizes } from './layout.ts';
import type { GgmlOperation, GgmlType, Handle } from './library.ts';
import { lowerGraph, type Target } from './lowering.ts';
import { codeParts } from './weights.ts';

/** Operations whose result is a view. */
const VIEWS: ReadonlySet<GgmlOperation> = new Set(['reshape_4d', 'view_4d', 'permute']);
/** Those that ggml may write over an operand of the same size (`ggml_op_can_inplace`). */
const IN_PLACE: ReadonlySet<GgmlOperation> = new Set([
  ...(['add', 'sub', 'mul', 'div', 'sqrt', 'log', 'scale_bias', 'rms_norm', 'soft_max'] as const),
  ...(['neg', 'exp', 'tanh', 'sigmoid', 'silu', 'relu', 'gelu_erf', 'abs', 'step', 'trunc'] as const),
]);

/** What ggml and this program keep for a tensor of a graph. */
const BYTES_PER_TENSOR = 900;
/** What lies in the computer's memory begins at a multiple of it. */
const ALIGNMENT = 32;

interface Made {
  readonly bytes: number;
  /** The step of the graph during which it is made. */
  readonly step: number;
  /** The tensors whose memory it reads. */
  readonly roots: readonly Handle[];
  readonly isInPlace: boolean;
}

/** `graph` has been optimised for ggml. Inputs are copied for a run, and outputs are values until it ends, wherever they are copied then. */
export function ggmlMemory(graph: Graph): WorkingMemory {
  const order = scheduled(graph);
  const recorder = new Recorder();
  lowerGraph(graph, order, recorder.target());
  const [turnBytes, afterBytes] = recorder.peaks(turnOf(order.map(({ scope }) => scope)), order.length);
  return {
    turnBytes,
    afterBytes,
    donatedBytes: 0,
    heapAt: () => Math.max(turnBytes, afterBytes),
    sessionBytes: BYTES_PER_TENSOR * recorder.tensors + recorder.leafBytes,
  };
}

/** Tensors as they are made, with what they are made of. */
class Recorder {
  /** Of what is filled before runs. */
  leafBytes = 0;
  tensors = 0;
  #step = 0;
  readonly #made = new Map<Handle, Made>();
  readonly #roots = new Map<Handle, Handle>();
  readonly #kept = new Set<Handle>();

  target(): Target {
    return {
      alignment: ALIGNMENT,
      begin: (step) => {
        this.#step = step;
      },
      node: (name, operands, _, made) => this.#node(name, operands, tensorBytes(made)),
      unused: () => this.#handle(),
      precise: () => {},
      weight: ({ dtype, shape }) => this.#outside(dtype as GgmlType, [sizeOf(shape), 1, 1, 1]),
      matrix: (node) => this.#matrix(node),
      leaf: (type, ne) => {
        this.leafBytes += tensorBytes({ type, ne });
        return this.#outside(type, ne);
      },
      expand: () => {},
      output: (_, __, { root }) => {
        this.#kept.add(root);
      },
    };
  }

  #handle(): Handle {
    return BigInt(++this.tensors);
  }

  #outside(type: GgmlType, ne: Sizes): Tensor {
    const handle = this.#handle();
    return { handle, type, ne, root: handle };
  }

  #matrix(node: Node): Tensor | undefined {
    const parts = codeParts(node)!;
    if (!parts.every(({ source }) => source.kind === 'weight')) return undefined;
    const [rows, blocks] = parts[0]!.shape as [number, number];
    const { type, block } = node.attrs as { type: CodeType; block: number };
    return this.#outside(packedType(type, block), [blocks * block, rows, 1, 1]);
  }

  #node(name: GgmlOperation, operands: readonly Tensor[], bytes: number): Handle {
    const handle = this.#handle();
    const roots = operands.map(({ handle: one }) => this.#roots.get(one) ?? one);
    if (VIEWS.has(name)) this.#roots.set(handle, roots[0]!);
    else
      this.#made.set(handle, {
        bytes: padded(bytes),
        step: this.#step,
        roots,
        isInPlace: IN_PLACE.has(name),
      });
    return handle;
  }

  /** The most that is alive at once up to the step `turn` and after it. */
  peaks(turn: number, steps: number): [number, number] {
    const lasts = new Map<Handle, number>();
    let place = 0;
    for (const { roots } of this.#made.values()) {
      for (const root of roots) lasts.set(root, place);
      place++;
    }
    for (const root of this.#kept) lasts.set(root, Number.POSITIVE_INFINITY);
    const peaks: [number, number] = [0, 0];
    /** By whose memory a value has, once it is another's. */
    const held = new Map<Handle, number>();
    let [now, at] = [0, 0];
    for (const [handle, { bytes, step, roots, isInPlace }] of this.#made) {
      const taken = isInPlace
        ? roots.find((root) => lasts.get(root) === at && held.get(root) === bytes)
        : undefined;
      if (taken === undefined) now += bytes;
      else held.delete(taken);
      held.set(handle, bytes);
      const part = step <= turn && turn < steps ? 0 : 1;
      peaks[part] = Math.max(peaks[part], now);
      for (const root of new Set(roots)) {
        if (lasts.get(root) !== at || !held.has(root)) continue;
        now -= held.get(root)!;
        held.delete(root);
      }
      at++;
    }
    return peaks;
  }
}

const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
