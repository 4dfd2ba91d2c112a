/** What the capability check asks of WebGPU, in a process that may be lost over it. */

import type { WebGpuAnswer } from '../../../common/protocol/protocol.ts';
import { webgpuAnswer } from '../exec/registry.ts';

/** Whether onnxruntime computes through WebGPU here, and on what. Never throws; a driver may hang it or end its process. */
export function adapters(): Promise<WebGpuAnswer> {
  return webgpuAnswer();
}
