/**
 * WebGPU, the one way that all makers' cards have in common: onnxruntime-node brings it, over Vulkan,
 * Direct3D 12 or Metal. Whether a card can really be opened only WebGPU itself can say; without its word the
 * driver below it is what is judged.
 */

import type { Hardware, ProbeNote, WebGpuAdapter, WebGpuAnswer } from '../../../common/api/contract.ts';
import { isSameCard } from '../../../common/cards.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { contradiction } from '../probe/answer.ts';
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
  return ways.webgpu === null ? judged : byItself(card, ways, ways.webgpu, judged);
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

/** What WebGPU said when it was asked, which is believed before all else; why a card is not there the driver tells better. */
function byItself(card: Card, ways: Ways, answer: WebGpuAnswer, judged: Finding): Finding {
  const found = adapterOf(card, answer, ways.cardsOf);
  const { problem, adapters } = answer;
  if (found && problem === null) return works(say`WebGPU opens it as ${adapterName(found)}.` + shares(card));
  if (!judged.usable) return judged;
  if (problem !== null) return fails(say`WebGPU can’t compute here: ${problem}`, restart());
  // who could not tell the adapter has not said that this is none
  if (adapters === null) return judged;
  const [first] = adapters;
  const instead = first ? `${marks().gap}${say`It uses ${adapterName(first)} instead.`}` : '';
  return fails(
    say`WebGPU doesn’t find this card.` + instead,
    say`Install the newest driver from the card’s maker, then check again.`,
  );
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

/** The adapter that is `card`: by its name, or as the only card of its maker. Software on the processor is none. */
export function adapterOf(
  card: Card,
  answer: WebGpuAnswer | null,
  cardsOf: (vendor: Card['vendor']) => number,
): WebGpuAdapter | null {
  const real = (answer?.adapters ?? []).filter(({ isFallback }) => !isFallback);
  const own = real.filter(({ vendor }) => vendor.toLowerCase() === card.vendor);
  const named = (card.vendor === 'other' ? real : own).find((one) => isNamed(card, one.device));
  return named ?? (cardsOf(card.vendor) === 1 ? (own[0] ?? null) : null);
}

/** "nvidia-geforce-rtx-3060 (NVIDIA: 560.35.03)". */
function adapterName({ vendor, architecture, device, description }: WebGpuAdapter): string {
  const name =
    device || [vendor, architecture].filter((word) => word !== '').join(' ') || say`without a name`;
  return description === '' ? name : `${name} (${description})`;
}

/** What helps where WebGPU computes on nothing. */
function driversFix(platform: string): string {
  const without = say`Without a graphics card, training runs on the processor.`;
  if (platform === 'linux')
    return `${say`A card needs a driver with Vulkan: mesa-vulkan-drivers, for NVIDIA libnvidia-gl.`}${marks().gap}${without}`;
  return platform === 'win32'
    ? `${say`Install the newest driver from the card’s maker.`}${marks().gap}${without}`
    : without;
}

/** WebGPU on the whole computer, in words. */
export function webgpuFacts(platform: string, answer: WebGpuAnswer | null): Hardware['webgpu'] {
  if (answer === null)
    return { usable: null, reason: say`WebGPU was not asked here.`, fix: null, adapters: [] };
  const { problem, unknown } = answer;
  const adapters = answer.adapters ?? [];
  if (problem !== null) {
    const reason = say`WebGPU can’t compute here: ${problem}`;
    return { usable: false, reason, fix: driversFix(platform), adapters };
  }
  const [first] = adapters;
  if (!first) {
    const reason =
      unknown === null
        ? say`WebGPU works, but doesn’t say on which card.`
        : say`WebGPU works. On which card is not known: ${unknown}`;
    return { usable: true, reason, fix: null, adapters };
  }
  const name = adapterName(first);
  const reason = first.isFallback
    ? say`WebGPU uses ${name}. That is software on the processor, slower than the processor alone.`
    : say`WebGPU uses ${name}.`;
  return { usable: true, reason, fix: null, adapters };
}

/** Where WebGPU and onnxruntime disagree, or an adapter fits no card that the other sources know. */
export function adapterNotes(
  answer: WebGpuAnswer | null,
  matched: ReadonlySet<WebGpuAdapter>,
): readonly ProbeNote[] {
  const real = (answer?.adapters ?? []).filter(({ isFallback }) => !isFallback);
  const [first] = real;
  const notes = real
    .filter((one) => !matched.has(one))
    .map((one) =>
      contradiction('webgpu', say`WebGPU lists ${adapterName(one)}, but no other source knows such a card.`),
    );
  if (!first || answer?.problem == null) return notes;
  const differ = say`WebGPU lists ${adapterName(first)}, but could not compute there: ${answer.problem}`;
  return [...notes, contradiction('webgpu', differ)];
}
