/** The ways to a card: what changes once WebGPU was tried. */
import { describe, expect, it } from 'vitest';
import type { WebGpuAnswer } from '../../../common/api/contract.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import { machine } from '../../helpers/machines.ts';

async function found(name: string, webgpu: WebGpuAnswer | null) {
  const { world, folder } = machine(name);
  const hardware = await probeHardware({ folder, world, webgpu });
  const ways = hardware.graphics.map(({ access }) => access.find(({ through }) => through === 'webgpu')!);
  return { ...hardware, ways };
}

describe('what WebGPU itself says', () => {
  it('is that it computes, for each card that its driver lets be used', async () => {
    const { ways, webgpu } = await found('two-cards', { problem: null });
    expect(ways.map(({ usable }) => usable)).toEqual([true, true]);
    for (const { reason } of ways) expect(reason).toContain('WebGPU computes here.');
    expect(webgpu).toEqual({ usable: true, reason: 'WebGPU computes here.', fix: null });
  });

  it('can be that there is nothing, and then what to do', async () => {
    const { ways, webgpu } = await found('rtx-2080', { problem: 'No supported adapters.' });
    expect(ways[0]).toMatchObject({
      usable: false,
      reason: expect.stringContaining('No supported adapters'),
      fix: expect.stringContaining('Restart'),
    });
    expect(webgpu).toMatchObject({ usable: false, fix: expect.stringContaining('libnvidia-gl') });
    expect(webgpu.reason).toContain('No supported adapters');
  });

  it('is taken for software on the processor where no card can be used', async () => {
    const { ways, webgpu } = await found('nouveau', { problem: null });
    expect(ways[0]!.usable).toBe(false);
    expect(webgpu.reason).toContain('on no graphics card');
  });

  it('leaves a card for which the driver is missing with the reason that the driver gives', async () => {
    const before = await found('nouveau', null);
    expect(before.webgpu.usable).toBeNull();
    for (const problem of [null, 'No supported adapters.']) {
      const { ways } = await found('nouveau', { problem });
      expect(ways[0]).toEqual(before.ways[0]);
    }
  });
});
