/** Figures that grow by the same amount with each layer: from those of two depths follow those of any other. */
import { internal } from '../../../common/errors.ts';

/**
 * The figures at `depth`, given the same figures at two others. Numbers lie on a line; lists must have the same entries in the same
 * order, whose numbers lie on lines, too; everything else must be equal in both.
 */
export function affine<T>(values: readonly [T, T], depths: readonly [number, number], depth: number): T {
  const [low, high] = depths;
  const share = (depth - low) / (high - low);
  return along(values, share) as T;
}

function along([a, b]: readonly [unknown, unknown], share: number): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + (b - a) * share;
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    return a.map((item, i) => along([item, b[i]], share));
  if (isRecord(a) && isRecord(b) && sameKeys(a, b))
    return Object.fromEntries(Object.keys(a).map((key) => [key, along([a[key], b[key]], share)]));
  if (Object.is(a, b)) return a;
  throw internal(`figures of two depths do not match: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sameKeys = (a: object, b: object): boolean => Object.keys(a).join() === Object.keys(b).join();
