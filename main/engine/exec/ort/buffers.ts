/**
 * Which buffers onnxruntime will have for the values of a graph, and from which node to which each of them lives. It computes the
 * nodes depth first from those that nothing consumes, the last of the file first; a result takes over the operand's
 * buffer where the kernel allows it, or else a dead buffer of the very same type and shape, which then is not given back in between.
 * Found by comparing the allocations of real runs with this account.
 */
import { sizeOf } from '../../ir/shape.ts';
import { leavesFirst } from './execution-order.ts';
import type { LoweredGraph } from './export.ts';
import { shapesOf } from './lowered-shapes.ts';
import type { OnnxNode, OnnxType } from './onnx.ts';

const BYTES: Readonly<Record<OnnxType, number>> = {
  ...{ f32: 4, i32: 4, u32: 4, i64: 8, f16: 2, bf16: 2 },
  ...{ bool: 1, u8: 1, i8: 1 },
};
/** Operations whose result is the operand under another shape; those of weights and inputs take nothing. */
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
  /** Buffers of one type and shape have the same number; scalars, which are never taken over, have -1. */
  readonly kind: number;
  readonly bytes: number;
  readonly first: number;
  readonly isOutput: boolean;
  readonly node: string;
  last: number;
  uses: number;
}

/** A result of a node: how often it is read, and the buffer that holds it once there is one. */
interface Tensor {
  readonly name: string;
  readonly isOutput: boolean;
  uses: number;
  holder: Open | null;
}

interface Step {
  readonly node: OnnxNode;
  readonly result: Tensor;
  /** null for what no node makes. */
  readonly operands: readonly (Tensor | null)[];
}

/** The buffers of a run of `lowered` in `order`, without those of the outputs in `donated`, which are written elsewhere. */
export function buffersOf(
  lowered: LoweredGraph,
  donated: ReadonlySet<string>,
  order: readonly OnnxNode[] = leavesFirst(lowered.nodes),
): Buffer[] {
  const shapes = shapesOf(lowered);
  const kindOf = kinds();
  const all: Open[] = [];
  const dead: Dead = [];
  stepsOf(lowered, order).forEach((step, first) => {
    const { node, result, operands } = step;
    const isViewOfLeaf = VIEWS.has(node.type) && !operands[0]?.holder && !result.isOutput;
    if (!donated.has(result.name) && !isViewOfLeaf) {
      const { type, shape } = shapes.get(result.name)!;
      const bytes = BYTES[type] * sizeOf(shape);
      const kind = kindOf(type, shape);
      const { isOutput } = result;
      let buffer = isOutput ? null : takenOver(step, { kind, bytes }, dead);
      if (!buffer) {
        buffer = { kind, bytes, first, isOutput, node: node.name, last: first, uses: 0 };
        all.push(buffer);
      }
      result.holder = buffer;
      buffer.uses += result.uses;
      buffer.last = first;
      if (buffer.uses === 0 && !isOutput) die(buffer, dead);
    }
    for (const operand of operands) {
      const buffer = operand?.holder;
      if (!buffer) continue;
      buffer.last = first;
      if (--buffer.uses === 0 && !buffer.isOutput) die(buffer, dead);
    }
  });
  return all.map(({ bytes, first, last, isOutput, node }) => ({
    bytes,
    first,
    last: isOutput ? null : last,
    node,
  }));
}

/** The nodes with their results and operands; each operand is made before it is used. */
function stepsOf({ outputs }: LoweredGraph, order: readonly OnnxNode[]): Step[] {
  const made = new Map<string, Tensor>();
  const steps = order.map((node) => {
    const operands = node.inputs.map((name) => made.get(name) ?? null);
    for (const operand of operands) if (operand) operand.uses++;
    const name = node.outputs[0]!;
    const result: Tensor = { name, isOutput: outputs.has(name), uses: 0, holder: null };
    made.set(name, result);
    return { node, result, operands };
  });
  for (const { result } of steps) if (result.isOutput) result.uses++;
  return steps;
}

/** Numbers types and shapes. Shapes are the graph's own arrays, so most are known without a look into them. */
function kinds(): (type: OnnxType, shape: readonly number[]) => number {
  const byText = new Map<string, number>();
  const byArray = new Map<OnnxType, Map<readonly number[], number>>();
  return (type, shape) => {
    if (shape.length === 0) return -1;
    const ofType = byArray.get(type) ?? new Map<readonly number[], number>();
    byArray.set(type, ofType);
    const known = ofType.get(shape);
    if (known !== undefined) return known;
    const text = `${type}:${shape.join()}`;
    const kind = byText.get(text) ?? byText.size;
    byText.set(text, kind);
    ofType.set(shape, kind);
    return kind;
  };
}

/** Buffers that nobody reads any more, by their kind, the one that died last at the end. */
type Dead = (Open[] | undefined)[];

function die(buffer: Open, dead: Dead): void {
  if (buffer.kind < 0) return;
  const like = dead[buffer.kind];
  if (like) like.push(buffer);
  else dead[buffer.kind] = [buffer];
}

function takenOver(
  { node, operands }: Step,
  { kind, bytes }: Pick<Open, 'kind' | 'bytes'>,
  dead: Dead,
): Open | null {
  const operand = operands[0]?.holder;
  if (operand && VIEWS.has(node.type)) return operand;
  const isFree = operand?.uses === 1 && !operand.isOutput && operand.bytes === bytes;
  if (operand && isFree && OVER_OPERAND.has(node.type)) return operand;
  return kind < 0 ? null : (dead[kind]?.pop() ?? null);
}
