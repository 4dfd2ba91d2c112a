/** Whether a card is one of its own or a part of the processor, which decides whose memory it uses. */
import type { GraphicsCard } from '../../../preload/contract.ts';
import { type Card, isConsoleChip, isVirtualMaker } from './card.ts';

type Kind = GraphicsCard['kind'];

/** Names of Radeons inside processors: "Radeon Graphics", "Radeon Vega 8 Graphics", "Radeon 780M", "Radeon 8060S". */
const AMD_INSIDE =
  /radeon (vega (\d+ )?)?graphics|radeon \d{3}m\b|radeon 8\d{3}s\b|\b(raphael|phoenix|rembrandt|renoir|cezanne|picasso|raven|barcelo|lucienne|mendocino|strix|hawk point|granite ridge)\b/i;
const AMD_APART = /\brx\b|radeon (pro|vii)|instinct|\bw\d{4}\b|firepro|r9 |hd \d{4}/i;
/** NVIDIA's own processors with graphics. */
const NVIDIA_INSIDE = /\b(gb10|orin|xavier|tegra|thor|nvgpu)\b/i;
const INTEL_APART = /\barc\b.*\b[ab]\d{2,3}m?\b|data center gpu|\biris xe max\b|\bdg1\b/i;

/** Screens that Windows has only for remote sessions and virtual machines. */
const VIRTUAL_NAME = /virtual|remote display|basic (display|render)|parsec|hyper-v/i;

/** The kind; 'unknown' where nothing tells it. A card that only a translator shows (Mesa's Dozen) says nothing about itself. */
export function kindOf(card: Card): Kind {
  const byVulkan = vulkanKind(card);
  return card.kind ?? (isVirtualMaker(card.vendorId) ? 'virtual' : (byVulkan ?? kindByRule(card)));
}

/** What the card's Vulkan driver says of it; null: nothing. */
export function vulkanKind({ vulkan }: Card): Kind | null {
  if (vulkan === null || vulkan.driverId === 'DRIVER_ID_MESA_DOZEN') return null;
  return vulkan.kind === 'discrete' || vulkan.kind === 'integrated' || vulkan.kind === 'virtual'
    ? vulkan.kind
    : null;
}

/** The kind by maker, place on the bus, memory and name. */
export function kindByRule(card: Card): Kind {
  const name = card.name ?? '';
  if (isVirtualMaker(card.vendorId)) return 'virtual';
  if (card.vendor === 'other' && VIRTUAL_NAME.test(name)) return 'virtual';
  if (isConsoleChip(card) || card.vendor === 'apple') return 'integrated';
  if (card.vendor === 'nvidia') return NVIDIA_INSIDE.test(name) ? 'integrated' : 'discrete';
  if (card.vendor === 'intel') return intelKind(card, name);
  return card.vendor === 'amd' ? amdKind(card, name) : 'unknown';
}

/** Intel's graphics inside a processor are always device 2 of the first bus. */
function intelKind({ address }: Card, name: string): Kind {
  if (INTEL_APART.test(name)) return 'discrete';
  if (address !== null) return address === '0000:00:02.0' ? 'integrated' : 'discrete';
  return 'integrated';
}

function amdKind({ memoryType, memoryMaker }: Card, name: string): Kind {
  if (memoryType !== null && /^(lp)?ddr\d/i.test(memoryType)) return 'integrated';
  if (memoryType !== null && /^(gddr|hbm)/i.test(memoryType)) return 'discrete';
  if (memoryMaker !== null && !/unknown/i.test(memoryMaker)) return 'discrete';
  if (AMD_APART.test(name)) return 'discrete';
  return AMD_INSIDE.test(name) ? 'integrated' : 'unknown';
}
