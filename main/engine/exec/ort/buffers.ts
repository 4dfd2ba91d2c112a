/**
 * Which buffers onnxruntime will have for the values of a graph, and from which node to which each of them lives. It computes the
 * nodes depth first from those that nothing consumes, the last of the file first; a result takes over the operand's
 * buffer where the kernel allows it, or else a dead buffer of the very same type and shape, which then is not given back in between.
 * Found by comparing the allocations of real runs with this account.
 */
import { leavesFirst } from './execution-order.ts';
import type { LoweredGraph } from './export.ts';
import { shapesOf } from './lowered-shapes.ts';
import type { OnnxNode, OnnxType } from './onnx.ts';

const BYTES: Readonly<Record<OnnxType, number>> = { f32: 4, i32: 4, u32: 4, i64: 8, bool: 1, u8: 1, i8: 1 };
/** Operations whose result is the operand under another shape. */
const VIEWS = new Set(['Reshape', 'Squeeze']);
/** Operations whose kernels may write their result over their first operand; those of two operands do not. */
const OVER_OPERAND = new Set(
  'Neg Exp Log Sqrt Reciprocal Tanh Sigmoid Erf Relu QuickGelu Gelu Cast ScatterElements'.split(' '),
);

export interface Buffer {
  readonly bytes: number;
  /** Steps of the execution order: made before the first, given back after the last; null: kept to the end. */
  readonly first: number;
  readonly last: number | null;
  /** The name of the node that asked for it. */
  readonly node: string;
}

interface Open {
  readonly name: string;
  readonly kind: string;
  readonly bytes: number;
  readonly first: number;
  readonly isOutput: boolean;
  readonly node: string;
  last: number;
  uses: number;
}

/** The buffers of a run of `lowered` in `order`, without those of the outputs in `donated`, which are written elsewhere. */
export function buffersOf(
  lowered: LoweredGraph,
  donated: ReadonlySet<string>,
  order: readonly OnnxNode[] = leavesFirst(lowered.nodes),
): Buffer[] {
  const shapes = shapesOf(lowered);
  const uses = usesOf(lowered);
  const all: Open[] = [];
  const holder = new Map<string, Open>();
  const dead: Open[] = [];
  const use = (name: string, step: number) => {
    const buffer = holder.get(name);
    if (!buffer) return;
    buffer.last = step;
    if (--buffer.uses === 0 && !buffer.isOutput) dead.unshift(buffer);
  };
  order.forEach((node, step) => {
    const name = node.outputs[0]!;
    if (!donated.has(name)) {
      const { type, shape } = shapes.get(name)!;
      const bytes = BYTES[type] * shape.reduce((size, dim) => size * dim, 1);
      const isOutput = lowered.outputs.has(name);
      const wanted = { name, kind: `${type}:${shape}`, bytes, first: step, isOutput, node: node.name };
      const buffer = (isOutput ? null : takenOver(node, wanted, holder, dead)) ?? open(wanted, all);
      holder.set(name, buffer);
      buffer.uses += uses.get(name) ?? 0;
      buffer.last = step;
      if (buffer.uses === 0 && !isOutput) dead.unshift(buffer);
    }
    for (const input of node.inputs) use(input, step);
  });
  return all.map(({ bytes, first, last, isOutput, node }) => ({
    bytes,
    first,
    last: isOutput ? null : last,
    node,
  }));
}

type Wanted = Omit<Open, 'last' | 'uses'>;

function open(wanted: Wanted, all: Open[]): Open {
  const buffer = { ...wanted, last: wanted.first, uses: 0 };
  all.push(buffer);
  return buffer;
}

function takenOver(
  node: OnnxNode,
  { kind, bytes }: Wanted,
  holder: ReadonlyMap<string, Open>,
  dead: Open[],
): Open | null {
  const operand = holder.get(node.inputs[0] ?? '');
  if (operand && VIEWS.has(node.type)) return operand;
  const isFree = operand?.uses === 1 && !operand.isOutput && operand.bytes === bytes;
  if (operand && isFree && OVER_OPERAND.has(node.type)) return operand;
  const place = kind.endsWith(':') ? -1 : dead.findIndex((buffer) => buffer.kind === kind);
  return place < 0 ? null : dead.splice(place, 1)[0]!;
}

function usesOf({ nodes, outputs }: LoweredGraph): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}
