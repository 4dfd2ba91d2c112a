/** WebGPU is asked in a real process: on Mesa's Vulkan on the processor where there is no card, and where there is no driver at all. */
import { describe, expect, it } from 'vitest';
import { probeHardware } from '../../main/hardware/hardware.ts';
import { askAdapters } from '../../main/runs/engine-calls.ts';
import { forkChild } from '../../main/runs/fork.ts';
import { webgpuMissing } from '../helpers/webgpu.ts';

const PATIENCE_MS = 60_000;
const missing = await webgpuMissing();
const withoutDrivers = { VK_DRIVER_FILES: '/none', VK_ICD_FILENAMES: '/none' };

/** Runs `work` with these in the environment. */
async function withEnv<T>(change: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, change);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(change)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

describe('WebGPU, asked in a process', () => {
  it.skipIf(missing !== null)('says that onnxruntime computes there', async () => {
    expect(await askAdapters(forkChild, PATIENCE_MS)).toMatchObject({ problem: null });
  });

  it.skipIf(process.platform !== 'linux')(
    'says why there is none without a driver, and what to do',
    async () => {
      const answer = await withEnv(withoutDrivers, () => askAdapters(forkChild, PATIENCE_MS));
      expect(answer).toMatchObject({ problem: expect.stringContaining('adapter') });
      const { webgpu } = await probeHardware({ folder: process.cwd(), webgpu: answer });
      expect(webgpu).toMatchObject({ usable: false, fix: expect.stringContaining('mesa-vulkan-drivers') });
    },
  );
});
