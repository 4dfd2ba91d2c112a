/**
 * How a step's time hangs on the number of threads, where another one was measured: a model, by Amdahl. Nine tenths of what a processor does
 * in a step is divided among threads, up to one for each core; the rest is not.
 */
import type { DeviceRates } from '../../common/api/contract.ts';
import type { RunPrice } from '../../common/protocol/protocol.ts';

const SHARED = 0.9;
/** What else may be: memory that does not keep up, or all divided. */
const LEAST_SHARED = 0.7;
const MOST_SHARED = 1;

export interface ThreadFactor {
  /** By which the time of graphs differs from that at the speeds measured. */
  readonly value: number;
  /** How far that may be off, as a factor above 1 either way. */
  readonly spread: number;
}

/** For a run of `price` by `rates`; `cores` that threads can have to themselves. Other executors and devices have threads of their own. */
export function threadFactor(
  price: Pick<RunPrice, 'executor' | 'device' | 'threads'>,
  rates: Pick<DeviceRates, 'threads'>,
  cores = Number.POSITIVE_INFINITY,
): ThreadFactor {
  const { executor, device = 'cpu', threads } = price;
  const [wanted, measured] = [threads, rates.threads].map((count) => Math.max(1, Math.min(count, cores)));
  if (executor !== 'ort' || device !== 'cpu' || wanted === measured) return { value: 1, spread: 1 };
  const by = (shared: number) => (1 - shared + shared / wanted!) / (1 - shared + shared / measured!);
  const value = by(SHARED);
  const others = [by(LEAST_SHARED), by(MOST_SHARED)];
  return { value, spread: Math.max(...others.map((other) => Math.max(other / value, value / other))) };
}
