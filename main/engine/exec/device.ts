/**
 * The devices that a training can be computed on, by the names that settings use. Which of them a computer has only the
 * executors can say: they open the device and end with a sentence where it is not there.
 */
import { AppError } from '../../../common/errors.ts';
import { said, say } from '../../../common/words/language.ts';

/** `cpu` is the processor; `webgpu` any graphics card; `cuda` NVIDIA's under Linux; `dml` (DirectML) any under Windows. */
export type DeviceName = 'cpu' | 'webgpu' | 'cuda' | 'dml';

/** What settings may say (common/settings/computing.ts); `auto` leaves the choice to Fettle. */
export type DeviceChoice = DeviceName | 'auto';

/** The device for a choice. Whoever starts a training has made one of `auto` (main/plan/device-choice.ts); what is left of it is the processor. */
export function deviceFor(choice: DeviceChoice = 'auto'): DeviceName {
  return choice === 'auto' ? 'cpu' : choice;
}

const WORDS: Readonly<Record<Exclude<DeviceName, 'cpu'>, string>> = {
  webgpu: 'Graphics card (WebGPU)',
  cuda: 'NVIDIA graphics card (CUDA)',
  dml: 'Graphics card (DirectML)',
};

/** The device as people read it: "CPU, 8 threads". */
export function deviceInWords(device: DeviceName, threads: number): string {
  return device === 'cpu' ? `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}` : WORDS[device];
}

/** What is said where a device was asked for that cannot be used: `why` is a sentence, `hint` what to do. */
export function deviceMissing(device: DeviceName, why: string, hint: string, cause?: unknown): AppError {
  return new AppError(
    'device-missing',
    say`${device === 'cpu' ? say`The processor` : said(WORDS[device])} can't be used here: ${why}`,
    said(hint),
    { cause },
  );
}
