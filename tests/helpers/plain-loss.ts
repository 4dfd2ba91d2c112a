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
} from '../../main/engine/ops/functions.ts';

/** log(sum(exp(z))) - z[target] of each row, in the plainest form. */
export function plainLoss(hidden: Value, head: Value, wanted: Value): Value {
  const logits = matmul(hidden, head, { transB: true });
  const largest = reduceMax(logits, [1]);
  const shifted = sub(logits, reshape(largest, [logits.shape[0]!, 1]));
  const chosen = reduceSum(mul(hidden, gather(head, wanted)), [1]);
  return sub(add(log(reduceSum(exp(shifted), [1])), largest), chosen);
}
