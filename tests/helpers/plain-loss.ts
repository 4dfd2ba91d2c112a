/** The loss of a head as it is defined, of operations alone: what the chunks and pieces of the real one are compared with. */
import type { Value } from '../../main/engine/ir/graph.ts';
import {
  add,
  exp,
  gather,
  log,
  matmul,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  sub,
  tanh,
} from '../../main/engine/ops/functions.ts';

/** log(sum(exp(z))) - z[target] of each row, in the plainest form; with a `cap` c the logits are c tanh(z / c). */
export function plainLoss(hidden: Value, head: Value, wanted: Value, cap?: number): Value {
  const capped = (z: Value) => (cap === undefined ? z : mul(tanh(mul(z, 1 / cap)), cap));
  const logits = capped(matmul(hidden, head, { transB: true }));
  const largest = reduceMax(logits, [1]);
  const shifted = sub(logits, reshape(largest, [logits.shape[0]!, 1]));
  const chosen = capped(reduceSum(mul(hidden, gather(head, wanted)), [1]));
  return sub(add(log(reduceSum(exp(shifted), [1])), largest), chosen);
}
