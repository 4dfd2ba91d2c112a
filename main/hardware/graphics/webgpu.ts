/**
 * WebGPU, the one way that all makers' cards have in common: onnxruntime-node brings it, over Vulkan,
 * Direct3D 12 or Metal. Whether a card can really be opened only WebGPU itself can say; without its word the
 * driver below it is what is judged.
 */
import type { Hardware, ProbeNote, WebGpuAdapter, WebGpuAnswer } from '../../../common/api/contract.ts';
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

const MEND = 'Restart the computer; if that does not help, install the driver anew.';

export function webgpuAccess(card: Card, ways: Ways): Finding {
  const platform = `${ways.platform}-${ways.arch}`;
  if (!WITH_WEBGPU.includes(platform))
    return fails(`onnxruntime has no WebGPU for this kind of computer (${platform}).`);
  const judged = byDriver(card, ways);
  return ways.webgpu === null ? judged : byItself(card, ways, ways.webgpu, judged);
}

/** What the driver below WebGPU makes likely. */
function byDriver(card: Card, ways: Ways): Finding {
  const version = card.driverVersion === null ? '' : `, driver ${card.driverVersion}`;
  if (ways.platform === 'win32')
    return windowsHindrance(card) ?? works(`Over Direct3D 12${version}.${shares(card)}`);
  if (ways.platform === 'darwin') return works(`Over ${card.driverVersion ?? 'Metal'}.${shares(card)}`);
  return overVulkan(card, ways);
}

/** What WebGPU said when it was asked, which is believed before all else; why a card is not there the driver tells better. */
function byItself(card: Card, ways: Ways, answer: WebGpuAnswer, judged: Finding): Finding {
  const found = adapterOf(card, answer, ways.cardsOf);
  const { problem, adapters } = answer;
  if (found && problem === null) return works(`WebGPU opens it as ${adapterName(found)}.${shares(card)}`);
  if (!judged.usable) return judged;
  if (problem !== null) return fails(`onnxruntime cannot compute through WebGPU: ${problem}`, MEND);
  // who could not tell the adapter has not said that this is none
  if (adapters === null) return judged;
  const [first] = adapters;
  const instead = first ? ` It takes ${adapterName(first)}.` : '';
  return fails(
    `WebGPU was asked for its adapters, and this card is not among them.${instead}`,
    'Install the newest driver of the card’s maker, then look again.',
  );
}

function overVulkan(card: Card, ways: Ways): Finding {
  if (ways.surroundings.wsl !== null)
    return fails(
      'WSL passes cards on without Vulkan, which WebGPU needs there.',
      'Use Fettle for Windows on this computer.',
    );
  if (ways.surroundings.container !== null && !ways.devices.render && !ways.devices.nvidia)
    return fails(
      'The container was started without the card.',
      'Start it with the card: --device /dev/dri, for NVIDIA --gpus all with NVIDIA_DRIVER_CAPABILITIES=all.',
    );
  if (card.kernelDriver === null && card.vulkan === null && card.driverVersion === null)
    return fails('No driver runs this card.', driverFix(card));
  const broken = nvidiaBroken(card, ways);
  if (broken !== null) return broken;
  if (ways.vulkan !== null) return byVulkan(card);
  const { hasLoader, drivers } = ways.vulkanFiles;
  const announced = drivers.find((name) => DRIVER_FILES[card.vendor]?.test(name));
  if (announced === undefined) return fails('No Vulkan driver for this card is installed.', driverFix(card));
  if (!hasLoader)
    return fails(
      'A Vulkan driver is installed, but Vulkan’s own library is missing.',
      'Install libvulkan1 (Fedora: vulkan-loader).',
    );
  return works(
    `A Vulkan driver is installed (${announced}); whether it opens the card was not tried.${shares(card)}`,
  );
}

/** NVIDIA's own driver carries Vulkan, too: where it does not run the card, that is no way either. */
function nvidiaBroken({ vendor, kernelDriver, driverVersion }: Card, { nvidia }: Ways): Finding | null {
  if (vendor !== 'nvidia' || kernelDriver !== 'nvidia' || driverVersion !== null) return null;
  if (nvidia.problem !== null) return fails(`NVIDIA’s driver does not work. ${nvidia.problem}`, MEND);
  return nvidia.works ? fails('NVIDIA’s driver does not run this card.', MEND) : null;
}

function byVulkan(card: Card): Finding {
  const { vulkan } = card;
  if (vulkan === null) return fails('Vulkan does not list this card.', driverFix(card));
  const [major = 0, minor = 0] = (vulkan.version ?? '1.1').split('.').map(Number);
  if (major === 1 && minor < 1)
    return fails(
      `The card’s driver speaks Vulkan ${vulkan.version}; WebGPU needs 1.1.`,
      'Install a newer driver; very old cards have none.',
    );
  return works(
    `Over Vulkan ${vulkan.version ?? ''}${vulkan.driver === null ? '' : `, ${vulkan.driver}`}.${shares(card)}`.replace(
      '  ',
      ' ',
    ),
  );
}

function shares(card: Card): string {
  return kindOf(card) === 'integrated' ? ' It shares the memory of the processor.' : '';
}

function driverFix({ vendor, kernelDriver, driverVersion }: Card): string {
  if (vendor === 'nvidia' && driverVersion !== null)
    return 'Install the graphics part of NVIDIA’s driver (Debian: libnvidia-gl); servers often have the computing part alone.';
  if (vendor === 'nvidia')
    return kernelDriver === 'nouveau'
      ? 'Install NVIDIA’s own driver in place of nouveau.'
      : 'Install NVIDIA’s driver with the package manager of the system.';
  return 'Install Mesa’s Vulkan drivers: mesa-vulkan-drivers (Arch: vulkan-radeon or vulkan-intel).';
}

/** The same name in small letters: "Intel(R) Iris(R) Xe Graphics" -> "intel-iris-xe-graphics", as adapters have it. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/\((r|tm)\)|-(r|tm)(?=-)/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

function isNamed({ name }: Card, { device }: WebGpuAdapter): boolean {
  const [card, adapter] = [plainName(name ?? ''), plainName(device)];
  return card !== '' && adapter !== '' && (adapter.includes(card) || card.includes(adapter));
}

/** The adapter that is `card`: by its name, or as the only card of its maker. Software on the processor is none. */
export function adapterOf(
  card: Card,
  answer: WebGpuAnswer | null,
  cardsOf: (vendor: Card['vendor']) => number,
): WebGpuAdapter | null {
  const real = (answer?.adapters ?? []).filter(({ isFallback }) => !isFallback);
  const own = real.filter(({ vendor }) => vendor.toLowerCase() === card.vendor);
  const named = (card.vendor === 'other' ? real : own).find((one) => isNamed(card, one));
  return named ?? (cardsOf(card.vendor) === 1 ? (own[0] ?? null) : null);
}

/** "nvidia-geforce-rtx-3060 (NVIDIA: 560.35.03)". */
function adapterName({ vendor, architecture, device, description }: WebGpuAdapter): string {
  const name = device || [vendor, architecture].filter((word) => word !== '').join(' ') || 'without a name';
  return description === '' ? name : `${name} (${description})`;
}

const WITHOUT_CARD = 'Without a graphics card the processor computes, which needs nothing.';
const DRIVERS: Readonly<Record<string, string>> = {
  linux: `A card needs its driver with the part for Vulkan: mesa-vulkan-drivers, for NVIDIA libnvidia-gl. ${WITHOUT_CARD}`,
  win32: `Install the newest driver of the card’s maker. ${WITHOUT_CARD}`,
};

/** WebGPU on the whole computer, in words. */
export function webgpuFacts(platform: string, answer: WebGpuAnswer | null): Hardware['webgpu'] {
  if (answer === null)
    return { usable: null, reason: 'WebGPU itself was not asked here.', fix: null, adapters: [] };
  const { problem, unknown } = answer;
  const adapters = answer.adapters ?? [];
  if (problem !== null) {
    const reason = `onnxruntime cannot compute through WebGPU: ${problem}`;
    return { usable: false, reason, fix: DRIVERS[platform] ?? WITHOUT_CARD, adapters };
  }
  const [first] = adapters;
  if (!first) {
    const why =
      unknown === null ? 'it names no adapter' : `the package webgpu could not be asked (${unknown})`;
    const reason = `onnxruntime computes through WebGPU; on what is not known: ${why}.`;
    return { usable: true, reason, fix: null, adapters };
  }
  const where = first.isFallback
    ? `on ${adapterName(first)}, which is software on the processor and slower than the processor alone`
    : `on ${adapterName(first)}`;
  return { usable: true, reason: `onnxruntime computes through WebGPU ${where}.`, fix: null, adapters };
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
      contradiction(
        'webgpu',
        `WebGPU has the adapter ${adapterName(one)}, but no other source knows such a card.`,
      ),
    );
  if (!first || answer?.problem == null) return notes;
  const differ = `WebGPU has the adapter ${adapterName(first)}, but onnxruntime could not compute there: ${answer.problem} Fettle believes onnxruntime.`;
  return [...notes, contradiction('webgpu', differ)];
}
