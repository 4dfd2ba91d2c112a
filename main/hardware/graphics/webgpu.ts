/**
 * WebGPU, the one way that all makers' cards have in common: onnxruntime-node brings it, over Vulkan,
 * Direct3D 12 or Metal. The driver below it is what is judged,
 * and where it was tried, whether a sum was right; on which of several cards, it doesn't tell.
 */

import type { GraphicsCard, Hardware, WebGpuAnswer } from '../../../common/api/contract.ts';
import { isSameCard } from '../../../common/cards.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { type Card, type Finding, fails, kindOf, type Ways, windowsHindrance, works } from './card.ts';

/** Platforms for which onnxruntime-node 1.30 has a library with WebGPU in it. */
const WITH_WEBGPU = ['linux-x64', 'win32-x64', 'win32-arm64', 'darwin-arm64'];

/** How drivers announce themselves to Vulkan, by maker of the card; a driver that computes on the processor is none of them. */
const DRIVER_FILES: Readonly<Record<string, RegExp>> = {
  nvidia: /^(nvidia|nouveau)/,
  amd: /^(radeon|amd)/,
  intel: /^intel/,
  apple: /^asahi/,
  other: /^(freedreno|panfrost|broadcom|powervr)/,
};

const restart = () => say`Restart the computer. If that doesn’t help, install the driver again.`;

export function webgpuAccess(card: Card, ways: Ways): Finding {
  const platform = `${ways.platform}-${ways.arch}`;
  if (!WITH_WEBGPU.includes(platform))
    return fails(say`There is no WebGPU for this kind of computer (${platform}).`);
  const judged = byDriver(card, ways);
  return ways.webgpu === null ? judged : byItself(card, ways.webgpu, judged);
}

/** What the driver below WebGPU makes likely. */
function byDriver(card: Card, ways: Ways): Finding {
  const { driverVersion } = card;
  const direct3d = 'Direct3D 12';
  const withDriver = driverVersion === null ? direct3d : say`${direct3d} with driver ${driverVersion}`;
  if (ways.platform === 'win32') return windowsHindrance(card) ?? uses(card, withDriver);
  if (ways.platform === 'darwin') return uses(card, driverVersion ?? 'Metal');
  return overVulkan(card, ways);
}

/** What it says where it was tried; why a card is not there the driver tells better. */
function byItself(card: Card, { problem }: WebGpuAnswer, judged: Finding): Finding {
  if (!judged.usable) return judged;
  return problem === null
    ? works(say`WebGPU computes here.` + shares(card))
    : fails(say`WebGPU can’t compute here: ${problem}`, restart());
}

function overVulkan(card: Card, ways: Ways): Finding {
  if (ways.surroundings.wsl !== null)
    return fails(
      say`Cards in WSL have no Vulkan, which WebGPU needs.`,
      say`Use Fettle for Windows on this computer.`,
    );
  if (ways.surroundings.container !== null && !ways.devices.render && !ways.devices.nvidia)
    return fails(
      say`The container was started without the card.`,
      say`Start the container with access to the card, for NVIDIA with all driver capabilities.`,
    );
  if (card.kernelDriver === null && card.vulkan === null && card.driverVersion === null)
    return fails(say`No driver runs this card.`, driverFix(card));
  const broken = nvidiaBroken(card, ways);
  if (broken !== null) return broken;
  if (ways.vulkan !== null) return byVulkan(card);
  const { hasLoader, drivers } = ways.vulkanFiles;
  const announced = drivers.find((name) => DRIVER_FILES[card.vendor]?.test(name));
  if (announced === undefined)
    return fails(say`No Vulkan driver for this card is installed.`, driverFix(card));
  if (!hasLoader)
    return fails(
      say`A Vulkan driver is installed, but Vulkan’s own library is missing.`,
      say`Install libvulkan1 (Fedora: vulkan-loader).`,
    );
  return works(
    say`A Vulkan driver is installed (${announced}). Opening the card was not tried.` + shares(card),
  );
}

/** NVIDIA's own driver carries Vulkan, too: where it does not run the card, that is no way either. */
function nvidiaBroken({ vendor, kernelDriver, driverVersion }: Card, { nvidia }: Ways): Finding | null {
  if (vendor !== 'nvidia' || kernelDriver !== 'nvidia' || driverVersion !== null) return null;
  if (nvidia.problem !== null) return fails(say`NVIDIA’s driver doesn’t work. ${nvidia.problem}`, restart());
  return nvidia.works ? fails(say`NVIDIA’s driver doesn’t run this card.`, restart()) : null;
}

function byVulkan(card: Card): Finding {
  const { vulkan } = card;
  if (vulkan === null) return fails(say`Vulkan doesn’t list this card.`, driverFix(card));
  const [major = 0, minor = 0] = (vulkan.version ?? '1.1').split('.').map(Number);
  if (major === 1 && minor < 1)
    return fails(
      say`The card’s driver has Vulkan ${vulkan.version ?? ''}, and WebGPU needs 1.1.`,
      say`Install a newer driver. Very old cards have none.`,
    );
  const version = vulkan.version === null ? 'Vulkan' : `Vulkan ${vulkan.version}`;
  return uses(card, vulkan.driver === null ? version : `${version}, ${vulkan.driver}`);
}

const uses = (card: Card, below: string) => works(say`WebGPU uses ${below}.` + shares(card));

function shares(card: Card): string {
  return kindOf(card) === 'integrated' ? `${marks().gap}${say`It shares the processor’s memory.`}` : '';
}

function driverFix({ vendor, kernelDriver, driverVersion }: Card): string {
  if (vendor === 'nvidia' && driverVersion !== null)
    return say`Install the graphics part of NVIDIA’s driver (Debian: libnvidia-gl). Servers often have only the computing part.`;
  if (vendor === 'nvidia')
    return kernelDriver === 'nouveau'
      ? say`Install NVIDIA’s own driver instead of nouveau.`
      : say`Install NVIDIA’s driver with your system’s package manager.`;
  return say`Install Mesa’s Vulkan drivers: mesa-vulkan-drivers (Arch: vulkan-radeon or vulkan-intel).`;
}

export const isNamed = ({ name }: Card, device: string): boolean => isSameCard(name ?? '', device);

/** What helps where WebGPU computes on nothing. */
function driversFix(platform: string): string {
  const without = say`Without a graphics card, training runs on the processor.`;
  if (platform === 'linux')
    return `${say`A card needs a driver with Vulkan: mesa-vulkan-drivers, for NVIDIA libnvidia-gl.`}${marks().gap}${without}`;
  return platform === 'win32'
    ? `${say`Install the newest driver from the card’s maker.`}${marks().gap}${without}`
    : without;
}

/** WebGPU on the whole computer, in words; without a card it is a driver that computes on the processor. */
export function webgpuFacts(
  platform: string,
  answer: WebGpuAnswer | null,
  cards: readonly GraphicsCard[],
): Hardware['webgpu'] {
  if (answer === null) return { usable: null, reason: say`WebGPU was not asked here.`, fix: null };
  const { problem } = answer;
  if (problem !== null)
    return {
      usable: false,
      reason: say`WebGPU can’t compute here: ${problem}`,
      fix: driversFix(platform),
    };
  const hasCard = cards.some(({ access }) => access.some((one) => one.through === 'webgpu' && one.usable));
  const reason = hasCard
    ? say`WebGPU computes here.`
    : say`WebGPU computes here, but on no graphics card: it is software on the processor, slower than the processor alone.`;
  return { usable: true, reason, fix: null };
}
