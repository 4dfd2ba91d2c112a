/** The chunked head against cross-entropy written out and differentiated automatically. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../../../main/engine/autodiff/backward.ts';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { chunkRows, headLoss } from '../../../../main/engine/nn/loss.ts';
import { dequantise, gather, mul } from '../../../../main/engine/ops/functions.ts';
import { peaksOf } from '../../../../main/engine/passes/graph-cost.ts';
import { simplify } from '../../../../main/engine/passes/index.ts';
import { compute, noise } from '../../../helpers/graphs.ts';
import { plainLoss } from '../../../helpers/plain-loss.ts';

const [ROWS, WIDTH, VOCAB] = [7, 5, 11];
const targets = Int32Array.of(0, 10, 3, 3, 7, 0, 0);
const data = {
  hidden: noise(ROWS * WIDTH, 1, 2),
  head: noise(VOCAB * WIDTH, 2, 2),
  targets,
  weights: Float32Array.of(1, 1, 1, 1, 1, 0, 0.5),
};

function inputs(graph: Graph, rows = ROWS, width = WIDTH, vocab = VOCAB) {
  return {
    hidden: graph.input('hidden', 'f32', [rows, width]),
    head: graph.input('head', 'f32', [vocab, width]),
    targets: graph.input('targets', 'i32', [rows]),
    weights: graph.input('weights', 'f32', [rows]),
  };
}

function expectClose(own: readonly number[], reference: readonly number[]): void {
  expect(own).toHaveLength(reference.length);
  own.forEach((value, i) => {
    expect(value, `[${i}]`).toBeCloseTo(reference[i]!, 9);
  });
}

describe('headLoss', () => {
  it.each([
    ['', undefined],
    [', of capped logits', 2],
  ])('equals cross-entropy and its gradients by hidden rows and head%s', (_, cap) => {
    const graph = new Graph();
    const x = inputs(graph);
    const own = headLoss({ ...x, cap }, { hidden: true, head: true });
    const plain = plainLoss(x.hidden, x.head, x.targets, cap);
    const [hidden, head] = backward([{ value: plain, grad: x.weights }], [x.hidden, x.head]);
    const outputs = { nll: own.nll, dHidden: own.gradHidden!, dHead: own.gradHead! };
    for (const [name, value] of Object.entries(outputs)) graph.output(name, value);
    for (const [name, value] of Object.entries({ nll: plain, dHidden: hidden!, dHead: head! }))
      graph.output(`plain ${name}`, value);
    const results = compute(graph, data, true);
    for (const name of Object.keys(outputs)) expectClose(results[name]!, results[`plain ${name}`]!);
  });

  it('adds to the embedding’s gradient where head and embedding are one matrix', () => {
    const graph = new Graph();
    const x = inputs(graph, ROWS, WIDTH, VOCAB);
    const tokens = graph.constant('i32', [ROWS], Int32Array.of(1, 2, 3, 3, 5, 6, 0));
    const rows = mul(gather(x.head, tokens), x.hidden);
    const own = headLoss({ ...x, hidden: rows }, { hidden: true, head: true });
    const [tied] = backward(
      [
        { value: rows, grad: own.gradHidden! },
        { value: x.head, grad: own.gradHead! },
      ],
      [x.head],
    );
    const [plain] = backward([{ value: plainLoss(rows, x.head, x.targets), grad: x.weights }], [x.head]);
    graph.output('tied', tied!);
    graph.output('plain', plain!);
    const results = compute(graph, data, true);
    expectClose(results.tied!, results.plain!);
  });

  it('does not compute gradients that nobody wants', () => {
    const graph = new Graph();
    const { gradHidden, gradHead } = headLoss(inputs(graph), { hidden: false, head: false });
    expect([gradHidden, gradHead]).toEqual([null, null]);
    expect(graph.nodes.filter(({ op }) => op === 'matmul')).toHaveLength(1);
  });

  it('gives the same over a chunk border', async () => {
    const [width, vocab] = [2, 200_000];
    const step = chunkRows(vocab, 1000);
    const rows = step + 3;
    expect(rows).toBeGreaterThan(step);
    const graph = new Graph();
    const x = inputs(graph, rows, width, vocab);
    const { nll, gradHidden, gradHead } = headLoss(x, { hidden: true, head: true });
    for (const [name, value] of Object.entries({ nll, gradHidden: gradHidden!, gradHead: gradHead! }))
      graph.output(name, value);
    expect(graph.nodes.some(({ scope }) => scope.endsWith('chunk1'))).toBe(true);
    const head = new Float32Array(vocab * width);
    // the third row takes nearly all of the probability where the hidden states are positive
    head.set([3, -1, 0.5, 2, 10, 10]);
    const program = await (await openExecutor('ort', { threads: 1 })).compile(graph);
    const { outputs } = await program.run({
      hidden: new Float32Array(rows * width).fill(1).fill(-1, (rows - 1) * width),
      head,
      targets: new Int32Array(rows).fill(1, 0, rows - 1),
      weights: new Float32Array(rows).fill(1),
    });
    await program.release();
    // logits 2, 2.5 and 20, and -2, -2.5 and -20 in the last row; all others 0
    const first = Math.log(vocab - 3 + Math.exp(2) + Math.exp(2.5) + Math.exp(20));
    const last = Math.log(vocab - 3 + Math.exp(-2) + Math.exp(-2.5) + Math.exp(-20));
    const loss = outputs.nll!;
    // 200,000 terms are added in float32; with the eight lanes of AVX2 that was off by 3e-4, with sixteen by less
    expect(Math.abs(loss[0]! - (first - 2.5))).toBeLessThan(1e-3);
    expect(Math.abs(loss[step]! - (first - 2.5))).toBeLessThan(1e-3);
    expect(Math.abs(loss[rows - 1]! - (last + 2))).toBeLessThan(1e-3);
    // d head[1] = sum over rows of (p - [target = 1]) hidden
    const p = (z: number, norm: number) => Math.exp(z - norm);
    const expected = (rows - 1) * (p(2.5, first) - 1) - p(-2.5, last);
    expect(Math.abs(outputs.gradHead![2]! / expected - 1)).toBeLessThan(1e-3);
    // d head[2] = sum over rows of p hidden: all from the chunks, nothing from the targets
    expect(Math.abs(outputs.gradHead![4]! / ((rows - 1) * p(20, first)) - 1)).toBeLessThan(1e-3);
    expect(outputs.gradHidden).toHaveLength(rows * width);
  });
});

describe('a head in few bits', () => {
  const [vocab, width] = [20_000, 64];
  /** The head [V,H] of 8 bits, with the other inputs of the loss. */
  const rounded = (graph: Graph, rows = ROWS) => {
    const { head: _, ...rest } = inputs(graph, rows, width, 1);
    const parts = {
      codes: graph.weight('codes', [vocab, 2, 32], 'i8'),
      scales: graph.weight('scales', [vocab, 2, 1]),
      zeros: null,
    };
    return { ...rest, head: dequantise(parts, 'int8', 32) };
  };
  const own = {
    hidden: noise(ROWS * width, 1, 1),
    codes: noise(vocab * width, 2, 127).map(Math.round),
    scales: noise(vocab * 2, 3, 0.004),
    targets: Int32Array.of(0, vocab - 1, 3, 9_999, 10_000, 0, 0),
    weights: data.weights,
  };

  it.each([
    ['', undefined],
    [', of capped logits', 2],
  ])('takes its vocabulary in pieces, with the numbers of the whole%s', (_, cap) => {
    const graph = new Graph();
    const x = { ...rounded(graph), cap };
    const { nll, gradHidden } = headLoss(x, { hidden: true, head: false });
    const plain = plainLoss(x.hidden, x.head, x.targets, cap);
    const [hidden] = backward([{ value: plain, grad: x.weights }], [x.hidden]);
    graph.output('nll', nll);
    graph.output('dHidden', gradHidden!);
    graph.output('plain nll', plain);
    graph.output('plain dHidden', hidden!);
    expect(graph.nodes.filter(({ op, scope }) => op === 'dequantise' && scope === 'chunk0')).toHaveLength(4);
    const results = compute(graph, own, true);
    expectClose(results.nll!, results['plain nll']!);
    expectClose(results.dHidden!, results['plain dHidden']!);
    // evaluation asks for no gradients, and has the same loss
    const alone = new Graph();
    alone.output('nll', headLoss({ ...rounded(alone), cap }, { hidden: false, head: false }).nll);
    expectClose(compute(alone, own, true).nll!, results.nll!);
  });

  it('has the logits of a chunk once, and one piece of the vocabulary', () => {
    const graph = new Graph();
    const rows = 3 * chunkRows(vocab, 10_000);
    const { nll, gradHidden } = headLoss(rounded(graph, rows), { hidden: true, head: false });
    graph.output('nll', nll);
    graph.output('dHidden', gradHidden!);
    const logits = (4 * vocab * rows) / 3;
    const piece = 4 * (vocab / 2) * width;
    const { bytes } = peaksOf(simplify(graph, NATIVE_FUSED)).highest;
    expect(bytes).toBeGreaterThan(logits);
    // beside the logits the exponentials of half of them, and rows of the hidden states
    expect(bytes).toBeLessThan(1.5 * logits + piece + 4 * 4 * rows * width);
  });
});

describe('chunkRows', () => {
  it('takes whole steps of rows that fit, at most all and never none', () => {
    expect(chunkRows(1000, 40)).toBe(40);
    expect(chunkRows(50_000, 100_000) % 16).toBe(0);
    expect(chunkRows(50_000, 100_000)).toBeLessThan(100_000);
    expect(chunkRows(1 << 24, 100_000)).toBeGreaterThanOrEqual(16);
  });
});
