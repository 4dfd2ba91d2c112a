import { describe, expect, it } from 'vitest';
import { NATIVE_FUSED } from '../../../../../main/engine/exec/onnx/lower.ts';
import { buffersOf, KEPT } from '../../../../../main/engine/exec/ort/buffers.ts';
import { Heap, LARGE_BYTES } from '../../../../../main/engine/exec/ort/heap.ts';
import { ortMemory } from '../../../../../main/engine/exec/ort/ort-memory.ts';
import { traced } from '../../../../../main/engine/exec/ort/trace.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import { add, exp, mul, OPS, reduceSum, scatterAdd } from '../../../../../main/engine/ops/functions.ts';
import { optimise } from '../../../../../main/engine/passes/index.ts';
import { liveBytes } from '../../../../helpers/graphs.ts';

const none = new Set<string>();

describe('Heap', () => {
  it('gives the smallest hole that is large enough, and joins holes side by side', () => {
    const heap = new Heap(true);
    const blocks = [1000, 5000, 2000, 100].map((bytes) => heap.take(bytes));
    const top = heap.peakBytes;
    heap.give(blocks[0]!, 1000);
    heap.give(blocks[2]!, 2000);
    expect(heap.take(1500)).toBe(blocks[2]);
    heap.give(blocks[1]!, 5000);
    expect(heap.take(6000)).toBe(blocks[0]);
    expect(heap.peakBytes).toBe(top);
  });

  it('grows where holes stay apart', () => {
    const peak = (merges: boolean) => {
      const heap = new Heap(merges);
      for (const block of [heap.take(1000), heap.take(1000)]) heap.give(block, 1000);
      heap.take(2000);
      return heap.peakBytes;
    };
    expect(peak(false)).toBeGreaterThan(peak(true));
  });

  it('gives large blocks back', () => {
    const heap = new Heap(false);
    heap.give(heap.take(LARGE_BYTES), LARGE_BYTES);
    heap.take(LARGE_BYTES);
    expect(heap.peakBytes).toBeLessThan(1.1 * LARGE_BYTES);
  });
});

describe('buffersOf', () => {
  it('lets a result of one operand take its place, and one of two operands a dead buffer of its shape', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [100]);
    const a = mul(x, x); // a buffer
    const b = exp(a); // in its place
    const c = mul(b, x); // another one
    const d = mul(c, x); // that of a and b, which is dead
    graph.output('y', reduceSum(d, [0]));
    const { count, bytes, lasts } = buffersOf(traced(optimise(graph, NATIVE_FUSED)), none);
    expect([...bytes.subarray(0, count)].filter((one) => one === 400)).toHaveLength(2);
    expect([...lasts.subarray(0, count)].filter((last) => last === KEPT)).toHaveLength(1);
  });

  it('leaves out what is written elsewhere', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [100]);
    graph.output('y', add(x, x));
    const elsewhere = ortMemory(graph, new Set(['y']));
    expect([liveBytes(elsewhere), elsewhere.heapAt(0)]).toEqual([0, 0]);
    expect(liveBytes(ortMemory(graph, none))).toBe(400);
  });

  it('counts results in new memory as they come, beside the heap', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [1000]);
    // a value of 4,000 bytes that dies before the second result, whose memory is new, is written
    graph.output('first', add(x, x));
    graph.output('second', reduceSum(mul(mul(x, x), x), [0], true));
    const donated = new Set(['first', 'second']);
    const [copied, inPlace] = [true, false].map((copies) => ortMemory(graph, donated, undefined, copies));
    expect([copied!.donatedBytes, liveBytes(copied!)]).toEqual([4004, 8000]);
    // at their peak two values and the first result, of which 4,004 bytes are counted elsewhere
    expect(inPlace).toMatchObject({ donatedBytes: 0 });
    expect(liveBytes(inPlace!)).toBe(8000 + 4000 - 4004);
  });

  it('counts what a lowering puts between', () => {
    const graph = new Graph();
    const updates = graph.input('u', 'f32', [8, 50]);
    const rows = graph.input('i', 'i32', [8]);
    graph.output('y', reduceSum(scatterAdd(updates, rows, 1000), [0]));
    // zeros of [1000, 50], in whose place the sum is made, and the row numbers in 64 bits for each column
    expect(liveBytes(ortMemory(graph, none))).toBeGreaterThanOrEqual(1000 * 50 * 4 + 8 * 50 * 8);
  });
});

describe('traced', () => {
  it('knows every tensor of every lowering', () => {
    for (const op of Object.values(OPS)) {
      for (const sample of op.samples) {
        const graph = new Graph();
        const inputs = sample.inputs.map(({ dtype, shape }, i) =>
          graph.input(`x${i}`, dtype ?? 'f32', shape),
        );
        const { dtype, shape } = op.infer(inputs, sample.attrs as never, (message) => {
          throw new Error(message);
        });
        const output = graph.append(op.name, inputs, sample.attrs as never, dtype, shape);
        graph.output('y', output);
        const trace = traced(optimise(graph, NATIVE_FUSED));
        const { starts, operands, results, types, shapes, outputs } = trace;
        expect([...outputs.values()], op.name).toEqual(['y']);
        const y = [...outputs.keys()][0]!;
        expect({ type: types[y], shape: shapes[y] }, op.name).toEqual({ type: dtype, shape });
        // all that a step reads is there before it: what the graph is given, a constant, or another step's result
        const made = new Set(results);
        const isThere = new Set([...types.keys()].filter((i) => !made.has(i)));
        results.forEach((result, i) => {
          for (const x of operands.slice(starts[i], starts[i + 1]))
            expect(isThere.has(x), op.name).toBe(true);
          isThere.add(result);
        });
      }
    }
  });
});
