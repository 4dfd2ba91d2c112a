import { expect, it } from 'vitest';
import { profiledName } from '../../../../main/engine/exec/onnx/onnx-export.ts';
import { programTimes } from '../../../../main/engine/exec/ort/measured.ts';
import { Graph, producer } from '../../../../main/engine/ir/graph.ts';
import { exp, neg } from '../../../../main/engine/ops/functions.ts';

it("joins onnxruntime's kernels with the graph's nodes, on this process' clock", () => {
  const graph = new Graph();
  const [first, second] = graph.scoped('model.layers.0', () => {
    const y = neg(graph.input('x', 'f32', [4]));
    return [producer(y)!, producer(exp(y))!];
  });
  const kernel = (name: string, op_name: string, ts: number, provider = 'CPUExecutionProvider') => ({
    ...{ cat: 'Node', name: `${name}_kernel_time`, ts, dur: 50, args: { op_name, provider } },
  });
  const times = programTimes(
    [
      { cat: 'Session', name: 'session_initialization', ts: 10, dur: 900 },
      kernel(`${profiledName(second)}:v1`, 'Exp', 3000, 'CUDAExecutionProvider'),
      kernel(`${profiledName(first)}:v0`, 'Neg', 2000),
      { ...kernel('x', 'Neg', 2500), name: 'x_fence_before' },
      kernel('Memcpy_token_1', 'MemcpyToHost', 3500),
      { cat: 'Session', name: 'model_run', ts: 1500, dur: 2500 },
    ],
    graph,
    100,
  );
  expect(times.runs).toEqual([{ startMs: 100, ms: 2.5 }]);
  expect(times.kernels).toEqual([
    { startMs: 100.5, ms: 0.05, kernel: 'Neg', provider: 'CPU', node: first },
    { startMs: 101.5, ms: 0.05, kernel: 'Exp', provider: 'CUDA', node: second },
    { startMs: 102, ms: 0.05, kernel: 'MemcpyToHost', provider: 'CPU', node: null },
  ]);
});
