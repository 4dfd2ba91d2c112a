/** The ways to a card: what WebGPU's own word changes, and that what Fettle says of itself is so. */
import { describe, expect, it } from 'vitest';
import { DEVICES } from '../../../main/engine/exec/registry.ts';
import { COMPUTES_THROUGH } from '../../../main/hardware/graphics/access.ts';
import { probeHardware } from '../../../main/hardware/probe.ts';
import type { WebGpuAdapter } from '../../../preload/contract.ts';
import { machine } from '../../helpers/machines.ts';

async function webgpuOf(name: string, adapters: readonly WebGpuAdapter[]) {
  const { world, folder } = machine(name);
  const { graphics } = await probeHardware({ folder, world, adapters });
  return graphics.map(({ access }) => access.find(({ through }) => through === 'webgpu')!);
}

describe('what WebGPU itself says', () => {
  const adapter = {
    vendor: 'nvidia',
    name: 'NVIDIA GeForce RTX 3060',
    backend: 'Vulkan',
    maxBufferBytes: 4294967292,
  };

  it('is believed before everything else, card by card', async () => {
    const [large, small] = await webgpuOf('two-cards', [adapter]);
    expect(large).toMatchObject({ usable: false, reason: expect.stringContaining('not among them') });
    expect(small).toMatchObject({
      usable: true,
      reason: expect.stringContaining('over Vulkan, single buffers up to 4.3 GB'),
    });
  });

  it('is matched by the maker where names differ and there is one card of it', async () => {
    const [card] = await webgpuOf('gtx-1060', [{ ...adapter, name: 'Pascal' }]);
    expect(card?.usable).toBe(true);
  });

  it('can say that there is nothing', async () => {
    const [card] = await webgpuOf('apple-m1', []);
    expect(card?.usable).toBe(false);
  });
});

describe('COMPUTES_THROUGH', () => {
  it('is what the executors open: change it with them', () => {
    const named = { webgpu: 'webgpu', cuda: 'cuda', dml: 'directml', cpu: null };
    const used = DEVICES.map(({ device }) => named[device]).filter((name) => name !== null);
    expect([...COMPUTES_THROUGH].sort()).toEqual(used.sort());
  });
});
