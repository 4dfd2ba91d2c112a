/** What WebGPU says of this computer and of a card, as `fettle hardware` prints it. */
import type { GraphicsCard, Hardware, WebGpuAdapter } from '../../common/api/contract.ts';
import { bytes } from './words.ts';

/** WebGPU on the whole computer; with its limits where the adapter that it takes is none of the cards below. */
export function webgpuText({ webgpu, graphics }: Pick<Hardware, 'webgpu' | 'graphics'>): string {
  const { reason, fix, adapters } = webgpu;
  const [first] = adapters;
  const isCard = graphics.some(({ adapter }) => adapter !== null && adapter.device === first?.device);
  const limits = first === undefined || isCard ? '' : ` ${adapterText(first)}.`;
  return `${reason}${limits}${fix === null ? '' : ` -> ${fix}`}`;
}

/** The row of a card; none where WebGPU does not have it. */
export function adapterRows({ adapter }: Pick<GraphicsCard, 'adapter'>): [name: string, text: string][] {
  return adapter === null ? [] : [['  its adapter', adapterText(adapter)]];
}

function adapterText({ vendor, architecture, hasShaderF16, limits }: WebGpuAdapter): string {
  const kind = [vendor, architecture].filter((word) => word !== '').join(', ');
  const sizes = [
    `buffers up to ${bytes(limits.maxBufferSize)}`,
    `a shader sees ${bytes(limits.maxStorageBufferBindingSize)} at once`,
    `${bytes(limits.maxComputeWorkgroupStorageSize)} shared by a work group`,
    hasShaderF16 ? '16-bit floats' : 'no 16-bit floats',
  ];
  return `${kind === '' ? '' : `${kind}: `}${sizes.join(', ')}`;
}
