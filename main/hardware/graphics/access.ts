/**
 * Through what each card can be used, and where not, why and what to do. `usable` is said of the way: its
 * driver, its library and its package are there. Whether Fettle computes there is another question, answered
 * by COMPUTES_THROUGH and told in the reason.
 */

import type { Access } from '../../../common/api/contract.ts';
import type { ExtraWay } from '../../../common/settings/executors.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
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

type CoreWay = Exclude<Access['through'], ExtraWay>;

/** All ways of a card, usable or not; `extras` are those through the libraries of extras. */
export function accessOf(
  card: Card,
  ways: Ways,
  extras: Readonly<Record<ExtraWay, (card: Card, ways: Ways) => Finding>>,
): readonly Access[] {
  const core: Readonly<Record<CoreWay, Finding>> = {
    webgpu: drawsOnly(card) ?? webgpuAccess(card, ways),
    cuda: drawsOnly(card) ?? cudaAccess(card, ways),
    directml: drawsOnly(card) ?? directmlAccess(card, ways),
  };
  const others = Object.entries<(card: Card, ways: Ways) => Finding>(extras).map(([way, find]) => [
    way,
    drawsOnly(card) ?? find(card, ways),
  ]);
  const found = { ...core, ...Object.fromEntries(others) } as Readonly<Record<Access['through'], Finding>>;
  return (Object.keys(found) as Access['through'][]).map((through) => ({
    through,
    ...withFettle(found[through], through),
  }));
}

function withFettle(finding: Finding, through: Access['through']): Finding {
  if (!finding.usable) return finding;
  const what = COMPUTES_THROUGH.includes(through)
    ? say`Fettle uses it when it was measured to be faster, or when you choose it.`
    : say`Fettle uses it only when you choose it.`;
  return { ...finding, reason: `${finding.reason}${marks().gap}${what}` };
}

function drawsOnly(card: Card): Finding | null {
  if (isConsoleChip(card)) return fails(say`This chip draws the screen of a server and can’t compute.`);
  if (kindOf(card) === 'virtual')
    return fails(
      say`This card exists only in a virtual machine or as a remote screen, and can’t compute.`,
      say`Give the virtual machine access to a real card, or run Fettle outside it.`,
    );
  return null;
}

function directmlAccess(card: Card, { platform }: Ways): Finding {
  if (platform !== 'win32') return fails(say`DirectML is a part of Windows.`);
  const version = card.driverVersion;
  return (
    windowsHindrance(card) ??
    works(version === null ? say`Windows has a driver for it.` : say`Windows has driver ${version} for it.`)
  );
}

/**
 * The oldest drivers and cards for CUDA 13, which onnxruntime is built with, by NVIDIA's tables of
 * compatibility. WSL shows the version of Windows' driver, whose numbers differ behind the first point. A
 * test compares it with the manifest of the pack.
 */
export const CUDA_13 = { linux: '580.65.06', wsl: '580', win32: '580', computeCapability: 7.5 };
const MAKERS = { amd: 'AMD', intel: 'Intel', apple: 'Apple', nvidia: 'NVIDIA' };
export const makerOf = ({ vendor }: Card) => (vendor === 'other' ? say`another maker` : MAKERS[vendor]);

function cudaAccess(card: Card, ways: Ways): Finding {
  if (card.vendor !== 'nvidia') return fails(say`CUDA is NVIDIA’s, and this card is from ${makerOf(card)}.`);
  if (ways.platform !== 'linux' || ways.arch !== 'x64')
    return fails(
      say`Fettle can use CUDA on Linux with x64 processors only, and this is ${ways.platform}-${ways.arch}.`,
      ways.platform === 'win32' ? say`On Windows, use WebGPU or DirectML. CUDA works in WSL.` : null,
    );
  return driverHindrance(card, ways, CUDA_13) ?? byPack(card, ways);
}

/** Driver and card are fit; what else it takes is in the pack. */
function byPack(card: Card, { nvidiaPack }: Ways): Finding {
  if (nvidiaPack === 'ready')
    return works(say`Driver ${card.driverVersion ?? ''} and the NVIDIA pack are ready.` + partsText(card));
  const why = {
    absent: say`The driver is ready, but the NVIDIA pack is not here yet.`,
    outdated: say`The driver is ready, but the NVIDIA pack is for another version of onnxruntime.`,
    damaged: say`The driver is ready, but files of the NVIDIA pack are missing or damaged.`,
  }[nvidiaPack];
  return { ...fails(why, say`Get it on the page “Your computer”.`), pack: 'nvidia' };
}

/** What keeps every CUDA program from this card; null: nothing that is known. */
export function driverHindrance(card: Card, ways: Ways, needs: typeof CUDA_13): Finding | null {
  const onWindows = ways.platform === 'win32' ? windowsHindrance(card) : null;
  if (onWindows !== null) return onWindows;
  if (card.kernelDriver === 'nouveau')
    return fails(
      say`The card runs with nouveau, the free driver, which has no CUDA.`,
      say`Install NVIDIA’s own driver, then restart the computer.`,
    );
  if (ways.surroundings.container !== null && !ways.devices.nvidia && !ways.nvidia.works)
    return fails(
      say`The container was started without the card.`,
      say`Install nvidia-container-toolkit, and start the container with access to the card.`,
    );
  if (!ways.nvidia.works)
    return ways.nvidia.problem === null
      ? fails(
          say`NVIDIA’s driver is not installed.`,
          say`Install it with your system’s package manager or from nvidia.com, then restart the computer.`,
        )
      : fails(
          say`NVIDIA’s driver doesn’t work. ${ways.nvidia.problem}`,
          say`Restart the computer. If that doesn’t help, install the driver again.`,
        );
  if (card.parts?.length === 0)
    return fails(
      say`The card is set to be divided (MIG), but has no parts yet, so programs can’t use it.`,
      say`Create a part of the card, or switch MIG off.`,
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
      say`The card is too old: it has compute capability ${computeCapability}, and ${needs.computeCapability} is needed.`,
    );
  if (driverVersion === null)
    return fails(
      say`NVIDIA’s driver doesn’t run this card.`,
      say`Restart the computer. If that doesn’t help, check the card’s power supply and temperature.`,
    );
  return isBelow(driverVersion, oldest)
    ? fails(
        say`Driver ${driverVersion} is too old: ${oldest} is needed.`,
        say`Install a newer NVIDIA driver.`,
      )
    : null;
}

/** 525.105 is newer than 525.60. */
function isBelow(version: string, oldest: string): boolean {
  const [ours, least] = [version, oldest].map((text) => text.split('.').map(Number));
  const at = least!.findIndex((part, i) => ours![i] !== part);
  return at >= 0 && (ours![at] ?? 0) < least![at]!;
}

export function partsText({ parts }: Card): string {
  return parts === null
    ? ''
    : `${marks().gap}${say`The card is divided (MIG): ${parts.join(marks().comma)}. A program gets one part.`}`;
}
