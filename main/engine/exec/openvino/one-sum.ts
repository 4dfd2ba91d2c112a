/**
 * Sums of two products become one product over both inner dimensions: x W + y B = [x y] [W; B]. In bfloat16 each product is rounded, and
 * a small one, such as that of an adapter which has just begun to learn, would be lost in a sum with a large one that is rounded already.
 */
import { type Graph, type Node, producer, type Value } from '../../ir/graph.ts';
import { add, concat, matmul, mul } from '../../ops/functions.ts';
import { isBackward } from '../../passes/layer-scopes.ts';
import { rewrite, withoutUnneeded } from '../../passes/rewrite.ts';

/**
 * A copy of `graph` with such sums of products of matrices in one; those of which a product is read elsewhere, too, stay, as do those of
 * the backward pass: what they lose there is small beside the rest of the gradient, and matrices would be joined twice.
 */
export function withOneSum(graph: Graph): Graph {
  const uses = new Map<Value, number>();
  for (const value of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.values()])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  const isOnce = ({ inputs }: Node) => inputs.every((x) => uses.get(x) === 1);
  const copy = rewrite(graph, (node, [a, b]) =>
    node.op === 'add' && !isBackward(node.scope) && isOnce(node) ? (summed(a!, b!) ?? biased(a!, b!)) : null,
  );
  return withoutUnneeded(copy);
}

/** The same where the first product has a bias already: that is added last. */
function biased(a: Value, b: Value): Value | null {
  const node = producer(a);
  const [product, bias] = node?.op === 'add' ? node.inputs : [];
  const sum = bias?.shape.length === 1 ? summed(product!, b) : null;
  return sum && add(sum, bias!);
}

/** Null where the values are not two such products. */
function summed(a: Value, b: Value): Value | null {
  const [first, second] = [productOf(a), productOf(b)];
  if (!first || !second || first.attrs.transB !== second.attrs.transB) return null;
  const transB = first.attrs.transB as boolean;
  const left = [first, second].map(({ inputs: [x], attrs }) =>
    attrs.alpha === 1 ? x! : mul(x!, attrs.alpha as number),
  );
  const right = [first.inputs[1]!, second.inputs[1]!];
  return matmul(concat(left, 1), concat(right, transB ? 1 : 0), { transB });
}

function productOf(value: Value): Node | null {
  const node = producer(value);
  const isPlain =
    node?.op === 'matmul' && !node.attrs.transA && node.inputs.every(({ shape }) => shape.length === 2);
  return isPlain ? node : null;
}
