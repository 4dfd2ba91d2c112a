/**
 * Exact causal attention over long rows, some queries at a time, in the backward pass too. Each chunk hangs on what the
 * one before it gave (`after`), or the order of execution would hold the scores of all chunks at once: nothing is as
 * large as queries times keys. Keys are counted in few lengths, as onnxruntime keeps a buffer for each shape.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add } from '../primitives/elementwise.ts';
import { after } from '../primitives/schedule.ts';
import { concat, slice } from '../primitives/shape.ts';
import { attention, attentionGradients, foldHeads } from './attention.ts';

type Chunks = { scale: number; chunk: number; keyStep: number };

/** Queries [start, end) with the keys up to `keys`, which are all that they may see and some that their mask hides. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly keys: number;
}

/** The chunks of `time` queries: `chunk` queries each, with keys up to their end rounded up to a multiple of `keyStep`. */
export function chunksOf(time: number, { chunk, keyStep }: Pick<Chunks, 'chunk' | 'keyStep'>): Chunk[] {
  return Array.from({ length: Math.ceil(time / chunk) }, (_, i) => {
    const end = Math.min(time, (i + 1) * chunk);
    return { start: i * chunk, end, keys: Math.min(time, Math.ceil(end / keyStep) * keyStep) };
  });
}

const rowsOf = (x: Value, start: number, end: number) => slice(x, 2, start, end);

export const longAttentionOp = defineOp<Chunks>({
  name: 'longAttention',
  infer([q, k, v, ...masks], attrs, fail) {
    const [batch, heads, time] = q!.shape;
    if ([q!, k!, v!].some(({ shape }) => shape.length !== 4)) fail('needs q, k and v of shape [B,H,T,D]');
    if (k!.shape[2] !== time || v!.shape[2] !== time) fail('needs as many keys as queries');
    const chunks = chunksOf(time!, attrs);
    if (masks.length !== chunks.length) fail(`needs ${chunks.length} masks`);
    chunks.forEach(({ start, end, keys }, i) => {
      const shape = `${batch},1,${end - start},${keys}`;
      if (masks[i]!.shape.join() !== shape) fail(`needs a mask of shape [${shape}] for chunk ${i}`);
    });
    return { dtype: 'f32', shape: [batch!, heads!, time!, v!.shape[3]!] };
  },
  // the formulas are those of `attention`, chunk by chunk from the last; dK and dV are sums over the chunks
  vjp({ inputs, attrs, output, grad, needs }) {
    const [q, k, v, ...masks] = inputs as [Value, Value, Value, ...Value[]];
    const queries: Value[] = [];
    const [ofKeys, ofValues] = [new KeySum(), new KeySum()];
    let before: Value | null = null;
    for (const [i, { start, end, keys }] of [...chunksOf(q.shape[2]!, attrs).entries()].reverse()) {
      const own = rowsOf(q, start, end);
      const operands = {
        q: before === null ? own : after(own, before),
        k: rowsOf(k, 0, keys),
        v: rowsOf(v, 0, keys),
        mask: masks[i]!,
      };
      const at = { output: rowsOf(output, start, end), grad: rowsOf(grad, start, end) };
      const [dQ, dK, dV] = attentionGradients(operands, attrs.scale, at, needs);
      if (dQ) queries.unshift(dQ);
      const sums = [dK && ofKeys.add(dK), dV && ofValues.add(dV)];
      before = oneOf([dQ && foldHeads(dQ, k), ...sums].filter((x) => x !== null));
    }
    return [
      needs[0] ? concat(queries, 2) : null,
      needs[1] ? ofKeys.whole() : null,
      needs[2] ? ofValues.whole() : null,
      ...masks.map(() => null),
    ];
  },
  decompose([q, k, v, ...masks], attrs) {
    const parts = chunksOf(q!.shape[2]!, attrs).map(({ start, end, keys }, i) =>
      attention(rowsOf(q!, start, end), rowsOf(k!, 0, keys), rowsOf(v!, 0, keys), masks[i]!, attrs.scale),
    );
    return concat(parts, 2);
  },
  reference: 'decompose',
  flops: ([q, k, v], _, attrs) =>
    chunksOf(q!.shape[2]!, attrs).reduce((sum, { start, end, keys }) => {
      const rows = (end - start) * (sizeOf(q!.shape) / q!.shape[2]! / q!.shape[3]!);
      return sum + 2 * rows * keys * (k!.shape[3]! + v!.shape[3]!);
    }, 0),
  samples: [longSample(2, 2, 5, 2, 2), longSample(4, 2, 7, 2, 4), longSample(3, 1, 3, 4, 4)],
});

/** A sum of gradients over the keys from the first on; each is as long as the one before it or shorter. */
class KeySum {
  /** What no later gradient reaches, the last keys first. */
  readonly #done: Value[] = [];
  #open: Value | null = null;

  add(grad: Value): Value {
    const keys = grad.shape[2]!;
    const open = this.#open;
    if (open && open.shape[2]! > keys) {
      this.#done.push(rowsOf(open, keys, open.shape[2]!));
      this.#open = rowsOf(open, 0, keys);
    }
    this.#open = this.#open ? add(this.#open, grad) : grad;
    return this.#open;
  }

  whole(): Value {
    const parts = [this.#open!, ...this.#done.toReversed()];
    return parts.length === 1 ? parts[0]! : concat(parts, 2);
  }
}

/** A value that is there once all of `values` are; they differ in their number of rows alone. */
function oneOf(values: readonly Value[]): Value | null {
  return values.length < 2 ? (values[0] ?? null) : concat(values, 2);
}

function longSample(heads: number, groups: number, time: number, chunk: number, keyStep: number) {
  const attrs = { scale: 0.5, chunk, keyStep };
  const masks = chunksOf(time, attrs).map(({ start, end, keys }) => ({
    shape: [2, 1, end - start, keys],
    values: Array.from({ length: 2 * (end - start) * keys }, (_, i) =>
      i % keys > start + (Math.floor(i / keys) % (end - start)) ? -1e30 : 0,
    ),
  }));
  const rows = (count: number) => ({ shape: [2, count, time, 4] });
  return { inputs: [rows(heads), rows(groups), rows(groups), ...masks], attrs };
}

/** `attention` of q [B,H,T,D] to k and v [B,G,T,D] with a mask [B,1,end-start,keys] for each chunk (`chunksOf`). */
export function longAttention(q: Value, k: Value, v: Value, masks: readonly Value[], attrs: Chunks): Value {
  return apply(longAttentionOp, [q, k, v, ...masks], attrs);
}
