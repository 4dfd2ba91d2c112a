/** What a device cannot hold in one piece is refused before anything is sent there; this needs no device. */
import { describe, expect, it } from 'vitest';
import { checkLargest, providerOf } from '../../../../../main/engine/exec/ort/providers.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import { add, gather, matmul } from '../../../../../main/engine/ops/functions.ts';

const webgpu = { ...providerOf('cpu'), device: 'webgpu' as const, largestBytes: 2 ** 31 - 4 };

function table(rows: number): Graph {
  const graph = new Graph();
  graph.output('y', gather(graph.weight('embed', [rows, 4096]), graph.input('ids', 'i32', [3])));
  return graph;
}

describe('checkLargest', () => {
  it('names a table that is too large', () => {
    expect(() => checkLargest(table(2 ** 17), webgpu)).toThrow(
      /A weight of the model needs 2\.15 GB in one piece\. .*webgpu.* allows 2\.15 GB: .*embed/,
    );
    expect(() => checkLargest(table(2 ** 17 - 1), webgpu)).not.toThrow();
  });

  it('looks at the values of a step, too', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2 ** 15, 1]);
    graph.output('y', add(matmul(x, x, { transB: true }), graph.input('z', 'f32', [1])));
    expect(() => checkLargest(graph, webgpu)).toThrow(/A step needs 4\.29 GB in one piece/);
  });

  it('has no limit on the processor', () => {
    expect(() => checkLargest(table(2 ** 20), providerOf('cpu'))).not.toThrow();
  });
});
