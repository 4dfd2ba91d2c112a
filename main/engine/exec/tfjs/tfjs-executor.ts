/**
 * The TensorFlow.js executor: it interprets a graph with the operations of a library that many people know, on TensorFlow's own
 * backend where that is installed, else on WebAssembly. State stays in the memory of the process; what a run needs of it is copied.
 */
import { say } from '../../../../common/words/language.ts';
import type { Graph } from '../../ir/graph.ts';
import { optimise } from '../../passes/index.ts';
import { deviceMissing } from '../device.ts';
import type { CompileOptions, Executor, ExecutorOptions, Program } from '../executor.ts';
import { HostDeviceTensor } from '../host-tensor.ts';
import { NATIVE_FUSED } from './kernels.ts';
import { openTensorFlow } from './open-tensorflow.ts';
import { TfjsProgram, WeightStore } from './program.ts';
import { tfjsMemory } from './tfjs-memory.ts';

/**
 * Makes the executor; `threads` count for TensorFlow's own backend, the other one has one. Of graphics cards it knows only the one
 * that TensorFlow's library has found; another `device` is an `AppError('device-missing')`.
 */
export async function createTfjsExecutor({ threads, device }: ExecutorOptions): Promise<Executor> {
  const { backend } = await openTensorFlow(threads);
  if (device !== 'cpu' && device !== backend.device)
    throw deviceMissing(
      device,
      say`${backend.description} doesn't compute on it.`,
      say`Train on the processor.`,
    );
  const store = new WeightStore(backend);
  return {
    name: 'tfjs',
    keeps: 'host',
    device: backend.device,
    deviceWords: backend.description,
    fusedOperations: NATIVE_FUSED,
    tensor: (dtype, shape, data) => new HostDeviceTensor(dtype, shape, data),
    memoryOf: (graph) => tfjsMemory(graph, (node) => backend.scratchBytes(node)),
    async compile(graph: Graph, { weights }: CompileOptions = {}): Promise<Program> {
      const ready = optimise(graph, NATIVE_FUSED);
      return new TfjsProgram(ready, backend, await store.load(ready, weights));
    },
  };
}
