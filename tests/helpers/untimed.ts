/** A verdict without what differs each time: simpler ways take another time. */
import type { AssessResult } from '../../common/protocol/protocol.ts';

export function untimed({ rival, betterRival, ...verdict }: AssessResult['verdict']) {
  return { ...verdict, rivals: [rival, betterRival].map((one) => one && { ...one, seconds: 0 }) };
}
