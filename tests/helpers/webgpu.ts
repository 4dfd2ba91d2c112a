/**
 * Whether WebGPU finds an adapter on this computer. A graphics card with a driver is one; where there is none, Mesa's Vulkan on the
 * processor (Debian: mesa-vulkan-drivers) computes the same, slowly.
 */

import { AppError } from '../../common/errors.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { Graph } from '../../main/engine/ir/graph.ts';
import { add } from '../../main/engine/ops/functions.ts';

/** Null where it works; else why the tests that need it are skipped. Anything but a missing device is thrown. */
export async function webgpuMissing(): Promise<string | null> {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [2]);
  graph.output('y', add(x, x));
  try {
    const program = await (await openExecutor('ort', { threads: 1, device: 'webgpu' })).compile(graph);
    await program.release();
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'device-missing') throw error;
    return `skipped, for there is no WebGPU adapter: ${error.message}`;
  }
}
