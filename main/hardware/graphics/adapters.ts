/** What WebGPU itself said of this computer: which adapter is which card, and where its word differs from that of the other sources. */
import type { Hardware, ProbeNote, WebGpuAdapter, WebGpuAnswer } from '../../../preload/contract.ts';
import type { Card } from './card.ts';

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
export function adapterName({ vendor, architecture, device, description }: WebGpuAdapter): string {
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
      contradiction(`WebGPU has the adapter ${adapterName(one)}, but no other source knows such a card.`),
    );
  if (!first || answer?.problem == null) return notes;
  const differ = `WebGPU has the adapter ${adapterName(first)}, but onnxruntime could not compute there: ${answer.problem} Fettle believes onnxruntime.`;
  return [...notes, contradiction(differ)];
}

function contradiction(message: string): ProbeNote {
  return { probe: 'webgpu', kind: 'contradiction', message };
}
