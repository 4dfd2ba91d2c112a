/**
 * Asks WebGPU which adapter it opens here. onnxruntime has Dawn built in, but tells neither name nor limits of its adapter. So a small
 * graph shows whether it computes, and the package `webgpu`, Dawn for Node, names the adapter for the same request. Drivers may hang or
 * end the process: call it in one that may be lost.
 */

import { Graph } from '../../ir/graph.ts';
import { add } from '../../ops/functions.ts';
import { createOrtExecutor } from './ort-executor.ts';

/** What onnxruntime's provider says of WebGPU, and the adapters of this computer. Never throws. */
export async function webgpuAnswer() {
  const problem = await openingProblem();
  try {
    return { problem, adapters: await dawnAdapters(), unknown: null };
  } catch (error) {
    return { problem, adapters: null, unknown: messageOf(error) };
  }
}

/** Opens a session as a training does and computes 1.5 + 1.5 there; what went wrong, null: nothing. */
async function openingProblem(): Promise<string | null> {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [1]);
  graph.output('y', add(x, x));
  try {
    const executor = createOrtExecutor({ threads: 1, device: 'webgpu', wholeOnDevice: true });
    const program = await executor.compile(graph);
    const { outputs } = await program.run({ x: Float32Array.of(1.5) });
    await program.release();
    const [sum] = outputs.y as Float32Array;
    return sum === 3 ? null : `1.5 + 1.5 became ${sum} there.`;
  } catch (error) {
    return messageOf(error);
  }
}

/** The adapter for speed, which onnxruntime takes, and the one for long battery life where that is another. */
async function dawnAdapters() {
  const { create } = await import('webgpu');
  const gpu = create([]);
  const found = new Map<string, ReturnType<typeof describedAdapter>>();
  for (const powerPreference of ['high-performance', 'low-power'] as const) {
    const adapter = await gpu.requestAdapter({ powerPreference });
    if (adapter === null) continue;
    const described = describedAdapter(adapter);
    const { vendor, device, description } = described;
    const key = [vendor, device, description].join('\n');
    if (!found.has(key)) found.set(key, described);
  }
  return [...found.values()];
}

type Adapter = NonNullable<Awaited<ReturnType<ReturnType<typeof import('webgpu').create>['requestAdapter']>>>;

function describedAdapter({ info, limits, features }: Adapter) {
  const { vendor, architecture, device, description } = info;
  const { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize } = limits;
  return {
    vendor,
    architecture,
    device,
    description: description.trim(),
    isFallback: info.isFallbackAdapter,
    hasShaderF16: features.has('shader-f16'),
    limits: { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupStorageSize },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
