/** Rows of new tokens beside a table against one table that holds them all, in float64. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../../../main/engine/autodiff/backward.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph, type Value } from '../../../../main/engine/ir/graph.ts';
import { chunkRows, headLoss } from '../../../../main/engine/nn/loss.ts';
import { type Method, Parameters, tokenRowsName } from '../../../../main/engine/nn/parameters.ts';
import { logits, lookUp, type Table, tableOf, withNewRows } from '../../../../main/engine/nn/table.ts';
import { concat, dequantise, gather, matmul, slice } from '../../../../main/engine/ops/functions.ts';
import { compute, noise } from '../../../helpers/graphs.ts';
import { plainLoss } from '../../../helpers/plain-loss.ts';

const [STORED, WIDTH, COUNT] = [9, 4, 3];

/** The same rows in one table, as a value of which both parts are inputs. */
function whole(rows: Value, { rows: own, first }: NonNullable<Table['added']>): Value {
  const end = first + own.shape[0]!;
  const stored = rows.shape[0]!;
  const parts = [
    ...(first > 0 ? [slice(rows, 0, 0, first)] : []),
    own,
    ...(end < stored ? [slice(rows, 0, end, stored)] : []),
  ];
  return concat(parts, 0);
}

function expectClose(own: readonly number[], reference: readonly number[], tolerance = 1e-10): void {
  expect(own).toHaveLength(reference.length);
  own.forEach((value, i) => {
    expect(Math.abs(value - reference[i]!), `[${i}]`).toBeLessThanOrEqual(tolerance);
  });
}

function opened(first: number, stored = STORED, width = WIDTH) {
  const graph = new Graph();
  const rows = graph.input('rows', 'f32', [stored, width]);
  const added = { rows: graph.input('own', 'f32', [COUNT, width]), first };
  return { graph, table: { rows, added }, all: whole(rows, added) };
}

const tableData = { rows: noise(STORED * WIDTH, 1), own: noise(COUNT * WIDTH, 2) };

// its reciprocal is exact in float32, as constants are
const CAP = 2;

describe.each([
  ['behind the table', STORED, STORED + COUNT],
  ['among unused rows of the table', 4, STORED],
  ['at the end of the table and behind it', STORED - 1, STORED + COUNT - 1],
  ['at its beginning', 0, STORED],
])('new tokens %s', (_, first, vocabSize) => {
  const ids = Int32Array.of(first, 0, first + 1, first + COUNT - 1, STORED - 1, first, 2, vocabSize - 1);

  it('are looked up with the others, and their gradients come from where they stand', () => {
    const { graph, table, all } = opened(first);
    const tokens = graph.input('tokens', 'i32', [2, 4]);
    const dy = graph.input('dy', 'f32', [2, 4, WIDTH]);
    const found: Record<string, Value> = { y: lookUp(table, tokens), plain: gather(all, tokens) };
    for (const name of ['y', 'plain'])
      found[`d ${name}`] = backward([{ value: found[name]!, grad: dy }], [table.added.rows])[0]!;
    for (const [name, value] of Object.entries(found)) graph.output(name, value);
    const data = { ...tableData, tokens: ids, dy: noise(8 * WIDTH, 3) };
    const results = compute(graph, data, true);
    expectClose(results.y!, results.plain!, 0);
    expectClose(results['d y']!, results['d plain']!);
    expect(results['d y']!.some((value) => value !== 0)).toBe(true);
  });

  it('have their logits in the order of the ids', () => {
    const { graph, table, all } = opened(first);
    const hidden = graph.input('hidden', 'f32', [5, WIDTH]);
    graph.output('z', logits(hidden, table));
    graph.output('capped', logits(hidden, { ...table, cap: CAP }));
    graph.output('plain', matmul(hidden, all, { transB: true }));
    const results = compute(graph, { ...tableData, hidden: noise(5 * WIDTH, 4) }, true);
    expect(results.z).toHaveLength(5 * vocabSize);
    expectClose(results.z!, results.plain!, 1e-12);
    const capped = results.plain!.map((z) => CAP * Math.tanh(z / CAP));
    expectClose(results.capped!, capped, 1e-12);
  });

  it.each([
    ['', {}],
    [', of capped logits', { cap: CAP }],
  ])('have the loss of the whole table and its gradients%s', (_kind, cap) => {
    const { graph, table, all } = opened(first);
    const x = lossInputs(graph, ids.length, WIDTH);
    compareLosses(graph, { ...table, ...cap }, all, x);
    const data = {
      ...tableData,
      hidden: noise(ids.length * WIDTH, 5, 2),
      targets: ids,
      weights: Float32Array.of(1, 1, 0, 1, 1, 0.5, 1, 1),
    };
    expectEqualLosses(compute(graph, data, true));
  });
});

function lossInputs(graph: Graph, rows: number, width: number) {
  return {
    hidden: graph.input('hidden', 'f32', [rows, width]),
    targets: graph.input('targets', 'i32', [rows]),
    weights: graph.input('weights', 'f32', [rows]),
  };
}

function compareLosses(graph: Graph, table: Table, all: Value, x: ReturnType<typeof lossInputs>): void {
  const { rows: head, added, cap } = table;
  const own = headLoss({ ...x, head, added, cap }, { hidden: true, head: false, added: true });
  expect(own.gradHead).toBe(null);
  const plain = plainLoss(x.hidden, all, x.targets, cap);
  const [hidden, rows] = backward([{ value: plain, grad: x.weights }], [x.hidden, added!.rows]);
  const measured = headLoss({ ...x, head, added, cap }, { hidden: false, head: false });
  expect([measured.gradHidden, measured.gradAdded]).toEqual([null, null]);
  const values = { nll: own.nll, dHidden: own.gradHidden!, dRows: own.gradAdded!, measured: measured.nll };
  for (const [name, value] of Object.entries(values)) graph.output(name, value);
  const references = { nll: plain, dHidden: hidden!, dRows: rows!, measured: plain };
  for (const [name, value] of Object.entries(references)) graph.output(`plain ${name}`, value);
}

function expectEqualLosses(results: Readonly<Record<string, readonly number[]>>): void {
  for (const name of ['nll', 'dHidden', 'dRows', 'measured'])
    expectClose(results[name]!, results[`plain ${name}`]!, 1e-9);
}

describe('the loss with new tokens', () => {
  it('gives the same over a chunk border', async () => {
    const [stored, width] = [30_000, 2];
    const rows = chunkRows(stored, 10_000) + 3;
    const { graph, table, all } = opened(stored - 1, stored, width);
    const x = lossInputs(graph, rows, width);
    compareLosses(graph, table, all, x);
    expect(graph.nodes.some(({ scope }) => scope === 'chunk1')).toBe(true);
    const targets = Int32Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? stored - 1 + (i % 2) : i));
    const data = {
      rows: noise(stored * width, 1, 2),
      own: noise(COUNT * width, 2, 4),
      hidden: noise(rows * width, 5, 2),
      targets,
      weights: new Float32Array(rows).fill(1),
    };
    const program = await (await openExecutor('ort', { threads: 1 })).compile(graph);
    const { outputs } = await program.run(data);
    await program.release();
    for (const name of ['nll', 'dHidden', 'dRows', 'measured']) {
      const reference = [...outputs[`plain ${name}`]!];
      const largest = Math.max(...reference.map(Math.abs));
      // 30,000 terms are added in float32
      expectClose([...outputs[name]!], reference, 1e-4 * Math.max(1, largest));
    }
  });

  it('gives the same where the head is in few bits and comes in pieces', () => {
    const [stored, width, rows] = [20_000, 64, 7];
    const graph = new Graph();
    const parts = {
      codes: graph.weight('codes', [stored, 2, 32], 'i8'),
      scales: graph.weight('scales', [stored, 2, 1]),
      zeros: null,
    };
    const head = dequantise(parts, 'int8', 32);
    const added = { rows: graph.input('own', 'f32', [COUNT, width]), first: 9_999 };
    const x = lossInputs(graph, rows, width);
    compareLosses(graph, { rows: head, added }, whole(head, added), x);
    const pieces = graph.nodes.filter(({ op, scope }) => op === 'dequantise' && scope === 'chunk0');
    expect(pieces.length).toBeGreaterThan(2);
    const data = {
      codes: noise(stored * width, 2, 127).map(Math.round),
      scales: noise(stored * 2, 3, 0.004),
      own: noise(COUNT * width, 4, 0.5),
      hidden: noise(rows * width, 1),
      targets: Int32Array.of(0, stored - 1, 9_999, 10_000, 10_001, 10_002, 9_998),
      weights: Float32Array.of(1, 1, 1, 1, 1, 0, 0.5),
    };
    expectEqualLosses(compute(graph, data, true));
  });
});

describe('a table', () => {
  const shape = { hiddenSize: WIDTH, ...withNewRows({ vocabSize: STORED }, 7, COUNT) };
  const name = 'model.embed_tokens.weight';
  const under = (method: Method) => {
    const graph = new Graph();
    const p = new Parameters(graph, method);
    const tables = [tableOf(p, name, shape, 'embedding'), tableOf(p, name, shape, 'embedding')] as const;
    return { graph, p, tables };
  };

  it('is one matrix where all is trained', () => {
    const { p, tables } = under({ kind: 'full' });
    expect(tables[0]).toEqual({ rows: p.trainables.get(name)!.value, added: null });
    expect(p.trainables.get(name)!.shape).toEqual([10, WIDTH]);
  });

  it('stays as it is beside adapters, and the rows of new tokens are trained once, undecayed', () => {
    const { graph, p, tables } = under({ kind: 'lora', dropout: 0, adapterOf: () => null });
    const trained = [...p.trainables.values()];
    expect(trained.map(({ name: one, shape: size, kind }) => [one, size, kind])).toEqual([
      [tokenRowsName(name), [COUNT, WIDTH], 'token_rows'],
    ]);
    expect(tokenRowsName(name)).toBe(
      'base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta',
    );
    expect(tables[0].added!.rows).toBe(tables[1].added!.rows);
    expect(graph.weights.get(name)!.shape).toEqual([STORED, WIDTH]);
  });

  it('has the rows with which new tokens begin where nothing is trained', () => {
    const { graph, p, tables } = under({ kind: 'frozen' });
    expect(p.trainables.size).toBe(0);
    expect(tables[0].added!.rows).toBe(graph.weights.get(`${name}.newRows`));
  });
});
