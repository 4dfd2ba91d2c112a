/** What goes wrong on the way to a card of NVIDIA, in words with a next step. Texts come from the system's loader, CUDA and onnxruntime. */
import { AppError } from '../../../../common/errors.ts';

const DRIVER =
  'Install NVIDIA’s driver 580 or newer with the package manager of the system or from nvidia.com, then restart the computer.';
const AGAIN =
  'Remove the pack and get it again: `fettle devices remove nvidia`, then `fettle devices get nvidia`.';
const PROCESSOR = 'Until then, train on the processor (--device cpu).';

/** CUDA's numbers of errors (`cudaError_t`) that people can do something about. */
const CUDA: Readonly<Record<number, readonly [code: string, message: string, hint: string]>> = {
  2: [
    'out-of-memory',
    'The memory of the graphics card is used up.',
    'Close programs that use the card, or lower --tokens-per-micro-batch or --max-length; then resume with --resume.',
  ],
  35: ['device-driver-old', 'The driver of the graphics card is too old for CUDA 13.', DRIVER],
  46: [
    'device-busy',
    'The graphics card is used by another program alone, or set so that none may compute on it.',
    `End the other program, or allow several with nvidia-smi -c 0. ${PROCESSOR}`,
  ],
  100: [
    'device-missing',
    'NVIDIA’s driver runs no card that this program may use.',
    `Look at nvidia-smi; in a container, start it with --gpus all; CUDA_VISIBLE_DEVICES must not be empty. ${PROCESSOR}`,
  ],
  101: ['device-missing', 'The graphics card that was asked for is not there.', PROCESSOR],
  209: [
    'device-unsupported',
    'The graphics card is too old: the libraries have no code for it.',
    'Cards from the series RTX 20, GTX 16 and T4 on are supported (compute capability 7.5).',
  ],
  700: [
    'device-lost',
    'The graphics card stopped because of a forbidden access to its memory.',
    'Resume with --resume. If it happens again, report it.',
  ],
  719: [
    'device-lost',
    'The graphics card stopped while it computed.',
    'Resume with --resume. If it happens again, look at its temperature and power supply.',
  ],
  802: [
    'device-driver-broken',
    'NVIDIA’s driver is not ready.',
    `On servers with NVSwitch, start nvidia-fabricmanager; else restart the computer. ${PROCESSOR}`,
  ],
  803: [
    'device-driver-broken',
    'The driver that runs and its files are of different versions.',
    'Restart the computer.',
  ],
  804: [
    'device-driver-broken',
    'The driver’s files for newer versions of CUDA do not work with this card.',
    'Remove the package cuda-compat, or take a newer driver.',
  ],
  999: [
    'device-lost',
    'NVIDIA’s driver failed for an unknown reason, as after the computer slept.',
    'Restart the computer.',
  ],
};

/** The error in words; null where `error` says nothing of CUDA that is known. */
export function explainCuda(error: unknown): AppError | null {
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  const number = Number(/CUDA (?:failure|error) (\d+)/i.exec(text)?.[1] ?? Number.NaN);
  const known = CUDA[number];
  if (known) return new AppError(...known, options);
  const missing = /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(text)?.[1];
  if (missing === 'libcuda.so.1')
    return new AppError(
      'device-driver-missing',
      'The driver of NVIDIA is not installed: its library libcuda.so.1 is not found.',
      `${DRIVER} ${PROCESSOR}`,
      options,
    );
  if (missing !== undefined)
    return new AppError('pack-damaged', `The NVIDIA pack lacks ${missing}.`, AGAIN, options);
  if (/undefined symbol|version `[^']+' not found|invalid ELF header|file too short/.test(text))
    return new AppError(
      'pack-damaged',
      `A library of the NVIDIA pack does not load: ${text}.`,
      AGAIN,
      options,
    );
  if (/CUDNN|cuDNN/.test(text))
    return new AppError(
      'device-unsupported',
      'An operation of this training needs cuDNN, which the NVIDIA pack does not have.',
      `This should not happen: report it, with the text below. ${PROCESSOR}\n${text.slice(0, 500)}`,
      options,
    );
  if (/CUDA|CUBLAS/.test(text))
    return new AppError(
      'device-failed',
      `The graphics card could not be used: ${text.slice(0, 500)}`,
      `Restart the computer and try again. ${PROCESSOR}`,
      options,
    );
  return null;
}
