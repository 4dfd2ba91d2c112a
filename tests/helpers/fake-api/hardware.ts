/** What the fake computer's probes found: a laptop with graphics inside the processor. Made up, never shipped. */
import type { Hardware, WebGpuAdapter } from '../../../common/api/contract.ts';
import { FAKE_LIBRARIES } from './libraries.ts';

const LIBRARIES = Object.values(FAKE_LIBRARIES);

const ADAPTER: WebGpuAdapter = {
  ...{ vendor: 'amd', architecture: 'gcn-5', device: 'amd-radeon-graphics-radv-renoir' },
  ...{ description: 'radv: Mesa 24.0.9', isFallback: false, hasShaderF16: true },
  limits: {
    maxBufferSize: 4294967292,
    maxStorageBufferBindingSize: 4294967292,
    maxComputeWorkgroupStorageSize: 65536,
  },
};

const NVIDIA_ADAPTER: WebGpuAdapter = {
  ...ADAPTER,
  ...{ vendor: 'nvidia', architecture: 'ada-lovelace', device: 'nvidia-geforce-rtx-4070' },
  ...{ description: 'NVIDIA: 580.82.09' },
  limits: { ...ADAPTER.limits, maxComputeWorkgroupStorageSize: 49152 },
};

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
      adapter: ADAPTER,
      access: [
        {
          through: 'webgpu',
          usable: true,
          reason:
            'WebGPU opens it as amd-radeon-graphics-radv-renoir (radv: Mesa 24.0.9). It shares the processor’s memory. Fettle uses it when it was measured to be faster, or when you choose it.',
          fix: null,
        },
        ...LIBRARIES.map(({ access }) => access),
      ],
    },
  ],
  webgpu: {
    usable: true,
    reason: 'WebGPU uses amd-radeon-graphics-radv-renoir (radv: Mesa 24.0.9).',
    fix: null,
    adapters: [ADAPTER],
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
    reason: 'WebGPU uses nvidia-geforce-rtx-4070 (NVIDIA: 580.82.09).',
    fix: null,
    adapters: [NVIDIA_ADAPTER],
  },
  graphics: [
    {
      ...{ name: 'NVIDIA GeForce RTX 4070', vendor: 'nvidia', kind: 'discrete', unifiedMemory: false },
      ...{ totalMemory: 12.9e9, freeMemory: 12.1e9, driver: '580.82.09', temperatureCelsius: 41 },
      ...{ powerLimitWatts: 200, drivesScreen: true, adapter: NVIDIA_ADAPTER },
      access: [
        {
          through: 'webgpu',
          usable: true,
          reason: 'WebGPU opens it as nvidia-geforce-rtx-4070 (NVIDIA: 580.82.09).',
          fix: null,
        },
        ...LIBRARIES.map(({ access }) => access),
      ],
    },
  ],
};
