/** What is said of ggml and the cards that it sees. */
import { describe, expect, it } from 'vitest';
import type { GgmlCard, WebGpuAnswer } from '../../../common/api/contract.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import type { World } from '../../../main/hardware/probe/world.ts';
import { machine } from '../../helpers/machines.ts';

type State = Awaited<ReturnType<World['platformPack']>>;

async function found(computer: string, state: State, ggml?: readonly GgmlCard[], env: World['env'] = {}) {
  const { world } = machine(computer);
  const webgpu: WebGpuAnswer | null = ggml ? { problem: null, ggml } : null;
  const own: World = {
    ...world,
    env: { ...world.env, ...env },
    platformPack: async (name) => (name === 'ggml' ? state : null),
  };
  const { libraries, graphics } = await probeHardware({ folder: '/', world: own, webgpu });
  const ways = graphics.map(({ access }) => access.find(({ through }) => through === 'ggml')!);
  return { library: libraries.ggml!, ways };
}

const card = (description: string, kind = 'card'): GgmlCard => ({
  ...{ name: 'Vulkan0', description, kind },
  ...{ freeBytes: 11.5e9, totalBytes: 12.9e9 },
});

describe('ggml', () => {
  it('needs the Vulkan pack, which can be got, or is for another system', async () => {
    expect((await found('no-card', 'absent')).library).toEqual({
      ...{ usable: false, pack: 'ggml' },
      reason: 'ggml’s library for graphics cards is not here.',
      fix: 'Get the Vulkan pack.',
    });
    expect((await found('no-card', 'damaged')).library.reason).toContain('outdated or damaged');
    expect((await found('no-card', null)).library).not.toHaveProperty('pack');
  });

  it('may be in a folder of one’s own', async () => {
    const own = { FETTLE_GGML_HOME: '/libraries' };
    const { library } = await found('no-card', 'absent', undefined, own);
    expect(library).toMatchObject({ usable: true, fix: null });
    expect(library).not.toHaveProperty('pack');
    expect((await found('no-card', 'absent', [], own)).library.reason).toBe('ggml sees no graphics card.');
  });

  it('is told with the cards that it sees, their memory, and whether they are part of the processor', async () => {
    const { library } = await found('no-card', 'ready', [
      card('NVIDIA GeForce RTX 3060'),
      card('Intel(R) UHD Graphics 770', 'integrated'),
    ]);
    expect(library).toMatchObject({ usable: true, fix: null });
    expect(library.reason.replaceAll('\u00a0', ' ')).toBe(
      'ggml sees NVIDIA GeForce RTX 3060 (Vulkan0, 11.5 GB of 12.9 GB free), Intel(R) UHD Graphics 770 (Vulkan0, part of the processor, 11.5 GB of 12.9 GB free).',
    );
    expect((await found('no-card', 'ready', [])).library).toMatchObject({
      ...{ usable: false, reason: 'ggml sees no graphics card.' },
      fix: expect.stringContaining('newest driver'),
    });
    expect(library.cards?.map(({ kind }) => kind)).toEqual(['card', 'integrated']);
  });

  it('is a way to the cards that it names, and to no other', async () => {
    const seen = await found('rtx-3090', 'ready', [card('NVIDIA GeForce RTX 3090')]);
    expect(seen.ways).toEqual([expect.objectContaining({ usable: true })]);
    expect(seen.ways[0]!.reason).toContain('ggml sees NVIDIA GeForce RTX 3090 (Vulkan0');
    expect(seen.ways[0]!.reason).toContain('when it was measured to be faster');
    const other = await found('rtx-3090', 'ready', [card('AMD Radeon RX 6800'), card('Intel Arc A770')]);
    expect(other.ways[0]).toMatchObject({ usable: false, reason: 'ggml doesn’t see this card.' });
    const unasked = await found('rtx-3090', 'ready');
    expect(unasked.ways[0]).toMatchObject({ usable: true });
    const without = await found('rtx-3090', 'absent', []);
    expect(without.ways[0]).toMatchObject({ usable: false, reason: expect.stringContaining('not here') });
  });
});
