/** Refuses graphs with a tensor that a device cannot hold in one piece: some drivers end the process over it. */
import { AppError } from '../../../../common/errors.ts';
import { bytesOf, describe, type Graph, type Value } from '../../ir/graph.ts';
import type { Provider } from './providers.ts';

/** Throws `AppError('device-unsupported')` that names the largest tensor of `graph` where it is beyond what `provider` takes. */
export function checkLargest(graph: Graph, { device, largestBytes }: Provider): void {
  if (largestBytes === undefined) return;
  const values: Value[] = [
    ...graph.weights.values(),
    ...graph.inputs.values(),
    ...graph.nodes.map(({ output }) => output),
  ];
  const largest = values.reduce<Value | null>(
    (most, value) => (most && bytesOf(most) >= bytesOf(value) ? most : value),
    null,
  );
  if (!largest || bytesOf(largest) <= largestBytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;
  const isWeight = largest.source.kind === 'weight';
  throw new AppError(
    'device-unsupported',
    `${isWeight ? `The weight ${describe(largest)}` : 'A value of the step'} takes ${gigabytes(bytesOf(largest))}, but --device ${device} takes ${gigabytes(largestBytes)} at most in one piece.`,
    isWeight
      ? 'Choose a smaller model, or compute on the processor with --device cpu.'
      : 'Lower --tokens-per-micro-batch or --max-length, or compute on the processor with --device cpu.',
  );
}
