/** The reference executor: every operation by its definition, one after the other. Slow and obvious; for tests. */
import { internal } from '../../../../common/errors.ts';
import { allocate, type HostArray } from '../../ir/dtype.ts';
import type { Graph, Node, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { HostTensor } from '../../ops/define.ts';
import { opOf } from '../../ops/functions.ts';
import { peaksOf } from '../../passes/graph-cost.ts';
import { optimise } from '../../passes/index.ts';
import { scheduled } from '../../passes/schedule.ts';
import type { CompileOptions, DeviceTensor, Executor, Program, RunResult } from '../executor.ts';
import { HostDeviceTensor, hostData, readWeight } from '../host-tensor.ts';

/** Evaluates `graph` (primitives only) on `leaves`, in `order`; with `precise`, float values are held in float64. */
export function evaluate(
  graph: Graph,
  leaf: (value: Value) => HostTensor,
  precise = false,
  order: readonly Node[] = scheduled(graph),
): Map<string, HostTensor> {
  const known = new Map<Value, HostTensor>();
  const pending = usesOf(graph);
  const tensorFor = (value: Value): HostTensor => known.get(value) ?? leaf(value);
  for (const node of order) {
    known.set(node.output, evaluateNode(node, node.inputs.map(tensorFor), precise));
    for (const x of node.inputs) {
      const left = pending.get(x)! - 1;
      pending.set(x, left);
      if (left === 0) known.delete(x);
    }
  }
  return new Map([...graph.outputs].map(([name, value]) => [name, tensorFor(value)]));
}

function evaluateNode(node: Node, inputs: readonly HostTensor[], precise: boolean): HostTensor {
  const { dtype, shape } = node.output;
  const def = opOf(node.op);
  if (!def.reference) throw internal(`${node.op} was not decomposed`);
  const data = precise && dtype === 'f32' ? new Float64Array(sizeOf(shape)) : allocate(dtype, sizeOf(shape));
  const out = { dtype, shape, data };
  def.reference(inputs, node.attrs, out);
  return out;
}

function usesOf(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  for (const node of graph.nodes) for (const x of node.inputs) uses.set(x, (uses.get(x) ?? 0) + 1);
  for (const value of graph.outputs.values()) uses.set(value, Number.POSITIVE_INFINITY);
  return uses;
}

class ReferenceProgram implements Program {
  readonly #graph: Graph;
  readonly #order: readonly Node[];
  readonly #weights: ReadonlyMap<string, HostArray>;

  constructor(graph: Graph, weights: ReadonlyMap<string, HostArray>) {
    this.#graph = graph;
    this.#order = scheduled(graph);
    this.#weights = weights;
  }

  async run(
    inputs: Readonly<Record<string, HostArray | DeviceTensor>>,
    into: Readonly<Record<string, DeviceTensor>> = {},
  ): Promise<RunResult> {
    const results = evaluate(this.#graph, (value) => this.#leaf(value, inputs), false, this.#order);
    const outputs: Record<string, HostArray> = {};
    for (const [name, tensor] of results) {
      const target = into[name];
      if (target) await target.write(tensor.data as HostArray);
      else outputs[name] = tensor.data as HostArray;
    }
    return { outputs };
  }

  #leaf(
    { source, dtype, shape }: Value,
    inputs: Readonly<Record<string, HostArray | DeviceTensor>>,
  ): HostTensor {
    switch (source.kind) {
      case 'constant':
        return { dtype, shape, data: source.data };
      case 'weight':
        return { dtype, shape, data: this.#weights.get(source.name)! };
      case 'input':
        return { dtype, shape, data: hostData(source.name, inputs[source.name], dtype, shape) };
      default:
        throw internal('a node was read before it was computed');
    }
  }

  async release(): Promise<void> {}
}

/** Makes the reference executor. */
export function createReferenceExecutor(): Executor {
  return {
    name: 'reference',
    device: 'cpu',
    keeps: 'host',
    fusedOperations: new Set(),
    tensor: (dtype, shape, data) => new HostDeviceTensor(dtype, shape, data),
    memoryOf(graph, donated) {
      const { turn, after, highest } = peaksOf(graph, donated);
      const live = { turnBytes: turn.bytes, afterBytes: after.bytes };
      return { ...live, donatedBytes: 0, heapAt: () => highest.bytes, sessionBytes: 0 };
    },
    async compile(graph: Graph, options: CompileOptions = {}): Promise<Program> {
      const ready = optimise(graph, new Set());
      const weights = new Map<string, HostArray>();
      for (const [name, { dtype }] of ready.weights) {
        if (!options.weights) throw internal(`no source for weight ${name}`);
        weights.set(name, await readWeight(options.weights(name), dtype));
      }
      return new ReferenceProgram(ready, weights);
    },
  };
}
