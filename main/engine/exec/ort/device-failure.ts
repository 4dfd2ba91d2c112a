/** What onnxruntime says when a device is not there, is lost or is full, as errors that people can act on. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { type DeviceName, deviceMissing } from '../device.ts';
import { explainCuda, providerProblem } from './nvidia-pack.ts';
import { providerOf } from './providers.ts';

const NOT_THERE =
  /failed to get a webgpu (adapter|device)|no (suitable )?adapter|no CUDA-capable device|887A000[24]/i;
const LOST =
  /device (is |was )?lost|\[device[^\]]*\] is lost|devicelost|device[ _-](removed|hung)|VK_ERROR_DEVICE_LOST|887A000[567]|887A0020/i;
const FULL =
  /out of memory|outofmemory|8007000E|failed to allocate memory|VK_ERROR_OUT_OF|exceeds the (max|limit)|larger than.*(max|limit)|max(imum)?(Storage)?Buffer/i;

/** The part of a message that says something: without the line of code that found it, and without a stack. */
function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split('\n')[0]!
    .replace(/^.*? was false\. /, '')
    .trim();
}

/** CUDA's own numbers tell more; where onnxruntime could not load its provider, the system's loader knows why. */
function cudaFailure(error: unknown): AppError | null {
  const isUnloaded = error instanceof Error && /failed to load shared library/i.test(error.message);
  return explainCuda(error) ?? (isUnloaded ? providerProblem() : null);
}

/** The error to throw in place of `error`, which a session on `device` ended with; on the processor it stays as it is. */
export function deviceFailure(device: DeviceName, error: unknown): unknown {
  if (device === 'cpu' || error instanceof AppError) return error;
  const known = device === 'cuda' ? cudaFailure(error) : null;
  if (known) return known;
  const words = said(error);
  const options = { cause: error };
  if (NOT_THERE.test(words))
    return deviceMissing(device, say`no graphics card answers (${words}).`, providerOf(device).hint, error);
  if (LOST.test(words))
    return new AppError(
      'device-lost',
      say`The graphics card (${device}) was lost while computing: its driver was reset, or it was switched off (${words}).`,
      say`Resume from the last checkpoint. If it happens again, train on the processor.`,
      options,
    );
  if (FULL.test(words))
    return new AppError(
      'out-of-memory',
      say`The graphics card (${device}) has too little memory for this (${words}).`,
      say`Use shorter rows or fewer tokens at once, or train on the processor.`,
      options,
    );
  return new AppError(
    'device-failed',
    say`The graphics card (${device}) failed: ${words}`,
    say`Install the card's newest driver, or train on the processor. You can resume the run.`,
    options,
  );
}
