/** CUDA, NVIDIA's own way: through onnxruntime, and through TensorFlow.js with @tensorflow/tfjs-node-gpu. */

import type { Card } from './card.ts';
import { type Finding, fails, type Ways, windowsHindrance, works } from './ways.ts';

/** The oldest drivers and cards for CUDA 12, which onnxruntime is built with, by NVIDIA's tables of compatibility. */
const CUDA_12 = { linux: '525.60', win32: '527.41', computeCapability: 5 };
/** For CUDA 11, which tfjs-node-gpu's TensorFlow is built with. */
const CUDA_11 = { linux: '450.80', win32: '452.39', computeCapability: 3.5 };
const MAKERS = { amd: 'AMD', intel: 'Intel', apple: 'Apple', other: 'another maker', nvidia: 'NVIDIA' };
const ORT_INSTALL = 'npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12';

export function cudaAccess(card: Card, ways: Ways): Finding {
  if (card.vendor !== 'nvidia')
    return fails(`CUDA is NVIDIA’s, and this card is from ${MAKERS[card.vendor]}.`);
  if (ways.platform !== 'linux' || ways.arch !== 'x64')
    return fails(
      `onnxruntime has CUDA for Linux on x64 processors only, and this is ${ways.platform}-${ways.arch}.`,
      ways.platform === 'win32' ? 'WebGPU and DirectML are the ways on Windows; CUDA works in WSL.' : null,
    );
  const hindrance = driverHindrance(card, ways, CUDA_12);
  if (hindrance !== null) return hindrance;
  if (!ways.hasCudaLibrary)
    return fails(
      'The driver is ready, but onnxruntime’s library for CUDA is not installed.',
      `Run ${ORT_INSTALL}; it also needs CUDA 12 and cuDNN 9.`,
    );
  return works(
    `Driver ${card.driverVersion}, and onnxruntime’s library for CUDA is installed; CUDA 12 and cuDNN 9, which it needs, were not looked for.${partsText(card)}`,
  );
}

export function tfjsAccess(card: Card, ways: Ways): Finding {
  if (card.vendor !== 'nvidia')
    return fails(
      `TensorFlow.js computes on cards of NVIDIA only, and this one is from ${MAKERS[card.vendor]}.`,
    );
  if ((ways.platform !== 'linux' && ways.platform !== 'win32') || ways.arch !== 'x64')
    return fails(
      `@tensorflow/tfjs-node-gpu exists for Linux and Windows on x64 processors only, and this is ${ways.platform}-${ways.arch}.`,
    );
  const hindrance = driverHindrance(card, ways, CUDA_11);
  if (hindrance !== null) return hindrance;
  if (!ways.hasTfjsGpu)
    return fails(
      'The driver is ready, but the package @tensorflow/tfjs-node-gpu is not installed.',
      'Run npm install @tensorflow/tfjs-node-gpu; it loads TensorFlow’s library from the network.',
    );
  return works(
    `Driver ${card.driverVersion}, and @tensorflow/tfjs-node-gpu is installed; whether it loads was not tried.${partsText(card)}`,
  );
}

/** What keeps every CUDA program from this card; null: nothing that is known. */
function driverHindrance(card: Card, ways: Ways, needs: typeof CUDA_12): Finding | null {
  const onWindows = ways.platform === 'win32' ? windowsHindrance(card) : null;
  if (onWindows !== null) return onWindows;
  if (card.kernelDriver === 'nouveau')
    return fails(
      'The card runs with nouveau, the free driver, which has no CUDA.',
      'Install NVIDIA’s own driver, then restart the computer.',
    );
  if (ways.surroundings.container !== null && !ways.devices.nvidia && !ways.nvidia.works)
    return fails(
      'The container was started without the card.',
      'Install nvidia-container-toolkit and start the container with --gpus all.',
    );
  if (!ways.nvidia.works)
    return ways.nvidia.problem === null
      ? fails(
          'NVIDIA’s driver is not installed.',
          'Install it with the package manager of the system or from nvidia.com, then restart the computer.',
        )
      : fails(
          `NVIDIA’s driver does not work. ${ways.nvidia.problem}`,
          'Restart the computer; if that does not help, install the driver anew.',
        );
  if (card.parts?.length === 0)
    return fails(
      'The card is set to be divided (MIG), but no part of it has been made, so that programs get nothing.',
      'Make a part with nvidia-smi mig -cgi, or switch MIG off with nvidia-smi -mig 0.',
    );
  return tooOld(card, ways, needs);
}

function tooOld(
  { driverVersion, computeCapability }: Card,
  { platform }: Ways,
  needs: typeof CUDA_12,
): Finding | null {
  const oldest = platform === 'win32' ? needs.win32 : needs.linux;
  if (computeCapability !== null && computeCapability < needs.computeCapability)
    return fails(
      `The card is too old: it has compute capability ${computeCapability}, and ${needs.computeCapability} is needed.`,
    );
  if (driverVersion === null)
    return fails(
      'NVIDIA’s driver does not run this card.',
      'Restart the computer; if that does not help, look at the card’s power supply and temperature.',
    );
  return isBelow(driverVersion, oldest)
    ? fails(`Driver ${driverVersion} is too old: ${oldest} is needed.`, 'Install a newer driver of NVIDIA.')
    : null;
}

/** 525.105 is newer than 525.60. */
function isBelow(version: string, oldest: string): boolean {
  const [ours, least] = [version, oldest].map((text) => text.split('.').map(Number));
  const at = least!.findIndex((part, i) => ours![i] !== part);
  return at >= 0 && (ours![at] ?? 0) < least![at]!;
}

function partsText({ parts }: Card): string {
  return parts === null ? '' : ` The card is divided (MIG): ${parts.join(', ')}; a program gets one part.`;
}
