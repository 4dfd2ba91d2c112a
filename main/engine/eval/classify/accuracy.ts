/** How many answers are right, as one figure for every page: with what it counts, on how many rows, and how sure it is. */
import type { Accuracy } from '../../../../common/protocol/protocol.ts';
import { rate } from '../assess/statistics.ts';

/** The figure of rows that are right or wrong; `key` names the field that is counted, null the whole answer. */
export function accuracyOf(key: string | null, rights: readonly boolean[]): Accuracy {
  return { key, rows: rights.length, ...rate(rights.filter(Boolean).length, rights.length) };
}
