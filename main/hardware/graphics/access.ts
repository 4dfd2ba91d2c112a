/**
 * Through what each card can be used, and where not, why and what to do. `usable` is said of the way: its
 * driver, its library and its package are there. Whether Fettle computes there is another question, answered
 * by COMPUTES_THROUGH and told in the reason.
 */
import type { Access } from '../../../common/api/contract.ts';
import {
  type Card,
  type Finding,
  fails,
  isConsoleChip,
  kindOf,
  type Ways,
  windowsHindrance,
  works,
} from './card.ts';
import { webgpuAccess } from './webgpu.ts';

/** The ways on which Fettle's engine trains today; a test compares it with the executors. */
export const COMPUTES_THROUGH: readonly Access['through'][] = ['webgpu', 'cuda', 'directml'];

/** What --device calls it, where that is another name. */
const DEVICE: Readonly<Partial<Record<Access['through'], string>>> = { directml: 'dml' };

/** All four ways of a card, usable or not. */
export function accessOf(card: Card, ways: Ways): readonly Access[] {
  const found: Readonly<Record<Access['through'], Finding>> = {
    webgpu: drawsOnly(card) ?? webgpuAccess(card, ways),
    cuda: drawsOnly(card) ?? cudaAccess(card, ways),
    directml: drawsOnly(card) ?? directmlAccess(card, ways),
    'tfjs-cuda': drawsOnly(card) ?? tfjsAccess(card, ways),
  };
  return (Object.keys(found) as Access['through'][]).map((through) => ({
    through,
    ...withFettle(found[through], through),
  }));
}

function withFettle(finding: Finding, through: Access['through']): Finding {
  if (!finding.usable) return finding;
  const what = COMPUTES_THROUGH.includes(through)
    ? `Fettle trains there once it was measured to be faster here, or when it is asked to: --device ${DEVICE[through] ?? through}.`
    : 'Fettle computes there when it is asked to: --executor tfjs.';
  return { ...finding, reason: `${finding.reason} ${what}` };
}

function drawsOnly(card: Card): Finding | null {
  if (isConsoleChip(card)) return fails('This chip draws the screen of a server and cannot compute.');
  if (kindOf(card) === 'virtual')
    return fails(
      'This card exists only in a virtual machine or as a remote screen, and cannot compute.',
      'In a virtual machine: hand a real card through to it, or run Fettle on the computer itself.',
    );
  return null;
}

function directmlAccess(card: Card, { platform }: Ways): Finding {
  if (platform !== 'win32') return fails('DirectML is a part of Windows.');
  const version = card.driverVersion === null ? '' : ` (${card.driverVersion})`;
  return (
    windowsHindrance(card) ??
    works(`DirectML comes with onnxruntime, and Windows has a driver for the card${version}.`)
  );
}

/**
 * The oldest drivers and cards for CUDA 13, which onnxruntime is built with, by NVIDIA's tables of
 * compatibility. WSL shows the version of Windows' driver, whose numbers differ behind the first point. A
 * test compares it with the manifest of the pack.
 */
export const CUDA_13 = { linux: '580.65.06', wsl: '580', win32: '580', computeCapability: 7.5 };
/** For CUDA 11, which tfjs-node-gpu's TensorFlow is built with. */
const CUDA_11 = { linux: '450.80', wsl: '450', win32: '452.39', computeCapability: 3.5 };
const MAKERS = { amd: 'AMD', intel: 'Intel', apple: 'Apple', other: 'another maker', nvidia: 'NVIDIA' };

function cudaAccess(card: Card, ways: Ways): Finding {
  if (card.vendor !== 'nvidia')
    return fails(`CUDA is NVIDIA’s, and this card is from ${MAKERS[card.vendor]}.`);
  if (ways.platform !== 'linux' || ways.arch !== 'x64')
    return fails(
      `onnxruntime has CUDA for Linux on x64 processors only, and this is ${ways.platform}-${ways.arch}.`,
      ways.platform === 'win32' ? 'WebGPU and DirectML are the ways on Windows; CUDA works in WSL.' : null,
    );
  return driverHindrance(card, ways, CUDA_13) ?? byPack(card, ways);
}

const GET = '`fettle devices get nvidia`, or one click on the page “Your computer”, gets it.';

/** Driver and card are fit; what else it takes is in the pack. */
function byPack(card: Card, { nvidiaPack }: Ways): Finding {
  if (nvidiaPack === 'ready')
    return works(
      `Driver ${card.driverVersion}, and the NVIDIA pack with onnxruntime’s libraries for CUDA is here.${partsText(card)}`,
    );
  const why = {
    absent: 'the NVIDIA pack with onnxruntime’s libraries for CUDA is not here yet.',
    outdated: 'the NVIDIA pack that is here belongs to another version of onnxruntime.',
    damaged: 'files of the NVIDIA pack are missing or damaged.',
  }[nvidiaPack];
  return { ...fails(`The driver is ready, but ${why}`, GET), pack: 'nvidia' };
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
  const { tensorFlow } = ways;
  if (tensorFlow?.onCard) return works(`${tensorFlow.reason}${partsText(card)}`);
  if (tensorFlow?.wasTried) return fails(tensorFlow.reason, tensorFlow.fix);
  return works(
    `Driver ${card.driverVersion}, and @tensorflow/tfjs-node-gpu is installed; whether it loads was not tried.${partsText(card)}`,
  );
}

/** What keeps every CUDA program from this card; null: nothing that is known. */
function driverHindrance(card: Card, ways: Ways, needs: typeof CUDA_13): Finding | null {
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
  { platform, surroundings }: Ways,
  needs: typeof CUDA_13,
): Finding | null {
  const oldest = platform === 'win32' ? needs.win32 : surroundings.wsl === null ? needs.linux : needs.wsl;
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
