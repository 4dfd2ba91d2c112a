/**
 * The ggml executor: a whole step is one graph of the library that llama.cpp runs on, which computes on processors and, through Vulkan or
 * Metal, on the graphics cards of all vendors. State stays in the memory of this process; what a run needs of it is copied.
 */

import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import type { Graph } from '../../ir/graph.ts';
import { optimise } from '../../passes/index.ts';
import type { CompileOptions, Executor, ExecutorOptions, Program } from '../executor.ts';
import { HostDeviceTensor } from '../host-tensor.ts';
import { OpenDevice } from './device.ts';
import { openGgml } from './library.ts';
import { NATIVE_FUSED } from './lower.ts';
import { ggmlMemory } from './memory.ts';
import { GgmlProgram } from './program.ts';
import { WeightStore } from './weights.ts';

const PROCESSOR = 'CPU';

/**
 * On the processor, or on the device that FETTLE_GGML_DEVICE names. Throws `AppError('ggml-missing')` where the library is not here,
 * unless it is only asked for prices, and `AppError('device-missing')` where it doesn't see the device.
 */
export function createGgmlExecutor({ threads, device, pricesOnly = false }: ExecutorOptions): Executor {
  const opened = pricesOnly ? null : openDevice(process.env.FETTLE_GGML_DEVICE || PROCESSOR, threads);
  const store = opened && new WeightStore(opened);
  return {
    name: 'ggml',
    device,
    ...(opened && opened.about.kind !== 'processor' && { deviceWords: opened.about.description }),
    keeps: 'host',
    fusedOperations: NATIVE_FUSED,
    tensor: (dtype, shape, data) => new HostDeviceTensor(dtype, shape, data),
    memoryOf: (graph) => ggmlMemory(graph),
    async compile(graph: Graph, { weights }: CompileOptions = {}): Promise<Program> {
      if (opened === null || store === null)
        throw internal('an executor that only prices was asked to compile');
      const ready = optimise(graph, NATIVE_FUSED);
      const loaded = await store.load(ready, weights);
      try {
        return new GgmlProgram(opened, ready, loaded);
      } catch (error) {
        await loaded.release();
        throw error;
      }
    },
  };
}

function openDevice(name: string, threads: number): OpenDevice {
  const ggml = openGgml();
  const devices = ggml.devices();
  const found = devices.find((one) => one.name === name);
  if (found) return new OpenDevice(ggml, found, threads);
  throw new AppError(
    'device-missing',
    say`ggml sees no device ${name}. It sees ${devices.map((one) => one.name).join(marks().comma)}.`,
    say`Install the card’s driver, or compute on the processor.`,
  );
}
