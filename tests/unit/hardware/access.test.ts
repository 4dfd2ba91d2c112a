/** The ways to a card: what WebGPU's own word changes, and that what Fettle says of itself is so. */
import { describe, expect, it } from 'vitest';
import type { WebGpuAdapter, WebGpuAnswer } from '../../../common/api/contract.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import { machine } from '../../helpers/machines.ts';

const ADAPTER: WebGpuAdapter = {
  vendor: 'nvidia',
  architecture: 'ampere',
  device: 'nvidia-geforce-rtx-3060',
  description: 'NVIDIA: 560.35.03',
  isFallback: false,
  hasShaderF16: true,
  limits: {
    maxBufferSize: 4294967292,
    maxStorageBufferBindingSize: 2147483644,
    maxComputeWorkgroupStorageSize: 49152,
  },
};
const SOFTWARE: WebGpuAdapter = {
  ...ADAPTER,
  vendor: 'mesa',
  architecture: 'software',
  device: 'llvmpipe-llvm-19-1-7-256-bits-',
  description: 'llvmpipe: Mesa 25.0.7',
  isFallback: true,
};
const saying = (adapters: readonly WebGpuAdapter[] | null, problem: string | null = null) => ({
  adapters,
  problem,
  unknown: adapters === null ? 'Cannot find package webgpu.' : null,
});

async function found(name: string, webgpu: WebGpuAnswer | null) {
  const { world, folder } = machine(name);
  const hardware = await probeHardware({ folder, world, webgpu });
  const ways = hardware.graphics.map(({ access }) => access.find(({ through }) => through === 'webgpu')!);
  const said = hardware.notes.filter(({ probe }) => probe === 'webgpu').map(({ message }) => message);
  return { ...hardware, ways, said, adapters: hardware.graphics.map(({ adapter }) => adapter) };
}

describe('what WebGPU itself says', () => {
  it('is believed before everything else, card by card', async () => {
    const { ways, adapters, said, webgpu } = await found('two-cards', saying([ADAPTER]));
    expect(ways[0]).toMatchObject({
      usable: false,
      reason: expect.stringContaining('doesn’t find this card'),
    });
    expect(ways[0]!.reason).toContain('It uses nvidia-geforce-rtx-3060');
    expect(ways[1]).toMatchObject({ usable: true, reason: expect.stringContaining('NVIDIA: 560.35.03') });
    expect(adapters).toEqual([null, ADAPTER]);
    expect(said).toEqual([]);
    expect(webgpu).toMatchObject({ usable: true, fix: null, adapters: [ADAPTER] });
  });

  it('is matched by the maker where names differ and there is one card of it', async () => {
    const { ways, adapters } = await found('gtx-1060', saying([{ ...ADAPTER, device: 'gp106' }]));
    expect(ways[0]?.usable).toBe(true);
    expect(adapters[0]?.device).toBe('gp106');
  });

  it('is matched through the marks that makers have in their names', async () => {
    const intel = { ...ADAPTER, vendor: 'intel', device: 'intel-r-iris-r-xe-graphics-adl-gt2' };
    const { adapters } = await found('rtx-3060-laptop', saying([ADAPTER, intel]));
    expect(adapters.map((one) => one?.vendor)).toEqual(['intel', 'nvidia']);
  });

  it('can say that there is nothing, and then what to do', async () => {
    const { ways, webgpu } = await found('rtx-2080', saying([], 'No supported adapters.'));
    expect(ways[0]).toMatchObject({
      usable: false,
      reason: expect.stringContaining('No supported adapters'),
    });
    expect(webgpu).toMatchObject({
      usable: false,
      adapters: [],
      fix: expect.stringContaining('libnvidia-gl'),
    });
    expect(webgpu.reason).toContain('No supported adapters');
  });

  it('takes software on the processor for no card', async () => {
    const { ways, adapters, webgpu, said } = await found('rtx-2080', saying([SOFTWARE]));
    expect(adapters).toEqual([null]);
    expect(ways[0]!.usable).toBe(false);
    expect(webgpu.reason).toContain('software on the processor');
    expect(said).toEqual([]);
  });

  it('leaves a card for which the driver is missing with the reason that the driver gives', async () => {
    const before = await found('nouveau', null);
    const { ways } = await found('nouveau', saying([], 'No supported adapters.'));
    expect(before.ways[0]!.usable).toBe(false);
    expect(ways[0]).toEqual(before.ways[0]);
  });

  it('is noted where onnxruntime could not compute on what it lists, and where it lists a card that nobody knows', async () => {
    const { said, ways, webgpu } = await found('rtx-2080', saying([ADAPTER], 'The device was lost.'));
    expect(ways[0]!.usable).toBe(false);
    expect(webgpu.usable).toBe(false);
    expect(said).toEqual([expect.stringContaining('could not compute there: The device was lost.')]);
    const stranger = { ...ADAPTER, vendor: 'amd', device: 'amd-radeon-rx-6800' };
    const other = await found('rtx-2080', saying([ADAPTER, stranger]));
    expect(other.said).toEqual([expect.stringMatching(/amd-radeon-rx-6800.*no other source knows/)]);
  });

  it('changes nothing but what is known where only onnxruntime could be tried', async () => {
    const before = await found('rtx-2080', null);
    expect(before.webgpu).toMatchObject({ usable: null, adapters: [] });
    const { ways, webgpu } = await found('rtx-2080', saying(null));
    expect(ways).toEqual(before.ways);
    expect(webgpu).toMatchObject({ usable: true, reason: expect.stringContaining('Cannot find package') });
  });
});
