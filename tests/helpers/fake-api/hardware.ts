/** What the fake computer's probes found: a laptop with graphics inside the processor. Made up, never shipped. */
import type { Hardware } from '../../../common/api/contract.ts';
import { FAKE_LIBRARIES } from './libraries.ts';

const LIBRARIES = Object.values(FAKE_LIBRARIES);

export const fakeHardware = {
  system: 'Ubuntu 24.04',
  platform: 'linux-x64',
  processor: {
    name: 'AMD Ryzen 7 5800U',
    physicalCores: 8,
    threads: 16,
    limit: null,
    extensions: ['AVX2', 'FMA'],
  },
  memory: { total: 32e9, available: 21.4e9, swapTotal: 2e9, limit: null },
  disk: { folder: '/home/mo/.local/share/fettle', free: 312e9, kind: 'ssd' },
  power: { hasBattery: true, onBattery: false, batteryPercent: 81 },
  graphics: [
    {
      name: 'AMD Radeon Graphics',
      vendor: 'amd',
      kind: 'integrated',
      totalMemory: null,
      freeMemory: null,
      unifiedMemory: true,
      driver: 'amdgpu (radv Mesa 24.0.9)',
      temperatureCelsius: 47,
      powerLimitWatts: null,
      drivesScreen: true,
      access: [
        {
          through: 'webgpu',
          usable: true,
          reason:
            'WebGPU computes here. It shares the processor’s memory. Fettle uses it when it was measured to be faster, or when you choose it.',
          fix: null,
        },
        ...LIBRARIES.map(({ access }) => access),
      ],
    },
  ],
  webgpu: {
    usable: true,
    reason: 'WebGPU computes here.',
    fix: null,
  },
  libraries: Object.fromEntries(
    Object.entries(FAKE_LIBRARIES).map(([executor, { facts }]) => [executor, facts]),
  ),
  inside: null,
  notes: [],
} as const satisfies Hardware;

/** The same laptop with a card of NVIDIA, for which there is the Vulkan pack. */
export const fakeNvidiaHardware: Hardware = {
  ...fakeHardware,
  webgpu: {
    usable: true,
    reason: 'WebGPU computes here.',
    fix: null,
  },
  graphics: [
    {
      ...{ name: 'NVIDIA GeForce RTX 4070', vendor: 'nvidia', kind: 'discrete', unifiedMemory: false },
      ...{ totalMemory: 12.9e9, freeMemory: 12.1e9, driver: '580.82.09', temperatureCelsius: 41 },
      ...{ powerLimitWatts: 200, drivesScreen: true },
      access: [
        {
          through: 'webgpu',
          usable: true,
          reason: 'WebGPU computes here.',
          fix: null,
        },
        ...LIBRARIES.map(({ access }) => access),
      ],
    },
  ],
};
