/** What computing one node takes for a moment besides its operands and its result. */
import { bytesOf, type Node, type Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';

/** In bytes; `isWasm` for that backend, which lays operands out anew where the other one reads them as they lie. */
export function scratchBytes({ op, inputs, output, attrs }: Node, isWasm: boolean): number {
  const [x] = inputs as [Value];
  switch (op) {
    case 'matmul':
      return productBytes(inputs as [Value, Value], output, attrs.alpha !== 1, isWasm && attrs);
    case 'reduceSum':
    case 'reduceMax':
      return isWasm && !areLast(attrs.axes as readonly number[], x.shape.length) ? bytesOf(x) : 0;
    case 'where':
      return inputs.filter(({ shape }) => sizeOf(shape) < sizeOf(output.shape)).length * bytesOf(output);
    case 'dequantise':
      return isWasm ? 0 : (attrs.type === 'int8' ? 2 : 8) * sizeOf(output.shape);
    default:
      return 0;
  }
}

function productBytes(
  [a, b]: [Value, Value],
  output: Value,
  isScaled: boolean,
  turns: Node['attrs'] | false,
): number {
  const scaled = isScaled ? Math.min(bytesOf(a), bytesOf(output)) : 0;
  if (!turns) return scaled;
  const packed = 4 * b.shape.at(-1)! * b.shape.at(-2)!;
  return scaled + (turns.transA ? bytesOf(a) : 0) + (turns.transB ? bytesOf(b) : 0) + packed;
}

function areLast(axes: readonly number[], rank: number): boolean {
  return axes.every((axis) => axis >= rank - axes.length);
}
