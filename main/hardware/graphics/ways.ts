/** What the judgements about the ways to a card share: what decides about them, and how they are said. */
import type { Access, GraphicsCard, WebGpuAnswer } from '../../../common/api/contract.ts';
import type { PackState } from '../../packs/pack.ts';
import type { Surroundings } from '../probe/surroundings.ts';
import type { TensorFlowFacts } from '../probe/tensorflow.ts';
import type { VulkanDevice, VulkanFiles } from '../probe/vulkan.ts';
import type { Card } from './card.ts';

/** What decides about the ways, besides the card itself. */
export interface Ways {
  readonly platform: string;
  readonly arch: string;
  readonly surroundings: Surroundings;
  /** Whether NVIDIA's tool answered, and else what it said. */
  readonly nvidia: { readonly works: boolean; readonly problem: string | null };
  readonly vulkan: readonly VulkanDevice[] | null;
  readonly vulkanFiles: VulkanFiles;
  /** Device files of Linux through which programs reach cards. */
  readonly devices: { readonly render: boolean; readonly nvidia: boolean };
  /** The state of the NVIDIA pack, with onnxruntime's libraries for CUDA. */
  readonly nvidiaPack: PackState['kind'];
  readonly hasTfjsGpu: boolean;
  /** What came of loading TensorFlow's library; null: nobody knows. */
  readonly tensorFlow: TensorFlowFacts | null;
  /** What WebGPU itself said, where a process asked it; null: nobody asked. */
  readonly webgpu: WebGpuAnswer | null;
  /** How many cards the computer has of each vendor. */
  readonly cardsOf: (vendor: GraphicsCard['vendor']) => number;
}

/** What is said of a way before it is known whether Fettle uses it. */
export type Finding = Omit<Access, 'through'>;

export const works = (reason: string): Finding => ({ usable: true, reason, fix: null });
export const fails = (reason: string, fix: string | null = null): Finding => ({ usable: false, reason, fix });

/** Windows gives the same code for every way. */
function brokenOnWindows(code: number): Finding {
  const why =
    code === 22
      ? 'is switched off'
      : code === 28
        ? 'has no driver'
        : code === 43
          ? 'was stopped because it reported a fault'
          : `does not work (code ${code})`;
  return fails(
    `Windows says that the device ${why}.`,
    'Open the Device Manager, look at the display adapters, and install the driver of the card’s maker.',
  );
}

/** What keeps every program under Windows from a card; null: nothing that is known. The name of Windows' basic driver is translated. */
export function windowsHindrance({ problem, name, vendor }: Card): Finding | null {
  if (problem !== 0) return brokenOnWindows(problem);
  if (vendor === 'other' || !/^microsoft /i.test(name ?? '')) return null;
  return fails(
    'Windows shows this card with its basic driver, which cannot compute.',
    'Install the driver of the card’s maker.',
  );
}
