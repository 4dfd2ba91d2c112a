/** Turns the samples of an operation's definition into graphs and data. */
import { evaluate } from '../../main/engine/exec/reference/reference-executor.ts';
import { allocate, type HostArray } from '../../main/engine/ir/dtype.ts';
import { Graph, type Value } from '../../main/engine/ir/graph.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import { applyIn, type OpDef, type Sample, type SampleInput } from '../../main/engine/ops/define.ts';
import { widen } from '../../main/engine/ops/functions.ts';
import { decompose } from '../../main/engine/passes/index.ts';
import { seeded } from './random.ts';

export interface SampleCase {
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly data: Readonly<Record<string, HostArray>>;
}

/** The graph of one sample with inputs x0, x1, …, output y, and its data; operands of 16 bits are weights, because they are never fed, and results come back as float32. */
export function sampleCase(def: OpDef, sample: Sample<OpDef extends OpDef<infer A> ? A : never>): SampleCase {
  const graph = new Graph();
  const inputs = sample.inputs.map(({ dtype = 'f32', shape }, i) => {
    const isHalf = dtype === 'f16' || dtype === 'bf16';
    return isHalf ? graph.weight(`x${i}`, shape, dtype) : graph.input(`x${i}`, dtype, shape);
  });
  const output = applyIn(graph, def, inputs, sample.attrs);
  // what has 16 bits does not leave an executor
  graph.output('y', output.dtype === 'f16' ? widen(output) : output);
  const data = Object.fromEntries(sample.inputs.map((input, i) => [`x${i}`, sampleData(input, i)]));
  return { graph, inputs, output, data };
}

/** What the output of such a graph is by the definitions of its operations. */
export function expectedOf(
  graph: Graph,
  data: Readonly<Record<string, HostArray>>,
): ArrayLike<number | bigint> {
  const results = evaluate(decompose(graph, new Set()), ({ source, dtype, shape }) => ({
    dtype,
    shape,
    data:
      source.kind === 'input' || source.kind === 'weight'
        ? data[source.name]!
        : source.kind === 'constant'
          ? source.data
          : new Float32Array(),
  }));
  return results.get('y')!.data;
}

function sampleData(input: SampleInput, seed: number): HostArray {
  const data = allocate(input.dtype ?? 'f32', sizeOf(input.shape));
  const [low, high] = input.range ?? [-2, 2];
  const random = seeded(seed + 1);
  for (let i = 0; i < data.length; i++) data[i] = input.values?.[i] ?? low + (high - low) * random();
  return data;
}
