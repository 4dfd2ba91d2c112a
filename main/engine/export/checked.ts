/** Values on their way into an export, looked at once: what a type cannot hold must not become infinity on the disk. */
import { AppError } from '../../../common/errors.ts';
import type { ParameterReader } from './merge.ts';

const LARGEST_HALF = 65504;

/** The values of `read`; throws `AppError('bad-model-weights')` for what is no number, `unsupported-type` beyond f16. */
export function checkedParameters(read: ParameterReader, type: string, stop: AbortSignal): ParameterReader {
  const limit = type === 'f16' ? LARGEST_HALF : Number.MAX_VALUE;
  return async function* (parameter) {
    for await (const piece of read(parameter)) {
      stop.throwIfAborted();
      for (const value of piece) if (!(Math.abs(value) <= limit)) throw tooLarge(parameter, value, type);
      yield piece;
    }
  };
}

function tooLarge(parameter: string, value: number, type: string): AppError {
  if (!Number.isFinite(value)) {
    return new AppError(
      'bad-model-weights',
      `${parameter} holds ${value}, which is no weight.`,
      'The model or the adapter is damaged. Train it again, or get it again.',
    );
  }
  return new AppError(
    'unsupported-type',
    `${parameter} holds ${value.toPrecision(6)}, and ${type} ends at ${LARGEST_HALF}.`,
    'Export with --type bf16 or --type f32.',
  );
}
