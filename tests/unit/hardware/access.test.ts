/** The ways to a card: what WebGPU's own word changes, and that what Fettle says of itself is so. */
import { describe, expect, it } from 'vitest';
import { DEVICES } from '../../../main/engine/exec/registry.ts';
import { COMPUTES_THROUGH } from '../../../main/hardware/graphics/access.ts';
import { probeHardware } from '../../../main/hardware/probe.ts';
import type { PackState } from '../../../main/packs/place.ts';
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

describe('CUDA', () => {
  const cudaOf = async (nvidiaPack: PackState['kind'], name = 'rtx-5090') => {
    const { world, folder } = machine(name);
    const { graphics } = await probeHardware({
      folder,
      world: { ...world, nvidiaPack: async () => nvidiaPack },
    });
    return graphics.map(({ access }) => access.find(({ through }) => through === 'cuda')!)[0]!;
  };

  it('is usable with a driver and the pack', async () => {
    const access = await cudaOf('ready');
    expect(access).toMatchObject({ usable: true, fix: null });
    expect(access.pack).toBeUndefined();
  });

  it.each([
    ['absent', 'is not here yet'],
    ['outdated', 'another version of onnxruntime'],
    ['damaged', 'missing or damaged'],
  ] as const)('without the pack (%s) says that Fettle can get it', async (state, reason) => {
    expect(await cudaOf(state)).toMatchObject({
      ...{ usable: false, pack: 'nvidia', reason: expect.stringContaining(reason) },
      fix: expect.stringContaining('fettle devices get nvidia'),
    });
  });

  it.each([
    'rtx-2080',
    'gtx-1060',
    'nouveau',
    'dgx-spark',
    'rx-6800',
    'windows-desktop',
    'docker-without-card',
  ])('offers no pack where it would not help: %s', async (name) => {
    const access = await cudaOf('absent', name);
    expect(access.usable).toBe(false);
    expect(access.pack).toBeUndefined();
  });

  it('works under WSL with the driver of Windows', async () => {
    expect(await cudaOf('ready', 'wsl-nvidia')).toMatchObject({ usable: true });
  });
});

describe('COMPUTES_THROUGH', () => {
  it('is what the executors open: change it with them', () => {
    const named = { webgpu: 'webgpu', cuda: 'cuda', dml: 'directml', cpu: null };
    const used = DEVICES.map(({ device }) => named[device]).filter((name) => name !== null);
    expect([...COMPUTES_THROUGH].sort()).toEqual(used.sort());
  });
});
